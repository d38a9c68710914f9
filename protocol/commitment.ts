import type { Hex } from "./bytes.ts";
import { normTrace } from "./norm-trace.ts";
import { type HashPairs } from "./ssz/hash-pairs.ts";
import { updateRoot } from "./ssz/vector.ts";

/** The three fields of a `Contribution` that are computed from the update. */
export interface Commitment {
  readonly updateRoot: Hex;
  readonly normSq: bigint;
  readonly normTraceRoot: Hex;
}

/** @param values N int16 lanes, quantised. */
export function commitUpdate(values: Int16Array, hashPairs?: HashPairs): Commitment {
  const { normSq, root } = normTrace(values, hashPairs);
  return { updateRoot: updateRoot(values, hashPairs), normSq, normTraceRoot: root };
}
