/** In which order a reader meets the tasks: a permutation that the seed's holder can repeat and nobody else foresee. Gold tasks are part of it like all others. */
import type { Hex } from "viem";
import { concatHex, keccak256, numberToHex } from "viem/utils";

export { seededOrder } from "../random.ts";

/** The seed of one reader in one tier, from the custodian's secret for the set. It stays secret as long as the set is open. */
export const readerSeed = (secret: Hex, annotator: Hex, tier: number): Hex => keccak256(concatHex([secret, annotator.toLowerCase() as Hex, numberToHex(tier, { size: 1 })]));
