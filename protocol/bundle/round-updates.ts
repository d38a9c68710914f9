import { createAggregator } from "../aggregate/aggregate.ts";
import { int16Of } from "../bytes.ts";
import { ChongwenError } from "../errors.ts";
import { normTrace } from "../norm-trace.ts";
import { type HashPairs } from "../ssz/hash-pairs.ts";
import { modelRoot, updateRoot } from "../ssz/vector.ts";
import type { CheckList } from "./checks.ts";
import type { FileEntry } from "./files.ts";
import { readFile, type BundleReader } from "./reader.ts";
import type { RoundExpectations } from "./round-expectations.ts";
import { type RoundManifest, updatePath } from "./round-manifest.ts";

/** @param counted Effective weight of each entry. @param parameters N. */
export interface PayloadContext {
  readonly list: CheckList;
  readonly reader: BundleReader;
  readonly manifest: RoundManifest;
  readonly files: ReadonlyMap<string, FileEntry>;
  readonly counted: readonly number[];
  readonly parameters: number;
  readonly expected: RoundExpectations;
  readonly hashPairs: HashPairs;
}

/** Reads one update and checks it against its commitment. Null when it cannot be used. */
async function checkUpdate(context: PayloadContext, i: number): Promise<Int16Array | null> {
  const { list, reader, manifest, files, parameters, hashPairs } = context;
  const entry = manifest.entries[i]!;
  const path = updatePath(entry.seat);
  const file = files.get(path);
  if (file === undefined) return null;
  const bytes = await readFile(reader, path, 2 * parameters + 1);
  list.same("listed length", path, 2 * parameters, file.bytes);
  if (!list.same("update length", path, 2 * parameters, bytes.length)) return null;
  const update = int16Of(bytes);
  const root = updateRoot(update, hashPairs);
  const trace = normTrace(update, hashPairs);
  list.same("file hash", path, "sszRoot" in file ? file.sszRoot : "no sszRoot in the manifest", root);
  list.same("norm", path, entry.normSq, trace.normSq);
  list.same("norm trace", path, entry.normTraceRoot, trace.root);
  return list.same("update root", path, entry.updateRoot, root) ? update : null;
}

/** The base that the aggregate moves: the parent's model, re-hashed. Undefined when it is not the one that the parent reported. */
function checkBase({ list, manifest, expected, hashPairs }: PayloadContext): Int32Array | null | undefined {
  if (!manifest.config.hasBase) return null;
  const { model } = expected.parent;
  const root = model === null ? "no model given" : modelRoot(model, hashPairs);
  return list.same("parent's model root", "parent's model.bin", expected.parent.modelRoot, root) ? model : undefined;
}

/**
 * Checks every payload and aggregates those with weight, one at a time.
 * @returns The aggregate, or null when a payload or the base is not what was committed: then there is nothing to compare the model with.
 * @throws bundle-unreadable, rule-unknown, out-of-range
 */
export async function checkUpdates(context: PayloadContext): Promise<Int32Array | null> {
  const { list, manifest, counted, parameters } = context;
  const base = checkBase(context);
  const aggregator = createAggregator(manifest.config.ruleId, manifest.config.ruleParam, parameters);
  let complete = base !== undefined;
  for (const [i, weight] of counted.entries()) {
    if (weight === 0) continue;
    const update = await checkUpdate(context, i);
    if (update === null) complete = false;
    else if (complete) complete = accept(list, () => aggregator.add(update, weight));
  }
  if (!complete || base === undefined) return null;
  let model: Int32Array | null = null;
  accept(list, () => {
    model = aggregator.finish(base);
  });
  return model;
}

/** Weights or a base that no rule accepts are a finding about the round, not a failure of the reader. */
function accept(list: CheckList, step: () => void): boolean {
  try {
    step();
    return true;
  } catch (error) {
    if (!(error instanceof ChongwenError)) throw error;
    return list.same("aggregation", "weights.bin", "possible", error.message);
  }
}
