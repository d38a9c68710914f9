/** Holdouts that their custodian has handed to the operators, a folder each. They are secret until a settlement opens them: one that was seen before judges nothing. */
import { readdir } from "node:fs/promises";
import path from "node:path";
import type { Hash } from "viem";
import { ChongwenError } from "../../../protocol/errors.ts";
import type { DataTerms } from "../../../protocol/terms/terms.ts";
import { commitmentTo, readSaltedHoldout } from "../../holdouts/folder.ts";
import type { RevealedHoldout } from "../../operator/settle-quality.ts";

export interface HoldoutQuestion {
  readonly data: DataTerms;
  /** Commitments that may judge this window, the one that is to be opened first. */
  readonly eligible: readonly Hash[];
  readonly warn: (message: string) => void;
}

/** The first eligible commitment whose holdout is in the folder; null when none is. What cannot be read is left out, and said. */
export async function findHoldout(folder: string, { data, eligible, warn }: HoldoutQuestion): Promise<RevealedHoldout | null> {
  const here = new Map<Hash, RevealedHoldout>();
  for (const { name } of (await readdir(folder, { withFileTypes: true })).filter((entry) => entry.isDirectory() && !entry.name.startsWith(".")).toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
    try {
      const revealed = await readSaltedHoldout(path.join(folder, name), data);
      here.set(commitmentTo(revealed, data), revealed);
    } catch (error) {
      if (!(error instanceof ChongwenError)) throw error;
      warn(`The holdout in ${name} cannot be opened: ${error.message}`);
    }
  }
  for (const commitment of eligible) {
    const found = here.get(commitment);
    if (found !== undefined) return found;
  }
  return null;
}
