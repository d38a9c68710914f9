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

/** Amounts are learnt by their absolute error, by which they are judged, rounded off within this distance of the truth. */
const ROUNDED = 0.1;

/**
 * Softmax regression on cross-entropy, or linear regression on nearly the absolute error; weight[i][c] at i·outputs + c, biases behind, as the ledger's head has it.
 * Inside, the weights of a class lie together, so that sums stay in registers.
 * @returns the trained model minus the one given
 */
export function trainUpdate(dataset: Dataset, start: Float64Array, examples: Examples, seed: number): Float64Array {
  const { training, features, classes } = dataset;
  const outputs = outputsOf(dataset);
  const width = features + 1;
  const from = byClass(start, width, outputs);
  const model = from.slice();
  const gradient = new Float64Array(model.length);
  // The last feature is always 1: its weights are the biases.
  const x = new Float64Array(width).fill(1);
  const z = new Float64Array(outputs);
  const order = Array.from(examples.truth.keys());
  for (let epoch = 0; epoch < training.epochs; epoch++) {
    new Random(seed, "epoch", epoch).shuffle(order);
    for (let at = 0; at < order.length; at += training.batch) {
      const batch = order.slice(at, at + training.batch);
      gradient.fill(0);
      for (const row of batch) {
        x.set(examples.features.subarray(row * features, (row + 1) * features));
        predict(model, x, z);
        const truth = examples.truth[row] as number;
        if (classes === 0) z[0] = Math.tanh(((z[0] as number) - truth * UNIT) / ROUNDED);
        else softmaxError(z, truth);
        addOuter(gradient, x, z);
      }
      const step = training.learningRate / batch.length;
      for (let i = 0; i < model.length; i++) model[i] = (model[i] as number) - step * (gradient[i] as number);
    }
  }
  return byClass(model.map((weight, i) => weight - (from[i] as number)), outputs, width);
}

/** Transposes rows × columns. */
function byClass(values: Float64Array, rows: number, columns: number): Float64Array {
  const turned = new Float64Array(values.length);
  for (let row = 0; row < rows; row++) for (let column = 0; column < columns; column++) turned[column * rows + row] = values[row * columns + column] as number;
  return turned;
}

function predict(model: Float64Array, x: Float64Array, z: Float64Array): void {
  const width = x.length;
  for (let c = 0, w = 0; c < z.length; c++) {
    let sum = 0;
    for (let i = 0; i < width; i++, w++) sum += (x[i] as number) * (model[w] as number);
    z[c] = sum;
  }
}

/** Logits to probabilities minus the truth, in place. */
function softmaxError(z: Float64Array, truth: number): void {
  const most = z.reduce((a, b) => Math.max(a, b));
  let sum = 0;
  for (let c = 0; c < z.length; c++) sum += z[c] = Math.exp((z[c] as number) - most);
  for (let c = 0; c < z.length; c++) z[c] = (z[c] as number) / sum - (c === truth ? 1 : 0);
}

function addOuter(gradient: Float64Array, x: Float64Array, error: Float64Array): void {
  const width = x.length;
  for (let c = 0, w = 0; c < error.length; c++) {
    const by = error[c] as number;
    for (let i = 0; i < width; i++, w++) gradient[w] = (gradient[w] as number) + (x[i] as number) * by;
  }
}
