/** Rules that have to see all updates of a lane at once, without all updates in memory: they lie in a file, and are read back some lanes at a time. */
import { closeSync, mkdtempSync, openSync, readSync, rmSync, writeSync } from "node:fs";
import path from "node:path";
import type { Aggregator } from "../../../protocol/aggregate/aggregator.ts";
import { bytesOf, createAggregator, int16Of, RULES } from "../../../protocol/index.ts";

/** Lanes at a time: with 256 updates, 32 MiB. */
const WIDTH = 2 ** 16;

/** @param dir For files that are gone once there is a model. It blocks: for a thread of its own. */
export function spilling(dir: string): typeof createAggregator {
  return (ruleId, ruleParam, parameters) => {
    const whole = createAggregator(ruleId, ruleParam, parameters);
    return ruleId === RULES.trimmedMean || ruleId === RULES.median ? createSpilled(dir, ruleId, ruleParam, parameters) : whole;
  };
}

function createSpilled(dir: string, ruleId: number, ruleParam: bigint, parameters: number): Aggregator {
  const place = mkdtempSync(path.join(dir, "lanes-"));
  const file = openSync(path.join(place, "updates"), "wx+", 0o600);
  // Its name goes at once, so that whatever ends this process leaves nothing behind.
  rmSync(place, { recursive: true, force: true });
  /** Of the updates that count, in order. */
  const weights: number[] = [];
  // What one update and its weight may be, the rule itself says, of vectors without lanes.
  const guard = createAggregator(ruleId, ruleParam, parameters);

  function lanes(row: number, start: number, width: number): Int16Array {
    const bytes = new Uint8Array(2 * width);
    for (let filled = 0; filled < bytes.length; ) {
      const read = readSync(file, bytes, filled, bytes.length - filled, 2 * (row * parameters + start) + filled);
      if (read === 0) throw new Error("A file that was just written is shorter than it was.");
      filled += read;
    }
    return int16Of(bytes);
  }

  return {
    add(update, weight) {
      if (weight === 0 || update.length !== parameters) return guard.add(update, weight);
      const bytes = bytesOf(update);
      for (let written = 0; written < bytes.length; ) written += writeSync(file, bytes, written, bytes.length - written, 2 * weights.length * parameters + written);
      weights.push(weight);
    },
    finish(base) {
      try {
        if (parameters === 0 || base !== null && base.length !== parameters || weights.length === 0) return guard.finish(base);
        const model = new Int32Array(parameters);
        for (let start = 0; start < parameters; start += WIDTH) {
          const width = Math.min(WIDTH, parameters - start);
          const block = createAggregator(ruleId, ruleParam, width);
          for (const [row, weight] of weights.entries()) block.add(lanes(row, start, width), weight);
          model.set(block.finish(base === null ? null : base.subarray(start, start + width)), start);
        }
        return model;
      } finally {
        closeSync(file);
      }
    },
  };
}
