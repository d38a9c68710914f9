import type { Address, PublicClient } from "viem";
import { commendationsAbi, contributorsAbi, datasetsAbi, freezesAbi, holdoutsAbi, operatorsAbi, rewardsVaultAbi, roundsAbi, seatsAbi, settlementAbi, treasuryAbi } from "../abi/index.ts";
import type { Deployment } from "../deployment.ts";

/** The three questions that facts are read with: viem's client answers them in Node, a few lines of JSON-RPC on the verify page. */
export type LedgerClient = Pick<PublicClient, "readContract" | "getContractEvents" | "getBlock">;

/** A ledger, and how to ask it. */
export interface LedgerChain {
  readonly client: LedgerClient;
  readonly deployment: Deployment;
}

/** What calls and events are addressed to. */
export function contractsOf({ contracts }: Deployment) {
  return {
    commendations: { address: contracts.commendations, abi: commendationsAbi },
    contributors: { address: contracts.contributors, abi: contributorsAbi },
    datasets: { address: contracts.datasets, abi: datasetsAbi },
    freezes: { address: contracts.freezes, abi: freezesAbi },
    holdouts: { address: contracts.holdouts, abi: holdoutsAbi },
    operators: { address: contracts.operators, abi: operatorsAbi },
    rounds: { address: contracts.rounds, abi: roundsAbi },
    seats: { address: contracts.seats, abi: seatsAbi },
    settlement: { address: contracts.settlement, abi: settlementAbi },
    treasury: { address: contracts.treasury, abi: treasuryAbi },
    vaultAt: (address: Address) => ({ address, abi: rewardsVaultAbi }),
  } as const;
}
