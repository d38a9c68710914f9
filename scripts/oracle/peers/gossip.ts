/** Bundles go from operator to operator: who takes one in tells the others, and who lacks it fetches it, through the same door as an aggregator's. */
import type { Address, Hex } from "viem";
import { Refused } from "../../service/refusal.ts";
import type { Inbox } from "../inbox.ts";
import type { Intake } from "../intake.ts";
import type { OracleJournal } from "../journal.ts";
import type { Peer } from "./client.ts";
import type { PeerMemory } from "./memory.ts";

export interface GossipParameters {
  readonly peers: readonly Peer[];
  readonly intake: Intake;
  readonly inbox: Inbox;
  readonly journal: OracleJournal;
  readonly memory: PeerMemory;
  /** Bundles of one peer that wait here: one that floods fills its own share, not the others'. */
  readonly mostFrom: number;
  /** Milliseconds for fetching one bundle. */
  readonly within: number;
  readonly signal: AbortSignal;
}

export interface Gossip {
  /** A peer says that it has a bundle. It is fetched in the background. */
  hear(from: Address, bundle: Hex): void;
  /** A bundle was taken in here. */
  tell(bundle: Hex): void;
  /** Fetches everything that a peer has and that is not here. */
  catchUp(from: Address): Promise<void>;
  /** The same, of all of them: what was told while one of them was away. */
  lookRound(): Promise<void>;
  /** Resolves when nothing is under way. */
  idle(): Promise<void>;
}

/** Announcements of one peer that wait. Those that find no room are found when the peers are looked at next. */
const MOST_HEARD = 64;
const ANNOUNCED_WITHIN = 5_000;

export function createGossip({ peers, intake, inbox, journal, memory, mostFrom, within, signal }: GossipParameters): Gossip {
  const queues = new Map<Address, { last: Promise<unknown>; readonly waiting: Set<Hex> }>();
  const telling = new Set<Promise<unknown>>();
  const limit = (milliseconds: number): AbortSignal => AbortSignal.any([signal, AbortSignal.timeout(milliseconds)]);

  const isWanted = (bundle: Hex): boolean => journal.find(bundle) === null;

  function requireShare(from: Address): void {
    const waiting = memory.fetchedFrom(from).filter((bundle) => {
      const state = journal.find(bundle)?.state;
      const isOver = state === "final" || state === "refused" || state === undefined;
      if (isOver) memory.forgetFetched(bundle);
      return !isOver;
    });
    if (waiting.length >= mostFrom) throw new Refused("intake-full", `${waiting.length} bundles that ${from} had wait to be recorded.`);
  }

  async function fetchFrom(peer: Peer, bundle: Hex): Promise<void> {
    if (signal.aborted || !isWanted(bundle)) return;
    requireShare(peer.address);
    const begunBefore = (await inbox.receiving(bundle, null)) !== null;
    const until = limit(within);
    try {
      for (const file of await peer.files(bundle, until)) await intake.put(bundle, file, peer.file(bundle, file, Number.MAX_SAFE_INTEGER, until), null);
      await intake.complete(bundle);
      memory.noteFetched(bundle, peer.address);
    } catch (error) {
      // Half a bundle takes room that others need. What an aggregator is sending at the same time stays.
      if (!begunBefore && isWanted(bundle)) await inbox.discard(bundle, null);
      throw error;
    }
  }

  /** One at a time a peer. */
  function queue(peer: Peer, bundle: Hex): Promise<void> {
    const line = queues.get(peer.address) ?? { last: Promise.resolve(), waiting: new Set<Hex>() };
    queues.set(peer.address, line);
    if (line.waiting.has(bundle) || line.waiting.size >= MOST_HEARD) return line.last.then(() => undefined);
    line.waiting.add(bundle);
    const next = line.last.then(async () => fetchFrom(peer, bundle)).finally(() => line.waiting.delete(bundle));
    // What did not come is asked for again when the peers are looked at next.
    const settled = next.catch(() => undefined);
    line.last = settled;
    return settled.then(() => undefined);
  }

  async function catchUp(peer: Peer): Promise<void> {
    const bundles = await peer.bundles(limit(ANNOUNCED_WITHIN));
    await Promise.all(bundles.filter(isWanted).map((bundle) => queue(peer, bundle)));
  }

  return {
    hear(from, bundle) {
      const peer = peers.find(({ address }) => address === from);
      if (peer !== undefined && isWanted(bundle)) void queue(peer, bundle);
    },
    tell(bundle) {
      for (const peer of peers) {
        const told = peer.announce(bundle, limit(ANNOUNCED_WITHIN)).catch(() => undefined);
        telling.add(told);
        void told.finally(() => telling.delete(told));
      }
    },
    async catchUp(from) {
      const peer = peers.find(({ address }) => address === from);
      if (peer !== undefined) await catchUp(peer).catch(() => undefined);
    },
    async lookRound() {
      await Promise.all(peers.map((peer) => catchUp(peer).catch(() => undefined)));
    },
    async idle() {
      await Promise.all([...telling, ...[...queues.values()].map(({ last }) => last)]);
    },
  };
}
