import { foundingMember } from "../genesis/cast.ts";
import { governedCall } from "../../protocol/governance/actions.ts";
import type { ProposalState } from "../../protocol/governance/states.ts";
import { execute, propose, proposalState, queue, vote } from "../governance/proposal.ts";
import type { Hospital, Setting } from "./setting.ts";

/** What a vote came to. */
export interface VoteOutcome {
  readonly proposalId: bigint;
  readonly state: ProposalState;
}

/**
 * The members vote a hospital in: its dataset is approved and it gets a seat, through the timelock, and takes part from the next round on.
 * @param votingPeriod Seconds that later votes shall last; this one lasts what the manifest says, because nobody wants to wait for a demonstration.
 */
export async function admitByVote(setting: Setting, hospital: Hospital, votingPeriod: number): Promise<VoteOutcome> {
  const { kernel, transactor, manifest, federation, hospitals, privacy } = setting;
  const { deployment } = kernel;
  const { dataset, contributor } = hospital.registration;
  const proposer = foundingMember(0);
  const lasts = manifest.kernel.governor.votingPeriod;
  const proposal = await propose(
    kernel,
    transactor,
    proposer,
    [
      governedCall(deployment, "datasets", "approve", [dataset]),
      governedCall(deployment, "seats", "grant", [federation, contributor, dataset, privacy?.budget(hospitals.indexOf(hospital)) ?? 0]),
      ...(lasts === votingPeriod ? [] : [governedCall(deployment, "governor", "setVotingPeriod", [votingPeriod])]),
    ],
    `${hospital.site.name} offers ${hospital.site.records.count} records that the federation has few of.${lasts === votingPeriod ? "" : " Later votes get time to be read."}`,
  );
  for (const i of manifest.members.keys()) await vote(kernel, transactor, foundingMember(i), proposal.id, "for", "More patients, better model.");
  await queue(kernel, transactor, proposer, proposal);
  const seat = await kernel.seats.read.seatCount([federation]);
  await execute(kernel, transactor, proposer, proposal);
  hospital.seat = seat;
  return { proposalId: proposal.id, state: await proposalState(kernel, proposal.id) };
}
