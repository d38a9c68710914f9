// Local training for the simulation: linear models by mini-batch gradient descent, in plain typed arrays, because there are thousands of small runs.
import { FEATURE_BITS } from "../../protocol/evaluation/records.ts";
import { Random } from "../../scripts/data/index.ts";
import { type Dataset, outputsOf } from "../data/dataset.ts";

/** A site's records, ready for training. @param truth Classes, or amounts in units of 2^-14. */
export interface Examples {
  readonly features: Float32Array;
  readonly truth: Int32Array;
}

const UNIT = 2 ** -FEATURE_BITS;

export function examplesOf(dataset: Dataset, rows: readonly number[], truth: Int32Array): Examples {
  const features = new Float32Array(rows.length * dataset.features);
  rows.forEach((row, i) => {
    for (let k = 0; k < dataset.features; k++) features[i * dataset.features + k] = (dataset.lanes[row * dataset.features + k] as number) * UNIT;
  });
  return { features, truth };
}

/**
 * Softmax regression on cross-entropy, or linear regression on squared error; weight[i][c] at i·outputs + c, biases behind, as the ledger's head has it.
 * @returns the trained model minus the one given
 */
export function trainUpdate(dataset: Dataset, start: Float64Array, examples: Examples, seed: number): Float64Array {
  const { training, features, classes } = dataset;
  const outputs = outputsOf(dataset);
  const model = start.slice();
  const gradient = new Float64Array(model.length);
  const z = new Float64Array(outputs);
  const order = Array.from(examples.truth.keys());
  for (let epoch = 0; epoch < training.epochs; epoch++) {
    new Random(seed, "epoch", epoch).shuffle(order);
    for (let at = 0; at < order.length; at += training.batch) {
      const batch = order.slice(at, at + training.batch);
      gradient.fill(0);
      for (const row of batch) {
        const x = row * features;
        forward(model, examples.features, x, features, z);
        const truth = examples.truth[row] as number;
        if (classes === 0) z[0] = (z[0] as number) - truth * UNIT;
        else softmaxError(z, truth);
        backward(gradient, examples.features, x, features, z);
      }
      const step = training.learningRate / batch.length;
      for (let i = 0; i < model.length; i++) model[i] = (model[i] as number) - step * (gradient[i] as number);
    }
  }
  for (let i = 0; i < model.length; i++) model[i] = (model[i] as number) - (start[i] as number);
  return model;
}

function forward(model: Float64Array, values: Float32Array, from: number, features: number, z: Float64Array): void {
  const outputs = z.length;
  for (let c = 0; c < outputs; c++) z[c] = model[features * outputs + c] as number;
  for (let i = 0, w = 0; i < features; i++) {
    const value = values[from + i] as number;
    for (let c = 0; c < outputs; c++, w++) z[c] = (z[c] as number) + value * (model[w] as number);
  }
}

/** Logits to probabilities minus the truth, in place. */
function softmaxError(z: Float64Array, truth: number): void {
  const most = z.reduce((a, b) => Math.max(a, b));
  let sum = 0;
  for (let c = 0; c < z.length; c++) sum += z[c] = Math.exp((z[c] as number) - most);
  for (let c = 0; c < z.length; c++) z[c] = (z[c] as number) / sum - (c === truth ? 1 : 0);
}

function backward(gradient: Float64Array, values: Float32Array, from: number, features: number, error: Float64Array): void {
  const outputs = error.length;
  for (let i = 0, w = 0; i < features; i++) {
    const value = values[from + i] as number;
    for (let c = 0; c < outputs; c++, w++) gradient[w] = (gradient[w] as number) + value * (error[c] as number);
  }
  for (let c = 0; c < outputs; c++) gradient[features * outputs + c] = (gradient[features * outputs + c] as number) + (error[c] as number);
}
