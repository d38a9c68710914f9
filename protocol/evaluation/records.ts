/**
 * Labelled feature vectors as they are stored by content address: what a report's metrics name as their holdout, so that anyone can count again.
 * "CWREC" 00 00 01 · count u32 · featureCount u32 · classCount u32 · features float64 · labels u8, all little endian.
 */
import { ChongwenError, protocolError } from "../errors.ts";

/**
 * Ready for training and evaluation. Features are scaled to [0, 1] by the table's ranges, float64, row-major: record i has
 * features[i·featureCount … (i+1)·featureCount).
 */
export interface Records {
  readonly count: number;
  readonly featureCount: number;
  readonly classCount: number;
  /** length count × featureCount, no unit */
  readonly features: Float64Array;
  /** length count, each below classCount */
  readonly labels: Uint8Array;
}

const MAGIC = "CWREC\u0000\u0000\u0001";
const HEADER_BYTES = 20;

export function encodeRecords(records: Records): Uint8Array {
  const bytes = new Uint8Array(HEADER_BYTES + records.features.length * 8 + records.count);
  const view = new DataView(bytes.buffer);
  for (let i = 0; i < MAGIC.length; i++) bytes[i] = MAGIC.charCodeAt(i);
  [records.count, records.featureCount, records.classCount].forEach((value, i) => view.setUint32(8 + 4 * i, value, true));
  records.features.forEach((value, i) => view.setFloat64(HEADER_BYTES + 8 * i, value, true));
  bytes.set(records.labels, HEADER_BYTES + records.features.length * 8);
  return bytes;
}

/** Reads what `encodeRecords` wrote; refuses a wrong length, an unknown version, a label out of range and values that are not finite. */
export function decodeRecords(bytes: Uint8Array): Records {
  const refuse = (what: string): ChongwenError =>
    new ChongwenError({
      code: "data-records",
      message: `The records file ${what}.`,
      fix: "Fetch the file again by its content address; if it stays so, its publisher wrote it wrongly.",
      docs: "data/README.md",
    });
  if (bytes.length < HEADER_BYTES) throw refuse(`has ${bytes.length} bytes, fewer than its ${HEADER_BYTES}-byte header`);
  for (let i = 0; i < MAGIC.length; i++) {
    if (bytes[i] !== MAGIC.charCodeAt(i)) throw refuse("does not start with the mark of version 1 (CWREC)");
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const [count, featureCount, classCount] = [8, 12, 16].map((at) => view.getUint32(at, true)) as [number, number, number];
  const expected = HEADER_BYTES + count * featureCount * 8 + count;
  if (bytes.length !== expected) throw refuse(`has ${bytes.length} bytes where its header promises ${expected}`);
  const features = Float64Array.from({ length: count * featureCount }, (_, i) => view.getFloat64(HEADER_BYTES + 8 * i, true));
  if (!features.every(Number.isFinite)) throw refuse("holds a value that is not finite");
  const labels = bytes.slice(HEADER_BYTES + features.length * 8);
  if (labels.some((label) => label >= classCount)) throw refuse(`holds a label that is not below its ${classCount} classes`);
  return { count, featureCount, classCount, features, labels };
}

/**
 * Fraction bits of a feature. Tables are scaled to 0 … 1, so at 14 bits an int16 has room for twice the largest and nothing is ever cut off; the
 * step, 1/16384, is far below what any column of such a table tells apart.
 */
export const FEATURE_BITS = 14;

/**
 * Features as they are committed: `floor(x·2^featureBits + 1/2)`, int16. Refuses what does not fit instead of cutting it off: a prediction on another record
 * than the one at hand is worse than none.
 */
export function quantiseFeatures({ features, featureCount }: Records, featureBits: number = FEATURE_BITS): Int16Array {
  return Int16Array.from(features, (value, at) => {
    const lane = Math.floor(value * 2 ** featureBits + 0.5);
    if (lane >= -32_768 && lane <= 32_767) return lane;
    const place = `Feature ${at % featureCount} of record ${Math.floor(at / featureCount)}`;
    throw protocolError("out-of-range", `${place} is ${value}, which an int16 with ${featureBits} fraction bits cannot hold.`);
  });
}
