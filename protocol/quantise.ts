/**
 * Floats to integers, before anything is signed: `q = clamp(floor(Δ·2^f + 1/2))`, f per tensor, evaluated in IEEE-754 binary64.
 * Everything after this step is exact, so everything after it can be recomputed and disproven.
 * Source: round-half-up fixed point as in Jacob et al., "Quantization and Training of Neural Networks for Efficient Integer-Arithmetic-Only
 * Inference", 2018 (power-of-two scale, zero point 0).
 */
import { protocolError } from "./errors.ts";
import { parameterCount, tensorSize, type ModelSpec } from "./model-spec.ts";

/** Float tensors, laid out as the model specification says. */
export type Floats = Float32Array | Float64Array;

/** @param saturated Lanes cut off at the ends of the range. @param zeroed Lanes that were not zero and became zero. */
export interface Quantised<Values> {
  readonly values: Values;
  readonly saturated: number;
  readonly zeroed: number;
}

/** @throws length-mismatch */
export function requireLength(what: string, actual: number, expected: number): void {
  if (actual !== expected) throw protocolError("length-mismatch", `${what} has ${actual} elements; the model specification has ${expected}.`);
}

function quantiseInto<Values extends Int16Array | Int32Array>(spec: ModelSpec, floats: Floats, values: Values, low: number, high: number): Quantised<Values> {
  let saturated = 0;
  let zeroed = 0;
  for (const tensor of spec.tensors) {
    const scale = 2 ** tensor.fracBits;
    const end = tensor.offset + tensorSize(tensor);
    for (let x = tensor.offset; x < end; x++) {
      const value = floats[x]!;
      if (!Number.isFinite(value)) {
        throw protocolError("not-finite", `Element ${x} (tensor “${tensor.name}”, position ${x - tensor.offset}) is ${value}.`);
      }
      const rounded = Math.floor(value * scale + 0.5);
      if (rounded > high) {
        values[x] = high;
        saturated++;
      } else if (rounded < low) {
        values[x] = low;
        saturated++;
      } else {
        values[x] = rounded;
        if (rounded === 0 && value !== 0) zeroed++;
      }
    }
  }
  return { values, saturated, zeroed };
}

/**
 * Quantises an update (new − old parameters) to int16. A finite value out of range saturates and is counted.
 * @param delta N floats.
 * @throws length-mismatch, not-finite (names the element)
 */
export function quantiseUpdate(spec: ModelSpec, delta: Floats): Quantised<Int16Array> {
  requireLength("The update", delta.length, parameterCount(spec));
  return quantiseInto(spec, delta, new Int16Array(delta.length), -32_768, 32_767);
}

/** Quantises a model to int32, on the same grid. @throws length-mismatch, not-finite */
export function quantiseModel(spec: ModelSpec, model: Floats): Quantised<Int32Array> {
  requireLength("The model", model.length, parameterCount(spec));
  return quantiseInto(spec, model, new Int32Array(model.length), -2_147_483_648, 2_147_483_647);
}

/**
 * Back to floats: `value · 2^−f`. Exact in float64; float32 rounds beyond 24 bits.
 * @throws length-mismatch
 */
export function dequantise(spec: ModelSpec, values: Int16Array | Int32Array): Float64Array {
  requireLength("The vector", values.length, parameterCount(spec));
  const floats = new Float64Array(values.length);
  for (const tensor of spec.tensors) {
    const unit = 2 ** -tensor.fracBits;
    const end = tensor.offset + tensorSize(tensor);
    for (let x = tensor.offset; x < end; x++) floats[x] = values[x]! * unit;
  }
  return floats;
}
