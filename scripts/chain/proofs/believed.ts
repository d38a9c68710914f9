import type { Hex } from "viem";
import { ChongwenError } from "../../../protocol/errors.ts";
import type { RoundState } from "../../../protocol/ledger/states.ts";
import type { Prover } from "./prover.ts";

/** What was read of a round, and is about to be acted on. @param hash Null where any will do. @param attempt Left out where it does not matter. */
export interface BelievedRound {
  readonly hash: Hex | null;
  readonly states: readonly RoundState[];
  readonly attempt?: number;
}

/**
 * Proves what was read before anything is signed on it. Does nothing without a prover, or where none of the endpoints offers proofs.
 * @throws proof-contradicts (retryable: the ledger may have moved on in between), and as the prover
 */
export async function requireProven(prover: Prover | null | undefined, federation: number, believed: ReadonlyMap<number, BelievedRound>): Promise<void> {
  if (prover === null || prover === undefined || believed.size === 0) return;
  const found = await prover.rounds(federation, [...believed.keys()]);
  if (found === null) return;
  for (const [round, { hash, states, attempt }] of believed) {
    const proven = found.rounds.get(round);
    const isRight = proven !== undefined && (hash === null || proven.hash === hash.toLowerCase()) && states.some((state) => state === proven.state) && (attempt === undefined || attempt === proven.attempt);
    if (isRight) continue;
    throw new ChongwenError({
      code: "proof-contradicts",
      message: `Round ${round} of federation ${federation} is ${proven?.state ?? "unknown"} (attempt ${proven?.attempt ?? "?"}) with ${proven?.hash ?? "no hash"} in block ${found.header.number} (${found.header.hash}), as is proven; the endpoints said ${states.join(" or ")} with ${hash ?? "any hash"}.`,
      fix: "Nothing, if the ledger moved on in between: it is asked again. If it lasts, an endpoint lies: use others.",
      retryable: true,
      docs: "docs/decisions/endpoints.md",
    });
  }
}
