import type { ModelSpec } from "../../protocol/model-spec.ts";
import { dequantise, type Quantised, quantiseUpdate } from "../../protocol/quantise.ts";
import { type LocalTrainer, trainLocal, type TrainLocalParameters } from "./train.ts";

/** Parameters of `localUpdate`: those of the trainer, with the ledger's integer model in place of floats. */
export interface LocalUpdateParameters extends Omit<TrainLocalParameters, "model"> {
  readonly spec: ModelSpec;
  /** The model of the parent round, int32 grid. Exact in float32 while a lane stays within ±2^24, which is ±1024 at f = 14. */
  readonly base: Int32Array;
  /** Default: the embedded trainer. */
  readonly train?: LocalTrainer;
}

/** One contributor's work in one round: dequantise, train, quantise the difference to int16. */
export function localUpdate({ spec, base, train = trainLocal, ...local }: LocalUpdateParameters): Quantised<Int16Array> {
  const start = Float32Array.from(dequantise(spec, base));
  const trained = train({ ...local, model: start });
  return quantiseUpdate(spec, Float64Array.from(trained, (value, i) => value - (start[i] as number)));
}
