import type { ChongwenError } from "../../protocol/errors.ts";
import { dataError } from "./errors.ts";

/**
 * Labelled feature vectors, ready for training and evaluation.
 * Features are scaled to [0, 1] by the table's ranges, float64, row-major: record i has features[i·featureCount … (i+1)·featureCount).
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

/** The chosen rows, in the order given. */
export function selectRecords(records: Records, rows: readonly number[]): Records {
  const { featureCount, classCount } = records;
  const features = new Float64Array(rows.length * featureCount);
  const labels = new Uint8Array(rows.length);
  rows.forEach((row, i) => {
    features.set(records.features.subarray(row * featureCount, (row + 1) * featureCount), i * featureCount);
    labels[i] = records.labels[row] as number;
  });
  return { count: rows.length, featureCount, classCount, features, labels };
}

/** How many records each class has; length classCount. */
export function countClasses(records: Records): number[] {
  const counts = new Array<number>(records.classCount).fill(0);
  for (const label of records.labels) counts[label] = (counts[label] as number) + 1;
  return counts;
}

const MAGIC = "CWREC\u0000\u0000\u0001";
const HEADER_BYTES = 20;

/**
 * Canonical bytes of records, so that a holdout or a site's data can be stored by content address and an auditor
 * can evaluate a model on it without the table, the schema or the split:
 * "CWREC" 00 00 01 · count u32 · featureCount u32 · classCount u32 · features float64 · labels u8, all little endian.
 */
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
  const fix = "Fetch the file again by its content address; if it stays so, its publisher wrote it wrongly.";
  const refuse = (what: string): ChongwenError => dataError("data-records", `The records file ${what}.`, fix);
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
