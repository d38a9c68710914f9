/** A sealed norm that is not Σq² of its update: one step of its trace is wrong, or the trace's last value is another number. */
import { fromHex, int16Of, toHex, type Hex } from "../bytes.ts";
import { hashTreeRoot } from "../ssz/merkle.ts";
import { type HashPairs } from "../ssz/hash-pairs.ts";
import { UPDATE_LANES } from "../ssz/vector.ts";

/** What an entry's norm rests on. @param update May leave out zeros at its end. @param trace Of a root that is not the update's; null = not known. */
export interface NormInputs {
  readonly depth: number;
  readonly update: Uint8Array;
  readonly normSq: bigint;
  readonly traceRoot: Hex;
  readonly trace: Uint8Array | null;
}

/** unknown: the trace is not the update's, and nobody has shown it. Then no step can be proven: the trace has to be demanded. */
export type NormFinding =
  | { readonly kind: "right" }
  | { readonly kind: "total"; readonly trace: Uint8Array; readonly actual: bigint }
  | { readonly kind: "step"; readonly trace: Uint8Array; readonly chunk: number }
  | { readonly kind: "unknown" };

/** Trace of an update in a federation of vectors of 64·2^depth lanes, uint64 little-endian. */
export function traceOf(update: Uint8Array, depth: number): Uint8Array {
  const values = int16Of(update.length % 2 === 0 ? update : Uint8Array.of(...update, 0));
  const steps = 4 * 2 ** depth;
  const trace = new Uint8Array(8 * steps);
  const view = new DataView(trace.buffer);
  let sum = 0n;
  for (let j = 0; j < steps; j++) {
    const end = Math.min((j + 1) * UPDATE_LANES, values.length);
    let part = 0;
    for (let x = j * UPDATE_LANES; x < end; x++) part += values[x]! * values[x]!;
    sum += BigInt(part);
    view.setBigUint64(8 * j, sum, true);
  }
  return trace;
}

/** Compares a sealed norm with its update. */
export function checkNorm({ depth, update, normSq, traceRoot, trace }: NormInputs, hashPairs?: HashPairs): NormFinding {
  const right = traceOf(update, depth);
  const actual = last(right);
  if (toHex(hashTreeRoot(right, depth, hashPairs)) === traceRoot) return actual === normSq ? { kind: "right" } : { kind: "total", trace: right, actual };
  // A tree of one chunk is its own root: nobody has to show it.
  const known = depth === 0 ? fromHex(traceRoot, 32) : trace;
  if (known === null) return { kind: "unknown" };
  const whole = new Uint8Array(right.length);
  whole.set(known.subarray(0, right.length));
  return { kind: "step", trace: whole, chunk: firstWrongStep(right, whole) };
}

function last(trace: Uint8Array): bigint {
  return new DataView(trace.buffer, trace.byteOffset, trace.byteLength).getBigUint64(trace.length - 8, true);
}

/** The first value that is wrong follows from a right one: so that step is wrong. */
function firstWrongStep(right: Uint8Array, claimed: Uint8Array): number {
  let at = 0;
  while (at < right.length && right[at] === claimed[at]) at++;
  return Math.floor(at / 8);
}
