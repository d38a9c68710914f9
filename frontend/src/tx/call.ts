import { encodeFunctionData } from "viem";
import type { Abi, Address, ContractFunctionArgs, ContractFunctionName, EncodeFunctionDataParameters } from "viem";
import type { SignedCall } from "../account/signer.ts";

/** A call of a contract, with what is needed to say in words what it does and why it was refused. */
export interface Call extends SignedCall {
  readonly abi: Abi;
  readonly functionName: string;
  readonly args: readonly unknown[];
}

interface CallParameters<A extends Abi, Name extends ContractFunctionName<A, "nonpayable" | "payable">> {
  readonly address: Address;
  readonly abi: A;
  readonly functionName: Name;
  readonly args: ContractFunctionArgs<A, "nonpayable" | "payable", Name>;
  readonly value?: bigint;
}

/** @example callOf({ address: token, abi: contributionTokenAbi, functionName: "delegate", args: [account] }) */
export function callOf<const A extends Abi, Name extends ContractFunctionName<A, "nonpayable" | "payable">>(parameters: CallParameters<A, Name>): Call {
  const { address, abi, functionName, args, value } = parameters;
  const data = encodeFunctionData({ abi, functionName, args } as EncodeFunctionDataParameters);
  return { to: address, data, abi, functionName, args: args as readonly unknown[], ...(value !== undefined && { value }) };
}
