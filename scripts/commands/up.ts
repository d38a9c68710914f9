import path from "node:path";
import { memberAt } from "../../protocol/index.ts";
import { compileContracts } from "../chain/compile.ts";
import { startDevnet } from "../chain/devnet.ts";
import { readManifest } from "../chain/manifest.ts";
import { DERMATOLOGY_PATH, loadTable } from "../data/index.ts";
import { leaveVoteOpen } from "../federation/leave-vote-open.ts";
import { runFederation } from "../federation/run-federation.ts";
import { createSetting } from "../federation/setting.ts";
import { sumUp, type Summary } from "../federation/summary.ts";
import { claimWorkspace, openWorkspace } from "../federation/workspace.ts";
import { watcherAccount } from "../genesis/cast.ts";
import { EXIT, toJson, type Streams } from "../output/command.ts";
import { createProgress, type Progress } from "../output/progress.ts";
import { softwareVersion } from "../output/version.ts";
import { buildDapp } from "../serve/dapp.ts";
import { startIndexer } from "../serve/indexer.ts";
import { startServer } from "../serve/server.ts";
import { startLocalServices } from "../service/start.ts";
import { inviteDoctor } from "../relay/local.ts";
import { createDiskStore, readErasures } from "../store/index.ts";
import { createBackgroundWatcher } from "../watch/background.ts";
import { limitsFor } from "../watch/fetch.ts";

export interface UpOptions {
  readonly root: string;
  readonly dir: string;
  /** Run, sum up, exit. */
  readonly once: boolean;
  readonly json: boolean;
  readonly rounds: number;
  readonly scoring: "quality" | "size";
  readonly seed: number;
  /** A CSV instead of the shipped table. */
  readonly data: string | undefined;
  readonly rpcPort: number;
  readonly port: number;
  /** Seconds that votes last, after the demonstration's own first one; undefined: time to read when the page is served. */
  readonly votingPeriod?: number | undefined;
  /** Also run an indexer, on that port. */
  readonly indexer: boolean;
  readonly indexerPort: number;
}

/** Ten minutes: a visitor can read a proposal before its vote is over. */
const VOTING_PERIOD = 600;

/** Hospitals that have not claimed when the page is served, so that there is something to try. */
const LEFT_TO_CLAIM = 2;

