import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Address, Hex } from "viem";
import type { EscrowReader } from "../../protocol/privacy/escrow-reader.ts";
import { readConfig } from "../ledger/read-config.ts";
import { isHere } from "../operator/quorum.ts";
import type { OperatorContext } from "../operator/seal-round.ts";
import type { QualitySources } from "../operator/settle-quality.ts";
import { listen, type RunningService } from "../service/listen.ts";
import { Refused } from "../service/refusal.ts";
import type { ArtefactStore } from "../store/index.ts";
import { createOracleApp, type OracleAppParameters } from "./app.ts";
import { createDrop } from "./drop.ts";
import { createFollower } from "./follow.ts";
import { FROZEN } from "./frozen.ts";
import { openInbox } from "./inbox.ts";
import { createIntake } from "./intake.ts";
import { openOracleJournal, type BundleCount } from "./journal.ts";
import { createFederationLedger } from "./ledger.ts";
import { observing, type OracleObserver } from "./observer.ts";
import type { Gossip } from "./peers/gossip.ts";
import { createPeerJudge } from "./peers/judge.ts";
import { ownLibrary } from "./peers/library.ts";
import { createPeers, type PeersParameters } from "./peers/peers.ts";
import type { Pace } from "./pace.ts";
import { problemOf } from "./problem.ts";
import { createRecomputer } from "./recompute/recomputer.ts";
import { createRecorder } from "./record.ts";
import { createRoles } from "./sessions/roles.ts";
import { createSessions, type SessionParameters } from "./sessions/sessions.ts";
import { createStill } from "./still.ts";
import { ALONE } from "./turns.ts";
import { startWorker, type Worker } from "./worker.ts";

/** A federation that an oracle records. @param quality Where it is paid by quality. @param readerOf Opens envelopes for an operator, in privacy mode B. */
export interface ServedFederation {
  readonly federation: number;
  readonly quality?: QualitySources | null;
  readonly readerOf?: (operator: Address) => EscrowReader | null;
}

export interface OracleParameters extends OperatorContext {
  readonly store: ArtefactStore;
  readonly federations: readonly ServedFederation[];
  /** The oracle's own folder: what it receives and how far it is. One oracle a folder. */
  readonly dir: string;
  /** What aggregators show; at least 32 characters. Null: they sign in. */
  readonly token: string | null;
  /** Lets aggregators that the operator lists, and contributors, sign in with their keys. */
  readonly sessions?: SessionParameters | null;
  /** On the loopback interface; 0: any free one. Null: no HTTP. */
  readonly port: number | null;
  /** A folder for aggregators without HTTP; of several federations each has one in it, by its number. */
  readonly drop?: string | null;
  readonly warn: (message: string) => void;
  /** Told of what happens. */
  readonly observer?: Partial<OracleObserver>;
  /** Seconds since 1970. */
  readonly now?: () => number;
  /** Milliseconds between two looks at chain and folder. */
  readonly poll?: number;
  /** Bytes of what is received and not recorded yet. */
  readonly quota?: number;
  /** How slowly a file may come. */
  readonly pace?: Pace;
  /** Bundles of a federation that wait. */
  readonly mostHeld?: number;
  /** Seconds after which what nobody finishes is thrown away. */
  readonly abandonAfter?: number;
  /** Seconds for which a whole bundle may wait for its parent. */
  readonly keepWaiting?: number;
  /** Blocks behind the head after which a bundle is called final and its files are thrown away: no reorganisation reaches there. Default 0: the head is believed. */
  readonly finalAfter?: number;
  readonly allowsHost?: OracleAppParameters["rules"]["allowsHost"];
  /** The other operators' services. Then this oracle is one operator, `peers.self`, and those of `operators` do not count. Null: all operators are in this process. */
  readonly peers?: PeersParameters | null;
}

export interface Oracle {
  /** Null without HTTP. */
  readonly url: string | null;
  /** What it holds at the moment: for whoever counts. */
  holds(): { readonly bundles: readonly BundleCount[]; readonly queueBytes: number; readonly frozen: readonly number[] };
  /** Finishes the step that is under way. What is not finished goes on at the next start. */
  stop(): Promise<void>;
}

const DEFAULTS = { poll: 1_000, quota: 16 * 2 ** 30, mostHeld: 256, abandonAfter: 86_400, keepWaiting: 30 * 86_400, finalAfter: 0 };

/**
 * Makes an oracle that takes in round bundles from any aggregator, and has the operators check, seal and report them.
 * @returns `start` begins where an earlier one in the same folder left off.
 */
export function createOracle(parameters: OracleParameters): { start(): Promise<Oracle> } {
  return { start: () => startOracle({ now: () => Date.now() / 1000, ...DEFAULTS, ...parameters }) };
}

type Settled = OracleParameters & Required<Pick<OracleParameters, "now" | keyof typeof DEFAULTS>>;

