/** What a model card takes from a round's bundle: believed as far as it hashes to the report that the chain holds. Nothing is aggregated again. */
import type { Hex } from "viem";
import { readFile, type BundleReader } from "../bundle/reader.ts";
import { EVALUATION_FILES, METRICS_LIMIT, readRoundManifest, ROUND_FILES, type RoundManifest } from "../bundle/round-manifest.ts";
import { columnHash, COLUMN_WIDTHS, isExcluded, MAX_ENTRIES, packUints, unpackNumbers } from "../columns.ts";
import { reportHash, sealHash } from "../eip712/hash.ts";
import { EVALUATION_LIMITS, metricsHash } from "../evaluation/evaluation.ts";
import type { CardEntry, CardEvaluation } from "./model-facts.ts";

export interface ReportedRound {
  readonly reportHash: Hex;
  readonly artefact: Hex;
}

/** @param charged Nano-ρ of each entry that the seal took. */
export interface ReadRound {
  readonly manifest: RoundManifest;
  readonly entries: readonly CardEntry[];
  readonly charged: ReadonlyMap<number, bigint>;
}

/** @param drops Why the contract dropped entries, by seat. @returns null when the bundle is not the one that was reported. @throws what the reader and the format throw */
export async function readCardRound(reader: BundleReader, reported: ReportedRound, drops: ReadonlyMap<number, string>): Promise<ReadRound | null> {
  const manifest = await readRoundManifest(reader);
  const { report, seal, weightsHash, entries } = manifest;
  if (reportHash({ ...report, artefact: reported.artefact }) !== reported.reportHash) return null;
  if (sealHash(seal, weightsHash) !== report.sealHash || columnHash(packUints(entries.map(({ seat }) => seat), COLUMN_WIDTHS.seats)) !== seal.seatsHash) return null;
  const column = await readFile(reader, ROUND_FILES.weights, MAX_ENTRIES * COLUMN_WIDTHS.weights + 1);
  if (columnHash(column) !== weightsHash || column.length !== entries.length * COLUMN_WIDTHS.weights) return null;
  const weights = unpackNumbers(column, COLUMN_WIDTHS.weights);
  return {
    manifest,
    entries: entries.map(({ seat }, i): CardEntry => ({ seat, weight: weights[i] ?? 0, dropped: weights[i] === 0 ? (drops.get(seat) ?? "unknown reason") : null, excluded: isExcluded(report.excluded, i) })),
    charged: new Map(entries.flatMap(({ seat, rho }, i) => (weights[i] === 0 ? [] : [[seat, BigInt(rho)] as const]))),
  };
}

/** The evaluation of a report, when it is the one behind the metrics' hash. */
export async function readCardEvaluation(reader: BundleReader, { evaluation, report }: RoundManifest): Promise<CardEvaluation | null> {
  const metrics = await readFile(reader, ROUND_FILES.metrics, METRICS_LIMIT + 1);
  if (evaluation === null || metricsHash(evaluation, metrics) !== report.metricsHash) return null;
  const [labels, predictions] = await Promise.all([EVALUATION_FILES.labels, EVALUATION_FILES.predictions].map((path) => readFile(reader, path, EVALUATION_LIMITS.records + 1).catch(() => new Uint8Array())));
  const whole = labels !== undefined && predictions !== undefined && columnHash(labels) === evaluation.labelsHash && columnHash(predictions) === evaluation.predictionsHash;
  return { ...evaluation, balancedPpm: whole ? balancedPpm(labels, predictions) : null };
}

/** Mean over the classes that occur of the share of their records that is right, in parts per million, rounded down. */
export function balancedPpm(labels: Uint8Array, predictions: Uint8Array): number | null {
  const right = new Map<number, number>();
  const all = new Map<number, number>();
  labels.forEach((label, i) => {
    all.set(label, (all.get(label) ?? 0) + 1);
    if (predictions[i] === label) right.set(label, (right.get(label) ?? 0) + 1);
  });
  if (all.size === 0) return null;
  // Over one denominator: shares that were rounded one by one would sum to less.
  const common = [...all.values()].reduce((product, count) => product * BigInt(count), 1n);
  const sum = [...all].reduce((total, [label, count]) => total + (common / BigInt(count)) * BigInt(right.get(label) ?? 0), 0n);
  return Number((sum * 1_000_000n) / (common * BigInt(all.size)));
}
