/** How much of each file of a bundle is taken. Everything follows from the configuration: what is longer can be no part of a valid round. */
import { MANIFEST } from "../../protocol/bundle/files.ts";
import { METRICS_LIMIT, ROUND_FILES, EVALUATION_FILES, ESCROW_FILE, isRoundFile } from "../../protocol/bundle/round-manifest.ts";
import { COLUMN_WIDTHS, MAX_ENTRIES, modelSpecJson, parameterCount, type ModelSpec } from "../../protocol/index.ts";
import { EVALUATION_LIMITS } from "../../protocol/evaluation/evaluation.ts";
import { ENVELOPE_OVERHEAD } from "../../protocol/privacy/envelope.ts";
import { ESCROW_LIMIT } from "../../protocol/privacy/escrow.ts";
import { Refused } from "../service/refusal.ts";

/** Files of the largest bundle: columns, metrics, model, evaluation, register, an update an entry, and the manifest. */
export const MOST_FILES = Object.keys(ROUND_FILES).length + Object.keys(EVALUATION_FILES).length + 1 + MAX_ENTRIES + 1;

/** Beside the model specification, which the federation knows: 256 entries of at most 360 bytes and 270 files of at most 180, and the rest. */
const MANIFEST_REST = 2 ** 18;

/** What decides how long files of a federation can be. @param spec Bytes of its model specification in canonical JSON. */
export interface Sizes {
  readonly parameters: number;
  readonly spec: number;
}

export function sizesOf(spec: ModelSpec): Sizes {
  return { parameters: parameterCount(spec), spec: new TextEncoder().encode(JSON.stringify(modelSpecJson(spec))).length };
}

/** The larger of each: before a manifest says which federation a bundle is for, it may be for any that is served. */
export function largestOf(all: readonly Sizes[]): Sizes {
  return { parameters: Math.max(0, ...all.map(({ parameters }) => parameters)), spec: Math.max(0, ...all.map(({ spec }) => spec)) };
}

const COLUMNS = Object.entries(ROUND_FILES).flatMap(([name, path]) => (name in COLUMN_WIDTHS ? [[path as string, MAX_ENTRIES * COLUMN_WIDTHS[name as keyof typeof COLUMN_WIDTHS]] as const] : []));

/** The format allows half a gigabyte, which would be in memory as a whole. */
const HOLDOUT_LIMIT = 2 ** 26;

const FIXED = new Map<string, number>([
  ...COLUMNS,
  [ROUND_FILES.metrics, METRICS_LIMIT],
  // Features times classes is bounded, and a head has a class at least.
  [EVALUATION_FILES.holdout, Math.min(HOLDOUT_LIMIT, 2 * EVALUATION_LIMITS.features * EVALUATION_LIMITS.records)],
  [EVALUATION_FILES.labels, EVALUATION_LIMITS.records],
  [EVALUATION_FILES.predictions, EVALUATION_LIMITS.records],
  [ESCROW_FILE, ESCROW_LIMIT],
]);

/** Bytes that a file may have. @throws file-refused for a path that no bundle has: so none that leads anywhere else */
export function byteLimit(path: string, { parameters, spec }: Sizes): number {
  if (path === MANIFEST) return spec + MANIFEST_REST;
  if (!isRoundFile(path)) throw new Refused("file-refused", `No bundle has a file ${JSON.stringify(path.slice(0, 80))}.`);
  if (path === ROUND_FILES.model) return 4 * parameters;
  return FIXED.get(path) ?? 2 * parameters + (path.endsWith(".envelope") ? ENVELOPE_OVERHEAD : 0);
}
