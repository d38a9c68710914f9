import { int16Of } from "../bytes.ts";
import { columnHash } from "../columns.ts";
import { countEqual } from "../evaluation/evaluate.ts";
import { type Evaluation, evaluationProblem } from "../evaluation/evaluation.ts";
import { predictAll } from "../evaluation/head.ts";
import { holdoutRoot } from "../evaluation/holdout.ts";
import { sameLanes } from "./checks.ts";
import { checkHashedFile } from "./files.ts";
import { readFile } from "./reader.ts";
import { EVALUATION_FILES } from "./round-manifest.ts";
import type { PayloadContext } from "./round-context.ts";

const MANIFEST_SUBJECT = "manifest.json";

/** One column of a byte a record. Null when it has another length. */
async function checkColumn({ list, reader, files }: PayloadContext, path: string, committed: string, records: number): Promise<Uint8Array | null> {
  const file = files.get(path);
  if (file === undefined) return null;
  const bytes = await readFile(reader, path, records + 1);
  checkHashedFile(list, file, bytes);
  list.same("listed length", path, bytes.length, file.bytes);
  list.same("column hash", path, committed, columnHash(bytes));
  return list.same("a byte a record", path, records, bytes.length) ? bytes : null;
}

/** The records. Null when they are not those of the evaluation. */
async function checkHoldout({ list, reader, files, hashPairs }: PayloadContext, evaluation: Evaluation): Promise<Int16Array | null> {
  const { features, records, holdoutRoot: committed } = evaluation;
  const path = EVALUATION_FILES.holdout;
  const file = files.get(path);
  if (file === undefined) return null;
  const length = 2 * records * features;
  const bytes = await readFile(reader, path, length + 1);
  list.same("listed length", path, length, file.bytes);
  if (!list.same("holdout length", path, length, bytes.length)) return null;
  const holdout = int16Of(bytes);
  const root = holdoutRoot(holdout, features, hashPairs);
  list.same("file hash", path, "sszRoot" in file ? file.sszRoot : "no sszRoot in the manifest", root);
  return list.same("holdout root", path, committed, root) ? holdout : null;
}

/**
 * Evaluates the reported model again: holdout, labels, every prediction, their count. An evaluation that nobody could disprove on chain, or that names
 * lanes that the model does not have, is wrong by itself, and nothing is computed with it.
 * @param model The reported one, or null when it is not at hand.
 * @throws bundle-unreadable
 */
export async function checkEvaluation(context: PayloadContext, model: Int32Array | null): Promise<void> {
  const { list, manifest, parameters } = context;
  const { evaluation } = manifest;
  if (evaluation === null) return;
  const { headLane, features, classes, records, correct } = evaluation;
  if (!list.same("evaluation within bounds", MANIFEST_SUBJECT, "within bounds", evaluationProblem(evaluation) ?? "within bounds")) return;
  const end = headLane + (features + 1) * classes;
  const room = `at most ${parameters} lanes`;
  const fits = list.same("head within the model", MANIFEST_SUBJECT, room, end > parameters ? `${end} lanes` : room);

  const holdout = await checkHoldout(context, evaluation);
  const labels = await checkColumn(context, EVALUATION_FILES.labels, evaluation.labelsHash, records);
  const predictions = await checkColumn(context, EVALUATION_FILES.predictions, evaluation.predictionsHash, records);
  if (labels !== null) {
    const stray = labels.findIndex((label) => label >= classes);
    list.same("labels are classes", EVALUATION_FILES.labels, "every record", stray < 0 ? "every record" : `record ${stray}: ${labels[stray]!}`);
    if (predictions !== null) list.same("correct predictions", MANIFEST_SUBJECT, countEqual(predictions, labels), correct);
  }
  if (!fits || holdout === null || predictions === null) return;
  if (model === null) list.same("predictions", EVALUATION_FILES.predictions, "recomputed from the model", "not recomputed: the model is missing or wrong");
  else sameLanes(list, "predictions", EVALUATION_FILES.predictions, predictAll(model, evaluation, holdout, records), predictions, "record");
}
