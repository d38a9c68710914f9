import path from "node:path";
import type { Hex } from "viem";
import { toCompactSignature } from "../../protocol/index.ts";
import { coverTypedData } from "../../protocol/dossier/cover.ts";
import type { DossierManifest, DossierScope } from "../../protocol/dossier/manifest.ts";
import { questionOf, type DossierProofs } from "../../protocol/dossier/proofs.ts";
import { ChongwenError } from "../../protocol/errors.ts";
import type { LedgerFacts } from "../../protocol/ledger/facts.ts";
import { readFacts } from "../../protocol/ledger/read-facts.ts";
import type { Kernel } from "../chain/kernel.ts";
import { createProver } from "../chain/proofs/prover.ts";
import { checkDossier, type DossierCheck } from "../dossier/check.ts";
import { pinnedAt } from "../dossier/pinned.ts";
import { collectReceipts } from "../dossier/receipts.ts";
import { writeDossier } from "../dossier/write.ts";
import { openWorkspace } from "../federation/workspace.ts";
import { envelope, EXIT, type Streams } from "../output/command.ts";
import { DiskBlocks } from "../store/disk-blocks.ts";
import { KuboBlocks } from "../store/kubo-blocks.ts";
import { exitOf, freezeLine, freezesOf } from "./audit.ts";
import { openEscrow, openLedger, openSigner, usage, type EscrowOptions, type LedgerOptions, type SignerOptions, type StoreOptions } from "./context.ts";

export interface ExportOptions extends LedgerOptions, StoreOptions, SignerOptions {
  readonly out: string;
  /** "3-7", or "3". */
  readonly rounds?: string | undefined;
  /** This round and all that it descends from. */
  readonly lineage?: number | undefined;
  /** This settlement, and the rounds that it covers. */
  readonly settlement?: number | undefined;
  /** As of this block; the newest when left out. */
  readonly block?: number | undefined;
  /** False: without updates, open or sealed. */
  readonly payloads: boolean;
}

/** Exit code: as of `audit`, of what was exported. */
export async function exportDossier(options: ExportOptions, { out, err }: Streams): Promise<number> {
  const { kernel, workspace } = await openLedger(options);
  const block = options.block === undefined ? await kernel.client.getBlockNumber() : BigInt(options.block);
  const facts = await readFacts(pinnedAt(kernel, block), options.federation);
  const scope = scopeOf(options, facts);
  const isSigned = options.account !== undefined || options.keystore !== undefined;
  const signer = isSigned ? await openSigner(options, kernel) : null;
  const proofs = await readProofs(kernel, facts, block, err);
  const receipts = proofs && (await collectReceipts({ client: kernel.client, about: facts, anchor: proofs.header, warn: (why) => void err.write(`! ${why}\n`) }));
  const sign = signer && (async (manifest: Hex, about: DossierManifest) => ({ signer: signer.address, signature: toCompactSignature(await signer.signTypedData(coverTypedData(manifest, about))) }));
  const { name, files, bytes, report } = await writeDossier({
    out: options.out, facts, proofs, receipts, scope, withPayloads: options.payloads, sign, erasedDir: workspace.erasedDir,
    source: options.ipfs === undefined ? new DiskBlocks(path.resolve(options.store ?? workspace.storeDir)) : new KuboBlocks({ url: options.ipfs }),
  });
  for (const { entry, subject, message } of report.findings) err.write(`! ${entry}${subject === "" ? "" : `, ${subject}`}: ${message}\n`);
  if (!options.payloads) err.write("! Without payloads nobody can recompute norms, aggregates and scores from this dossier; seals, reports, signatures and models are still checked.\n");
  const { rounds, settlements, checked } = report;
  if (options.json) out.write(envelope(true, { dossier: name, folder: options.out, block, proven: proofs !== null, eventsProven: receipts !== null, signer: signer?.address ?? null, files, bytes, rounds, settlements, checked, findings: report.findings }));
  else {
    out.write(`✓ ${options.out}: ${rounds} rounds and ${settlements} settlements as of block ${block}, ${files} files, ${(bytes / 1e6).toFixed(1)} MB\n  ${name}\n`);
    out.write(`  ${proofs === null ? "Unproven: the endpoint offers no proofs, so what the ledger held is your word." : `Proven against block ${proofs.header.hash}.`}${signer === null ? " Signed by nobody." : ` Signed by ${signer.address}.`}\n  Check it anywhere: npx chongwen audit --dossier ${options.out}\n`);
  }
  return exitOf(report);
}

/** @throws usage */
function scopeOf({ rounds, lineage, settlement, federation }: ExportOptions, facts: LedgerFacts): DossierScope {
  if ([rounds, lineage, settlement].filter((part) => part !== undefined).length > 1) throw usage("--rounds, --lineage and --settlement exclude each other.", "Name one of them, or none for everything.");
  if (settlement !== undefined) {
    if (!facts.settlements.some(({ index }) => index === settlement)) throw usage(`Federation ${federation} has no settlement ${settlement}.`, `It has ${facts.settlements.length}.`);
    return { rounds: null, settlement };
  }
  if (lineage === undefined && rounds === undefined) return { rounds: null, settlement: null };
  const reported = new Map(facts.rounds.filter(({ report }) => report !== null).map((round) => [round.round, round.parentRound]));
  const wanted = lineage === undefined ? rangeOf(rounds ?? "", reported) : ancestorsOf(lineage, reported);
  if (wanted.length === 0) throw usage(`No round of federation ${federation} among those has a report.`, `It has rounds 1 to ${facts.rounds.length}.`);
  return { rounds: wanted, settlement: null };
}