/** @throws service-port-in-use, oracle-token-weak, oracle-taken */
async function startOracle(parameters: Settled): Promise<Oracle> {
  const { kernel, federations, dir, token, sessions = null, port, drop = null, warn, now, poll, quota, mostHeld, abandonAfter, keepWaiting, finalAfter } = parameters;
  const observer = observing(parameters.observer);
  const stop = new AbortController();
  const { signal } = stop;
  const journal = openOracleJournal(path.join(dir, "oracle.sqlite"));
  const inbox = await openInbox({ dir, quota, ...(parameters.pace === undefined ? {} : { pace: parameters.pace }), isHeld: (bundle) => !["final", "refused", null].includes(journal.find(bundle)?.state ?? null) });
  const done = (bundle: Hex) => inbox.drop(bundle);
  const recomputation = createRecomputer(dir);
  const peers = parameters.peers === undefined || parameters.peers === null ? null : createPeers(parameters.peers, {
    kernel, store: parameters.store, dir, journal, observer, now, warn, signal,
    configs: async () => Promise.all(federations.map(async ({ federation }) => readConfig(kernel, federation, await kernel.rounds.read.configHashOf([federation])))),
  });
  const store = peers?.library ?? ownLibrary(parameters.store);
  const turns = peers?.turns ?? ALONE;
  const context: OperatorContext = peers === null ? parameters : { ...parameters, operators: peers.operators, limits: peers.limits };
  const workers = new Map<number, Worker>();
  const served = federations.map((federation) => ({ ...federation, ledger: createFederationLedger(kernel, store, federation.federation) }));
  const ledgers = served.map(({ ledger }) => ledger);
  let gossip: Gossip | null = null;
  const received: OracleObserver["bundleReceived"] = (event) => {
    observer.bundleReceived(event);
    gossip?.tell(event.bundle);
  };
  const intake = createIntake({ kernel, ledgers, inbox, journal, mostHeld, now, observer: { ...observer, bundleReceived: received }, wake: (federation) => workers.get(federation)?.wake() });

  const escrowOf = ({ readerOf = () => null }: ServedFederation) => context.operators.filter(isHere).map(({ account }) => readerOf(account.address)).find((reader) => reader !== null) ?? null;
  const judges = new Map(
    peers === null ? [] : served.map((one) => [
      one.federation,
      createPeerJudge({
        kernel, ledger: one.ledger, inbox, journal, library: peers.library, recomputation, quality: one.quality ?? null, escrow: escrowOf(one), prover: parameters.prover ?? null,
        catchUp: async (from) => gossip?.catchUp(from),
      }),
    ]),
  );
  const opened = peers?.open({ intake, inbox, federations: served.map(({ federation }) => federation), judgeOf: (federation) => judges.get(federation) }) ?? null;
  gossip = opened?.gossip ?? null;

  let http: RunningService | null = null;
  try {
    const allowsHost = parameters.allowsHost === undefined ? {} : { allowsHost: parameters.allowsHost };
    const origin = () => sessions?.origin ?? http?.url ?? "";
    const roles = createRoles({ kernel, federations: ledgers.map(({ federation }) => federation), aggregators: sessions?.aggregators ?? [], now });
    const entrance = sessions === null ? null : createSessions({ roles, chainId: kernel.deployment.chainId, origin, now, ...(sessions.seconds === undefined ? {} : { seconds: sessions.seconds }) });
    const app = createOracleApp({ intake, ledgers, token, sessions: entrance, peers: opened?.routes ?? null, rules: { now, warn, ...allowsHost }, refused: observer.requestRefused });
    http = port === null ? null : await listen(app, port, "The oracle");
  } catch (error) {
    peers?.close();
    journal.close();
    throw error;
  }

  const still = () => createStill({ head: async () => (await kernel.client.getBlock()).hash, changes: journal.changes, turns });
  for (const one of served) {
    const { federation, ledger, quality = null, readerOf = () => null } = one;
    const [recording, following] = [still(), still()];
    const record = createRecorder({ context, store, ledger, inbox, journal, readerOf, recomputation, observer, warn, turns: recording.turns, signal });
    const follow = createFollower({ context, store, ledger, journal, quality, escrow: escrowOf(one), recomputation, turns: following.turns, done, observer, warn, finalAfter });
    workers.set(federation, startWorker({
      federation, journal, done, warn, observer, poll, signal,
      record: async (held) => recording.unlessStill(held.bundle, async () => record(held)),
      follow: async () => following.unlessStill("follow", follow),
    }));
  }

  /** Does something again and again until the oracle stops. */
  async function every(pause: number, what: string, turn: () => Promise<void>): Promise<void> {
    while (!signal.aborted) {
      await turn().catch((error: unknown) => {
        const { code, message } = problemOf(error);
        warn(`${what}: ${message}`);
        observer.failed(what, code);
      });
      await sleep(pause, undefined, { signal }).catch(() => undefined);
    }
  }
  /** What nobody finishes, and what waits for a parent that never comes. */
  async function clearUp(): Promise<void> {
    await inbox.sweep((now() - abandonAfter) * 1000);
    const stale = ledgers.flatMap(({ federation }) => journal.list(federation, ["waiting"])).filter(({ receivedAt }) => receivedAt < now() - keepWaiting);
    for (const { bundle, federation, round } of stale) {
      const problem = problemOf(new Refused("round-not-kept", "Its parent was not reported in time."));
      journal.change(bundle, { state: "refused", problem });
      observer.bundleRefused({ federation, round, bundle, code: problem.code });
      await done(bundle);
    }
  }
  const folders = drop === null ? [] : ledgers.map((ledger) => createDrop({ dir: ledgers.length === 1 ? drop : path.join(drop, String(ledger.federation)), ledger, intake }));
  const loops = [
    ...folders.map((folder) => every(poll, "the folder", folder)),
    every(Math.max(poll, (abandonAfter * 1000) / 10), "clearing up", clearUp),
    ...(peers === null || gossip === null ? [] : [every(peers.look, "looking at peers", gossip.lookRound)]),
  ];

  return {
    url: http?.url ?? null,
    holds: () => ({ bundles: journal.counts(), queueBytes: inbox.used(), frozen: journal.held(FROZEN) }),
    async stop() {
      stop.abort();
      await http?.close();
      await Promise.all([...loops, ...[...workers.values()].map(({ stopped }) => stopped)]);
      await Promise.all([gossip?.idle(), opened?.signing.idle()]);
      peers?.close();
      await recomputation.close();
      journal.close();
    },
  };
}
