/** How alike the updates of one round are, to one another and to what everybody knew before it: products on the lanes that are compared, exact. */
import { dot, isCloser } from "./lanes.ts";

/** An entry on the compared lanes. */
export interface ComparedEntry {
  readonly seat: number;
  readonly lanes: Int16Array;
}

/** @param products By two positions. @param known Each entry's product with the model's last change. @param knownLength Its product with itself, 0 when there was none. */
export interface Gram {
  readonly seats: readonly number[];
  readonly products: readonly (readonly bigint[])[];
  readonly known: readonly bigint[];
  readonly knownLength: bigint;
}

/** @param known The model's last change on the compared lanes, if there was one. */
export function gramOf(entries: readonly ComparedEntry[], known: Int32Array | null): Gram {
  const products = entries.map(() => new Array<bigint>(entries.length).fill(0n));
  for (let i = 0; i < entries.length; i++) {
    for (let j = i; j < entries.length; j++) products[i]![j] = products[j]![i] = dot(entries[i]!.lanes, entries[j]!.lanes);
  }
  const knownLength = known === null ? 0n : known.reduce((sum, lane) => sum + BigInt(lane * lane), 0n);
  return { seats: entries.map(({ seat }) => seat), products, known: entries.map(({ lanes }) => (known === null ? 0n : dot(lanes, known))), knownLength };
}

/** Whether two entries are as good as equal. */
export const areClose = ({ products }: Gram, i: number, j: number, limitPpm: number): boolean => isCloser(products[i]![j]!, products[i]![i]!, products[j]![j]!, limitPpm);

/** Product of what two entries add to what everybody knew, times the length of that. */
function restProduct({ products, known, knownLength }: Gram, i: number, j: number): bigint {
  return knownLength === 0n ? products[i]![j]! : products[i]![j]! * knownLength - known[i]! * known[j]!;
}

/** lanes·cos², in ppm: 10^6 is what two random vectors have on average. */
function coherence(product: bigint, left: bigint, right: bigint, lanes: number): bigint {
  return left <= 0n || right <= 0n ? 0n : (product * product * BigInt(lanes) * 1_000_000n) / (left * right);
}

/** Of what two entries add to what everybody knew. */
export const coherencePpm = (gram: Gram, i: number, j: number, lanes: number): bigint =>
  coherence(restProduct(gram, i, j), restProduct(gram, i, i), restProduct(gram, j, j), lanes);

/** Of what each entry and the sum of all others add, by entry. */
export function coherencesWithOthersPpm(gram: Gram, lanes: number): bigint[] {
  const entries = [...gram.seats.keys()];
  const rows = entries.map((i) => entries.reduce((sum, j) => sum + restProduct(gram, i, j), 0n));
  const all = rows.reduce((sum, row) => sum + row, 0n);
  return entries.map((i) => {
    const own = restProduct(gram, i, i);
    // |Σ − r|² = |Σ|² − 2·Σ·r + |r|²
    return coherence(rows[i]! - own, own, all - 2n * rows[i]! + own, lanes);
  });
}
