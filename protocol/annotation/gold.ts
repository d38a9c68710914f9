/** Gold: pictures whose answer the custodian knows. Committed before the first reading, mixed in unmarked, opened when the set is closed. */
import { z } from "zod";
import type { Hex } from "viem";
import { concatHex, keccak256, numberToHex } from "viem/utils";
import { protocolError } from "../errors.ts";
import { bytes32, uint } from "../schema.ts";
import { isClass, MAX_CLASS, SPECIAL } from "./answers.ts";
import { rational, type Rational } from "./rational.ts";

/** How a label came to be known, weakest first: HAM10000's `dx_type` (Tschandl et al. 2018, https://doi.org/10.1038/sdata.2018.161) above what readers alone can give. */
export const VERIFICATION_LEVELS = ["unverified", "peers", "consensus", "confocal", "follow_up", "histo", "drawn"] as const;
export type VerificationLevel = (typeof VERIFICATION_LEVELS)[number];

const entry = z.strictObject({ task: uint(32), answer: z.union([z.int().min(1).max(MAX_CLASS), z.literal(SPECIAL.ungradable)]), level: z.enum(VERIFICATION_LEVELS) });
export const goldSchema = z.strictObject({ salt: bytes32, entries: z.array(entry) });
export type Gold = z.infer<typeof goldSchema>;
export type GoldEntry = z.infer<typeof entry>;

/** keccak256(salt ‖ (uint32 task ‖ uint8 answer ‖ uint8 level)…), tasks ascending. @throws task-set-invalid */
export function goldCommitment({ salt, entries }: Gold): Hex {
  const packed = entries.map(({ task, answer, level }, i): Hex => {
    if (i > 0 && entries[i - 1]!.task >= task) throw protocolError("task-set-invalid", "Gold tasks do not strictly ascend.");
    return concatHex([numberToHex(task, { size: 4 }), numberToHex(answer, { size: 1 }), numberToHex(VERIFICATION_LEVELS.indexOf(level), { size: 1 })]);
  });
  return keccak256(concatHex([salt, ...packed]));
}

export interface GoldResult {
  readonly right: number;
  readonly wrong: number;
  /** Uncertain, ungradable or identifiable where the gold answer is a class: neither right nor wrong. */
  readonly abstained: number;
  /** right ∕ (right + wrong); null before the first. */
  readonly accuracy: Rational | null;
}

/** @param answers One reader's last answer by task. */
export function goldResult({ entries }: Gold, answers: ReadonlyMap<number, number>): GoldResult {
  let [right, wrong, abstained] = [0, 0, 0];
  for (const { task, answer: expected } of entries) {
    const given = answers.get(task);
    if (given === undefined || given === SPECIAL.withdrawn) continue;
    if (given === expected) right++;
    else if (isClass(given) || (given === SPECIAL.ungradable && !isClass(expected))) wrong++;
    else abstained++;
  }
  return { right, wrong, abstained, accuracy: right + wrong === 0 ? null : rational(BigInt(right), BigInt(right + wrong)) };
}
