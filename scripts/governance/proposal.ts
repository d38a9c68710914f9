import { encodeFunctionData, keccak256, parseEventLogs, toBytes, type Account, type Address, type Hex } from "viem";
import { waitUntil } from "../chain/clock.ts";
import type { Kernel } from "../chain/kernel.ts";
import type { Transactor } from "../chain/transactor.ts";
import { ChongwenError } from "../../protocol/errors.ts";

/** `IGovernor.ProposalState`, by number. */
export const PROPOSAL_STATES = ["Pending", "Active", "Canceled", "Defeated", "Succeeded", "Queued", "Expired", "Executed"] as const;
export type ProposalState = (typeof PROPOSAL_STATES)[number];
/** `GovernorCountingSimple.VoteType`, by number. */
export const VOTES = { against: 0, for: 1, abstain: 2 } as const;

/** One call that the timelock makes when a proposal passes, and the sentence that describes it. */
export interface Action {
  readonly target: Address;
  readonly data: Hex;
  readonly sentence: string;
}

export interface Proposal {
  readonly id: bigint;
  readonly actions: readonly { readonly target: Address; readonly data: Hex }[];
  readonly description: string;
}

/** Admits a dataset. */
export function approveDataset({ datasets }: Kernel, dataset: number): Action {
  return {
    target: datasets.address,
    data: encodeFunctionData({ abi: datasets.abi, functionName: "approve", args: [dataset] }),
    sentence: `Approve dataset ${dataset} on the terms that its custodian proposed.`,
  };
}

/** Gives a contributor a seat from a dataset. @param budget Nano-ρ; 0 for an exempt dataset. */
export function grantSeat({ seats }: Kernel, federation: number, contributor: number, dataset: number, budget: number): Action {
  return {
    target: seats.address,
    data: encodeFunctionData({ abi: seats.abi, functionName: "grant", args: [federation, contributor, dataset, budget] }),
    sentence: `Grant contributor ${contributor} a seat in federation ${federation} from dataset ${dataset}, with ${budget} nano-rho.`,
  };
}

/** Proposes actions. The description is made of their sentences, so that what members read is what runs. */
export async function propose(kernel: Kernel, transactor: Transactor, proposer: Account, actions: readonly Action[], reason: string): Promise<Proposal> {
  const { governor } = kernel;
  const description = [...actions.map(({ sentence }) => sentence), "", reason].join("\n");
  const [targets, data] = [actions.map(({ target }) => target), actions.map(({ data }) => data)];
  const receipt = await transactor.send(proposer, {
    kind: "governance.propose",
    ...governor,
    functionName: "propose",
    args: [targets, actions.map(() => 0n), data, description],
  });
  const [created] = parseEventLogs({ abi: governor.abi, logs: receipt.logs, eventName: "ProposalCreated" });
  if (created === undefined) throw new Error("The governor emitted no event for a proposal.");
  return { id: created.args.proposalId, actions, description };
}

/** Reads a proposal back from its event: what it does cannot be read from storage. @throws proposal-unknown */
export async function readProposal({ governor, client, deployment }: Kernel, id: bigint): Promise<Proposal> {
  const logs = await client.getContractEvents({ ...governor, eventName: "ProposalCreated", fromBlock: deployment.fromBlock, toBlock: "latest", strict: true });
  const created = logs.find(({ args }) => args.proposalId === id);
  if (created === undefined) {
    throw new ChongwenError({ code: "proposal-unknown", message: `There is no proposal ${id}.`, fix: "List proposals with `chongwen dataset list`." });
  }
  const { targets, calldatas, description } = created.args;
  return { id, description, actions: targets.map((target, i) => ({ target, data: calldatas[i] ?? "0x" })) };
}

export async function proposalState({ governor }: Kernel, id: bigint): Promise<ProposalState> {
  return PROPOSAL_STATES[await governor.read.state([id])] ?? "Pending";
}

export async function vote(kernel: Kernel, transactor: Transactor, voter: Account, id: bigint, support: keyof typeof VOTES, reason = ""): Promise<void> {
  await waitUntil(kernel.client, Number(await kernel.governor.read.proposalSnapshot([id])) + 1);
  await transactor.send(voter, {
    kind: "governance.vote",
    ...kernel.governor,
    functionName: "castVoteWithReason",
    args: [id, VOTES[support], reason],
  });
}

/** Queues a proposal that has passed; anyone may. */
export async function queue(kernel: Kernel, transactor: Transactor, account: Account, proposal: Proposal): Promise<void> {
  await waitUntil(kernel.client, Number(await kernel.governor.read.proposalDeadline([proposal.id])) + 1);
  await transactor.send(account, { kind: "governance.queue", ...kernel.governor, functionName: "queue", args: callArguments(proposal) });
}

/** Executes a queued proposal once the timelock's delay has passed; anyone may. */
export async function execute(kernel: Kernel, transactor: Transactor, account: Account, proposal: Proposal): Promise<void> {
  await waitUntil(kernel.client, Number(await kernel.governor.read.proposalEta([proposal.id])));
  await transactor.send(account, { kind: "governance.execute", ...kernel.governor, functionName: "execute", args: callArguments(proposal) });
}

function callArguments({ actions, description }: Proposal) {
  return [actions.map(({ target }) => target), actions.map(() => 0n), actions.map(({ data }) => data), keccak256(toBytes(description))] as const;
}
