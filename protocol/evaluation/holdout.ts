/**
 * How a holdout is committed: `Vector[uint16, R·2^k]` of int16 lanes, each record padded with zeros to R = 16·2^r lanes and the records to 2^k. So a record
 * is a subtree of its own. Files hold no padding.
 */
import { bytesOf, toHex, type Hex } from "../bytes.ts";
import { protocolError } from "../errors.ts";
import { type HashPairs } from "../ssz/hash-pairs.ts";
import { hashTreeRoot } from "../ssz/merkle.ts";
import { openRange } from "../ssz/range.ts";
import { UPDATE_LANES } from "../ssz/vector.ts";

/** @param rowDepth r: a record has 2^r chunks. @param depth r + k: of the whole tree. */
export interface HoldoutShape {
  readonly rowDepth: number;
  readonly depth: number;
}

const depthOf = (size: number): number => {
  let depth = 0;
  while (2 ** depth < size) depth++;
  return depth;
};

export function holdoutShape(features: number, records: number): HoldoutShape {
  const rowDepth = depthOf(features / UPDATE_LANES);
  return { rowDepth, depth: rowDepth + depthOf(records) };
}

/** Records in their chunks, without the empty ones at the end. */
function padded(holdout: Int16Array, features: number, { rowDepth }: HoldoutShape): Uint8Array {
  const width = UPDATE_LANES * 2 ** rowDepth;
  const lanes = new Int16Array((holdout.length / features) * width);
  for (let at = 0, to = 0; at < holdout.length; at += features, to += width) lanes.set(holdout.subarray(at, at + features), to);
  return bytesOf(lanes);
}

function requireRecords(holdout: Int16Array, features: number): number {
  const records = holdout.length / features;
  if (Number.isInteger(records) && records > 0) return records;
  throw protocolError("length-mismatch", `The holdout has ${holdout.length} values; that is no number of records of ${features} features.`);
}

/** @param holdout Record after record. @throws length-mismatch */
export function holdoutRoot(holdout: Int16Array, features: number, hashPairs?: HashPairs): Hex {
  const shape = holdoutShape(features, requireRecords(holdout, features));
  return toHex(hashTreeRoot(padded(holdout, features, shape), shape.depth, hashPairs));
}

/** The chunks of one record and the siblings of their subtree: `SszRange.root` at `record·2^r`, 2^r chunks. @throws length-mismatch, out-of-range */
export function openRecord(holdout: Int16Array, features: number, record: number, hashPairs?: HashPairs): Uint8Array {
  const shape = holdoutShape(features, requireRecords(holdout, features));
  const chunks = 2 ** shape.rowDepth;
  return openRange(padded(holdout, features, shape), shape.depth, record * chunks, chunks, hashPairs);
}
