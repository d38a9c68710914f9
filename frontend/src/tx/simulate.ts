import { getContractError } from "viem";
import type { Address, BaseError } from "viem";
import { call as ethCall, estimateFeesPerGas, estimateGas } from "viem/actions";
import type { ChainClient } from "../chain/ledger.ts";
import type { Call } from "./call.ts";

/** @param fee At most, in the chain's coin, at today's price. */
export interface Cost {
  readonly gas: bigint;
  readonly fee: bigint;
}

/** Runs a call as it would run now, and says what it costs. @throws what the contract would refuse it with, decoded */
export async function simulate(client: ChainClient, account: Address, call: Call): Promise<Cost> {
  const { to, data, value } = call;
  const transaction = { account, to, data, ...(value !== undefined && { value }) };
  try {
    await ethCall(client, transaction);
    const [gas, fees] = await Promise.all([estimateGas(client, transaction), estimateFeesPerGas(client)]);
    return { gas, fee: gas * (fees.maxFeePerGas ?? 0n) };
  } catch (error) {
    throw getContractError(error as BaseError, { abi: call.abi, address: to, args: call.args, functionName: call.functionName, sender: account });
  }
}
