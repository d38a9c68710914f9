/** What the pages of a round read of its bundle: believed as far as it hashes to what the ledger holds. Pure. */
import type { Hex } from "viem";
import { z } from "zod";
import { int16Of, int32Of } from "../../../../protocol/bytes.ts";
import { columnHash, packUints } from "../../../../protocol/columns.ts";
import { type Evaluation, EVALUATION_FIELDS, metricsHash } from "../../../../protocol/evaluation/evaluation.ts";
import { holdoutRoot } from "../../../../protocol/evaluation/holdout.ts";
import { quantiseFeatures } from "../../../../protocol/evaluation/records.ts";
import { modelRoot } from "../../../../protocol/ssz/vector.ts";

const manifestSchema = z.looseObject({
  evaluation: z.strictObject(Object.fromEntries(EVALUATION_FIELDS.map(({ name }) => [name, z.union([z.int().min(0), z.string()])]))).nullable(),
  entries: z.array(z.looseObject({ seat: z.int().min(0), normSq: z.string().regex(/^\d{1,20}$/) })).max(256),
});

export interface CheckedBundle {
  /** Null: the holdout is private, or nothing is stated. */
  readonly evaluation: Evaluation | null;
  /** Σq² by place in the seal; undefined when the column is not the one that was sealed. */
  readonly norms: readonly bigint[] | undefined;
}

/** @returns undefined when the manifest is not the one behind the report */
export function checkBundle(manifest: Uint8Array, metrics: Uint8Array, expected: { readonly metricsHash: Hex; readonly normsHash: Hex | undefined }): CheckedBundle | undefined {
  try {
    const parsed = manifestSchema.parse(JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(manifest)));
    const evaluation = parsed.evaluation as Evaluation | null;
    if (metricsHash(evaluation, metrics) !== expected.metricsHash) return undefined;
    const norms = parsed.entries.map(({ normSq }) => BigInt(normSq));
    return { evaluation, norms: columnHash(packUints(norms, 8)) === expected.normsHash ? norms : undefined };
  } catch {
    return undefined;
  }
}

/** The lanes of a model file, if it is the one that the ledger names. */
export function checkModel(bytes: Uint8Array, root: Hex): Int32Array | undefined {
  if (bytes.length === 0 || bytes.length % 4 !== 0) return undefined;
  const lanes = int32Of(bytes);
  return modelRoot(lanes) === root ? lanes : undefined;
}

export interface Holdout {
  readonly records: Int16Array;
  readonly labels: Uint8Array;
}

/** The open holdout, if it is the one that the evaluation names. */
export function checkHoldout(records: Uint8Array, labels: Uint8Array, evaluation: Evaluation): Holdout | undefined {
  const { features, records: count, holdoutRoot: root, labelsHash } = evaluation;
  if (records.length !== 2 * count * features || labels.length !== count) return undefined;
  const lanes = int16Of(records);
  return holdoutRoot(lanes, features) === root && columnHash(labels) === labelsHash ? { records: lanes, labels } : undefined;
}

/** Numbers of a pasted row; the class that a table has at its end may stay. */
export function parseRow(text: string, count: number): { readonly values: readonly number[] } | { readonly found: number } | { readonly place: number } {
  const cells = text.trim().split(/[\s,;]+/).filter((cell) => cell !== "");
  if (cells.length !== count && cells.length !== count + 1) return { found: cells.length };
  const values = cells.slice(0, count).map((cell) => (/^-?\d{1,15}(\.\d{1,15})?$/.test(cell) ? Number(cell) : Number.NaN));
  const place = values.findIndex(Number.isNaN);
  return place < 0 ? { values } : { place };
}

/** A record as the model takes it: scaled to 0 … 1 by the card's ranges, then on the grid, as training did. @throws out-of-range */
export function quantiseRecord(values: readonly number[], ranges: readonly (readonly [number, number])[], featureBits: number): Int16Array {
  const features = Float64Array.from(values, (value, i) => {
    const [low, high] = ranges[i] ?? [0, 1];
    return high === low ? 0 : (value - low) / (high - low);
  });
  return quantiseFeatures({ count: 1, featureCount: values.length, classCount: 1, features, labels: new Uint8Array(1) }, featureBits);
}
