/** The rewards table of a settlement, rebuilt here: an amount counts only when the tree leads to the root that the chain holds. Pure. */
import type { Hex } from "viem";
import { keccak256 } from "viem/utils";
import { COLUMN_WIDTHS, unpackUints } from "../../../protocol/columns.ts";
import { memberAt, memberCount } from "../../../protocol/rewards/members.ts";
import { scoreSum, unpackScores } from "../../../protocol/rewards/scores.ts";
import { buildRewardsTree } from "../../../protocol/rewards/tree.ts";
import type { VaultDomain } from "../../../protocol/rewards/tree.ts";
import type { Leaf } from "./balances.ts";

export interface RewardsTable {
  readonly leaves: readonly Leaf[];
  /** Seats of the federation, with those that earned nothing. */
  readonly seatCount: number;
  proofFor(seat: number): readonly Hex[];
}

export type TableCheck =
  | { readonly kind: "verified"; readonly table: RewardsTable }
  | { readonly kind: "mismatch"; readonly expected: Hex; readonly computed: Hex }
  | { readonly kind: "invalid" };

/** @param bytes Packed members as published. @param expected Root on chain. */
export async function checkTable(domain: VaultDomain, bytes: Uint8Array, expected: Hex): Promise<TableCheck> {
  let tree;
  try {
    tree = await buildRewardsTree(domain, bytes);
  } catch {
    return { kind: "invalid" };
  }
  if (tree.root !== expected.toLowerCase()) return { kind: "mismatch", expected, computed: tree.root };
  const seatCount = memberCount(bytes);
  const leaves: Leaf[] = [];
  for (let seat = 0; seat < seatCount; seat++) {
    const member = memberAt(bytes, seat);
    if (member !== null) leaves.push({ seat, ...member });
  }
  return { kind: "verified", table: { leaves, seatCount, proofFor: (seat) => tree.proofFor(seat) } };
}

/**
 * Why a seat was paid what it was paid, by seat.
 * @param nobody Score that is no seat's: its part of the pool rolls over. @param scoreSum Of all seats, and nobody's.
 */
export interface Breakdown {
  readonly scoreSum: bigint;
  readonly nobody: bigint;
  readonly scores: readonly bigint[];
  readonly amounts: readonly bigint[];
}

/** What of a settlement's statement pins its columns. */
export interface ColumnHashes {
  readonly scoresHash: Hex;
  readonly entitlementsHash: Hex;
  readonly pool: bigint;
}

/**
 * Recomputes `pool × score ÷ Σ scores` for every seat from the published scores.
 * @returns undefined when a column is not the signed one, or when an amount does not follow from the scores. A seat that declines payment has amount 0.
 */
export function checkBreakdown(statement: ColumnHashes, scoresColumn: Uint8Array, entitlementsColumn: Uint8Array): Breakdown | undefined {
  if (keccak256(scoresColumn) !== statement.scoresHash || keccak256(entitlementsColumn) !== statement.entitlementsHash) return undefined;
  if (entitlementsColumn.length % COLUMN_WIDTHS.entitlements !== 0) return undefined;
  const amounts = unpackUints(entitlementsColumn, COLUMN_WIDTHS.entitlements);
  // One score more than there are seats: nobody's.
  if (scoresColumn.length / COLUMN_WIDTHS.scores !== amounts.length + 1) return undefined;
  const { seats: scores, nobody } = unpackScores(scoresColumn);
  const sum = scoreSum({ seats: scores, nobody });
  // Without any score, nobody is paid, and all of the pool rolls over.
  const follows = scores.every((score, seat) => amounts[seat] === 0n || (sum !== 0n && amounts[seat] === (statement.pool * score) / sum));
  return follows ? { scoreSum: sum, nobody, scores, amounts } : undefined;
}
