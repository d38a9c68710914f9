/**
 * Players are clusters of related seats: scores of single accounts would pay for splitting and copying oneself (no rule is fair to every player and proof
 * against false names at once: arXiv 2605.07663). Related are seats of one organisation or registered cluster, and seats whose updates are as good as equal.
 */
import { PPM, type DataTerms } from "../terms/terms.ts";
import { areClose, type Gram } from "./gram.ts";
import type { SeatEvidence } from "./window.ts";

/** @param seats Ascending. @param copies Its seats in groups whose updates are as good as equal: data counts once a group. */
export interface Cluster {
  readonly seats: readonly number[];
  readonly copies: readonly (readonly number[])[];
}

/** Pairs of seats, with whatever is counted of the rounds in which both took part. */
export function forPairs<T>(rounds: readonly Gram[], start: () => T, count: (pair: T, gram: Gram, i: number, j: number) => void): { readonly seats: readonly [number, number]; readonly counted: T }[] {
  const pairs = new Map<string, { seats: [number, number]; counted: T }>();
  for (const gram of rounds) {
    for (let i = 0; i < gram.seats.length; i++) {
      for (let j = 0; j < gram.seats.length; j++) {
        const [a, b] = [gram.seats[i]!, gram.seats[j]!];
        if (a >= b) continue;
        const pair = pairs.get(`${a} ${b}`) ?? { seats: [a, b], counted: start() };
        count(pair.counted, gram, i, j);
        pairs.set(`${a} ${b}`, pair);
      }
    }
  }
  return [...pairs.values()];
}

/** Seats whose updates are closer than the limit in so many of the rounds in which both took part. */
function copiedPairs(rounds: readonly Gram[], { clusterCosinePpm, clusterRoundsPpm }: DataTerms): (readonly [number, number])[] {
  const pairs = forPairs(rounds, () => ({ together: 0, close: 0 }), (pair, gram, i, j) => {
    pair.together++;
    if (areClose(gram, i, j, clusterCosinePpm)) pair.close++;
  });
  return pairs.flatMap(({ seats, counted: { together, close } }) => (close * PPM >= clusterRoundsPpm * together ? [seats] : []));
}

/** Connected groups, each ascending, in the order of their lowest seat. */
function groups(seats: readonly number[], links: readonly (readonly [number, number])[]): number[][] {
  const parent = new Map(seats.map((seat) => [seat, seat]));
  const find = (seat: number): number => {
    let root = seat;
    while (parent.get(root) !== root) root = parent.get(root)!;
    return root;
  };
  for (const [a, b] of links) {
    const [left, right] = [find(a), find(b)];
    parent.set(Math.max(left, right), Math.min(left, right));
  }
  return [...Map.groupBy([...seats].sort((a, b) => a - b), find).values()];
}

/** @param seats Those that take part. @param rounds Without the entries that were left out. */
export function clusterSeats(seats: readonly SeatEvidence[], rounds: readonly Gram[], terms: DataTerms): Cluster[] {
  const ids = seats.map(({ seat }) => seat);
  const copied = copiedPairs(rounds, terms);
  const first = new Map<number, number>();
  const registered = seats.map(({ seat, cluster }): [number, number] => {
    if (!first.has(cluster)) first.set(cluster, seat);
    return [first.get(cluster)!, seat];
  });
  const copies = groups(ids, copied);
  return groups(ids, [...copied, ...registered]).map((members) => ({ seats: members, copies: copies.filter(([seat]) => members.includes(seat!)) }));
}
