// What the ledger decides against the prediction, and an oracle that is killed: each round is recorded once, with what it says and no more.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { writeFile } from "node:fs/promises";
import path from "node:path";
import { createInterface } from "node:readline";
import { after, before, describe, it } from "node:test";
import { encodeFunctionData, type Hex } from "viem";
import { auditLedger } from "../../../protocol/audit/audit.ts";
import { contributionOf, createDomain, decodeJson, readRoundManifest, ROUND_FILES, type Entry } from "../../../protocol/index.ts";
import { readFacts } from "../../../protocol/ledger/read-facts.ts";
import { contribute } from "../../../scripts/site/contribute.ts";
import { nativeHashPairs } from "../../../scripts/store/hash-pairs.ts";
import { publishedEvaluation } from "../../../scripts/trainer/evaluate.ts";
import { readManifest } from "../../../scripts/chain/manifest.ts";
import { makeBundle } from "./aggregator.ts";
import { handOver, reach, startOracleWorld, statusOf, TOKEN, type OracleWorld } from "./support.ts";

const root = path.resolve(import.meta.dirname, "..", "..", "..");

describe("an oracle and its ledger", () => {
  let there: OracleWorld;
  before(async () => {
    const { federation } = await readManifest(path.join(root, "deploy", "manifests", "local.json"));
    there = await startOracleWorld({ federation: { ...federation, forceWindow: 3, reportWindow: 2_000, challengeWindow: 2_000, maxAttempts: 20, settleEvery: 50 } });
  });
  after(() => there.close());

  const counts = async (round: number) => {
    const { kernel, federation } = there.world;
    const range = { ...kernel.rounds, args: { federation, round }, fromBlock: 0n, strict: true } as const;
    const [sealed, reported] = await Promise.all([kernel.client.getContractEvents({ ...range, eventName: "RoundSealed" }), kernel.client.getContractEvents({ ...range, eventName: "RoundReported" })]);
    return [sealed.length, reported.length];
  };
  /** What is reported of a round, from the store. */
  const reported = async (artefact: Hex | null) => {
    assert.ok(artefact);
    const reader = await there.world.store.open(artefact);
    return { manifest: await readRoundManifest(reader), metrics: decodeJson(await reader.read(ROUND_FILES.metrics), "metrics", 2 ** 20) };
  };

  for (const where of ["before seal", "after seal", "before report", "after report"]) {
    it(`goes on where it was killed: ${where}`, async () => {
      const { dir, storeDir, kernel, federation } = there.world;
      const state = path.join(dir, "killed");
      const file = path.join(dir, "deployment.json");
      await writeFile(file, JSON.stringify(kernel.deployment, (_, value: unknown) => (typeof value === "bigint" ? value.toString() : value)));
      const child = spawn(process.execPath, [path.join(import.meta.dirname, "victim.ts"), file, storeDir, state, TOKEN, where], { stdio: ["ignore", "pipe", "inherit"] });
      const killed = new Promise<string | null>((resolve) => child.on("exit", (_, signal) => resolve(signal)));
      const [url = ""] = await Promise.race([killed.then(() => [""]), new Promise<string[]>((resolve) => createInterface(child.stdout).once("line", (line) => resolve([line])))]);
      const open = await there.open(url);
      const made = await makeBundle(open, await there.model(url, open.parent.round), there.sites);
      assert.equal((await handOver(url, made)).status, 202);
      assert.equal(await killed, "SIGKILL");
      const oracle = await there.start({ dir: state, federations: [{ federation }] });
      const status = await reach(oracle.url, made.digest, "reported", "refused");
      assert.deepEqual([status.state, status.asHanded, status.artefact], ["reported", true, made.digest]);
      assert.deepEqual(await counts(open.round), [1, 1]);
      await oracle.stop();
    });
  }

  it("leaves out an entry whose seat was revoked, says why, and counts metrics again", async () => {
    const { kernel, rpc, setting, federation } = there.world;
    const oracle = await there.start();
    const open = await there.open(oracle.url);
    const made = await makeBundle(open, await there.model(oracle.url, open.parent.round), there.sites, { evaluation: publishedEvaluation(setting.split.holdout.records), metrics: { about: "the model of four" } });
    const timelock = kernel.timelock.address;
    await rpc("hardhat_impersonateAccount", timelock);
    await rpc("hardhat_setBalance", timelock, "0x56bc75e2d63100000");
    await rpc("eth_sendTransaction", { from: timelock, to: kernel.seats.address, data: encodeFunctionData({ abi: kernel.seats.abi, functionName: "revoke", args: [federation, 3] }) });
    await there.world.mine();
    await handOver(oracle.url, made);
    const status = await reach(oracle.url, made.digest, "reported", "refused");
    assert.deepEqual([status.state, status.asHanded, status.problem?.code], ["reported", false, "entry-dropped"]);
    assert.match(status.problem?.message ?? "", /Seat 3: the seat is revoked/);
    const { manifest, metrics } = await reported(status.artefact);
    assert.deepEqual(manifest.entries.map(({ seat }) => seat), [0, 1, 2, 4]);
    const { evaluation } = manifest;
    assert.ok(evaluation);
    assert.deepEqual(metrics, { rebuilt: true, correct: evaluation.correct, total: evaluation.records, accuracyPpm: Math.round((1_000_000 * evaluation.correct) / evaluation.records) });
    // What was predicted on it can never be recorded.
    const child = await makeBundle(made.next, made.model, there.sites.slice(0, 3));
    await handOver(oracle.url, child);
    assert.equal((await reach(oracle.url, child.digest, "refused", "reported")).problem?.code, "parent-replaced");
    await oracle.stop();
  });

  it("seals what was forced in on chain in place of what was handed over for that seat", async () => {
    const { kernel, setting, federation } = there.world;
    const oracle = await there.start();
    const open = await there.open(oracle.url);
    const sites = there.sites.slice(0, 3);
    const made = await makeBundle(open, await there.model(oracle.url, open.parent.round), sites);
    const [site] = sites;
    assert.ok(site);
    const context = { federation, round: open.round, parentReportHash: open.parent.reportHash, configHash: open.configHash };
    const domain = createDomain(open.chainId, open.ledger);
    // Its own payload never comes, so with three sites the ledger would refuse a report; and nothing is sealed.
    const force = async (entry: Entry) => setting.transactor.send(setting.relayer, { kind: "force", ...kernel.rounds, functionName: "forceInclude", args: [contributionOf(entry, context), entry.signature] });
    const update = Int16Array.from({ length: 210 }, (_, i) => i);
    const entry = await contribute({ signer: site.signer, domain, context, seat: site.seat, rho: 0, update });
    const answered = force(entry);
    await handOver(oracle.url, made);
    await answered;
    const status = await reach(oracle.url, made.digest, "reported", "refused");
    assert.deepEqual([status.state, status.problem?.code], ["refused", "too-few-contributors"]);
    assert.deepEqual(await counts(open.round), [0, 0]);
    // An aggregator that heard of it hands over the forced entry itself.
    const other = await makeBundle(open, await there.model(oracle.url, open.parent.round), sites, { change: (values, seat) => (seat === site.seat ? values.set(update) : undefined) });
    await handOver(oracle.url, other);
    const recorded = await reach(oracle.url, other.digest, "reported", "refused");
    assert.deepEqual([recorded.state, recorded.asHanded], ["reported", true]);
    await oracle.stop();
  });

  it("takes the next bundle for a round whose first was refused", async () => {
    const oracle = await there.start();
    const open = await there.open(oracle.url);
    const base = await there.model(oracle.url, open.parent.round);
    const few = await makeBundle(open, base, there.sites.slice(0, 2));
    const enough = await makeBundle(open, base, there.sites.slice(0, 3));
    await Promise.all([handOver(oracle.url, few), handOver(oracle.url, enough)]);
    assert.equal((await reach(oracle.url, few.digest, "refused")).problem?.code, "too-few-contributors");
    assert.equal((await reach(oracle.url, enough.digest, "reported", "refused")).asHanded, true);
    await oracle.stop();
  });

  it("waits while the chain is silent, and takes bundles meanwhile", async () => {
    const { kernel } = there.world;
    const silent = { on: false };
    const readContract = kernel.client.getContractEvents;
    const client = { ...kernel.client, getContractEvents: (async (...args: Parameters<typeof readContract>) => {
      if (silent.on) throw new Error("connect ECONNREFUSED");
      return readContract(...args);
    }) as typeof readContract };
    const oracle = await there.start({ kernel: { ...kernel, client } });
    const open = await there.open(oracle.url);
    const made = await makeBundle(open, await there.model(oracle.url, open.parent.round), there.sites.slice(0, 3));
    // The size of the model is known by now; the chain is not needed to take files in.
    await handOver(oracle.url, { ...made, digest: `0x${"0".repeat(64)}` });
    silent.on = true;
    assert.equal((await handOver(oracle.url, made)).status, 202);
    const waiting = await reach(oracle.url, made.digest, "waiting");
    assert.equal(waiting.state, "waiting");
    silent.on = false;
    assert.equal((await reach(oracle.url, made.digest, "reported", "refused")).asHanded, true);
    assert.equal((await statusOf(oracle.url, made.digest)).problem, null);
    await oracle.stop();
  });

  it("leaves a record that audits", async () => {
    const { kernel, federation, store } = there.world;
    const audit = await auditLedger({ facts: await readFacts(kernel, federation), store, hashPairs: nativeHashPairs });
    assert.deepEqual(audit.findings, []);
  });
});
