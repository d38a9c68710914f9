/** Faults of a settlement under way: what its scores, its payees and the table before it do not give. */
import type { Address, Hex } from "viem";
import { COLUMN_WIDTHS, unpackUints } from "../columns.ts";
import type { SettlementStatement } from "../eip712/structs.ts";
import { ChongwenError } from "../errors.ts";
import { computeEntitlements } from "../rewards/entitlements.ts";
import { unpackScores, type Scores } from "../rewards/scores.ts";
import { buildRewardsTree, type VaultDomain } from "../rewards/tree.ts";
import type { FaultSearch } from "./find-evidence.ts";
import { encodeRewardsProof, findRewardsFault, type ProposedSettlement } from "./rewards-proof.ts";

/**
 * A settlement as the ledger has it.
 * @param finalRound Last final round that it covers. @param scores,entitlements Columns of the proposal's calldata.
 * @param payees One a seat of the columns, at the deadline of that round. @param previousRoot What the vault pays by now.
 * @param dueScores What the rounds covered give each seat of the federation, and nobody; null when that could not be recomputed.
 */
export interface LedgerSettlement {
  readonly domain: VaultDomain;
  readonly statement: SettlementStatement;
  readonly pool: bigint;
  readonly finalRound: number;
  readonly scores: Uint8Array;
  readonly entitlements: Uint8Array;
  readonly payees: readonly Address[];
  readonly previousRoot: Hex;
  readonly dueScores: Scores | null;
}

/** Member tables that somebody gave; the one whose tree the vault has is believed. */
async function believedTable(domain: VaultDomain, root: Hex, tables: readonly Uint8Array[]): Promise<Uint8Array | null> {
  for (const table of [new Uint8Array(), ...tables]) {
    try {
      if ((await buildRewardsTree(domain, table)).root === root) return table;
    } catch (error) {
      // A file that is no table.
      if (!(error instanceof ChongwenError)) throw error;
    }
  }
  return null;
}

/**
 * Searches a settlement.
 * @param tables Candidates for the member table of the settlement before.
 * @returns missing when an entitlement is right and the table cannot be judged; unprovable when only the scores are wrong, which no verifier judges.
 */
export async function findSettlementFault(settlement: LedgerSettlement, tables: readonly Uint8Array[]): Promise<FaultSearch> {
  const { statement, domain, pool, payees, finalRound, scores, entitlements } = settlement;
  const proposed: ProposedSettlement = { statement, finalRound, scores, entitlements };
  const amounts = unpackUints(entitlements, COLUMN_WIDTHS.entitlements);
  const said = unpackScores(scores);
  const due = computeEntitlements(pool, said, payees).amounts;
  const seat = due.findIndex((amount, i) => amount !== amounts[i]);
  if (seat >= 0) {
    const reason = `seat ${seat} is due ${due[seat]} and would get ${amounts[seat]} (10^-18 SHU)`;
    return found("entitlement", reason, `seat ${seat}`, encodeRewardsProof(proposed, { kind: "entitlement", seat }));
  }
  const previousMembers = await believedTable(domain, settlement.previousRoot, tables);
  if (previousMembers !== null) {
    const fault = await findRewardsFault(proposed, { domain, pool, payees, previousMembers });
    if (fault !== null) return found("rewards-table", "the table of what is claimed is not the one before with these entitlements", "rewards root", encodeRewardsProof(proposed, fault));
  }
  const wrong = settlement.dueScores === null ? null : firstDifference(settlement.dueScores, said);
  if (wrong !== null) {
    const { whose, expected, actual } = wrong;
    return { kind: "unprovable", reason: `${whose} scored ${expected} in the rounds covered; the settlement says ${actual}`, where: `scores: ${whose}` };
  }
  if (previousMembers !== null && settlement.dueScores !== null) return { kind: "none" };
  const items = [];
  if (previousMembers === null) items.push({ file: "members.bin", demand: null, commitment: settlement.previousRoot, depth: 0, ranges: [] });
  if (settlement.dueScores === null) items.push({ file: "scores", demand: null, commitment: statement.scoresHash, depth: 0, ranges: [] });
  return { kind: "missing", items };
}

function found(name: "entitlement" | "rewards-table", reason: string, where: string, proof: Uint8Array): FaultSearch {
  return { kind: "fault", fault: { name, verifier: "rewardsVerifier", liable: "proposers", reason, where, proof } };
}

interface Difference {
  readonly whose: string;
  readonly expected: bigint;
  readonly actual: bigint;
}

/** Seats that one side does not have score nothing there. */
function firstDifference(expected: Scores, actual: Scores): Difference | null {
  const count = Math.max(expected.seats.length, actual.seats.length);
  for (let seat = 0; seat < count; seat++) {
    const [due, said] = [expected.seats[seat] ?? 0n, actual.seats[seat] ?? 0n];
    if (due !== said) return { whose: `seat ${seat}`, expected: due, actual: said };
  }
  return expected.nobody === actual.nobody ? null : { whose: "nobody", expected: expected.nobody, actual: actual.nobody };
}
