/** From calldata to what it does. Nothing that a proposal calls is ever left out: what is not known is said to be unknown. */
import type { Abi, Address, Hex } from "viem";
import { decodeFunctionData, encodeFunctionData, isAddressEqual } from "viem/utils";
import type { Deployment } from "../deployment.ts";
import { GOVERNED, GOVERNED_ABIS, GRAVITY, type GovernedArgs, type GovernedContract, type GovernedFunction, type Gravity } from "./governed.ts";

/** One call that the timelock makes when a proposal is executed. */
export interface ProposalCall {
  readonly target: Address;
  readonly value: bigint;
  readonly data: Hex;
}

/** A call of a governed function, by contract and name: its arguments have the types of the ABI. */
export type GovernedAction = {
  [C in GovernedContract]: {
    [F in GovernedFunction<C>]: { readonly kind: "governed"; readonly contract: C; readonly functionName: F; readonly args: GovernedArgs<C, F>; readonly call: ProposalCall; readonly gravity: Gravity };
  }[GovernedFunction<C>];
}[GovernedContract];

/**
 * `other`: a function of the kernel that no vote is needed for, or that refuses the timelock. `unknown-contract`: not of this ledger.
 * `unknown-call`: the bytes are no call that the contract has, or are not encoded as its ABI encodes them.
 */
export type DecodedAction =
  | GovernedAction
  | { readonly kind: "other"; readonly contract: GovernedContract; readonly functionName: string; readonly args: readonly unknown[]; readonly call: ProposalCall }
  | { readonly kind: "unknown-call"; readonly contract: GovernedContract; readonly call: ProposalCall }
  | { readonly kind: "unknown-contract"; readonly call: ProposalCall };

export function contractAt({ contracts }: Deployment, address: Address): GovernedContract | undefined {
  return (Object.keys(GOVERNED_ABIS) as GovernedContract[]).find((name) => isAddressEqual(contracts[name], address));
}

export function decodeAction(deployment: Deployment, call: ProposalCall): DecodedAction {
  const contract = contractAt(deployment, call.target);
  if (contract === undefined) return { kind: "unknown-contract", call };
  const abi: Abi = GOVERNED_ABIS[contract];
  let decoded: { readonly functionName: string; readonly args?: readonly unknown[] | undefined };
  try {
    decoded = decodeFunctionData({ abi, data: call.data });
    // Bytes that say the same in another way, or say more behind it, could show one thing to a reader and another to a contract.
    if (encodeFunctionData({ abi, ...decoded }) !== call.data.toLowerCase()) return { kind: "unknown-call", contract, call };
  } catch {
    return { kind: "unknown-call", contract, call };
  }
  const { functionName, args = [] } = decoded;
  const governed = (GOVERNED[contract] as readonly string[]).includes(functionName);
  if (!governed) return { kind: "other", contract, functionName, args, call };
  const gravity = (GRAVITY[contract] as Readonly<Record<string, Gravity>>)[functionName]!;
  // The ABI has just vouched for name and arguments.
  return { kind: "governed", contract, functionName, args, call, gravity } as unknown as GovernedAction;
}
