import { readFile } from "node:fs/promises";
import type { Workspace } from "../federation/workspace.ts";
import { envelope, EXIT, type Streams } from "../output/command.ts";
import { createDiskStore, createKuboStore, InvalidDigest, type ArtefactStore, type Digest } from "../store/index.ts";
import { collectDisk, day } from "../store/retention/collect.ts";
import { collectKubo } from "../store/retention/collect-kubo.ts";
import { openPins } from "../store/retention/pins.ts";
import { planRetention, type PlanParameters } from "../store/retention/plan.ts";
import { DEFAULT_RETENTION, retentionSchema, type RetentionPolicy } from "../store/retention/policy.ts";
import { endOf, type Reason } from "../store/retention/retained.ts";
import { scrub } from "../store/retention/scrub.ts";
import { usageOf } from "../store/retention/usage.ts";
import { openLedger, openStore, usage, type LedgerOptions, type StoreOptions } from "./context.ts";

export interface KeepOptions extends Omit<LedgerOptions, "federation">, StoreOptions {
  /** A file with a retention policy. */
  readonly retention?: string | undefined;
}

const seconds = (): number => Math.floor(Date.now() / 1000);

/** What is kept, why and until when; what takes the space; what was erased. */
export async function listStore(options: KeepOptions, { out }: Streams): Promise<number> {
  const { workspace, parameters } = await open(options);
  const plan = await planRetention(parameters);
  const dir = options.store ?? workspace.storeDir;
  const store = openStore(workspace, options);
  const entries = await Promise.all([...plan.kept].map(async ([digest, reasons]) => ({ digest, here: await store.has(digest), until: endOf(reasons), reasons })));
  const use = options.ipfs === undefined ? Object.fromEntries(await usageOf(dir, plan.kept)) : null;
  const erased = plan.erasures.map(({ artefact, path, erasedAt, basis, statedBy }) => ({ artefact, path: path ?? null, erasedAt, basis, statedBy }));
  if (options.json) {
    out.write(envelope(true, { store: options.ipfs ?? dir, kept: entries, erased, usage: use }));
    return EXIT.ok;
  }
  for (const { digest, here, until, reasons } of entries) out.write(`${digest} ${here ? "  " : "✗ "}${reasons.map(({ why }) => why).join("; ")} · ${until === null ? "while the ledger needs it" : `until ${day(until)}`}${here ? "" : " · not in this store"}\n`);
  for (const { artefact, path, erasedAt, basis, statedBy } of erased) out.write(`${artefact}   ${path === null ? "" : `${path} `}erased on ${day(erasedAt)} · ${basis}, says ${statedBy}\n`);
  for (const [kind, { blocks, bytes }] of Object.entries(use ?? {})) out.write(`${kind.padEnd(12)} ${(bytes / 2 ** 20).toFixed(1).padStart(10)} MiB in ${blocks} blocks\n`);
  return EXIT.ok;
}

export interface CollectOptions extends KeepOptions {
  readonly dryRun: boolean;
  /** No quarantine. */
  readonly now: boolean;
  readonly acceptForgotten: boolean;
  readonly despiteDamage: boolean;
}

/** Takes out of the store what nothing keeps. */
export async function collectGarbage(options: CollectOptions, { out, err }: Streams): Promise<number> {
  const { workspace, parameters } = await open(options);
  const policy = options.now ? { ...parameters.policy, quarantineDays: 0 } : parameters.policy;
  const { dryRun, acceptForgotten, despiteDamage } = options;
  const plan = await planRetention(parameters);
  const { kernel: { deployment }, stateDir, now } = parameters;
  if (options.ipfs !== undefined) {
    const { unpinned, pinned, absent, young } = await collectKubo({ connection: { url: options.ipfs }, deployment, plan, policy, stateDir, now, dryRun, acceptForgotten });
    for (const digest of absent) err.write(`! ${digest} is to be kept and is not whole on this node.\n`);
    if (options.json) out.write(envelope(true, { dryRun, unpinned, pinned, absent, young }));
    else {
      for (const { digest, why } of unpinned) out.write(`${digest} ${dryRun ? "would be" : "is"} unpinned: ${why}\n`);
      out.write(`✓ ${unpinned.length} unpinned, ${pinned.length} pinned, ${young.length} too young. Blocks go when the node collects its garbage.\n`);
    }
    return EXIT.ok;
  }
  const { released, swept, absent, damaged, malformed } = await collectDisk({ deployment, plan, policy, stateDir, now, dir: options.store ?? workspace.storeDir, dryRun, acceptForgotten, despiteDamage });
  for (const digest of absent) err.write(`! ${digest} is to be kept and is not in this store. \`npx chongwen store verify --from …\` can fetch it.\n`);
  for (const digest of damaged) err.write(`! ${digest} is to be kept and is damaged.\n`);
  for (const digest of malformed) err.write(`! ${digest} is named by the ledger and is no artefact: it is not kept whole.\n`);
  if (options.json) {
    out.write(envelope(true, { dryRun, released, ...swept, absent, damaged, malformed }));
    return EXIT.ok;
  }
  for (const { digest, why } of released) out.write(`${digest} ${dryRun ? "would go" : "goes"}: ${why}\n`);
  out.write(`✓ ${dryRun ? "Would sweep" : "Swept"} ${amount(swept.swept)}; kept ${amount(swept.kept)}, too young ${amount(swept.young)}; in quarantine ${amount(swept.quarantined)}, taken back ${amount(swept.restored)}, removed for good ${amount(swept.purged)}\n`);
  return EXIT.ok;
}

