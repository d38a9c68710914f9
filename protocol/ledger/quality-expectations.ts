import type { Hex } from "viem";
import type { BundleReader } from "../bundle/reader.ts";
import type { QualityExpectations } from "../bundle/settlement-quality.ts";
import { readCarry } from "../scoring/carry.ts";
import { readLabelLevels } from "../scoring/label-levels.ts";
import type { QualityFacts } from "./facts.ts";

/** @param open Opens an artefact by the digest that the chain names. @param previous The settlement before; null for the first. */
export interface QualitySource extends Pick<QualityExpectations, "termsHash" | "window"> {
  readonly facts: QualityFacts;
  readonly previous: { readonly artefact: Hex } | null;
  open(artefact: Hex): Promise<BundleReader>;
}

/** What the chain says, with what it names: the cards of the datasets, and the settlement before. @throws what `open` throws, and as `readCarry` */
export async function qualityExpectations({ facts, previous, open, termsHash, window }: QualitySource): Promise<QualityExpectations> {
  const { seats, ...rest } = facts;
  const [carry, known] = await Promise.all([
    readCarry(open, previous),
    Promise.all(seats.map(async ({ card, ...seat }) => ({ ...seat, labelLevels: await readLabelLevels(open, { card, ...seat }) }))),
  ]);
  return { ...rest, ...carry, seats: known, termsHash, window };
}
