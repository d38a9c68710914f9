// How fast a bundle goes in: every file over HTTP, then its digest and its place among what is held. Against what the same bytes take to be written and flushed.
import { mkdtemp, open, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import type { Hex } from "viem";
import { modelRoot, parseModelSpec } from "../../protocol/index.ts";
import { artefactDigest } from "../../protocol/unixfs/encode.ts";
import type { Kernel } from "../../scripts/chain/kernel.ts";
import { createOracleApp } from "../../scripts/oracle/app.ts";
import { openInbox } from "../../scripts/oracle/inbox.ts";
import { createIntake } from "../../scripts/oracle/intake.ts";
import { openOracleJournal } from "../../scripts/oracle/journal.ts";
import type { FederationLedger } from "../../scripts/oracle/ledger.ts";
import { observing } from "../../scripts/oracle/observer.ts";
import { listen } from "../../scripts/service/listen.ts";
import { largeRound, type LargeRound } from "../large-round.ts";
import type { Metric } from "../metric.ts";

const TOKEN = "a token of a bench, which is long enough";

export async function run(): Promise<Metric[]> {
  const dir = await mkdtemp(path.join(os.tmpdir(), "chongwen-intake-"));
  try {
    const round = await largeRound();
    const megabytes = [...round.files.values()].reduce((sum, bytes) => sum + bytes.length, 0) / 1e6;
    const disk = megabytes / (await seconds(() => writeAll(dir, round)));
    const intake = megabytes / (await seconds(await handOver(dir, round)));
    return [
      { name: "oracle.intake.64x1M", value: Math.round(intake), unit: "MB/s", better: "higher", target: 60, reference: `one sender, file after file; writing and flushing the same files alone: ${Math.round(disk)} MB/s` },
    ];
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

async function seconds(work: () => Promise<void>): Promise<number> {
  const started = performance.now();
  await work();
  return (performance.now() - started) / 1000;
}

async function writeAll(dir: string, { files }: LargeRound): Promise<void> {
  for (const bytes of files.values()) {
    const handle = await open(path.join(dir, "alone"), "w");
    await handle.writeFile(bytes);
    await handle.sync();
    await handle.close();
  }
}

/** @returns What is measured: the intake is up, and the digest known. The chain is asked nothing that takes time, so it is made up. */
async function handOver(dir: string, { files, expectations }: LargeRound): Promise<() => Promise<void>> {
  const bundle: Hex = artefactDigest(files);
  const { chainId, ledger: address, federation, parent } = expectations(bundle);
  const manifest = JSON.parse(new TextDecoder().decode(files.get("manifest.json"))) as { modelSpec: unknown };
  const report = { round: 0, reportHash: parent.reportHash, artefact: parent.artefact, modelRoot: parent.model === null ? parent.reportHash : modelRoot(parent.model) };
  const ledger = { federation, report: async () => report, config: async () => ({}), spec: async () => parseModelSpec(manifest.modelSpec) } as unknown as FederationLedger;
  const kernel = { deployment: { chainId, contracts: { rounds: address } }, rounds: { read: { headOf: async () => ({ tip: 0 }), roundOf: async () => ({ parentRound: 0 }), configHashOf: async () => parent.reportHash } } } as unknown as Kernel;
  const journal = openOracleJournal(path.join(dir, "oracle.sqlite"));
  const inbox = await openInbox({ dir: path.join(dir, "inbox"), quota: 2 ** 32, isHeld: () => true });
  const now = () => Date.now() / 1000;
  const intake = createIntake({ kernel, ledgers: [ledger], inbox, journal, mostHeld: 8, now, observer: observing(), wake: () => undefined });
  const service = await listen(createOracleApp({ intake, ledgers: [ledger], token: TOKEN, sessions: null, rules: { now, warn: console.error } }), 0, "The bench");
  const ask = async (method: string, route: string, body?: Uint8Array): Promise<void> => {
    const answer = await fetch(`${service.url}/v1/bundles/${bundle}${route}`, { method, headers: { authorization: `Bearer ${TOKEN}` }, ...(body === undefined ? {} : { body: new Blob([Uint8Array.from(body)]) }) });
    if (!answer.ok) throw new Error(await answer.text());
    await answer.arrayBuffer();
  };
  return async () => {
    for (const [file, bytes] of files) await ask("PUT", `/${file}`, bytes);
    await ask("POST", "");
    await service.close();
    journal.close();
  };
}
