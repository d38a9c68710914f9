import type { Records } from "../../protocol/evaluation/records.ts";

export { decodeRecords, encodeRecords, type Records } from "../../protocol/evaluation/records.ts";

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
