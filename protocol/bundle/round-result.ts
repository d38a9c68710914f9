import { int32Of } from "../bytes.ts";
import { metricsHash } from "../evaluation/evaluation.ts";
import { modelRoot } from "../ssz/vector.ts";
import { decodeJson } from "./canonical-json.ts";
import { type CheckList, sameLanes } from "./checks.ts";
import { checkHashedFile, type FileEntry } from "./files.ts";
import { readFile, type BundleReader } from "./reader.ts";
import type { PayloadContext } from "./round-context.ts";
import { METRICS_LIMIT, ROUND_FILES, type RoundManifest } from "./round-manifest.ts";

/** @throws bundle-unreadable */
export async function checkMetrics(list: CheckList, reader: BundleReader, manifest: RoundManifest, files: ReadonlyMap<string, FileEntry>): Promise<void> {
  const path = ROUND_FILES.metrics;
  const file = files.get(path);
  if (file === undefined) return;
  const bytes = await readFile(reader, path, METRICS_LIMIT + 1);
  checkHashedFile(list, file, bytes);
  list.same("listed length", path, bytes.length, file.bytes);
  list.same("metrics hash", path, manifest.report.metricsHash, metricsHash(manifest.evaluation, bytes));
  list.same("canonical JSON", path, "canonical", canonicalProblem(bytes, path));
}

function canonicalProblem(bytes: Uint8Array, path: string): string {
  try {
    decodeJson(bytes, path, METRICS_LIMIT);
    return "canonical";
  } catch (error) {
    return error instanceof Error ? error.message : "not canonical";
  }
}

/**
 * @param aggregate What the updates give, or null when they could not be aggregated.
 * @returns The model when its root is the reported one.
 * @throws bundle-unreadable
 */
export async function checkModel(context: PayloadContext, aggregate: Int32Array | null): Promise<Int32Array | null> {
  const { list, reader, manifest, files, parameters, hashPairs, unread } = context;
  const path = ROUND_FILES.model;
  const file = files.get(path);
  if (file === undefined) return null;
  const bytes = await readFile(reader, path, 4 * parameters + 1);
  list.same("listed length", path, 4 * parameters, file.bytes);
  if (!list.same("model length", path, 4 * parameters, bytes.length)) return null;
  const model = int32Of(bytes);
  const root = modelRoot(model, hashPairs);
  list.same("file hash", path, "sszRoot" in file ? file.sszRoot : "no sszRoot in the manifest", root);
  const reported = list.same("model root", path, manifest.report.modelRoot, root);
  // What nobody could look at is said as such, not as a difference.
  if (aggregate === null && unread.length > 0) return reported ? model : null;
  if (aggregate === null) list.same("aggregate", path, "recomputed from the updates", "not recomputed: an input is missing or wrong");
  else sameLanes(list, "aggregate", path, aggregate, model, "coordinate");
  return reported ? model : null;
}
