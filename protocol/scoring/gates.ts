/** Which entries of a window are left out of scoring, and why. Everything is decided from public numbers; no entry leaves the ledger for it. */
import type { Hex } from "viem";
import { PPM, type DataTerms } from "../terms/terms.ts";
import { forPairs } from "./clusters.ts";
import { coherencePpm, coherencesWithOthersPpm, gramOf, type Gram } from "./gram.ts";
import { dot, isCloser, pickLanes, squared } from "./lanes.ts";
import type { DataTierInput, GateReason, WindowRound } from "./window.ts";

/** @param reason Why the entry of this round was left out; null when it counts. */
export interface EntryGate {
  readonly round: number;
  readonly seat: number;
  readonly reason: GateReason | null;
}

/** @param grams Of the entries that count, by round. */
export interface GatedWindow {
  readonly entries: readonly EntryGate[];
  readonly grams: readonly Gram[];
}

/** A round's updates on the compared lanes, next to those of the round before in the same window. @param rootsBefore Of the round before, in the window or not. */
interface View {
  readonly round: WindowRound;
  readonly lanes: readonly Int16Array[];
  readonly gram: Gram;
  readonly before: View | null;
  readonly average: Average;
  readonly rootsBefore: readonly Hex[];
}

/** Of a round's entries by weight: Σ wᵢqᵢ with each entry, and with itself. */
interface Average {
  readonly products: readonly bigint[];
  readonly length: bigint;
}

const WHOLE = BigInt(PPM) ** 2n;

/** Lower median. */
const median = (values: readonly bigint[]): bigint => [...values].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0))[Math.floor((values.length - 1) / 2)] ?? 0n;

/**
 * Whether an update repeats what everybody knew: the model's last change, what another seat sent in the round before, the average of what the others
 * sent then, or, to the bit, what any seat sent then. (One's own last update is close to one's next, and honest.) Of the round before the window, only roots are
 * known, so only the first and the last of these can be seen in the window's first round.
 */
function isReplayed({ round, lanes, gram, before, rootsBefore }: View, i: number, { replayCosinePpm }: DataTerms): boolean {
  const length = gram.products[i]![i]!;
  const isLike = (product: bigint, other: bigint) => isCloser(product, length, other, replayCosinePpm);
  if (isLike(gram.known[i]!, gram.knownLength)) return true;
  const { seat, root } = round.entries[i]!;
  if (rootsBefore.includes(root)) return true;
  if (before === null) return false;
  const { entries } = before.round;
  const products = entries.map((_, j) => dot(lanes[i]!, before.lanes[j]!));
  const others = entries.flatMap((entry, j) => (entry.seat === seat ? [] : [j]));
  if (others.some((j) => isLike(products[j]!, before.gram.products[j]![j]!))) return true;
  const product = others.reduce((sum, j) => sum + BigInt(entries[j]!.weight) * products[j]!, 0n);
  return isLike(product, lengthWithout(before, entries.findIndex((entry) => entry.seat === seat)));
}

function averageOf(entries: WindowRound["entries"], { products }: Gram): Average {
  const weights = entries.map(({ weight }) => BigInt(weight));
  const sums = products.map((row) => row.reduce((sum, product, k) => sum + weights[k]! * product, 0n));
  return { products: sums, length: sums.reduce((sum, each, j) => sum + weights[j]! * each, 0n) };
}

/** |Σ − w·q|² = |Σ|² − 2w·Σ·q + w²|q|². @param own Entry to leave out; −1 for none. */
function lengthWithout({ round, gram, average }: View, own: number): bigint {
  if (own < 0) return average.length;
  const weight = BigInt(round.entries[own]!.weight);
  return average.length - 2n * weight * average.products[own]! + weight * weight * gram.products[own]![own]!;
}

