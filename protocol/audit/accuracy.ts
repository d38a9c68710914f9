import { decodeJson, type Json } from "../bundle/canonical-json.ts";
import type { BundleReader } from "../bundle/reader.ts";
import { EVALUATION_FILES, METRICS_LIMIT, ROUND_FILES } from "../bundle/round-manifest.ts";
import { columnHash } from "../columns.ts";
import { protocolError } from "../errors.ts";
import { countEqual } from "../evaluation/evaluate.ts";
import type { Evaluation } from "../evaluation/evaluation.ts";
import { predictAll } from "../evaluation/head.ts";
import { holdoutRoot } from "../evaluation/holdout.ts";
import { decodeRecords, FEATURE_BITS, quantiseFeatures, type Records } from "../evaluation/records.ts";
import type { Ledgerbook } from "./findings.ts";
import { SINGLE_FILE, type AuditStore } from "./store.ts";

const HOLDOUT_LIMIT = 2 ** 29;

type Metrics = { readonly [name: string]: Json };

/**
 * Compares `metrics.json`, which people read, with the model's predictions: with the evaluation, which the bundle's verification recomputed, or, without
 * one, with a count of its own on the holdout that the metrics name. The records of the evaluation have to be those of that holdout.
 */
export async function checkAccuracy(
  { store, book }: { readonly store: AuditStore; readonly book: Ledgerbook },
  entry: string,
  bundle: BundleReader,
  evaluation: Evaluation | null,
  model: Int32Array,
): Promise<void> {
  const metrics = decodeJson(await bundle.read(ROUND_FILES.metrics, METRICS_LIMIT + 1), ROUND_FILES.metrics, METRICS_LIMIT);
  if (typeof metrics !== "object" || metrics === null) return;
  const stated = metrics as Metrics;
  const named = await namedHoldout(store, entry, stated);
  const counts = evaluation === null ? counted(model, named) : { correct: evaluation.correct, total: evaluation.records };
  for (const [name, value] of Object.entries(counts)) {
    // Beside an evaluation the metrics need not say it again; what they say has to agree.
    if (evaluation === null || name in stated) book.same(entry, ROUND_FILES.metrics, name, value, Number(stated[name]));
  }
  if (evaluation === null || named === null) return;
  const { features, featureBits, labelsHash } = evaluation;
  book.same(entry, EVALUATION_FILES.holdout, "root of the named holdout", holdoutRoot(quantiseFeatures(named, featureBits), features), evaluation.holdoutRoot);
  book.same(entry, EVALUATION_FILES.labels, "labels of the named holdout", columnHash(named.labels), labelsHash);
}

/** The holdout that the metrics name by its content address; null when they name none. */
async function namedHoldout(store: AuditStore, entry: string, { holdout }: Metrics): Promise<Records | null> {
  if (typeof holdout !== "string") return null;
  const file = await store.open(holdout as `0x${string}`, { label: `${entry}: holdout` });
  return decodeRecords(await file.read(SINGLE_FILE, HOLDOUT_LIMIT));
}

/** A softmax head is the whole model then: `features × classes` weights, then a bias a class. */
function counted(model: Int32Array, holdout: Records | null): { readonly [name: string]: number } {
  if (holdout === null) return {};
  const { count, featureCount, classCount, labels } = holdout;
  const lanes = (featureCount + 1) * classCount;
  if (model.length !== lanes) throw protocolError("length-mismatch", `The model has ${model.length} parameters; the records that the metrics name need ${lanes}.`);
  const head = { headLane: 0, features: featureCount, classes: classCount, featureBits: FEATURE_BITS };
  return { correct: countEqual(predictAll(model, head, quantiseFeatures(holdout), count), labels), total: count };
}
