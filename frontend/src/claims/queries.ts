/** What is asked about rewards, and for how long an answer holds. */
import type { Address, Hex } from "viem";
import { ARTEFACT_PATHS } from "../chain/artefact-paths.ts";
import { ArtefactUnavailable, fetchArtefact } from "../chain/artefacts.ts";
import { useAtBlock, useFixed } from "../chain/at-block.ts";
import { useLedger } from "../chain/use-ledger.tsx";
import { readClaimed, readRewards, readScoringRule, readStatement } from "./read-settlement.ts";
import type { Statement } from "./read-settlement.ts";
import { checkBreakdown, checkTable } from "./receipt.ts";
import type { Breakdown, TableCheck } from "./receipt.ts";

export function useRewards(federation: number) {
  const ledger = useLedger();
  return useAtBlock(["rewards", federation], (block) => readRewards(ledger, federation, block));
}

/** The table behind a root, or why there is none. `missing`: no event. `unavailable`: no file. */
export type Receipt =
  | { readonly kind: "missing" }
  | { readonly kind: "unavailable" }
  | { readonly kind: "checked"; readonly statement: Statement; readonly check: TableCheck };

export function useReceipt(federation: number, vault: Address | undefined, settlement: { readonly index: number; readonly rewardsRoot: Hex } | undefined) {
  const ledger = useLedger();
  const read = async (): Promise<Receipt> => {
    if (vault === undefined || settlement === undefined) return { kind: "missing" };
    const statement = await readStatement(ledger, federation, settlement.index, settlement.rewardsRoot);
    if (statement === undefined) return { kind: "missing" };
    try {
      const members = await fetchArtefact(statement.artefact, ARTEFACT_PATHS.members);
      const domain = { chainId: ledger.deployment.chainId, vault, federation };
      return { kind: "checked", statement, check: await checkTable(domain, members, settlement.rewardsRoot) };
    } catch (error) {
      if (error instanceof ArtefactUnavailable) return { kind: "unavailable" };
      throw error;
    }
  };
  const key = ["receipt", federation, vault, settlement?.index, settlement?.rewardsRoot];
  return useFixed(key, read, vault !== undefined && settlement !== undefined);
}

/** Scores and amounts of a settlement; null when they are not what was signed. */
export function useBreakdown(statement: Statement | undefined) {
  const read = async (): Promise<Breakdown | null> => {
    if (statement === undefined) return null;
    const [scores, entitlements] = await Promise.all([
      fetchArtefact(statement.artefact, ARTEFACT_PATHS.scores),
      fetchArtefact(statement.artefact, ARTEFACT_PATHS.entitlements),
    ]);
    return checkBreakdown(statement, scores, entitlements) ?? null;
  };
  return useFixed(["breakdown", statement?.artefact, statement?.scoresHash, statement?.entitlementsHash], read, statement !== undefined);
}

export function useScoringRule({ federation, blockNumber }: Statement) {
  const ledger = useLedger();
  return useFixed(["scoring-rule", federation, blockNumber], async () => (await readScoringRule(ledger, federation, blockNumber)) ?? null);
}

export function useClaimed(vault: Address | undefined, seats: readonly number[]) {
  const ledger = useLedger();
  return useAtBlock(["claimed", vault, seats.join(",")], (block) => readClaimed(ledger, vault ?? "0x", seats, block), vault !== undefined);
}