/** Starts a chain, deploys, trains, settles, votes, claims, audits; then serves the page until it is told to stop. */
export async function up(options: UpOptions, streams: Streams, stop: AbortSignal): Promise<number> {
  const { root, once, json } = options;
  const progress = createProgress(streams.err, process.env);
  // Before anything is started: a malformed table should cost nobody a minute.
  const table = loadTable(options.data ?? DERMATOLOGY_PATH);
  const manifest = await readManifest(path.join(root, "deploy", "manifests", "local.json"));

  const release = await claimWorkspace(options.dir);
  const workspace = openWorkspace(options.dir);
  const closers: (() => Promise<void>)[] = [release];
  try {
    progress.heading("Setting up");
    await compileContracts(root);
    progress.done("contracts compiled");
    const devnet = await startDevnet(once ? 0 : options.rpcPort);
    closers.unshift(() => devnet.close());
    const store = createDiskStore(workspace.storeDir);
    const setting = await createSetting({ rpcUrl: devnet.url, manifest, store, table, seed: options.seed, progress, windows: options.scoring === "size" ? null : Math.floor(options.rounds / manifest.federation.settleEvery) });
    const { title = table.name, licence = "unknown", source = "unknown" } = table.schema;
    const deployment = { ...setting.kernel.deployment, demonstration: { title, licence, source } };
    await workspace.saveDeployment(deployment);

    progress.heading(`Federated rounds on ${title}`);
    progress.note("Public data, privacy: exempt. The split into hospitals is simulated.");
    const votingPeriod = options.votingPeriod ?? (once ? manifest.kernel.governor.votingPeriod : VOTING_PERIOD);
    const claimants = once ? setting.hospitals.length : setting.hospitals.length - LEFT_TO_CLAIM;
    const run = await runFederation(setting, { rounds: options.rounds, claimants, votingPeriod, progress });
    const { summary, facts, audit } = await sumUp(setting, run);
    await workspace.saveFacts(facts);
    describe(summary, progress);
    for (const { entry, subject, message } of audit.findings) progress.note(`${entry} ${subject}: ${message}`);
    if (json) streams.out.write(toJson(summary));
    if (!audit.ok) return EXIT.mismatch;
    if (once) return EXIT.ok;
    const open = await leaveVoteOpen(setting);

    const local = await startLocalServices(setting.kernel, options.dir, options.port, (message) => progress.note(message));
    closers.unshift(() => local.close());
    const watcher = await createBackgroundWatcher({
      kernel: setting.kernel, federation: setting.federation, account: watcherAccount(), software: await softwareVersion(),
      storeOf: (fileBytes) => createDiskStore(workspace.storeDir, { limits: limitsFor(fileBytes) }),
      warned: (subject, message) => progress.note(`watcher: ${subject}: ${message}`),
    });
    closers.unshift(() => watcher.close());
    const indexer = options.indexer ? startIndexer({ root, dir: options.dir, port: options.indexerPort, note: (message) => progress.note(message) }) : undefined;
    if (indexer !== undefined) closers.unshift(() => indexer.close());
    const served = { ...deployment, services: { ...local.addresses, watcher: watcher.url, ...(indexer === undefined ? {} : { indexer: indexer.url }) } };
    await workspace.saveDeployment(served);
    const server = await startServer({ dist: await buildDapp(root), deployment: served, store, erasures: readErasures(workspace.erasedDir), port: options.port });
    closers.unshift(() => server.close());
    const hospital = setting.hospitals.findIndex(({ seat }, i) => i >= claimants && seat !== null && memberAt(audit.members, seat) !== null);
    const unpaid = { hospital, seat: setting.hospitals[hospital]?.seat ?? null };
    watcher.start();
    const [host] = setting.hospitals;
    const invited = host === undefined ? null : await inviteDoctor(setting.kernel, host, server.url);
    whatNext(streams, { page: server.url, chain: devnet.url, unpaid, open, invited });
    await new Promise<void>((resolve) => (stop.aborted ? resolve() : stop.addEventListener("abort", () => resolve(), { once: true })));
    return EXIT.ok;
  } finally {
    for (const close of closers) await close();
  }
}

function describe({ rounds, accuracy, claims, governance, audit }: Summary, progress: Progress): void {
  const points = (share: number): string => (100 * share).toFixed(1);
  progress.heading("Result");
  progress.done(`${rounds.filter(({ status }) => status === "Final").length} of ${rounds.length} rounds final`);
  progress.done(
    `global model ${points(accuracy.global)} % right; best single hospital ${points(accuracy.bestSite)} %; always the most frequent disease ${points(accuracy.majority)} %`,
  );
  progress.done(`${claims.filter(({ amount, expected }) => amount === expected).length} of ${claims.length} claims equal what the artefacts give; vote ${governance.state}`);
  progress.done(`audit: ${audit.ok ? "everything recomputed and equal" : "DIFFERENCES FOUND"}, ${audit.checked} comparisons`);
}

interface Next {
  readonly page: string;
  readonly chain: string;
  /** A hospital that has something to claim, and its seat; null when there is none. */
  readonly unpaid: { readonly hospital: number; readonly seat: number | null };
  /** A proposal that can be voted on. */
  readonly open: bigint;
  /** A link for a simulated hospital's doctor. */
  readonly invited: string | null;
}

function whatNext({ err }: Streams, { page, chain, unpaid, open, invited }: Next): void {
  const join = invited === null ? "" : `\nA simulated hospital invites its doctor. Open this on a device with a fingerprint, face or PIN; no wallet and no coins are needed:\n\n  ${invited}\n`;
  const claim = unpaid.seat === null ? "" : `  npx chongwen claim --seat ${unpaid.seat} --account dev:${20 + unpaid.hospital}        a hospital claims what it earned\n`;
  err.write(`
The ledger is running. Leave this open, and in another terminal try:

  open      ${page}                         rounds, rewards, claims
  npx chongwen round show                             what the chain says of every round
${claim}  npx chongwen dataset list                           datasets, and votes on them
  npx chongwen dataset vote ${open} --support for --account dev:6
                                                      vote as a founding member, while it is open
  npx chongwen audit                                  recompute everything from the artefacts
  npx chongwen doctor                                 is all well on this machine?
${join}
Chain: ${chain} (accounts of the well-known development mnemonic; in memory: stopping forgets it). Ctrl-C stops.
`);
}
