/**
 * Agreement among readers beyond chance, for classes without order.
 * Source: K. Krippendorff, "Computing Krippendorff's Alpha-Reliability" (2011), https://repository.upenn.edu/asc_papers/43; nominal metric, any number of
 * readers, missing readings allowed. Exact: fractions of integers, no floating point.
 */
import { isClass } from "./answers.ts";
import { lcm, rational, type Rational } from "./rational.ts";

/** One picture's readings. Only classes count; uncertain and ungradable are missing readings, as in the source. */
export type Readings = readonly number[];

export interface Agreement {
  /** 1: all agree · 0: as by chance · below: worse. Null when nothing can be said: no two readings of one picture, or one class only. */
  readonly alpha: Rational | null;
  /** Pictures that two or more have read. */
  readonly units: number;
  /** Readings of those. */
  readonly values: number;
  /** Pairs of readings of one picture, and how many of them agree. */
  readonly pairs: number;
  readonly agreeing: number;
}

/** α = 1 − (n − 1) · Σ_{c≠k} o_ck ∕ Σ_{c≠k} n_c n_k, where each pair of a unit with m readings weighs 1 ∕ (m − 1). */
export function krippendorffAlpha(pictures: readonly Readings[]): Agreement {
  const units = pictures.map((readings) => readings.filter(isClass)).filter(({ length }) => length >= 2);
  const total = units.reduce((sum, { length }) => sum + BigInt(length), 0n);
  const common = units.reduce((multiple, { length }) => lcm(multiple, BigInt(length - 1)), 1n);
  const frequencies = new Map<number, bigint>();
  let [disagreement, pairs, agreeing] = [0n, 0n, 0n];
  for (const unit of units) {
    const size = BigInt(unit.length);
    const counts = new Map<number, bigint>();
    for (const value of unit) counts.set(value, (counts.get(value) ?? 0n) + 1n);
    let same = 0n;
    for (const [value, count] of counts) {
      frequencies.set(value, (frequencies.get(value) ?? 0n) + count);
      same += count * (count - 1n);
    }
    const ordered = size * (size - 1n);
    disagreement += (ordered - same) * (common / (size - 1n));
    pairs += ordered / 2n;
    agreeing += same / 2n;
  }
  // Σ_{c≠k} n_c n_k = n² − Σ n_c²
  const expected = total * total - [...frequencies.values()].reduce((sum, count) => sum + count * count, 0n);
  const alpha = expected === 0n ? null : rational(expected * common - (total - 1n) * disagreement, expected * common);
  return { alpha, units: units.length, values: Number(total), pairs: Number(pairs), agreeing: Number(agreeing) };
}

/** How often a reader agrees with the other readers of the same pictures: plain counts, for scores that come later. */
export function peerPairs(own: ReadonlyMap<number, number>, others: ReadonlyMap<number, Readings>): { readonly agreeing: number; readonly pairs: number } {
  let [agreeing, pairs] = [0, 0];
  for (const [task, answer] of own) {
    if (!isClass(answer)) continue;
    const peers = (others.get(task) ?? []).filter(isClass);
    pairs += peers.length;
    agreeing += peers.filter((peer) => peer === answer).length;
  }
  return { agreeing, pairs };
}
