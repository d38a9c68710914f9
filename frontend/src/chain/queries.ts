/** What the page asks the chain and the store, and for how long an answer holds. */
import { useQuery } from "@tanstack/react-query";
import type { Address, Hex } from "viem";
import type { Breakdown, TableCheck } from "../claims/receipt.ts";
import { checkBreakdown, checkTable } from "../claims/receipt.ts";
import { checkMetrics } from "../rounds/metrics.ts";
import { ARTEFACT_PATHS } from "./artefact-paths.ts";
import { ArtefactUnavailable, fetchArtefact } from "./artefacts.ts";
import { useHeartbeat } from "./heartbeat.ts";
import { readFederation, readFederationCount } from "./read-federation.ts";
import { readReport } from "./read-report.ts";
import type { RoundReport } from "./read-report.ts";
import { readClaimed, readRewards, readScoringRule, readStatement } from "./read-settlement.ts";
import type { Statement } from "./read-settlement.ts";
import { useLedger } from "./use-ledger.tsx";

/** A hash fixes what it stands for: such answers never grow old. */
const FIXED = { staleTime: Number.POSITIVE_INFINITY, gcTime: Number.POSITIVE_INFINITY, retry: 1 } as const;

/** An answer to another question must not stand in for this one's: an amount of another account least of all. */
function previousAnswerTo(question: string) {
  return <Data>(previous: Data | undefined, query?: { readonly queryKey: readonly string[] }): Data | undefined =>
    query?.queryKey[0] === question ? previous : undefined;
}

/** State of the ledger, read again at every block; the old answer to the same question stands until the new one is there. */
function useAtBlock<Data>(key: readonly (string | number)[], read: (blockNumber: bigint) => Promise<Data>, enabled = true) {
  const { blockNumber } = useHeartbeat();
  const question = key.join("/");
  return useQuery({
    queryKey: [question, String(blockNumber)],
    queryFn: () => read(blockNumber ?? 0n),
    enabled: enabled && blockNumber !== undefined,
    placeholderData: previousAnswerTo(question),
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 30_000,
    retry: 1,
  });
}

export function useFederationCount() {
  const ledger = useLedger();
  return useAtBlock(["federations"], (block) => readFederationCount(ledger, block));
}

export function useFederation(federation: number, count: number) {
  const ledger = useLedger();
  return useAtBlock(["federation", federation, count], (block) => readFederation(ledger, federation, count, block));
}

export function useReport(federation: number, round: number, reportHash: Hex | undefined) {
  const ledger = useLedger();
  return useQuery({
    ...FIXED,
    queryKey: ["report", federation, round, reportHash],
    queryFn: async () => (await readReport(ledger, federation, round, reportHash ?? "0x")) ?? null,
    enabled: reportHash !== undefined,
  });
}

export function useMetrics(report: RoundReport | null | undefined) {
  return useQuery({
    ...FIXED,
    queryKey: ["metrics", report?.artefact, report?.metricsHash],
    queryFn: async () => {
      if (!report) return null;
      const [metrics, manifest] = await Promise.all([ARTEFACT_PATHS.metrics, ARTEFACT_PATHS.manifest].map((path) => fetchArtefact(report.artefact, path)));
      return metrics && manifest ? checkMetrics(metrics, manifest, report.metricsHash) : null;
    },
    enabled: Boolean(report),
  });
}

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
  return useQuery({
    ...FIXED,
    queryKey: ["receipt", federation, vault, settlement?.index, settlement?.rewardsRoot],
    enabled: vault !== undefined && settlement !== undefined,
    queryFn: async (): Promise<Receipt> => {
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
    },
  });
}

/** Scores and amounts of a settlement; null when they are not what was signed. */
export function useBreakdown(statement: Statement | undefined) {
  return useQuery({
    ...FIXED,
    queryKey: ["breakdown", statement?.artefact, statement?.scoresHash, statement?.entitlementsHash],
    enabled: statement !== undefined,
    queryFn: async (): Promise<Breakdown | null> => {
      if (statement === undefined) return null;
      const [scores, entitlements] = await Promise.all([
        fetchArtefact(statement.artefact, ARTEFACT_PATHS.scores),
        fetchArtefact(statement.artefact, ARTEFACT_PATHS.entitlements),
      ]);
      return checkBreakdown(statement, scores, entitlements) ?? null;
    },
  });
}

export function useScoringRule({ federation, blockNumber }: Statement) {
  const ledger = useLedger();
  return useQuery({
    ...FIXED,
    queryKey: ["scoring-rule", federation, String(blockNumber)],
    queryFn: async () => (await readScoringRule(ledger, federation, blockNumber)) ?? null,
  });
}

export function useClaimed(vault: Address | undefined, seats: readonly number[]) {
  const ledger = useLedger();
  return useAtBlock(
    ["claimed", vault ?? "none", seats.join(",")],
    (block) => readClaimed(ledger, vault ?? "0x", seats, block),
    vault !== undefined,
  );
}

