/** An operator among others: what createOracle puts together when a quorum is made of several services. */
import path from "node:path";
import type { Hono } from "hono";
import type { Address, Hex, LocalAccount } from "viem";
import { createDomain, type FederationConfig } from "../../../protocol/index.ts";
import { ChongwenError } from "../../../protocol/errors.ts";
import type { Kernel } from "../../chain/kernel.ts";
import type { Operator, QuorumLimits, SignatureRequest } from "../../operator/quorum.ts";
import type { ArtefactStore } from "../../store/index.ts";
import type { Inbox } from "../inbox.ts";
import type { Intake } from "../intake.ts";
import type { OracleJournal } from "../journal.ts";
import type { OracleObserver } from "../observer.ts";
import { createTurns, type Turns } from "../turns.ts";
import { createPeer, type Peer } from "./client.ts";
import { createGate } from "./gate.ts";
import { createGossip, type Gossip } from "./gossip.ts";
import type { PeerJudge } from "./judge.ts";
import { createLibrary, type Library } from "./library.ts";
import { openPeerMemory } from "./memory.ts";
import { REQUEST_LIMIT } from "./messages.ts";
import { createPeerRoutes } from "./routes.ts";
import { createSignerSet } from "./signers.ts";
import { createSigning, type Signing } from "./signing.ts";

/** The other operators' services, and this one's place among them. */
export interface PeersParameters {
  /** This operator: what it signs statements and requests with. */
  readonly self: LocalAccount;
  readonly others: readonly { readonly address: Address; readonly url: string }[];
  /** Milliseconds that an operator waits for each one before it. Longer than a round takes to be recomputed and sealed. */
  readonly turn?: number;
  /** Milliseconds for which signatures are waited for. */
  readonly within?: number;
  /** Milliseconds between two looks at what the others have. */
  readonly look?: number;
  /** Bundles of one operator that wait here. */
  readonly mostFrom?: number;
  readonly fetch?: typeof fetch;
  /** Told how far it is: where a test kills it. */
  readonly reached?: (point: string) => void;
}

export const PEER_DEFAULTS = { turn: 10_000, within: 120_000, look: 10_000, mostFrom: 32 } as const;
/** Milliseconds for one directory from one operator. */
const FETCH_WITHIN = 120_000;
/** Milliseconds between two tries of what may succeed a moment later: the other sees a block later, or still looks at an earlier request. */
const AGAIN = [250, 500, 1_000, 2_000];

export interface PeersContext {
  readonly kernel: Kernel;
  readonly store: ArtefactStore;
  readonly dir: string;
  readonly journal: OracleJournal;
  readonly observer: OracleObserver;
  /** Configurations of the federations that are served: how large what is fetched may be. */
  readonly configs: () => Promise<readonly FederationConfig[]>;
  /** Seconds since 1970. */
  readonly now: () => number;
  readonly warn: (message: string) => void;
  readonly signal: AbortSignal;
}

export interface Peers {
  /** This operator and the others. */
  readonly operators: readonly Operator[];
  readonly limits: QuorumLimits;
  readonly turns: Turns;
  /** The own store, and behind it the others'. */
  readonly library: Library;
  /** Once there is a door for bundles and a judge for each federation. */
  open(parts: { readonly intake: Intake; readonly inbox: Inbox; readonly federations: readonly number[]; readonly judgeOf: (federation: number) => PeerJudge | undefined }): { readonly routes: Hono; readonly gossip: Gossip; readonly signing: Signing };
  readonly look: number;
  close(): void;
}

export function createPeers({ self, others, turn = PEER_DEFAULTS.turn, within = PEER_DEFAULTS.within, look = PEER_DEFAULTS.look, mostFrom = PEER_DEFAULTS.mostFrom, fetch: request = fetch, reached = () => undefined }: PeersParameters, context: PeersContext): Peers {
  const { kernel, store, dir, journal, observer, configs, now, warn, signal } = context;
  const clock = (): number => performance.now();
  const domain = createDomain(kernel.deployment.chainId, kernel.rounds.address);
  const signers = createSignerSet(kernel, clock);
  const memory = openPeerMemory(path.join(dir, "peers.sqlite"));
  const peers = others.filter(({ address }) => address !== self.address).map((other) => createPeer({ ...other, self, domain, now, fetch: request }));
  const library = createLibrary({ store, peers, dir: path.join(dir, "fetching"), most: async () => mostBytes(await configs()), within: FETCH_WITHIN, signal });
  let note: (asked: SignatureRequest) => void = () => undefined;

  return {
    library,
    look,
    limits: { within, signal },
    operators: [{ account: self, signing: (asked) => note(asked) }, ...peers.map((peer) => patient(peer, observer))],
    turns: createTurns({
      turn, clock,
      place: async () => {
        const set = await signers.read();
        const position = set.indexOf(self.address);
        return position < 0 ? null : { position, count: set.length };
      },
    }),
    open({ intake, inbox, federations, judgeOf }) {
      const gossip = createGossip({ peers, intake, inbox, journal, memory, mostFrom, within: FETCH_WITHIN, signal });
      const signing = createSigning({ kernel, self, journal, observer, now, judgeOf, signal, reached });
      note = (asked) => signing.note(asked);
      const gate = createGate({ self: self.address, domain, signers, memory, now, mostBody: REQUEST_LIMIT });
      return { gossip, signing, routes: createPeerRoutes({ gate, signing, gossip, inbox, journal, store, federations, warn }) };
    },
    close: () => memory.close(),
  };
}

/** Updates of 256 seats, a model, and 64 MiB for the rest: no bundle and no settlement is longer. */
function mostBytes(configs: readonly FederationConfig[]): number {
  const lanes = Math.max(0, ...configs.map(({ depth }) => 64 * 2 ** depth));
  return 2 ** 26 + (2 * 256 + 4) * lanes;
}

/** Enough others had signed, or the service stops: that one was slower says nothing about it. One that is silent until the end of the wait is silent. */
const wasCutShort = ({ aborted, reason }: AbortSignal): boolean => aborted && !(reason instanceof Error && reason.name === "TimeoutError");

/** Asks again what may succeed a moment later. */
function patient(peer: Peer, observer: OracleObserver): Operator {
  return {
    address: peer.address,
    async ask(request, signal) {
      for (let tries = 0; ; tries++) {
        try {
          const signature: Hex = await peer.ask(request, signal);
          observer.peerAnswered(peer.address, "signed");
          return signature;
        } catch (error) {
          const pause = AGAIN[tries];
          const isRefusal = error instanceof ChongwenError && error.code === "peer-refuses";
          if (!isRefusal || !error.retryable || pause === undefined || signal.aborted) {
            if (!wasCutShort(signal)) observer.peerAnswered(peer.address, isRefusal ? (error.retryable ? "later" : "refused") : error instanceof ChongwenError && error.code === "peer-silent" ? "silent" : "invalid");
            throw error;
          }
          await new Promise((resolve) => setTimeout(resolve, pause));
        }
      }
    },
  };
}