function rangeOf(text: string, reported: ReadonlyMap<number, number>): number[] {
  const [, first, last = first] = /^(\d{1,9})(?:-(\d{1,9}))?$/.exec(text) ?? [];
  if (first === undefined) throw usage(`${text.slice(0, 40)} is no range of rounds.`, "Write --rounds 3-7.");
  return [...reported.keys()].filter((round) => round >= Number(first) && round <= Number(last)).sort((a, b) => a - b);
}

/** From the genesis to the model. */
function ancestorsOf(model: number, reported: ReadonlyMap<number, number>): number[] {
  const line: number[] = [];
  for (let at: number | undefined = model; at !== undefined && at !== 0; at = reported.get(at)) {
    if (!reported.has(at)) return [];
    line.unshift(at);
  }
  return [0, ...line];
}

/** What an endpoint cannot prove is said, and the dossier says it too. */
async function readProofs({ client, deployment }: Kernel, facts: LedgerFacts, block: bigint, err: Streams["err"]): Promise<DossierProofs | null> {
  const warn = (why: string): void => void err.write(`! ${why} The dossier's facts are unproven.\n`);
  try {
    const found = await createProver({ client, deployment, warn }).ledger(questionOf(facts), block);
    return found && { header: found.header, accounts: found.proofs };
  } catch (error) {
    if (error instanceof ChongwenError) throw error;
    warn(`The endpoint did not prove the ledger's state in block ${block}: ${error instanceof Error ? (error.message.split("\n")[0] ?? "") : "no reason given"}`);
    return null;
  }
}

export interface DossierOptions extends EscrowOptions {
  readonly dir: string;
  readonly dossier: string;
  /** Hashes of further blocks that the reader has compared. */
  readonly checkpoint?: readonly string[] | undefined;
  readonly json: boolean;
}

/** Exit code: 0 all recomputed and proven · 3 something differs · 5 nothing differs, but something is unproven, missing or erased. */
export async function auditDossier(options: DossierOptions, { out, err }: Streams): Promise<number> {
  const started = performance.now();
  const check = await checkDossier(options.dossier, { escrow: await openEscrow(openWorkspace(options.dir), options), checkpoints: (options.checkpoint ?? []).map(hashOf) });
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  const { name, manifest, signer, blockHash, events, facts, entries, findings, audit, ok } = check;
  for (const { entry, subject, message } of findings) err.write(`✗ ${message.startsWith(entry) ? "" : `${entry}${subject === "" ? "" : `, ${subject}`}: `}${message}\n`);
  if (options.json) {
    out.write(envelope(ok, {
      ok, dossier: name, chainId: manifest?.chainId ?? null, federation: manifest?.federation ?? null, block: manifest?.block ?? null, blockHash, signer, events: events && { complete: events.isComplete, headers: events.headers, receipts: events.receipts, unlinked: events.unlinked }, withPayloads: manifest?.withPayloads ?? null,
      checked: audit?.checked ?? 0, rounds: audit?.rounds ?? 0, settlements: audit?.settlements ?? 0, freezes: facts && freezesOf(facts), entries, findings,
    }));
  } else describe(check, seconds, out);
  return findings.some(({ kind }) => kind === "mismatch") ? EXIT.mismatch : ok ? EXIT.ok : EXIT.unverified;
}

function describe({ name, manifest, facts, signer, blockHash, events, entries, audit, ok }: DossierCheck, seconds: string, out: Streams["out"]): void {
  for (const { entry, state } of entries) out.write(`${state.padEnd(10)} ${entry}\n`);
  if (manifest === null) return;
  out.write(`${ok ? "✓" : "✗"} ${audit?.rounds ?? 0} rounds and ${audit?.settlements ?? 0} settlements, ${audit?.checked ?? 0} comparisons in ${seconds} s, without a chain\n`);
  out.write(`${facts === null ? "" : freezeLine(facts)}  dossier ${name ?? ""}\n`);
  if (blockHash === null) out.write(`  unproven: that ${manifest.ledger} on chain ${manifest.chainId} held this at block ${manifest.block} is the exporter's word${signer === null ? ", signed by nobody" : `, signed by ${signer}`}.\n`);
  else {
    out.write(`  proven against block ${manifest.block} of chain ${manifest.chainId}: ${blockHash}\n  Compare that hash with your own node or any explorer: it alone is not shown here.\n`);
    out.write(eventLine(events));
    const word = events === null || events.unlinked.length > 0 ? "keys of seats, payees, pools, claims, when it was frozen before" : "who signed what was forced in";
    out.write(`  The exporter's word${signer === null ? ", signed by nobody" : `, signed by ${signer}`}: ${word}, what quality is judged by.\n`);
  }
}

function eventLine(events: DossierCheck["events"]): string {
  if (events === null) return "  What the contracts said in events is not proven.\n";
  const { isComplete, headers, receipts, unlinked } = events;
  if (unlinked.length === 0) return `  ${receipts} receipts prove what the contracts said, linked to that block by ${headers} headers${isComplete ? ": none is left out" : "; that none is left out is the exporter's word"}.\n`;
  const shown = unlinked.map(({ block, hash }) => `    ${block} ${hash}\n`).join("");
  return `  Nothing leads from that block to these, which hold events. Compare their hashes too, and name them with --checkpoint:\n${shown}`;
}

function hashOf(text: string): Hex {
  if (!/^0x[0-9a-fA-F]{64}$/.test(text)) throw usage(`${text.slice(0, 80)} is no hash of a block.`, "Write --checkpoint 0x… with 64 digits.");
  return text.toLowerCase() as Hex;
}
