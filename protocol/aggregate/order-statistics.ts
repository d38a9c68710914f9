/**
 * Coordinate-wise trimmed mean and median, unweighted over the entries with weight above zero.
 * Trimmed mean: drop the t smallest and the t largest of each coordinate, `rhu(sum, n − 2t)`; needs n > 2t.
 * Median: the middle one, or `rhu(a + b, 2)` of the two middle ones, which is a trimmed mean with t = ⌊(n − 1)/2⌋.
 * Source: Yin et al., "Byzantine-Robust Distributed Learning: Towards Optimal Statistical Rates", 2018.
 */
import { protocolError } from "../errors.ts";
import { addWeight, requireFinishable, type Aggregator } from "./aggregator.ts";
import { clamp32, roundHalfUp } from "./rounding.ts";
import { sortingNetwork, sortRows } from "./sort-rows.ts";

/** Lanes sorted at a time: a block of 64 rows then stays in the processor's cache. */
const WIDTH = 1024;

function combine(updates: readonly Int16Array[], trim: number, base: Int32Array | null, parameters: number): Int32Array {
  const n = updates.length;
  const kept = n - 2 * trim;
  const network = sortingNetwork(n);
  const model = new Int32Array(parameters);
  const block = new Int16Array(n * WIDTH);
  for (let start = 0; start < parameters; start += WIDTH) {
    const width = Math.min(WIDTH, parameters - start);
    updates.forEach((update, row) => block.set(update.subarray(start, start + width), row * width));
    sortRows(block, width, network);
    for (let x = 0; x < width; x++) {
      let sum = 0;
      for (let row = trim; row < n - trim; row++) sum += block[row * width + x]!;
      model[start + x] = clamp32((base === null ? 0 : base[start + x]!) + roundHalfUp(sum, kept));
    }
  }
  return model;
}

/** Keeps the updates until the end: an order statistic needs them all. @param trimOf t for n entries. */
function createOrderStatistic(parameters: number, trimOf: (n: number) => number): Aggregator {
  const updates: Int16Array[] = [];
  return {
    add(update, weight) {
      addWeight(0, update, weight, parameters);
      if (weight > 0) updates.push(update);
    },
    finish(base) {
      requireFinishable(updates.length, base, parameters);
      const trim = trimOf(updates.length);
      if (updates.length <= 2 * trim) {
        throw protocolError("too-few-updates", `${updates.length} updates are too few to trim ${trim} on each side.`);
      }
      return combine(updates, trim, base, parameters);
    },
  };
}

/** @param parameters N. @param trim t: entries dropped on each side. The updates are kept by reference: do not change them before `finish`. */
export function createTrimmedMean(parameters: number, trim: number): Aggregator {
  return createOrderStatistic(parameters, () => trim);
}

/** @param parameters N. */
export function createMedian(parameters: number): Aggregator {
  return createOrderStatistic(parameters, (n) => Math.floor((n - 1) / 2));
}
