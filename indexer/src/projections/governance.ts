/** Proposals, votes, and whose votes they are. */
import { delegation, proposal, vote, votingPower } from "../../ponder.schema.ts";
import type { Projections } from "./index.ts";
import { clean } from "./text.ts";

export const governance: Projections = {
  "governor:ProposalCreated": ({ event: { args, block }, context: { db } }) =>
    db.insert(proposal).values({
      id: args.proposalId,
      proposer: args.proposer,
      description: clean(args.description),
      state: "Created",
      voteStart: Number(args.voteStart),
      voteEnd: Number(args.voteEnd),
      createdAt: Number(block.number),
    }),
  "governor:ProposalExtended": ({ event: { args }, context: { db } }) => db.update(proposal, { id: args.proposalId }).set({ voteEnd: Number(args.extendedDeadline) }),
  "governor:ProposalQueued": ({ event: { args }, context: { db } }) => db.update(proposal, { id: args.proposalId }).set({ state: "Queued", eta: Number(args.etaSeconds) }),
  "governor:ProposalExecuted": ({ event: { args }, context: { db } }) => db.update(proposal, { id: args.proposalId }).set({ state: "Executed" }),
  "governor:ProposalCanceled": ({ event: { args }, context: { db } }) => db.update(proposal, { id: args.proposalId }).set({ state: "Cancelled" }),
  "governor:VoteCast": ({ event: { args }, context: { db } }) =>
    db.insert(vote).values({ proposal: args.proposalId, voter: args.voter, support: args.support, weight: args.weight, reason: clean(args.reason) }),
  "governor:VoteCastWithParams": ({ event: { args }, context: { db } }) =>
    db.insert(vote).values({ proposal: args.proposalId, voter: args.voter, support: args.support, weight: args.weight, reason: clean(args.reason) }),
  "token:DelegateChanged": ({ event: { args }, context: { db } }) =>
    db.insert(delegation).values({ delegator: args.delegator, delegate: args.toDelegate }).onConflictDoUpdate({ delegate: args.toDelegate }),
  "token:DelegateVotesChanged": ({ event: { args }, context: { db } }) =>
    db.insert(votingPower).values({ delegate: args.delegate, votes: args.newVotes }).onConflictDoUpdate({ votes: args.newVotes }),
};
