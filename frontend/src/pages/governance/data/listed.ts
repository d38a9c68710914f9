import type { DecodedAction } from "../../../../../protocol/governance/decode.ts";
import type { ProposalRecord } from "../../../../../protocol/governance/proposals.ts";
import type { ProposalState, Tally } from "../../../../../protocol/governance/states.ts";

/** @param quorum Votes for and abstaining that are needed; undefined until the snapshot fixes it. @param eta 0 while not queued. */
export interface ProposalStatus {
  readonly state: ProposalState;
  readonly deadline: bigint;
  readonly eta: bigint;
  readonly tally: Tally;
  readonly quorum: bigint | undefined;
}

export interface ListedProposal {
  readonly record: ProposalRecord;
  readonly actions: readonly DecodedAction[];
  readonly status: ProposalStatus;
}
