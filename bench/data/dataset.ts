import { FEATURE_BITS, quantiseFeatures } from "../../protocol/evaluation/records.ts";
import { Random } from "../../scripts/data/index.ts";

/** How a label was verified, weakest first: the levels of docs/economics.md. */
export const LABEL_LEVELS = ["unverified", "agreement", "consensus", "follow-up", "histopathology"] as const;
/** What a label of each level counts for. */
export const LEVEL_QUALITY_PPM = [100_000, 300_000, 600_000, 800_000, 1_000_000] as const;
export type LabelLevel = (typeof LABEL_LEVELS)[number];

/** How a linear model is trained on it; chosen once, so that federated averaging converges within a few rounds. */
export interface Training {
  readonly learningRate: number;
  readonly epochs: number;
  readonly batch: number;
  /** Fraction bits of the model: no honest update saturates, and few of its lanes become zero. */
  readonly fracBits: number;
}

/** Rows that are judged on, and rows that sites may hold. */
export interface Draw {
  readonly holdout: readonly number[];
  readonly pool: readonly number[];
}

/** A data set as the ledger's evaluator takes it. `classes` 0: the truth is an amount, in units of 2^-14, and the model has one output. */
export interface Dataset {
  readonly name: string;
  readonly features: number;
  readonly classes: number;
  /** Record after record, 14 fraction bits. */
  readonly lanes: Int16Array;
  readonly truth: Int32Array;
  /** Index into LABEL_LEVELS, by record. */
  readonly levels: Uint8Array;
  /** Where a record really comes from: index into `origins`. */
  readonly origin: Uint8Array;
  readonly origins: readonly string[];
  readonly training: Training;
  readonly draw: (seed: number) => Draw;
}

/** Columns the model has: a class each, or one for an amount. */
export const outputsOf = ({ classes }: Pick<Dataset, "classes">): number => Math.max(1, classes);

const MOST = 32_767 / 2 ** FEATURE_BITS;

/** Features to int16; what lies outside of ±2 is cut off. */
export function lanesOf(values: Float64Array, featureCount: number): Int16Array {
  const features = values.map((value) => Math.max(-2, Math.min(MOST, value)));
  return quantiseFeatures({ count: values.length / featureCount, featureCount, classCount: 0, features, labels: new Uint8Array() });
}

/** The same share of every class is held out, at least one record of each. */
export function drawByClass(truth: Int32Array, classes: number, share: number, seed: number): Draw {
  const holdout: number[] = [];
  const pool: number[] = [];
  for (let label = 0; label < classes; label++) {
    const rows = [...truth.keys()].filter((row) => truth[row] === label);
    new Random(seed, "holdout", label).shuffle(rows);
    const held = Math.max(1, Math.round(rows.length * share));
    holdout.push(...rows.slice(0, held));
    pool.push(...rows.slice(held));
  }
  return { holdout: holdout.sort((a, b) => a - b), pool: pool.sort((a, b) => a - b) };
}
