import { decodeJson, type Json } from "../../protocol/bundle/canonical-json.ts";
import { EVALUATION_FILES, METRICS_LIMIT, ROUND_FILES } from "../../protocol/bundle/round-manifest.ts";
import { columnHash } from "../../protocol/columns.ts";
import type { Evaluation } from "../../protocol/evaluation/evaluation.ts";
import { holdoutRoot } from "../../protocol/evaluation/holdout.ts";
import { decodeRecords, type Records } from "../data/records.ts";
import { FILE_NAME, type ArtefactReader, type ArtefactStore, type Digest } from "../store/index.ts";
import { evaluate, quantiseFeatures } from "../trainer/evaluate.ts";
import type { Ledgerbook } from "./findings.ts";

type Metrics = { readonly [name: string]: Json };

/**
 * Compares `metrics.json`, which people read, with the model's predictions: with the evaluation, which the bundle's verification recomputed, or, without
 * one, with a count of its own on the holdout that the metrics name. The records of the evaluation have to be those of that holdout.
 */
export async function checkAccuracy(
  { store, book }: { readonly store: ArtefactStore; readonly book: Ledgerbook },
  entry: string,
  bundle: ArtefactReader,
  evaluation: Evaluation | null,
  model: Int32Array,
): Promise<void> {
  const metrics = decodeJson(await bundle.read(ROUND_FILES.metrics), ROUND_FILES.metrics, METRICS_LIMIT);
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
async function namedHoldout(store: ArtefactStore, entry: string, { holdout }: Metrics): Promise<Records | null> {
  if (typeof holdout !== "string") return null;
  const file = await store.open(holdout as Digest, { label: `${entry}: holdout` });
  return decodeRecords(await file.read(FILE_NAME));
}

function counted(model: Int32Array, holdout: Records | null): { readonly [name: string]: number } {
  if (holdout === null) return {};
  const { correct, total } = evaluate(model, holdout);
  return { correct, total };
}
