import { int16Of } from "../bytes.ts";
import { ChongwenError } from "../errors.ts";
import { PRIVACY_MODES } from "../privacy/modes.ts";
import { modelRoot, updateRoot } from "../ssz/vector.ts";
import type { CheckList } from "./checks.ts";
import { readFile } from "./reader.ts";
import { committed, orUnread, type PayloadContext, type UpdateContext } from "./round-context.ts";
import { checkEscrowed } from "./round-escrow.ts";
import { updatePath } from "./round-manifest.ts";

/** Reads one update and checks it against its commitment. Null when it cannot be used. */
export async function checkUpdate(context: UpdateContext, i: number): Promise<Int16Array | null> {
  const { list, reader, manifest, files, parameters, hashPairs } = context;
  const entry = manifest.entries[i]!;
  if (manifest.config.privacyMode === PRIVACY_MODES.escrowed) return checkEscrowed(context, entry);
  const path = updatePath(entry.seat);
  const file = files.get(path);
  if (file === undefined) return null;
  const bytes = await orUnread(context, path, () => readFile(reader, path, 2 * parameters + 1));
  if (bytes === null) return null;
  list.same("listed length", path, 2 * parameters, file.bytes);
  if (!list.same("update length", path, 2 * parameters, bytes.length)) return null;
  const update = int16Of(bytes);
  const root = updateRoot(update, hashPairs);
  list.same("file hash", path, "sszRoot" in file ? file.sszRoot : "no sszRoot in the manifest", root);
  return committed(context, entry, path, update, root);
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
  const aggregator = context.aggregatorOf(manifest.config.ruleId, manifest.config.ruleParam, parameters);
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
