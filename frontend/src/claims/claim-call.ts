import type { Address } from "viem";
import { estimateContractGas, getGasPrice, simulateContract } from "viem/actions";
import { rewardsVaultAbi } from "../../../protocol/abi/index.ts";
import type { ChainClient } from "../chain/ledger.ts";
import type { SeatBalance } from "./balances.ts";
import type { RewardsTable } from "./receipt.ts";

/** A claim of one account, ready to be simulated and sent. */
export interface ClaimCall {
  readonly account: Address;
  readonly contract: ReturnType<typeof contractCall>;
}

/** One seat takes `claim`; several take `claimMany`, in one transaction. */
function contractCall(vault: Address, table: RewardsTable, seats: readonly SeatBalance[]) {
  const items = seats.map(({ seat, earned }) => ({ index: seat, cumulative: earned, proof: table.proofFor(seat) }));
  const [first] = items;
  return first !== undefined && items.length === 1
    ? ({ address: vault, abi: rewardsVaultAbi, functionName: "claim", args: [first.index, first.cumulative, first.proof] } as const)
    : ({ address: vault, abi: rewardsVaultAbi, functionName: "claimMany", args: [items] } as const);
}

export function claimCall(account: Address, vault: Address, table: RewardsTable, seats: readonly SeatBalance[]): ClaimCall {
  return { account, contract: contractCall(vault, table, seats) };
}

export interface ClaimCost {
  readonly gas: bigint;
  /** Wei, at the endpoint's present gas price. */
  readonly fee: bigint;
}

/** Runs the claim without sending it. @throws what the contract would revert with */
export async function simulateClaim(client: ChainClient, { account, contract }: ClaimCall): Promise<void> {
  if (contract.functionName === "claim") await simulateContract(client, { ...contract, account });
  else await simulateContract(client, { ...contract, account });
}

export async function estimateClaim(client: ChainClient, { account, contract }: ClaimCall): Promise<ClaimCost> {
  const [gas, price] = await Promise.all([
    contract.functionName === "claim" ? estimateContractGas(client, { ...contract, account }) : estimateContractGas(client, { ...contract, account }),
    getGasPrice(client),
  ]);
  return { gas, fee: gas * price };
}
