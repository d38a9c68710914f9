import type { Random } from "../../scripts/data/index.ts";
import type { Dataset } from "../data/dataset.ts";

/** What a participant can see when it decides what to send. Payloads of a round travel only after its seal, so `now` is for those who collude. */
export interface Turn {
  readonly random: Random;
  /** Trained on the own records, with what the participant takes for the truth. */
  readonly honest: () => Int16Array;
  /** What the model moved by in the last round. */
  readonly lastGlobal: Int16Array;
  /** What a seat sent in the last round. */
  readonly last: (seat: number) => Int16Array;
  /** What a seat sends in this round. */
  readonly now: (seat: number) => Int16Array;
  readonly seat: number;
  readonly seats: number;
  /** From 0, within the window. */
  readonly round: number;
}

export type Act = (turn: Turn) => Int16Array;

/** One seat of a simulated federation. */
export interface Client {
  readonly name: string;
  readonly organisation: string;
  readonly rows: readonly number[];
  /** What it takes for the truth, by position in `rows`. */
  readonly truth: Int32Array;
  readonly act: Act;
  /** Which of the federation's sources all its records are from, if they are. */
  readonly source?: number;
}

/** @param sourceOf The source of a record of the data set; null when the records are not told apart. */
export interface Federation {
  readonly clients: readonly Client[];
  readonly sourceOf: ((row: number) => number) | null;
}

export function honestClient(dataset: Dataset, name: string, rows: readonly number[]): Client {
  const truth = Int32Array.from(rows, (row) => dataset.truth[row] as number);
  return { name, organisation: name, rows, truth, act: ({ honest }) => honest() };
}
