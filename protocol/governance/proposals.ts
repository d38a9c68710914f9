/** Proposals as their events tell them. What one does stands only in its event; that the event is not forged, its id shows: it is the hash of it. */
import type { Address, Hex } from "viem";
import { encodeAbiParameters, keccak256, toBytes } from "viem/utils";
import type { LedgerClient } from "../ledger/chain.ts";
import { chongwenGovernorAbi } from "../abi/index.ts";
import type { Deployment } from "../deployment.ts";
import type { ProposalCall } from "./decode.ts";

/** @param number Counted from 1 in the order of the chain: what people say instead of the 77 digits of the id. */
export interface ProposalRecord {
  readonly id: bigint;
  readonly number: number;
  readonly proposer: Address;
  readonly calls: readonly ProposalCall[];
  readonly description: string;
  /** Votes of this second count, and voting begins after it. */
  readonly snapshot: bigint;
  /** As first announced; a late quorum moves it. */
  readonly deadline: bigint;
  readonly block: bigint;
  readonly transaction: Hex;
  /** What became of it, in the order of the chain. */
  readonly milestones: readonly Milestone[];
  readonly votes: readonly VoteRecord[];
}

export interface Milestone {
  readonly kind: "extended" | "queued" | "executed" | "canceled";
  /** Extended: the new deadline; queued: when it may be executed; otherwise 0. */
  readonly until: bigint;
  readonly block: bigint;
  readonly transaction: Hex;
}

export interface VoteRecord {
  readonly voter: Address;
  readonly support: number;
  readonly weight: bigint;
  /** Plain text from a stranger. */
  readonly reason: string;
  readonly block: bigint;
  readonly transaction: Hex;
}

/** `IGovernor.hashProposal`: changes with every byte of what it does or says. */
export function proposalId(calls: readonly ProposalCall[], description: string): bigint {
  const parameters = [{ type: "address[]" }, { type: "uint256[]" }, { type: "bytes[]" }, { type: "bytes32" }] as const;
  return BigInt(keccak256(encodeAbiParameters(parameters, callArguments(calls, description))));
}

/** What `queue`, `execute` and `cancel` take. */
export function callArguments(calls: readonly ProposalCall[], description: string) {
  return [calls.map(({ target }) => target), calls.map(({ value }) => value), calls.map(({ data }) => data), keccak256(toBytes(description))] as const;
}

interface Range {
  readonly fromBlock: bigint;
  readonly toBlock: bigint;
}

/** Reads every proposal of the governor, oldest first. An event whose id is not the hash of what it says is left out. */
export async function readProposals(client: Pick<LedgerClient, "getContractEvents">, deployment: Deployment, toBlock: bigint): Promise<readonly ProposalRecord[]> {
  const range: Range = { fromBlock: deployment.fromBlock, toBlock };
  const of = <const Name extends string>(eventName: Name) => ({ address: deployment.contracts.governor, abi: chongwenGovernorAbi, eventName, ...range, strict: true }) as const;
  const [created, cast, withParams, extended, queued, executed, canceled] = await Promise.all([
    client.getContractEvents(of("ProposalCreated")),
    client.getContractEvents(of("VoteCast")),
    client.getContractEvents(of("VoteCastWithParams")),
    client.getContractEvents(of("ProposalExtended")),
    client.getContractEvents(of("ProposalQueued")),
    client.getContractEvents(of("ProposalExecuted")),
    client.getContractEvents(of("ProposalCanceled")),
  ]);
  const place = (log: { readonly blockNumber: bigint; readonly transactionHash: Hex }) => ({ block: log.blockNumber, transaction: log.transactionHash });
  const milestones: readonly (Milestone & { readonly id: bigint })[] = [
    ...extended.map((log) => ({ kind: "extended" as const, id: log.args.proposalId, until: log.args.extendedDeadline, ...place(log) })),
    ...queued.map((log) => ({ kind: "queued" as const, id: log.args.proposalId, until: log.args.etaSeconds, ...place(log) })),
    ...executed.map((log) => ({ kind: "executed" as const, id: log.args.proposalId, until: 0n, ...place(log) })),
    ...canceled.map((log) => ({ kind: "canceled" as const, id: log.args.proposalId, until: 0n, ...place(log) })),
  ];
  const votes = [...cast, ...withParams].sort((a, b) => Number(a.blockNumber - b.blockNumber) || a.logIndex - b.logIndex);
  return created
    .map(({ args, ...log }) => ({ ...args, ...log, calls: args.targets.map((target, i) => ({ target, value: args.values[i] ?? 0n, data: args.calldatas[i] ?? "0x" })) }))
    .filter(({ proposalId: id, calls, description }) => proposalId(calls, description) === id)
    .map(({ proposalId: id, proposer, calls, description, voteStart, voteEnd, ...log }, i) => ({
      id,
      number: i + 1,
      proposer,
      calls,
      description,
      snapshot: voteStart,
      deadline: voteEnd,
      ...place(log),
      milestones: milestones.filter((milestone) => milestone.id === id),
      votes: votes
        .filter((log) => log.args.proposalId === id)
        .map((log) => ({ voter: log.args.voter, support: log.args.support, weight: log.args.weight, reason: log.args.reason, ...place(log) })),
    }));
}
