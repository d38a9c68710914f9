import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import type { Address } from "viem";
import { getBlock, readContract } from "viem/actions";
import { operatorsAbi, roundsAbi, settlementAbi } from "../../../../protocol/abi/index.ts";
import { watcherHealthSchema } from "../../../../protocol/watcher/health.ts";
import { useAtBlock } from "../../chain/at-block.ts";
import type { Ledger } from "../../chain/ledger.ts";
import { useEvents } from "../../chain/use-history.ts";
import { useLedger } from "../../chain/use-ledger.tsx";
import { ROUND_EVENTS } from "../../rounds/trace.ts";
import type { OperatorRecord } from "./record.ts";
import { epochsIn, operatorRecords } from "./record.ts";

export function useOperatorHistory() {
  const { contracts } = useLedger().deployment;
  const operators = useEvents({ address: contracts.operators, abi: operatorsAbi, eventName: ["OperatorAdmitted", "OperatorRemoved", "EpochFormed", "Slashed", "Bonded", "UnbondingStarted", "Withdrawn"] });
  const rounds = useEvents({ address: contracts.rounds, abi: roundsAbi, eventName: ROUND_EVENTS });
  const settlements = useEvents({ address: contracts.settlement, abi: settlementAbi, eventName: ["SettlementProposed", "SettlementFinalised", "SettlementOverturned"] });
  const awards = useEvents({ address: contracts.operators, abi: operatorsAbi, eventName: ["Slashed", "AwardCollected"] });
  return useMemo(() => {
    if (operators === undefined || rounds === undefined || settlements === undefined || awards === undefined) return undefined;
    return { records: operatorRecords(operators, rounds, settlements), epochs: epochsIn(operators), rounds, settlements, awards };
  }, [operators, rounds, settlements, awards]);
}

export interface Stake {
  readonly stake: bigint;
  readonly unbonding: bigint;
  readonly withdrawableAt: number;
  /** Evidence for and against, in ppm. */
  readonly upheld: number;
  readonly overturned: number;
}

export interface OperatorsState {
  readonly bondPerUnit: bigint;
  readonly epoch: { readonly number: number; readonly size: number; readonly threshold: number; readonly roundUnits: number; readonly settlementUnits: number };
  readonly liveRounds: bigint;
  readonly liveSettlements: bigint;
  readonly unsettled: readonly [bigint, bigint];
  readonly stakes: ReadonlyMap<Address, Stake>;
}

async function readState({ client, deployment }: Ledger, operators: readonly Address[], blockNumber: bigint): Promise<OperatorsState> {
  const { contracts } = deployment;
  const contract = { address: contracts.operators, abi: operatorsAbi, blockNumber } as const;
  const [bondPerUnit, epoch, unsettled, liveRounds, liveSettlements, stakes] = await Promise.all([
    readContract(client, { ...contract, functionName: "bondPerUnit" }),
    readContract(client, { ...contract, functionName: "currentEpoch" }),
    readContract(client, { ...contract, functionName: "unsettled" }),
    readContract(client, { address: contracts.rounds, abi: roundsAbi, functionName: "liveUnits", blockNumber }),
    readContract(client, { address: contracts.settlement, abi: settlementAbi, functionName: "liveUnits", blockNumber }),
    Promise.all(operators.map(async (operator) => [operator, await readContract(client, { ...contract, functionName: "operatorOf", args: [operator] })] as const)),
  ]);
  return { bondPerUnit, epoch, unsettled, liveRounds, liveSettlements, stakes: new Map(stakes) };
}

/** Stakes and what is bound, as of the newest block. */
export function useOperatorsState(records: readonly OperatorRecord[] | undefined) {
  const ledger = useLedger();
  const operators = records?.map(({ operator }) => operator) ?? [];
  return useAtBlock(["operators", operators.join()], (block) => readState(ledger, operators, block), records !== undefined);
}

/** One look at the endpoint, timed. */
export function useEndpoint() {
  const { client } = useLedger();
  return useQuery({
    queryKey: ["endpoint"],
    queryFn: async () => {
      const began = performance.now();
      const { timestamp, number } = await getBlock(client);
      return { milliseconds: Math.round(performance.now() - began), timestamp, number, at: Date.now() };
    },
    refetchInterval: 10_000,
    retry: false,
  });
}

/** What a service says of itself. Unreachable is an error, never an empty answer. */
async function ask(url: string): Promise<unknown> {
  const response = await fetch(url, { cache: "no-store", credentials: "omit", referrerPolicy: "no-referrer", signal: AbortSignal.timeout(5_000) });
  if (!response.ok) throw new Error(`HTTP ${response.status}`);
  return response.json();
}

const under = (base: string, path: string): string => new URL(path, base.endsWith("/") ? base : `${base}/`).href;

export function useWatcher(url: string | undefined) {
  return useQuery({
    queryKey: ["watcher", url],
    queryFn: async () => watcherHealthSchema.parse(await ask(under(url ?? "", "health"))),
    enabled: url !== undefined,
    refetchInterval: 10_000,
    retry: false,
  });
}
