/**
 * Proofs that a settlement does not follow from its scores, its payees and the table before it: what is wrong, and the bytes that show it to
 * `contracts/disputes/RewardsVerifier.sol`. The layout is drawn in `contracts/interfaces/IRewardsVerifier.sol`.
 */
import type { Address } from "viem";
import { concatBytes, fromHex } from "../bytes.ts";
import { columnHash, COLUMN_WIDTHS, packUints, unpackUints } from "../columns.ts";
import type { SettlementStatement } from "../eip712/structs.ts";
import { protocolError } from "../errors.ts";
import { computeEntitlements } from "../rewards/entitlements.ts";
import { accumulate, MEMBER_BYTES, memberAt, memberCount } from "../rewards/members.ts";
import { unpackScores } from "../rewards/scores.ts";
import { buildRewardsTree, type VaultDomain } from "../rewards/tree.ts";

/**
 * A settlement as it was proposed: its calldata, and the round that decides who is paid.
 * @param finalRound Last final round covered; 0 when there is none.
 */
export interface ProposedSettlement {
  readonly statement: SettlementStatement;
  readonly finalRound: number;
  readonly scores: Uint8Array;
  readonly entitlements: Uint8Array;
}

/** One entitlement, or the tree. @param previousMembers Table that the vault pays by while the settlement is under way. */
export type RewardsFault =
  | { readonly kind: "entitlement"; readonly seat: number }
  | { readonly kind: "table"; readonly previousMembers: Uint8Array };

/**
 * What the ledger says and a proposal does not.
 * @param payees One a seat of the columns, at the deadline of the last final round covered; the zero address declines, as do all when there is none.
 */
export interface RewardsFacts {
  readonly domain: VaultDomain;
  readonly pool: bigint;
  readonly payees: readonly Address[];
  readonly previousMembers: Uint8Array;
}

const KINDS = { entitlement: 0, table: 1 } as const;

/** @throws column-invalid when the columns are not those of the statement, out-of-range */
export function encodeRewardsProof({ statement, finalRound, scores, entitlements }: ProposedSettlement, fault: RewardsFault): Uint8Array {
  if (columnHash(scores) !== statement.scoresHash || columnHash(entitlements) !== statement.entitlementsHash) {
    throw protocolError("column-invalid", "The columns are not those of the statement.");
  }
  return concatBytes([
    packUints([statement.firstRound, statement.lastRound], 4),
    fromHex(statement.lastReportHash, 32),
    fromHex(statement.rewardsRoot, 32),
    packUints([statement.distributed, statement.total], 16),
    fromHex(statement.artefact, 32),
    packUints([finalRound], 4),
    packUints([unpackScores(scores).seats.length], 2),
    scores,
    entitlements,
    packUints([KINDS[fault.kind]], 1),
    packUints([fault.kind === "entitlement" ? fault.seat : memberCount(fault.previousMembers)], 2),
    fault.kind === "entitlement" ? new Uint8Array() : fault.previousMembers,
  ]);
}

/**
 * What is wrong with a settlement besides its scores, which are taken as they are; null when nothing is.
 * @throws column-invalid, length-mismatch, out-of-range
 */
export async function findRewardsFault({ statement, scores, entitlements }: ProposedSettlement, facts: RewardsFacts): Promise<RewardsFault | null> {
  const { domain, pool, payees, previousMembers } = facts;
  const amounts = unpackUints(entitlements, COLUMN_WIDTHS.entitlements);
  const due = computeEntitlements(pool, unpackScores(scores), payees).amounts;
  const seat = due.findIndex((amount, i) => amount !== amounts[i]);
  if (seat >= 0) return { kind: "entitlement", seat };
  const fault: RewardsFault = { kind: "table", previousMembers };
  for (let i = amounts.length; i < memberCount(previousMembers); i++) if (memberAt(previousMembers, i) !== null) return fault;
  const members = accumulate(previousMembers.subarray(0, amounts.length * MEMBER_BYTES), amounts, payees);
  return (await buildRewardsTree(domain, members)).root === statement.rewardsRoot ? null : fault;
}
