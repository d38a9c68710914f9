import { readContract } from "viem/actions";
import { roundsAbi } from "../../../protocol/abi/index.ts";
import type { Head, RoundRecord } from "./view-model.ts";
import { isTimed, newestRounds, stateOf } from "./view-model.ts";
import type { Ledger } from "../chain/ledger.ts";

export interface FederationState {
  readonly head: Head;
  /** Newest first. */
  readonly rounds: readonly { readonly round: number; readonly record: RoundRecord }[];
  /** The round that the next seal extends or redoes; it may be older than the ones read. */
  readonly tip: RoundRecord;
  /** End of the federation's last freeze, past or to come; 0 when there was none. */
  readonly frozenUntil: number;
}

export async function readFederationCount({ client, deployment }: Ledger, blockNumber: bigint): Promise<number> {
  return readContract(client, { address: deployment.contracts.rounds, abi: roundsAbi, functionName: "federationCount", blockNumber });
}

/** The newest `count` rounds of a federation, all as of one block. */
export async function readFederation(ledger: Ledger, federation: number, count: number, blockNumber: bigint): Promise<FederationState> {
  const contract = { address: ledger.deployment.contracts.rounds, abi: roundsAbi, blockNumber } as const;
  const [head, frozenUntil] = await Promise.all([
    readContract(ledger.client, { ...contract, functionName: "headOf", args: [federation] }),
    readContract(ledger.client, { ...contract, functionName: "frozenUntil", args: [federation] }),
  ]);
  /** With the deadline that holds, which only a freeze makes another one than the stored. */
  const roundOf = async (round: number): Promise<RoundRecord> => {
    const record = await readContract(ledger.client, { ...contract, functionName: "roundOf", args: [federation, round] });
    if (frozenUntil === 0 || !isTimed(stateOf(record.state))) return record;
    return { ...record, deadline: Number(await readContract(ledger.client, { ...contract, functionName: "deadlineOf", args: [federation, round] })) };
  };
  const [tip, rounds] = await Promise.all([
    roundOf(head.tip),
    Promise.all(newestRounds(head.last, count).map(async (round) => ({ round, record: await roundOf(round) }))),
  ]);
  return { head, rounds, tip, frozenUntil };
}
