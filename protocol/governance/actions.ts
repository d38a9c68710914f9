/** Builds the calls that a proposal can make. Their sentences are read off them, never written beside them. */
import type { Abi } from "viem";
import { encodeFunctionData } from "viem/utils";
import type { Deployment } from "../deployment.ts";
import type { ProposalCall } from "./decode.ts";
import { GOVERNED_ABIS, type GovernedArgs, type GovernedContract, type GovernedFunction } from "./governed.ts";

/** @example governedCall(deployment, "datasets", "approve", [2]) */
export function governedCall<C extends GovernedContract, F extends GovernedFunction<C>>({ contracts }: Deployment, contract: C, functionName: F, args: GovernedArgs<C, F>): ProposalCall {
  // The signature has checked name and arguments; viem's own types cannot see through its parameters.
  const call = { abi: GOVERNED_ABIS[contract] as Abi, functionName: functionName as string, args: args as readonly unknown[] };
  return { target: contracts[contract], value: 0n, data: encodeFunctionData(call) };
}
