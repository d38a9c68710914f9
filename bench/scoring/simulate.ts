// A federation on real data: local training in floats, then exactly what the ledger does: quantised updates, committed roots, integer averages.
import { keccak256, stringToHex } from "viem";
import { aggregate, createModelSpec, dequantise, quantiseUpdate, RULES, updateRoot, type Hex } from "../../protocol/index.ts";
import { FEATURE_BITS } from "../../protocol/evaluation/records.ts";
import { deriveSeed, Random } from "../../scripts/data/index.ts";
import { nativeHashPairs } from "../../scripts/store/hash-pairs.ts";
import { seatWeights } from "../../scripts/trainer/index.ts";
import { type Dataset, type Draw, LABEL_LEVELS, LEVEL_QUALITY_PPM, outputsOf } from "../data/dataset.ts";
import type { Client, Federation, Turn } from "./client.ts";
import { type Examples, examplesOf, trainUpdate } from "./train.ts";

/** One seat's update in a round. */
export interface SentUpdate {
  readonly seat: number;
  readonly weight: number;
  readonly root: Hex;
  readonly update: Int16Array;
}

/** @param delta What the round changed in the model. */
export interface PlayedRound {
  readonly round: number;
  readonly delta: Int32Array;
  readonly entries: readonly SentUpdate[];
}

/** What the rounds of a window published, and the holdout that judges them: what a rule of the data tier is given, but for its terms. */
export interface Window {
  readonly base: Int32Array;
  /** What the model moved by in the last round before the window; null when there was none. */
  readonly previousDelta: Int32Array | null;
  /** What the seats committed to in that round. */
  readonly previousRoots: readonly Hex[];
  readonly rounds: readonly PlayedRound[];
  /** @param targets Classes, or amounts on the model's grid. @param strata Source of each record; null when they are not told apart. @param stratumOf By dataset. */
  readonly holdout: {
    readonly values: Int16Array;
    readonly targets: Uint8Array | Int32Array;
    readonly strata: Uint8Array | null;
    readonly stratumOf: ReadonlyMap<number, number>;
  };
  /** @param cluster Accounts of one organisation share it. @param dataset Each seat has its own. @param labelLevels Records by how their label was verified. */
  readonly seats: readonly {
    readonly seat: number;
    readonly cluster: number;
    readonly dataset: number;
    readonly records: number;
    readonly qualityPpm: number;
    readonly labelLevels: readonly number[];
  }[];
  readonly seed: Hex;
  readonly head: { readonly headLane: number; readonly features: number; readonly classes: number; readonly featureBits: number };
  /** Fraction bits of the model. */
  readonly gridBits: number;
  readonly utility: "macro-auc" | "mean-absolute-error";
}

export interface Schedule {
  /** Rounds before the first window, in which everybody only trains: so that there is something to replay. */
  readonly warmUp: number;
  readonly windows: number;
  readonly roundsPerWindow: number;
}

export const SCHEDULE: Schedule = { warmUp: 1, windows: 2, roundsPerWindow: 3 };

export interface Simulation {
  readonly windows: readonly Window[];
  readonly model: Int32Array;
  /** Lanes of honest updates that were cut off at the ends of int16. */
  readonly saturated: number;
  /** The largest share of lanes that became zero by rounding, over all updates. */
  readonly zeroed: number;
}

