import { decodeJson } from "../../protocol/bundle/canonical-json.ts";
import { METRICS_LIMIT, ROUND_FILES } from "../../protocol/bundle/round-manifest.ts";
import { decodeRecords } from "../data/records.ts";
import { FILE_NAME, type ArtefactReader, type ArtefactStore, type Digest } from "../store/index.ts";
import { evaluate } from "../trainer/evaluate.ts";
import type { Ledgerbook } from "./findings.ts";

/**
 * Counts again what a round's model gets right, on the holdout that its metrics name. Recomputable, not provable on chain: the evaluator is plain
 * float64 in a fixed order, so everyone gets the same integers.
 */
export async function checkAccuracy(
  { store, book }: { readonly store: ArtefactStore; readonly book: Ledgerbook },
  entry: string,
  bundle: ArtefactReader,
  model: Int32Array,
): Promise<void> {
  const metrics = decodeJson(await bundle.read(ROUND_FILES.metrics), ROUND_FILES.metrics, METRICS_LIMIT);
  if (typeof metrics !== "object" || metrics === null || !("holdout" in metrics) || typeof metrics.holdout !== "string") return;
  const holdout = await store.open(metrics.holdout as Digest, { label: `${entry}: holdout` });
  const { correct, total } = evaluate(model, decodeRecords(await holdout.read(FILE_NAME)));
  book.same(entry, ROUND_FILES.metrics, "correct", correct, Number(metrics["correct"]));
  book.same(entry, ROUND_FILES.metrics, "total", total, Number(metrics["total"]));
}
