/** Tries a proposal's calls out as the timelock would make them: one `eth_call`, in order, with the timelock's real code, and nothing is sent. */
import type { Abi, Address, Hex, StateOverride } from "viem";
import { concatHex, decodeErrorResult, encodeAbiParameters, encodeFunctionData, isAddressEqual, keccak256, numberToHex, padHex } from "viem/utils";
import { timelockAbi } from "../abi/index.ts";
import type { Deployment } from "../deployment.ts";
import type { ProposalCall } from "./decode.ts";
import { GOVERNED_ABIS } from "./governed.ts";

/** Where OpenZeppelin 5.7 keeps what is overridden: a test runs it against the real contracts. */
const TIMELOCK_TIMESTAMPS = 1n;
const GOVERNOR_QUEUE = 5n;

const ZERO = `0x${"00".repeat(32)}` as const;
/** No proposal has this salt: the governor makes its own from its address. */
const SALT = keccak256("0x73696d756c6174696f6e");
/** Any past second but 1, which stands for done. */
const READY = 2n;

export interface Simulation {
  readonly to: Address;
  readonly data: Hex;
  readonly stateOverride: StateOverride;
}

const word = (value: bigint): Hex => padHex(numberToHex(value), { size: 32 });
const slotOf = (key: Hex, mapping: bigint): Hex => keccak256(concatHex([key, word(mapping)]));

/**
 * The call that would execute `calls` if they had passed and waited: the timelock takes them for ready, and the governor for announced to it.
 * The one who asks needs no rights: execution is open to anyone.
 */
export function simulationOf({ contracts }: Deployment, calls: readonly ProposalCall[]): Simulation {
  const targets = calls.map(({ target }) => target);
  const values = calls.map(({ value }) => value);
  const payloads = calls.map(({ data }) => data);
  const batch = [{ type: "address[]" }, { type: "uint256[]" }, { type: "bytes[]" }, { type: "bytes32" }, { type: "bytes32" }] as const;
  const operation = keccak256(encodeAbiParameters(batch, [targets, values, payloads, ZERO, SALT]));
  const announced = calls.filter(({ target }) => isAddressEqual(target, contracts.governor)).map(({ data }) => keccak256(data));
  const queue = [
    // Begin in the lower half, end in the upper.
    { slot: word(GOVERNOR_QUEUE), value: word(BigInt(announced.length) << 128n) },
    ...announced.map((hash, i) => ({ slot: slotOf(word(BigInt(i)), GOVERNOR_QUEUE + 1n), value: hash })),
  ];
  return {
    to: contracts.timelock,
    data: encodeFunctionData({ abi: timelockAbi, functionName: "executeBatch", args: [targets, values, payloads, ZERO, SALT] }),
    stateOverride: [
      { address: contracts.timelock, stateDiff: [{ slot: slotOf(operation, TIMELOCK_TIMESTAMPS), value: word(READY) }] },
      { address: contracts.governor, stateDiff: queue },
    ],
  };
}

/** @param at Position of the call that failed. */
export type SimulationResult =
  | { readonly kind: "pass" }
  | { readonly kind: "fail"; readonly at: number; readonly error: string | undefined }
  | { readonly kind: "unavailable"; readonly detail: string };

/** What an endpoint answered: it ran, it reverted with these bytes, or it could not be asked. */
export type Tried = { readonly kind: "ran" } | { readonly kind: "reverted"; readonly data: Hex | undefined } | { readonly kind: "unavailable"; readonly detail: string };

/** @param ask Sends the call to an endpoint. */
export async function tryCalls(deployment: Deployment, calls: readonly ProposalCall[], ask: (simulation: Simulation) => Promise<Tried>): Promise<SimulationResult> {
  const whole = await ask(simulationOf(deployment, calls));
  if (whole.kind === "unavailable") return whole;
  if (whole.kind === "ran") return { kind: "pass" };
  // Which one it was: the shortest beginning that fails.
  for (let count = 1; count < calls.length; count++) {
    const part = await ask(simulationOf(deployment, calls.slice(0, count)));
    if (part.kind === "unavailable") return part;
    if (part.kind === "reverted") return { kind: "fail", at: count - 1, error: errorName(part.data) };
  }
  return { kind: "fail", at: calls.length - 1, error: errorName(whole.data) };
}

const ERRORS: Abi = Object.values(GOVERNED_ABIS).flatMap((abi) => (abi as Abi).filter(({ type }) => type === "error"));

/** The name of a contract's error. */
export function errorName(data: Hex | undefined): string | undefined {
  if (data === undefined) return undefined;
  try {
    return decodeErrorResult({ abi: ERRORS, data }).errorName;
  } catch {
    return undefined;
  }
}
