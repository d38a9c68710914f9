/** One settlement from its inputs: builder and verifier share this, so what is checked is what is made. */
import type { Address, Hex } from "viem";
import { columnHash, COLUMN_WIDTHS, packHex, packUints } from "../columns.ts";
import { computeEntitlements } from "../rewards/entitlements.ts";
import { accumulate, memberTotal } from "../rewards/members.ts";
import { packScores, type Scores } from "../rewards/scores.ts";
import { QUALITY_V1, type ScoredRound, scoringRule } from "../rewards/scoring.ts";
import { buildRewardsTree, type RewardsTree, type VaultDomain } from "../rewards/tree.ts";
import { protocolError } from "../errors.ts";
import { type QualityInput, type QualitySettlement, settleQuality } from "../scoring/settle.ts";

/**
 * @param scored Effective weights of the final rounds covered, in order.
 * @param payees One a seat granted up to the last report that the settlement pins: its payee at that round's deadline; the zero address declines.
 * @param previousMembers Member table of the settlement before; empty for the first.
 * @param quality What `quality-v1` rests on; no other rule reads it.
 */
export interface SettlementInput {
  readonly domain: VaultDomain;
  readonly scoringId: number;
  readonly pool: bigint;
  readonly scored: readonly ScoredRound[];
  readonly payees: readonly Address[];
  readonly previousMembers: Uint8Array;
  readonly quality?: Omit<QualityInput, "rounds">;
}

/** @param quality Null when another rule scored. @param total Sum of all cumulative amounts. */
export interface ComputedSettlement {
  readonly quality: QualitySettlement | null;
  readonly scores: Scores;
  readonly amounts: readonly bigint[];
  readonly distributed: bigint;
  readonly carry: bigint;
  readonly total: bigint;
  readonly columns: { readonly scores: Uint8Array; readonly entitlements: Uint8Array; readonly payees: Uint8Array; readonly members: Uint8Array };
  readonly scoresHash: Hex;
  readonly entitlementsHash: Hex;
  readonly tree: RewardsTree;
}

/** @throws rule-unknown, length-mismatch */
function settledByQuality({ scoringId, scored, payees, quality }: SettlementInput): QualitySettlement | null {
  if (scoringId !== QUALITY_V1) return null;
  if (quality === undefined) throw protocolError("rule-unknown", "A settlement by quality-v1 needs its evidence.");
  if (quality.evidence.seats.length !== payees.length) throw protocolError("length-mismatch", `Evidence of ${quality.evidence.seats.length} seats but ${payees.length} payees.`);
  return settleQuality({ ...quality, rounds: scored });
}

/** @throws rule-unknown, length-mismatch, out-of-range, column-invalid */
export async function computeSettlement(input: SettlementInput): Promise<ComputedSettlement> {
  const { payees } = input;
  const quality = settledByQuality(input);
  const scores = quality?.scores ?? scoringRule(input.scoringId).score({ rounds: input.scored, seatCount: payees.length });
  const { amounts, distributed, carry } = computeEntitlements(input.pool, scores, payees);
  const members = accumulate(input.previousMembers, amounts, payees);
  const columns = {
    scores: packScores(scores),
    entitlements: packUints(amounts, COLUMN_WIDTHS.entitlements),
    payees: packHex(payees, 20),
    members,
  };
  return {
    quality, scores, amounts, distributed, carry, columns,
    total: memberTotal(members),
    scoresHash: columnHash(columns.scores),
    entitlementsHash: columnHash(columns.entitlements),
    tree: await buildRewardsTree(input.domain, members),
  };
}
