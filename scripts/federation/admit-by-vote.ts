import { foundingMember } from "../genesis/cast.ts";
import { approveDataset, execute, grantSeat, propose, proposalState, queue, vote, type ProposalState } from "../governance/proposal.ts";
import type { Hospital, Setting } from "./setting.ts";

/** What a vote came to. */
export interface VoteOutcome {
  readonly proposalId: bigint;
  readonly state: ProposalState;
}

/** The members vote a hospital in: its dataset is approved and it gets a seat, through the timelock, and takes part from the next round on. */
export async function admitByVote(setting: Setting, hospital: Hospital): Promise<VoteOutcome> {
  const { kernel, transactor, manifest, federation } = setting;
  const { dataset, contributor } = hospital.registration;
  const [proposer] = [foundingMember(0)];
  const proposal = await propose(
    kernel,
    transactor,
    proposer,
    [approveDataset(kernel, dataset), grantSeat(kernel, federation, contributor, dataset, 0)],
    `${hospital.site.name} offers ${hospital.site.records.count} records that the federation has few of.`,
  );
  for (const i of manifest.members.keys()) await vote(kernel, transactor, foundingMember(i), proposal.id, "for", "More patients, better model.");
  await queue(kernel, transactor, proposer, proposal);
  const seat = await kernel.seats.read.seatCount([federation]);
  await execute(kernel, transactor, proposer, proposal);
  hospital.seat = seat;
  return { proposalId: proposal.id, state: await proposalState(kernel, proposal.id) };
}