const amount = ({ blocks, bytes }: { readonly blocks: number; readonly bytes: number }): string => `${blocks} blocks (${(bytes / 2 ** 20).toFixed(1)} MiB)`;

export interface VerifyOptions extends KeepOptions {
  /** A folder, or a Kubo node's address: where to get again what is damaged or missing. */
  readonly from?: string | undefined;
}

/** Reads and hashes everything that is kept. Exit code: 0 all whole · 3 something is damaged · 5 something is missing. */
export async function verifyStore(options: VerifyOptions, { out, err }: Streams): Promise<number> {
  const { workspace, parameters } = await open(options);
  const { kept } = await planRetention(parameters);
  const { from } = options;
  const source: ArtefactStore | null = from === undefined ? null : /^https?:\/\//.test(from) ? createKuboStore({ url: from }) : createDiskStore(from);
  const counts = { whole: 0, repaired: 0, erased: 0, missing: 0, damaged: 0 };
  const artefacts: { digest: Digest; health: string; reasons: readonly Reason[]; problems: { code: string; message: string }[] }[] = [];
  for await (const { digest, health, problems } of scrub(openStore(workspace, options), kept, source)) {
    counts[health] += 1;
    const said = problems.slice(0, 20).map(({ code, message }) => ({ code, message }));
    artefacts.push({ digest, health, reasons: kept.get(digest) ?? [], problems: said });
    if (!options.json && health !== "whole") err.write(`${health === "repaired" || health === "erased" ? "·" : "✗"} ${digest} is ${health}: ${kept.get(digest)?.[0]?.why ?? ""}${said.map(({ message }) => `\n    ${message}`).join("")}\n`);
  }
  const ok = counts.damaged + counts.missing === 0;
  if (options.json) out.write(envelope(ok, { counts, artefacts: artefacts.filter(({ health }) => health !== "whole") }));
  else out.write(`${ok ? "✓" : "✗"} ${counts.whole} whole, ${counts.repaired} repaired, ${counts.erased} erased, ${counts.missing} missing, ${counts.damaged} damaged\n`);
  return counts.damaged > 0 ? EXIT.mismatch : counts.missing > 0 ? EXIT.unverified : EXIT.ok;
}

export interface PinOptions {
  readonly dir: string;
  readonly json: boolean;
}

export async function pinArtefact(text: string, { why, until, ...options }: PinOptions & { readonly why: string; readonly until?: string | undefined }, workspace: Workspace, { out }: Streams): Promise<number> {
  const digest = digestOf(text);
  const end = until === undefined ? null : Date.parse(until) / 1000;
  if (end !== null && !Number.isInteger(end)) throw usage(`${until} is no date.`, "Write a day as 2036-12-31.");
  await openPins(`${workspace.retentionDir}/pins`).add({ digest, why, until: end });
  out.write(options.json ? envelope(true, { digest, why, until: end }) : `✓ ${digest} is kept${end === null ? "" : ` until ${day(end)}`}: ${why}\n`);
  return EXIT.ok;
}

export async function unpinArtefact(text: string, options: PinOptions, workspace: Workspace, { out }: Streams): Promise<number> {
  const digest = digestOf(text);
  const removed = await openPins(`${workspace.retentionDir}/pins`).remove(digest);
  out.write(options.json ? envelope(true, { digest, removed }) : `${removed ? `✓ ${digest} is pinned no longer. What the ledger keeps stays.` : `${digest} was not pinned by hand.`}\n`);
  return EXIT.ok;
}

function digestOf(text: string): Digest {
  if (!/^0x[0-9a-fA-F]{64}$/.test(text)) throw new InvalidDigest(text, "is no digest");
  return text.toLowerCase() as Digest;
}

async function open(options: KeepOptions): Promise<{ readonly workspace: Workspace; readonly parameters: PlanParameters }> {
  const { workspace, kernel } = await openLedger(options);
  const policy = options.retention === undefined ? DEFAULT_RETENTION : await readPolicy(options.retention);
  return { workspace, parameters: { kernel, stateDir: workspace.retentionDir, erasedDir: workspace.erasedDir, policy, now: seconds() } };
}

async function readPolicy(file: string): Promise<RetentionPolicy> {
  try {
    return retentionSchema.parse(JSON.parse(await readFile(file, "utf8")));
  } catch (error) {
    throw usage(`${file} is no retention policy: ${error instanceof Error ? error.message.replaceAll(/\s+/g, " ").slice(0, 300) : ""}`, 'Write {"stableYears": 10, "experimentalDays": 1095}; docs/runbooks/storage.md has every field.');
  }
}
