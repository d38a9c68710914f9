import type { LedgerFacts } from "../../../../protocol/ledger/facts.ts";
import { memberAt } from "../../../../protocol/rewards/members.ts";
import { buildRewardsTree } from "../../../../protocol/rewards/tree.ts";
import type { SeatReward } from "./question.ts";

/**
 * A seat's leaf in the tree that its settlements give, when that tree has the vault's root. Null when it has another root, or the seat earned nothing.
 * @param members As recomputed.
 */
export async function openReward(facts: LedgerFacts, members: Uint8Array, seat: number): Promise<SeatReward | null> {
  const member = memberAt(members, seat);
  if (member === null) return null;
  const tree = await buildRewardsTree({ chainId: facts.deployment.chainId, vault: facts.vault, federation: facts.federation }, members);
  if (tree.root.toLowerCase() !== facts.rewardsRoot.toLowerCase()) return null;
  const claimed = facts.claims.reduce((sum, { index, amount }) => (index === seat ? sum + amount : sum), 0n);
  return { seat, payee: member.payee, cumulative: member.cumulative.toString(), claimed: claimed.toString(), proof: tree.proofFor(seat) };
}