/** One reason an entry, in this order: zero, replayed, norm outside of the allowed multiples of the median. */
function gateRound(view: View, terms: DataTerms): (GateReason | null)[] {
  const lengths = view.round.entries.map(({ update }) => squared(update));
  const middle = median(lengths.filter((length) => length > 0n));
  const [floor, ceiling] = [BigInt(terms.normFloorPpm) ** 2n, BigInt(terms.normCeilingPpm) ** 2n];
  return lengths.map((length, i) => {
    if (length === 0n) return "zero";
    if (isReplayed(view, i, terms)) return "replayed";
    return length * WHOLE > middle * ceiling || length * WHOLE < middle * floor ? "norm" : null;
  });
}

/**
 * Seats whose updates say nothing that any other's says too. What honest updates add to what everybody knew is correlated, for better or worse: they are
 * about the same question. Random vectors, alone or on top of a replay, are not: lanes·cos² of two is 1 on average, whatever their length.
 * @returns Seats whose mean over the rounds stays below the limit with every other seat, and with all others together.
 */
function noiseSeats(grams: readonly Gram[], lanes: number, { coherencePpm: limit }: DataTerms): Set<number> {
  const best = new Map<number, bigint>(grams.flatMap(({ seats }) => seats.map((seat) => [seat, 0n])));
  // With nobody to compare with there is nothing to say.
  if (limit === 0 || best.size < 2) return new Set();
  const better = (seat: number, { sum, rounds }: { readonly sum: bigint; readonly rounds: bigint }): void => {
    if (sum / rounds > best.get(seat)!) best.set(seat, sum / rounds);
  };
  const pairs = forPairs(grams, () => ({ sum: 0n, rounds: 0n }), (pair, gram, i, j) => {
    pair.sum += coherencePpm(gram, i, j, lanes);
    pair.rounds++;
  });
  for (const { seats, counted } of pairs) for (const seat of seats) better(seat, counted);
  const together = new Map([...best.keys()].map((seat) => [seat, { sum: 0n, rounds: 0n }]));
  for (const gram of grams) {
    coherencesWithOthersPpm(gram, lanes).forEach((coherence, i) => {
      const counted = together.get(gram.seats[i]!)!;
      counted.sum += coherence;
      counted.rounds++;
    });
  }
  for (const [seat, counted] of together) better(seat, counted);
  return new Set([...best].flatMap(([seat, coherence]) => (coherence < BigInt(limit) ? [seat] : [])));
}

/** A Gram matrix of some of its entries. */
const among = ({ seats, products, known, knownLength }: Gram, kept: readonly number[]): Gram => ({
  seats: kept.map((i) => seats[i]!), products: kept.map((i) => kept.map((j) => products[i]![j]!)), known: kept.map((i) => known[i]!), knownLength,
});

/** @param lanes Those that are compared; null for all. */
export function gateWindow({ terms, rounds, previousDelta, previousRoots, base }: DataTierInput, lanes: Uint32Array | null): GatedWindow {
  let before: View | null = null;
  const judged = rounds.map((round, t) => {
    const picked = round.entries.map(({ update }) => pickLanes(update, lanes));
    const known = t === 0 ? previousDelta : rounds[t - 1]!.delta;
    const gram = gramOf(round.entries.map(({ seat }, i) => ({ seat, lanes: picked[i]! })), known === null ? null : pickLanes(known, lanes));
    const rootsBefore = t === 0 ? previousRoots : rounds[t - 1]!.entries.map(({ root }) => root);
    before = { round, lanes: picked, gram, average: averageOf(round.entries, gram), rootsBefore, before: before === null ? null : { ...before, before: null } };
    return { round, gram, reasons: gateRound(before, terms) };
  });
  const passing = (noise: ReadonlySet<number>) =>
    judged.map(({ gram, reasons }) => among(gram, reasons.flatMap((reason, i) => (reason === null && !noise.has(gram.seats[i]!) ? [i] : []))));
  const noise = noiseSeats(passing(new Set()), lanes?.length ?? base.length, terms);
  const entries = judged.flatMap(({ round, reasons }) =>
    round.entries.map(({ seat }, i): EntryGate => ({ round: round.round, seat, reason: reasons[i] ?? (noise.has(seat) ? "noise" : null) })),
  );
  return { entries, grams: passing(noise) };
}
