/**
 * The three vectors that are committed: an update (`Vector[uint16, P]`), a model (`Vector[uint32, P]`) and a norm trace
 * (`Vector[uint64, P/16]`), where P = 64·2^d is the smallest that holds the parameters. Signed lanes are stored in two's complement.
 * A root alone does not tell a uint16 vector from a uint32 one: it has meaning only with the model specification of the signed configuration.
 */
import { bytesOf, concatBytes, toHex, type Hex } from "../bytes.ts";
import { protocolError } from "../errors.ts";
import { type HashPairs } from "./hash-pairs.ts";
import { hashTreeRoot, type Opening } from "./merkle.ts";

/** Parameters of the largest model. */
export const MAX_PARAMETERS = 2 ** 31;
export const UPDATE_LANES = 16;
export const MODEL_LANES = 8;
export const TRACE_LANES = 4;

/** @param padded P = 64·2^depth: lanes of the committed vectors. @param updateDepth Depths of the trees, in 32-byte chunks. */
export interface VectorShape {
  readonly parameters: number;
  readonly padded: number;
  readonly depth: number;
  readonly updateDepth: number;
  readonly modelDepth: number;
  readonly traceDepth: number;
}

/**
 * @param parameters N, 1..2^31.
 * @throws out-of-range
 */
export function vectorShape(parameters: number): VectorShape {
  if (!Number.isInteger(parameters) || parameters < 1 || parameters > MAX_PARAMETERS) {
    throw protocolError("out-of-range", `A model has 1..2^31 parameters, got ${parameters}.`);
  }
  let d = 0;
  while (64 * 2 ** d < parameters) d++;
  return { parameters, padded: 64 * 2 ** d, depth: d, updateDepth: d + 2, modelDepth: d + 3, traceDepth: d };
}

/** Root of an update of N int16 lanes. */
export function updateRoot(values: Int16Array, hashPairs?: HashPairs): Hex {
  return toHex(hashTreeRoot(bytesOf(values), vectorShape(values.length).updateDepth, hashPairs));
}

/** Root of a model of N int32 lanes. */
export function modelRoot(values: Int32Array, hashPairs?: HashPairs): Hex {
  return toHex(hashTreeRoot(bytesOf(values), vectorShape(values.length).modelDepth, hashPairs));
}

/**
 * Generalised index of the chunk that holds lane `x`: `2^depth + ⌊x / lanes⌋`, that is `2^(d+2) + ⌊x/16⌋` for an update and
 * `2^(d+3) + ⌊x/8⌋` for a model.
 */
export function generalisedIndex(x: number, lanes: number, depth: number): bigint {
  if (!Number.isInteger(x) || x < 0 || x >= lanes * 2 ** depth) {
    throw protocolError("out-of-range", `Lane ${x} is not in 0..${lanes * 2 ** depth - 1}.`);
  }
  return 2n ** BigInt(depth) + BigInt(Math.floor(x / lanes));
}

/** What `SszOpening.root` takes: the chunk, then its siblings bottom-up. */
export function openingBytes(opening: Opening): Uint8Array {
  return concatBytes([opening.chunk, opening.siblings]);
}
