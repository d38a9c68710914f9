/** The votes on a proposal, for a spreadsheet. Pure. */
import { getAddress } from "viem";
import type { ProposalRecord } from "../../../../protocol/governance/proposals.ts";
import { supportOf } from "../../../../protocol/governance/states.ts";

/** Quoted, and never a formula: a reason that begins with = or the like would be run by a spreadsheet. */
function field(value: string): string {
  const harmless = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return `"${harmless.replaceAll('"', '""')}"`;
}

export function votesCsv({ id, votes }: Pick<ProposalRecord, "id" | "votes">): string {
  const rows = votes.map(({ voter, support, weight, reason, block, transaction }) => [
    id.toString(), getAddress(voter), supportOf(support) ?? String(support), weight.toString(), reason, block.toString(), transaction,
  ]);
  const header = ["proposal", "voter", "support", "weight_1e-18_shu", "reason", "block", "transaction"];
  return [header, ...rows].map((row) => row.map(field).join(",")).join("\r\n").concat("\r\n");
}
