// Vectors of what happens to tensors: specification, quantisation, aggregation, commitments.
import { toHex } from "viem";

import {
  aggregate, bytesOf, createModelSpec, generalisedIndex, hashTreeRoot, MODEL_LANES, normTrace, openChunk, paddedCount, parameterCount,
  quantiseModel, quantiseUpdate, RULES, specRoot, UPDATE_LANES, updateRoot, vectorShape,
} from "../../protocol/index.ts";
import type { TensorSpec } from "../../protocol/index.ts";
import { int16s, int32s } from "./random.ts";

type Shape = Omit<TensorSpec, "offset">;

export function modelSpecVectors() {
  const shapes: readonly (readonly Shape[])[] = [
    [{ name: "w", shape: [1], fracBits: 14 }],
    [{ name: "layer.0/weight", shape: [34, 6], fracBits: 14 }, { name: "layer.0/bias", shape: [6], fracBits: 12 }],
    [{ name: "scale", shape: [], fracBits: 0 }, { name: "权重", shape: [3, 5, 7], fracBits: 30 }],
  ];
  return shapes.map((tensors) => {
    const spec = createModelSpec(tensors);
    return { spec, parameters: parameterCount(spec), padded: paddedCount(spec), root: specRoot(spec) };
  });
}

export function quantiseVectors() {
  const inputs: readonly [number, readonly number[]][] = [
    [0, [0.5, -0.5, 1.5, -1.5, 0.49, -0.51, 0, 32_767.5, -32_768.5, 1e300]],
    [14, [0.000030517578125, 0.000030517, -0.000030517578125, -0.00003051758, 1.99993896484375, 2, -2, -2.0001, 0.1, -0.1]],
    [30, [1e-9, -1e-9, 4.6e-10, 1, -1]],
  ];
  return inputs.map(([fracBits, input]) => {
    const spec = createModelSpec([{ name: "w", shape: [input.length], fracBits }]);
    const [update, model] = [quantiseUpdate(spec, Float64Array.from(input)), quantiseModel(spec, Float64Array.from(input))];
    return {
      fracBits,
      input,
      int16: { values: [...update.values], saturated: update.saturated, zeroed: update.zeroed },
      int32: { values: [...model.values], saturated: model.saturated, zeroed: model.zeroed },
    };
  });
}

export function aggregateVectors() {
  const rules: readonly [string, number, bigint][] = [
    ["fedavg", RULES.fedavg, 0n], ["norm-clip", RULES.normClip, 30_000n], ["trimmed-mean", RULES.trimmedMean, 1n], ["median", RULES.median, 0n],
  ];
  const updates = [...[11, 12, 13, 14, 15].map((seed) => int16s(12, seed)), new Int16Array(12).fill(32_767), new Int16Array(12).fill(-32_768)];
  const base = int32s(12, 20);
  base.set([2_147_483_647, -2_147_483_648, 0]);
  return rules.flatMap(([rule, ruleId, ruleParam]) =>
    [[1, 2, 3, 4, 5, 0, 0], [9_362, 9_362, 9_362, 9_362, 9_362, 9_362, 9_363], [0, 7, 0, 7, 7, 7, 0]].flatMap((weights) =>
      [base, null].map((from) => ({
        rule, ruleId, ruleParam: ruleParam.toString(), base: from === null ? null : [...from], updates: updates.map((update) => [...update]), weights,
        model: [...aggregate(ruleId, ruleParam, from, updates, weights)],
      })),
    ),
  );
}

/** Roots and openings of updates and models. `data` is the little-endian vector without its padding. */
export function sszVectors() {
  const of = (type: "uint16" | "uint32", lanes: Int16Array | Int32Array, depth: number, lanesPerChunk: number) => {
    const data = bytesOf(lanes);
    const last = Math.floor((lanes.length - 1) / lanesPerChunk);
    return {
      type, lanes: lanes.length, padded: vectorShape(lanes.length).padded, depth, data: toHex(data), root: toHex(hashTreeRoot(data, depth)),
      openings: [...new Set([0, last, 2 ** depth - 1])].map((index) => {
        const { chunk, siblings } = openChunk(data, depth, index);
        return { index, generalisedIndex: generalisedIndex(index * lanesPerChunk, lanesPerChunk, depth).toString(), chunk: toHex(chunk), siblings: toHex(siblings) };
      }),
    };
  };
  return [1, 16, 17, 64, 65, 300].flatMap((n) => {
    const { updateDepth, modelDepth } = vectorShape(n);
    return [of("uint16", int16s(n, 30 + n), updateDepth, UPDATE_LANES), of("uint32", int32s(n, 40 + n), modelDepth, MODEL_LANES)];
  });
}

export function normTraceVectors() {
  return [...[1, 16, 17, 65, 300].map((n) => int16s(n, 50 + n)), new Int16Array(100).fill(-32_768), new Int16Array(64)].map((values) => {
    const { normSq, trace, root } = normTrace(values);
    return { data: toHex(bytesOf(values)), updateRoot: updateRoot(values), normSq: normSq.toString(), trace: toHex(trace), root };
  });
}

