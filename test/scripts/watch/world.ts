/** A ledger on a local chain with operators who sign whatever a test asks for, and watchers that can be let loose on it. */
import { mkdtemp, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import type { LocalAccount } from "viem";
import { toHex } from "../../../protocol/bytes.ts";
import { type Evaluation, metricsHash } from "../../../protocol/evaluation/evaluation.ts";
import {
  accumulate,
  aggregate,
  buildRewardsTree,
  buildSettlementBundle,
  bytesOf,
  columnHash,
  COLUMN_WIDTHS,
  createDomain,
  createSeal,
  encodeJson,
  MANIFEST,
  memberTotal,
  modelRoot,
  packSealColumns,
  packScores,
  packUints,
  reportHash,
  ROUND_FILES,
  updatePath,
  type Entry,
  type Report,
  type ScoredRound,
  type Scores,
  type Seal,
  type SettlementStatement,
} from "../../../protocol/index.ts";
import { devAccount } from "../../../scripts/chain/dev-accounts.ts";
import { startDevnet } from "../../../scripts/chain/devnet.ts";
import { readManifest, type Manifest } from "../../../scripts/chain/manifest.ts";
import { DERMATOLOGY_PATH, loadTable } from "../../../scripts/data/index.ts";
import { createSetting, type Setting, type SettingParameters } from "../../../scripts/federation/setting.ts";
import { settledRounds } from "../../../protocol/ledger/expectations.ts";
import { readFacts } from "../../../protocol/ledger/read-facts.ts";
import { readPayees } from "../../../protocol/ledger/read-settlements.ts";
import { ROUND_STATES } from "../../../protocol/ledger/states.ts";
import { readOpenRound } from "../../../scripts/ledger/open-round.ts";
import { collectQuorum } from "../../../scripts/operator/quorum.ts";
import { silentProgress } from "../../../scripts/output/progress.ts";
import { contribute } from "../../../scripts/site/contribute.ts";
import { createDiskStore, digestOf } from "../../../scripts/store/index.ts";
import { nativeHashPairs } from "../../../scripts/store/hash-pairs.ts";
import { limitsFor } from "../../../scripts/watch/fetch.ts";
import { memoryJournal } from "../../../scripts/watch/journal.ts";
import type { ActionLine, CheckLine, Observer } from "../../../scripts/watch/observer.ts";
import { createSender } from "../../../scripts/watch/sender.ts";
import { watch, type WatchOptions } from "../../../scripts/watch/watch.ts";

const root = path.resolve(import.meta.dirname, "..", "..", "..");

export const ANSWER_WINDOW = 600;
/** Far above what honest updates of a test have, below the largest update there is. */
export const NORM_BOUND = 10n ** 11n;
export const LANES = 210;

/** Long windows, as many attempts as a test needs, and a bound on norms. */
async function manifestOf(): Promise<Manifest> {
  const manifest = await readManifest(path.join(root, "deploy", "manifests", "local.json"));
  const federation = { ...manifest.federation, forceWindow: 0, reportWindow: 2_000, challengeWindow: 2_000, maxAttempts: 60, settleEvery: 1, normSqBound: NORM_BOUND };
  return {
    ...manifest,
    kernel: { ...manifest.kernel, rotationDelay: 10_000, unbondingPeriod: 125 * 6_000, disputes: { ...manifest.kernel.disputes, answerWindow: ANSWER_WINDOW } },
    federation,
  };
}

/** An entry before it is sealed, and what its contributor trained. */
export interface Contributed {
  readonly entries: readonly Entry[];
  readonly updates: ReadonlyMap<number, Int16Array>;
}

/** A sealed set. @param columns As sealed, whatever the entries say. */
export interface SealedSet extends Contributed {
  readonly round: number;
  readonly columns: ReturnType<typeof packSealColumns>;
  readonly seal: Seal;
}

/** What is reported of a sealed set. @param without Files that the published bundle leaves out. @param files More files, or others. */
export interface ReportOf {
  readonly model?: (model: Int32Array) => void;
  readonly evaluation?: { readonly evaluation: Evaluation; readonly files: ReadonlyMap<string, Uint8Array> };
  readonly without?: readonly string[];
  readonly files?: ReadonlyMap<string, Uint8Array>;
  /** False: the bundle is in no store. */
  readonly published?: boolean;
}

/** @param members The table that the root is of; by default what the amounts add up to. */
export interface Settled {
  readonly scores: Scores;
  readonly amounts: readonly bigint[];
  readonly members?: Uint8Array | undefined;
}

export interface Log {
  readonly checks: CheckLine[];
  readonly actions: ActionLine[];
  readonly warnings: string[];
  readonly fates: string[];
}

export type World = Awaited<ReturnType<typeof startWorld>>;

/** @param changed What a test's manifest has otherwise. @param kind Pays by quality, or is escrowed. */
export async function startWorld(changed: Partial<Manifest> = {}, kind: Pick<SettingParameters, "windows" | "escrow"> = {}) {
  const dir = await mkdtemp(path.join(os.tmpdir(), "chongwen-watch-"));
  const devnet = await startDevnet(0);
  const storeDir = path.join(dir, "store");
  const store = createDiskStore(storeDir);
  const manifest = { ...(await manifestOf()), ...changed };
  // A chain that nobody closes would keep the test's process for ever.
  const setting: Setting = await createSetting({ rpcUrl: devnet.url, manifest, store, table: loadTable(DERMATOLOGY_PATH), seed: 1, progress: silentProgress, ...kind }).catch(async (error: unknown) => {
    await devnet.close();
    throw error;
  });
  const { kernel, federation, config } = setting;
  const { client } = kernel;
  const rpc = async (method: string, ...params: unknown[]): Promise<unknown> => (client as unknown as { request(call: { method: string; params: unknown[] }): Promise<unknown> }).request({ method, params });
  const domain = createDomain(kernel.deployment.chainId, kernel.rounds.address);
  let seed = 1;
  const running: (() => Promise<void>)[] = [];
  /** The model of each report that stands, by report hash: base of the next round. */
  const models = new Map<string, Int32Array>();
  const baseOf = async (round: number): Promise<Int32Array> => {
    const { parentRound } = await kernel.rounds.read.roundOf([federation, round]);
    return models.get((await kernel.rounds.read.roundOf([federation, parentRound])).hash) ?? setting.model;
  };

  return {
    dir, storeDir, store, setting, kernel, federation, config, client, rpc, url: devnet.url,

    mine: () => rpc("evm_mine"),
    async jump(seconds: number): Promise<void> {
      await rpc("evm_increaseTime", seconds);
      await rpc("evm_mine");
    },

    state: async (round: number) => {
      const state = await kernel.rounds.read.roundOf([federation, round]);
      return { ...state, name: ROUND_STATES[state.state] ?? "None" };
    },

    /** Every hospital signs an update of a few small lanes. @param change Of what one of them signs. */
    async contribute(change: (update: Int16Array, seat: number) => void = () => undefined): Promise<Contributed> {
      const open = await readOpenRound(kernel, federation);
      if (open === null) throw new Error("No round is open.");
      const updates = new Map<number, Int16Array>();
      const entries: Entry[] = [];
      for (const { seat, keys } of setting.hospitals) {
        if (seat === null) continue;
        const update = Int16Array.from({ length: LANES }, (_, i) => ((i * (seat + 3) * ++seed) % 201) - 100);
        change(update, seat);
        entries.push(await contribute({ signer: keys.signer, domain, context: open.context, seat, rho: 0, update }));
        updates.set(seat, update);
      }
      return { entries, updates };
    },

    /** Seals without a look. @param columns Other columns than the entries make. */
    async seal({ entries, updates }: Contributed, columns: Partial<SealedSet["columns"]> = {}): Promise<SealedSet> {
      const open = await readOpenRound(kernel, federation);
      if (open === null) throw new Error("No round is open.");
      const packed = { ...packSealColumns(entries), ...columns };
      const seal = createSeal(open.context, open.attempt, packed);
      const quorum = await collectQuorum(kernel, setting.operators, { domain, name: "Seal", value: seal }, async () => undefined);
      const input = {
        seats: toHex(packed.seats), updateRoots: toHex(packed.updateRoots), rootOrder: toHex(packed.rootOrder),
        normsHash: seal.normsHash, normTracesHash: seal.normTracesHash, signaturesHash: seal.signaturesHash,
      };
      await setting.transactor.send(setting.relayer, { kind: "seal", ...kernel.rounds, functionName: "seal", args: [federation, input, quorum] });
      return { round: open.context.round, entries, updates, columns: packed, seal };
    },

    /** Reports without a look. */
    async report(set: SealedSet, { model: spoil, evaluation, without = [], files: others = new Map(), published = true }: ReportOf = {}): Promise<Report> {
      const { round, updates, columns } = set;
      const state = await kernel.rounds.read.roundOf([federation, round]);
      const model = await this.aggregateOf(set);
      spoil?.(model);
      const metrics = encodeJson({ records: 1 });
      const whole = new Map<string, Uint8Array>([
        [MANIFEST, new TextEncoder().encode(JSON.stringify({ evaluation: evaluation?.evaluation ?? null }))],
        [ROUND_FILES.norms, columns.norms], [ROUND_FILES.normTraces, columns.normTraces], [ROUND_FILES.signatures, columns.signatures],
        [ROUND_FILES.metrics, metrics], [ROUND_FILES.model, bytesOf(model)], ...(evaluation?.files ?? []),
        ...[...updates].map(([seat, update]) => [updatePath(seat), bytesOf(update)] as const), ...others,
      ]);
      const files = new Map([...whole].filter(([name]) => !without.includes(name)));
      const artefact = published ? await store.putDirectory(files) : await digestOf(files);
      const report: Report = {
        federation, round, attempt: state.attempt, sealHash: state.hash, modelRoot: modelRoot(model),
        metricsHash: metricsHash(evaluation?.evaluation ?? null, metrics), excluded: 0n, artefact,
      };
      const quorum = await collectQuorum(kernel, setting.operators, { domain, name: "Report", value: report }, async () => undefined);
      const { modelRoot: newRoot, metricsHash: hash } = report;
      const args = [federation, { modelRoot: newRoot, metricsHash: hash, excluded: 0n, artefact }, quorum] as const;
      await setting.transactor.send(setting.relayer, { kind: "report", ...kernel.rounds, functionName: "report", args });
      models.set(reportHash(report), model);
      return report;
    },

    /** What the reported model of a sealed set is, rightly. */
    async aggregateOf({ round, entries, updates }: SealedSet): Promise<Int32Array> {
      const weights = await Promise.all(entries.map(async ({ seat }) => (await kernel.seats.read.laneOf([federation, seat])).weight));
      return aggregate(1, 0n, await baseOf(round), [...updates.values()], weights);
    },

    /** Gives up on a sealed round: another opens. */
    async giveUp(round: number): Promise<void> {
      await this.jump(Number((await this.state(round)).deadline) - Number((await client.getBlock()).timestamp));
      await setting.transactor.send(setting.relayer, { kind: "void", ...kernel.rounds, functionName: "void", args: [federation, round] });
    },

    /** Makes every reported round final. */
    async finaliseAll(): Promise<number> {
      await this.jump(2_001);
      const { last } = await kernel.rounds.read.headOf([federation]);
      for (let round = 1; round <= last; round++) {
        if ((await this.state(round)).name === "Reported") await setting.transactor.send(setting.relayer, { kind: "finalise", ...kernel.rounds, functionName: "finalise", args: [federation, round] });
      }
      return last;
    },

    /** Proposes a settlement of everything without a look. @param change Of what its columns, or its table, should be. */
    async settle(lastRound: number, scored: readonly ScoredRound[], change: (due: Settled) => Partial<Settled> = () => ({})): Promise<void> {
      const { settlement, deployment } = kernel;
      const facts = await readFacts(kernel, federation);
      const account = await settlement.read.accountOf([federation]);
      const [pool] = await settlement.read.poolThrough([federation, lastRound]);
      const rounds = settledRounds(facts, account.settledThrough + 1, lastRound);
      const payees = await readPayees(kernel, federation, rounds.findLast(({ state }) => state === "Final")?.reportHash ?? "0x");
      const vault = { chainId: deployment.chainId, vault: facts.vault, federation };
      const { statement, computed } = await buildSettlementBundle({
        domain: vault, settlement: settlement.address, index: account.nextIndex, attempt: account.attempt, rounds, previous: null, scoringId: 1, pool, scored, payees,
        previousMembers: new Uint8Array(),
      });
      const due = { scores: computed.scores, amounts: [...computed.amounts] };
      const { scores, amounts, members = accumulate(new Uint8Array(), amounts, payees) } = { ...due, members: undefined, ...change(due) };
      const columns = [packScores(scores), packUints(amounts, COLUMN_WIDTHS.entitlements)] as const;
      const value: SettlementStatement = {
        ...statement, artefact: statement.lastReportHash, scoresHash: columnHash(columns[0]), entitlementsHash: columnHash(columns[1]),
        rewardsRoot: (await buildRewardsTree(vault, members)).root, distributed: amounts.reduce((a, b) => a + b, 0n), total: memberTotal(accumulate(new Uint8Array(), amounts, payees)),
      };
      const signed = { domain: createDomain(deployment.chainId, settlement.address), name: "SettlementStatement" as const, value };
      const quorum = await collectQuorum(kernel, setting.operators, signed, async () => undefined);
      const args = [value, toHex(columns[0]), toHex(columns[1]), quorum] as const;
      await setting.transactor.send(setting.relayer, { kind: "propose", ...settlement, functionName: "propose", args });
    },

    /** Lets a watcher loose. Its commitments are followed by a block at once, unless `quiet`. */
    watcher(options: Partial<WatchOptions> & { readonly account?: LocalAccount | null; readonly quiet?: boolean } = {}): { readonly log: Log; readonly done: Promise<void>; stop(): Promise<void> } {
      const { account = devAccount(62), quiet = false, ...rest } = options;
      const log: Log = { checks: [], actions: [], warnings: [], fates: [] };
      const stop = new AbortController();
      const observer: Observer = {
        checked: (line) => void log.checks.push(line),
        acted(line) {
          log.actions.push(line);
          if (line.action === "committed" && !quiet) void rpc("evm_mine");
        },
        warned: (subject, message) => void log.warnings.push(`${subject}: ${message}`),
        ended: (subject, fate) => void log.fates.push(`${subject}: ${fate}`),
      };
      const done = watch({
        kernel, federation, observer, once: true, signal: stop.signal, hashPairs: nativeHashPairs, journal: memoryJournal(),
        storeOf: (fileBytes) => createDiskStore(storeDir, { limits: limitsFor(fileBytes) }),
        sender: account === null ? null : createSender(client, kernel.rpcUrl, account),
        demands: { mostDemands: 16, mostBond: 10n ** 18n }, patience: 0, answers: "paid",
        ...rest,
      });
      done.catch(() => undefined);
      const end = async (): Promise<void> => {
        stop.abort();
        await done;
      };
      running.push(end);
      return { log, done, stop: end };
    },

    /** Stops every watcher that was let loose. */
    async calm(): Promise<void> {
      for (const end of running.splice(0)) await end().catch(() => undefined);
    },

    async close(): Promise<void> {
      await devnet.close();
      await rm(dir, { recursive: true, force: true });
    },
  };
}

