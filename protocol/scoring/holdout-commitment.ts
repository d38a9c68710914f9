/**
 * What binds a holdout before the window that it judges, without showing it: `keccak256(salt ‖ holdoutRoot ‖ labelsHash ‖ uint32 records)`, 100 bytes, committed in
 * `Holdouts`. The salt is secret until the holdout is revealed: a table has few possible records, and whoever guessed them could train for them.
 */
import type { Hex } from "viem";
import { concatHex, keccak256 } from "viem/utils";
import { fromHex, toHex } from "../bytes.ts";
import { packUints } from "../columns.ts";

/** @param salt 32 random bytes, used once. @param holdoutRoot As in an evaluation. @param labelsHash Keccak-256 of the labels' bytes. */
export interface HoldoutOpening {
  readonly salt: Hex;
  readonly holdoutRoot: Hex;
  readonly labelsHash: Hex;
  readonly records: number;
}

/** @throws column-invalid, out-of-range */
export function holdoutCommitment({ salt, holdoutRoot, labelsHash, records }: HoldoutOpening): Hex {
  return keccak256(concatHex([...[salt, holdoutRoot, labelsHash].map((word) => toHex(fromHex(word, 32))), toHex(packUints([records], 4))]));
}
