import { type Array as Tensor, grad, jit, nn, numpy as np } from "@jax-js/jax";
import type { ChongwenError } from "../../protocol/errors.ts";
import { Random } from "../data/random.ts";
import type { Records } from "../data/records.ts";
import { trainingError } from "./errors.ts";
import { requireFit } from "./model.ts";

/** Parameters of `trainLocal`. */
export interface TrainLocalParameters {
  /** Flat model to start from, float32, layout of `softmaxSpec`. Not changed. */
  readonly model: Float32Array;
  readonly records: Records;
  /** Passes over the records. */
  readonly epochs: number;
  /** Step of gradient descent on the mean cross-entropy of a batch. */
  readonly learningRate: number;
  /** Orders the batches. Same parameters, same bits. */
  readonly seed: number;
}

/** A trainer: what an external engine offers in place of `trainLocal`. */
export type LocalTrainer = (parameters: TrainLocalParameters) => Float32Array;

/**
 * Records per step. Smaller batches are padded with records of weight 0, so that one compiled step serves every site.
 * Each site of the shipped table fits into one.
 */
export const BATCH_SIZE = 96;

/**
 * jax-js queues steps, and keeps their batches, until a value is read. Reading every few steps bounds the memory,
 * and the time: the queue is walked at each step.
 */
const FLUSH_EVERY = 16;

/**
 * Trains on one site's records: mini-batch gradient descent on the mean cross-entropy, the client's part of
 * FedAvg (McMahan et al. 2017, "Communication-Efficient Learning of Deep Networks from Decentralized Data", arXiv 1602.05629, Algorithm 1).
 *
 * Runs in WebAssembly through jax-js, in this process and without yielding: 15 epochs over 80 records take about 5 ms after the first call.
 * jax-js counts references: an operation consumes its arguments, and `.ref` keeps one for later use. Everything made here is consumed or read.
 *
 * @returns the new flat model, float32
 */
export const trainLocal: LocalTrainer = ({ model, records, epochs, learningRate, seed }) => {
  requireFit(model, records);
  checkParameters(epochs, learningRate, seed);
  if (!model.every(Number.isFinite)) {
    throw trainingError("training-parameter", "The model to start from holds NaN or infinity.", "Start from the model of a final round.");
  }
  let steps = 0;
  let parameters = np.array(model.slice()).reshape([records.featureCount + 1, records.classCount]);
  for (let epoch = 0; epoch < epochs; epoch++) {
    for (const rows of batches(records.count, seed, epoch)) {
      const { x, target } = tensorsOf(records, rows);
      parameters = descend(parameters, x, target, learningRate);
      if (++steps % FLUSH_EVERY === 0) parameters.ref.dataSync();
    }
  }
  const trained = parameters.dataSync() as Float32Array<ArrayBuffer>;
  if (!trained.every(Number.isFinite)) {
    const fix = "Use a smaller learning rate, for example a tenth.";
    throw trainingError("training-diverged", `Training diverged at learning rate ${learningRate}.`, fix);
  }
  return trained;
};

/** Cross-entropy of a batch, summed: its targets are one-hot rows divided by the number of records, a padded row is all zero. */
const loss = (parameters: Tensor, x: Tensor, target: Tensor): Tensor => nn.logSoftmax(np.matmul(x, parameters)).mul(target).sum().mul(-1);

/** One step, compiled once per shape. */
const descend = jit((parameters: Tensor, x: Tensor, target: Tensor, learningRate: Tensor): Tensor =>
  parameters.ref.sub(grad(loss)(parameters, x, target).mul(learningRate)),
);

/** The rows of each batch of an epoch: in table order if they fit into one, else shuffled. */
function batches(count: number, seed: number, epoch: number): number[][] {
  const rows = Array.from({ length: count }, (_, row) => row);
  if (count <= BATCH_SIZE) return [rows];
  new Random(seed, "batches", epoch).shuffle(rows);
  return Array.from({ length: Math.ceil(count / BATCH_SIZE) }, (_, i) => rows.slice(i * BATCH_SIZE, (i + 1) * BATCH_SIZE));
}

/** x: [BATCH_SIZE, featureCount + 1], the last column is 1 because the bias is its weight; target: [BATCH_SIZE, classCount]. */
function tensorsOf(records: Records, rows: readonly number[]): { x: Tensor; target: Tensor } {
  const { featureCount, classCount } = records;
  const width = featureCount + 1;
  const x = new Float32Array(BATCH_SIZE * width);
  const target = new Float32Array(BATCH_SIZE * classCount);
  rows.forEach((row, i) => {
    x.set(records.features.subarray(row * featureCount, (row + 1) * featureCount), i * width);
    x[i * width + featureCount] = 1;
    target[i * classCount + (records.labels[row] as number)] = 1 / rows.length;
  });
  return { x: np.array(x).reshape([BATCH_SIZE, width]), target: np.array(target).reshape([BATCH_SIZE, classCount]) };
}

function checkParameters(epochs: number, learningRate: number, seed: number): void {
  const refuse = (what: string): ChongwenError => trainingError("training-parameter", what, "Correct the federation's training parameters.");
  if (!Number.isInteger(epochs) || epochs < 1 || epochs > 10_000) throw refuse(`epochs is ${epochs}; a whole number from 1 to 10000 is needed.`);
  if (!(learningRate > 0 && learningRate <= 100)) throw refuse(`learningRate is ${learningRate}; a number above 0 and at most 100 is needed.`);
  if (!Number.isSafeInteger(seed)) throw refuse(`seed is ${seed}; a whole number is needed.`);
}
