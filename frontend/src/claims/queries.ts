/** What is asked about rewards, and for how long an answer holds. */
import { useQueries, useQueryClient } from "@tanstack/react-query";
import type { QueryClient } from "@tanstack/react-query";
import type { Address, Hex } from "viem";
import { getBlock, readContract } from "viem/actions";
import { contributorsAbi } from "../../../protocol/abi/index.ts";
import { ARTEFACT_PATHS } from "../chain/artefact-paths.ts";
import { ArtefactUnavailable, fetchArtefact } from "../chain/artefacts.ts";
import { useAtBlock, useFixed } from "../chain/at-block.ts";
import type { CoveredRound, FederationHistory, SettlementRecord } from "../chain/book.ts";
import type { Ledger } from "../chain/ledger.ts";
import { useLedger } from "../chain/use-ledger.tsx";
import { readClaimed, readRewards } from "./read-settlement.ts";
import { checkBreakdown, checkTable } from "./receipt.ts";
import type { Breakdown, TableCheck } from "./receipt.ts";
import { checkRoundWeights } from "./round-weights.ts";
import type { RoundWeights } from "./round-weights.ts";

export function useRewards(federation: number) {
  const ledger = useLedger();
  return useAtBlock(["rewards", federation], (block) => readRewards(ledger, federation, block));
}

export function useClaimed(vault: Address | undefined, seats: readonly number[]) {
  const ledger = useLedger();
  return useAtBlock(["claimed", vault, seats.join(",")], (block) => readClaimed(ledger, vault ?? "0x", seats, block), vault !== undefined);
}

/** A settlement with its files. `breakdown` is undefined when the scores or amounts are not those that were signed, or could not be had. */
export interface SettlementPage {
  readonly record: SettlementRecord;
  readonly check: TableCheck;
  readonly breakdown: Breakdown | undefined;
}

/** As React Query tells it, for several at once. */
export interface Loaded<Data> {
  readonly data: Data | undefined;
  readonly failed: boolean;
  readonly retry: () => void;
}

async function loadBreakdown(record: SettlementRecord): Promise<Breakdown | undefined> {
  try {
    const [scores, entitlements] = await Promise.all([fetchArtefact(record.artefact, ARTEFACT_PATHS.scores), fetchArtefact(record.artefact, ARTEFACT_PATHS.entitlements)]);
    return checkBreakdown(record, scores, entitlements);
  } catch (error) {
    if (error instanceof ArtefactUnavailable) return undefined;
    throw error;
  }
}

async function loadSettlement({ deployment }: Ledger, vault: Address, record: SettlementRecord): Promise<SettlementPage> {
  const members = await fetchArtefact(record.artefact, ARTEFACT_PATHS.members);
  const check = await checkTable({ chainId: deployment.chainId, vault, federation: record.federation }, members, record.rewardsRoot);
  return { record, check, breakdown: await loadBreakdown(record) };
}

const FOR_EVER = { staleTime: Number.POSITIVE_INFINITY, gcTime: Number.POSITIVE_INFINITY, retry: 1 } as const;

/** Every one of these settlements, in the same order. */
export function useSettlementPages(federations: readonly FederationHistory[], records: readonly SettlementRecord[]): readonly Loaded<SettlementPage>[] {
  const ledger = useLedger();
  return useQueries({
    queries: records.map((record) => {
      const vault = federations.find(({ federation }) => federation === record.federation)?.vault;
      return {
        ...FOR_EVER,
        queryKey: ["settlement-page", record.federation, record.index, record.rewardsRoot, record.artefact, record.proposed.blockHash],
        queryFn: () => loadSettlement(ledger, vault ?? "0x", record),
        enabled: vault !== undefined,
      };
    }),
  }).map(({ data, isError, refetch }) => ({ data, failed: isError, retry: () => void refetch() }));
}

async function loadWeights({ round, report, seal }: CoveredRound): Promise<RoundWeights | null> {
  if (report === undefined || seal === undefined) return null;
  const [manifest, seats, weights] = await Promise.all([ARTEFACT_PATHS.manifest, ARTEFACT_PATHS.seats, ARTEFACT_PATHS.weights].map((path) => fetchArtefact(report.artefact, path)));
  if (manifest === undefined || seats === undefined || weights === undefined) return null;
  return checkRoundWeights({ manifest, seats, weights }, { round, sealHash: seal.sealHash, weightsHash: seal.weightsHash, excluded: report.excluded }) ?? null;
}

/** Who took part in these rounds, and with which weight. Null: void, or another file than the ledger's. Undefined: not known yet. */
export function useRoundWeights(federation: number, rounds: readonly CoveredRound[]): readonly (RoundWeights | null | undefined)[] {
  return useQueries({
    queries: rounds.map((covered) => ({
      ...FOR_EVER,
      queryKey: ["round-weights", federation, covered.round, covered.report?.artefact, covered.seal?.sealHash],
      queryFn: () => loadWeights(covered),
    })),
  }).map(({ data, isError }) => (isError ? null : data));
}

/** Who was to be paid for a contributor's work at a time that is over. */
export function usePayeeAt(contributor: number | undefined, timestamp: bigint | undefined) {
  const { client, deployment } = useLedger();
  const read = (): Promise<Address> =>
    readContract(client, { address: deployment.contracts.contributors, abi: contributorsAbi, functionName: "payeeAt", args: [contributor ?? 0, timestamp ?? 0n] });
  return useFixed(["payee-at", contributor, timestamp], read, contributor !== undefined && timestamp !== undefined);
}

async function timeOf(queries: QueryClient, { client }: Ledger, blockHash: Hex): Promise<number> {
  return queries.fetchQuery({
    queryKey: ["block-time", blockHash],
    queryFn: async () => Number((await getBlock(client, { blockHash })).timestamp),
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: Number.POSITIVE_INFINITY,
  });
}

/** When these blocks were, in seconds since 1970, by hash. */
export function useBlockTimes(blockHashes: readonly Hex[]) {
  const ledger = useLedger();
  const queries = useQueryClient();
  const hashes = [...new Set(blockHashes)];
  const read = async (): Promise<ReadonlyMap<Hex, number>> => new Map(await Promise.all(hashes.map(async (hash) => [hash, await timeOf(queries, ledger, hash)] as const)));
  return useFixed(["block-times", hashes.join(",")], read, hashes.length > 0);
}

/** The table of a settlement, if it was checked. */
export function tableOf(page: SettlementPage | undefined) {
  return page?.check.kind === "verified" ? page.check.table : undefined;
}
