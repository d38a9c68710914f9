import { ethers as E } from "ethers";

import type { Hex } from "../../../protocol/bytes.ts";
import { computeEntitlements, ZERO_ADDRESS, type Member } from "../../../protocol/index.ts";
import { must } from "../rounds/world.ts";

export const payee = (i: number): Hex => E.getAddress(E.toBeHex(0x1000 + i, 20)) as Hex;
export const sum = (values: readonly bigint[]) => values.reduce((a, b) => a + b, 0n);
export const absent: Member = { payee: ZERO_ADDRESS, cumulative: 0n };

/** What a settlement is made from. @param nobody Score that is no seat's; 0 by default. @param granted Seats of the federation, at least those of the columns. */
export interface Facts {
  readonly federation: number;
  readonly pool: bigint;
  readonly scores: readonly bigint[];
  readonly nobody?: bigint;
  readonly payees: readonly Hex[];
  readonly previous: readonly Member[];
  readonly granted?: number;
  readonly reportHash?: Hex;
}

/** What a quorum signs, rightly or not. */
export interface Claims {
  readonly amounts: readonly bigint[];
  readonly members: readonly Member[];
  readonly root?: Hex;
}

export const scoresOf = ({ scores, nobody = 0n }: Facts) => ({ seats: scores, nobody });

/** What each seat would be paid if all had a payee. */
export const shares = (facts: Facts) => computeEntitlements(facts.pool, scoresOf(facts), facts.scores.map(() => payee(1))).amounts;

/** The table after it, in the words of docs/protocol.md. */
export function nextMembers({ previous, payees }: Facts, amounts: readonly bigint[]): Member[] {
  return amounts.map((amount, i) => {
    const before = previous[i] ?? absent;
    const keeps = BigInt(must(payees[i])) === 0n && before.cumulative !== 0n;
    return { payee: keeps ? before.payee : must(payees[i]), cumulative: before.cumulative + amount };
  });
}

export function honest(facts: Facts): Claims {
  const { amounts } = computeEntitlements(facts.pool, scoresOf(facts), facts.payees);
  return { amounts, members: nextMembers(facts, amounts) };
}
