import { parseEventLogs, type Account } from "viem";
import { waitUntil } from "../chain/clock.ts";
import type { Kernel } from "../chain/kernel.ts";
import type { Transactor } from "../chain/transactor.ts";
import { ChongwenError } from "../../protocol/errors.ts";
import { decodeAction, type ProposalCall } from "../../protocol/governance/decode.ts";
import { describeActions } from "../../protocol/governance/description.ts";
import { callArguments, readProposals, type ProposalRecord } from "../../protocol/governance/proposals.ts";
import { PROPOSAL_STATES, VOTES, type ProposalState, type Support } from "../../protocol/governance/states.ts";

export type Proposal = Pick<ProposalRecord, "id" | "calls" | "description">;

/** Proposes calls. The description is made of their sentences, so that what members read is what runs. */
export async function propose(kernel: Kernel, transactor: Transactor, proposer: Account, calls: readonly ProposalCall[], reason: string): Promise<Proposal> {
  const { governor, deployment } = kernel;
  const description = describeActions(calls.map((call) => decodeAction(deployment, call)), reason);
  const receipt = await transactor.send(proposer, {
    kind: "governance.propose",
    ...governor,
    functionName: "propose",
    args: [calls.map(({ target }) => target), calls.map(({ value }) => value), calls.map(({ data }) => data), description],
  });
  const [created] = parseEventLogs({ abi: governor.abi, logs: receipt.logs, eventName: "ProposalCreated" });
  if (created === undefined) throw new Error("The governor emitted no event for a proposal.");
  return { id: created.args.proposalId, calls, description };
}

/** Every proposal, oldest first. */
export async function listProposals({ client, deployment }: Kernel): Promise<readonly ProposalRecord[]> {
  return readProposals(client, deployment, await client.getBlockNumber());
}

/** Reads a proposal back from its event: what it does cannot be read from storage. @throws proposal-unknown */
export async function readProposal(kernel: Kernel, id: bigint): Promise<ProposalRecord> {
  const found = (await listProposals(kernel)).find((proposal) => proposal.id === id);
  if (found !== undefined) return found;
  throw new ChongwenError({ code: "proposal-unknown", message: `There is no proposal ${id}.`, fix: "List proposals with `chongwen dataset list`." });
}

export async function proposalState({ governor }: Kernel, id: bigint): Promise<ProposalState> {
  return PROPOSAL_STATES[await governor.read.state([id])] ?? "Pending";
}

export async function vote(kernel: Kernel, transactor: Transactor, voter: Account, id: bigint, support: Support, reason = ""): Promise<void> {
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
  await transactor.send(account, { kind: "governance.queue", ...kernel.governor, functionName: "queue", args: callArguments(proposal.calls, proposal.description) });
}

/** Executes a queued proposal once the timelock's delay has passed; anyone may. */
export async function execute(kernel: Kernel, transactor: Transactor, account: Account, proposal: Proposal): Promise<void> {
  await waitUntil(kernel.client, Number(await kernel.governor.read.proposalEta([proposal.id])));
  await transactor.send(account, { kind: "governance.execute", ...kernel.governor, functionName: "execute", args: callArguments(proposal.calls, proposal.description) });
}
