/** Levels at which a dataset's labels were verified, as its card states them: the custodian's word, hence attested. */
import { z } from "zod";
import type { Hex } from "viem";
import { SINGLE_FILE } from "../audit/store.ts";
import type { BundleReader } from "../bundle/reader.ts";
import { readFile } from "../bundle/reader.ts";
import { uint } from "../schema.ts";

const CARD_LIMIT = 2 ** 20;
const cardSchema = z.looseObject({ labelLevels: z.array(uint(32)).min(1).max(16) });

/** Records by level, level 0 (nobody verified the label) first. A card that says nothing, or does not add up to the registered records, counts as level 0. */
export function labelLevelsOf(card: Uint8Array, records: number): number[] {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(card));
  } catch {
    return [records];
  }
  const parsed = cardSchema.safeParse(value);
  if (!parsed.success) return [records];
  const { labelLevels } = parsed.data;
  return labelLevels.reduce((sum, count) => sum + count, 0) === records ? labelLevels : [records];
}

/** @param open Opens an artefact whose bytes are those of its digest. @throws what it throws, bundle-unreadable */
export async function readLabelLevels(open: (artefact: Hex) => Promise<BundleReader>, { card, records, dataset }: { readonly card: Hex; readonly records: number; readonly dataset: number }): Promise<number[]> {
  return dataset === 0 ? [] : labelLevelsOf(await readFile(await open(card), SINGLE_FILE, CARD_LIMIT), records);
}