/** Same arguments, same bits. */
export function simulate(dataset: Dataset, draw: Draw, { clients, sourceOf }: Federation, seed: number, schedule: Schedule = SCHEDULE): Simulation {
  const outputs = outputsOf(dataset);
  const parameters = (dataset.features + 1) * outputs;
  const { fracBits } = dataset.training;
  const spec = createModelSpec([{ name: "head", shape: [parameters], fracBits }]);
  const weights = seatWeights(clients.map(({ rows }) => rows.length));
  const examples = clients.map(({ rows, truth }) => examplesOf(dataset, rows, truth));
  const quality = { saturated: 0, zeroed: 0 };
  let model: Int32Array = new Int32Array(parameters);
  let moved: Int16Array = new Int16Array(parameters);
  let sent: readonly SentUpdate[] = [];

  const play = (round: number, inWindow: number): PlayedRound => {
    const start = dequantise(spec, model);
    const honest = (seat: number) => () => {
      const { values, saturated, zeroed } = quantiseUpdate(spec, trainUpdate(dataset, start, examples[seat] as Examples, deriveSeed(seed, `round ${round}`, seat)));
      quality.saturated += saturated;
      quality.zeroed = Math.max(quality.zeroed, zeroed / parameters);
      return values;
    };
    const updates: Int16Array[] = [];
    const now = (seat: number): Int16Array => {
      const known = updates[seat];
      if (known !== undefined) return known;
      const turn: Turn = {
        random: new Random(seed, `turn ${round}`, seat), honest: honest(seat), lastGlobal: moved, last: (of) => (sent[of] as SentUpdate).update, now,
        seat, seats: clients.length, round: inWindow,
      };
      return (updates[seat] = inWindow < 0 ? turn.honest() : (clients[seat] as Client).act(turn));
    };
    for (const seat of clients.keys()) now(seat);
    const next = aggregate(RULES.fedavg, 0n, model, updates, weights);
    moved = Int16Array.from(next, (lane, i) => lane - (model[i] as number));
    model = next;
    sent = updates.map((update, seat) => ({ seat, weight: weights[seat] as number, root: updateRoot(update, nativeHashPairs), update }));
    return { round: round + 1, delta: Int32Array.from(moved), entries: sent };
  };

  for (let round = 0; round < schedule.warmUp; round++) play(round, -1);
  const windows = Array.from({ length: schedule.windows }, (_, at): Window => {
    const first = schedule.warmUp + at * schedule.roundsPerWindow;
    const [base, previousDelta, previousRoots] = [model, first === 0 ? null : Int32Array.from(moved), sent.map(({ root }) => root)];
    const rounds = Array.from({ length: schedule.roundsPerWindow }, (_, i) => play(first + i, i));
    return {
      base, previousDelta, previousRoots, rounds,
      holdout: {
        ...judged(dataset, draw.holdout),
        strata: sourceOf === null ? null : Uint8Array.from(draw.holdout, sourceOf),
        stratumOf: new Map(clients.flatMap(({ source }, seat) => (source === undefined ? [] : [[seat, source] as const]))),
      },
      seats: clients.map((client, seat) => evidence(dataset, clients, client, seat)),
      seed: keccak256(stringToHex(`${dataset.name} ${seed} ${at}`)),
      head: { headLane: 0, features: dataset.features, classes: outputs, featureBits: FEATURE_BITS },
      gridBits: fracBits,
      utility: dataset.classes > 0 ? "macro-auc" : "mean-absolute-error",
    };
  });
  return { windows, model, ...quality };
}

function judged({ features, classes, lanes, truth, training }: Dataset, rows: readonly number[]): Pick<Window["holdout"], "values" | "targets"> {
  const values = new Int16Array(rows.length * features);
  rows.forEach((row, i) => values.set(lanes.subarray(row * features, (row + 1) * features), i * features));
  const truths = rows.map((row) => truth[row] as number);
  return { values, targets: classes > 0 ? Uint8Array.from(truths) : Int32Array.from(truths, (amount) => amount * 2 ** (training.fracBits - FEATURE_BITS)) };
}

/** Accounts that name the same organisation are one cluster. */
function evidence({ levels }: Dataset, clients: readonly Client[], { organisation, rows }: Client, seat: number): Window["seats"][number] {
  const labelLevels = LABEL_LEVELS.map(() => 0);
  for (const row of rows) labelLevels[levels[row] as number] = (labelLevels[levels[row] as number] as number) + 1;
  const quality = labelLevels.reduce((sum, count, level) => sum + count * (LEVEL_QUALITY_PPM[level] as number), 0);
  const cluster = clients.findIndex((client) => client.organisation === organisation);
  return { seat, cluster, dataset: seat, records: rows.length, qualityPpm: Math.floor(quality / rows.length), labelLevels };
}
