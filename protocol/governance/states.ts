/** `IGovernor.ProposalState`, by number. */
export const PROPOSAL_STATES = ["Pending", "Active", "Canceled", "Defeated", "Succeeded", "Queued", "Expired", "Executed"] as const;
export type ProposalState = (typeof PROPOSAL_STATES)[number];

/** `GovernorCountingSimple.VoteType`, by number. */
export const VOTES = { against: 0, for: 1, abstain: 2 } as const;
export type Support = keyof typeof VOTES;

export function supportOf(number: number): Support | undefined {
  return (Object.keys(VOTES) as Support[]).find((name) => VOTES[name] === number);
}

/** Nothing happens to it any more. */
export function isClosed(state: ProposalState): boolean {
  return state === "Canceled" || state === "Defeated" || state === "Expired" || state === "Executed";
}

/** Votes as the governor counts them. */
export interface Tally {
  readonly for: bigint;
  readonly against: bigint;
  readonly abstain: bigint;
}

export interface TallyResult {
  /** For and abstain together: what the quorum counts. */
  readonly present: bigint;
  readonly quorumReached: boolean;
  /** More for than against; a tie does not pass. */
  readonly majority: boolean;
  /** What is still missing to the quorum. */
  readonly missing: bigint;
}

export function countTally({ for: inFavour, against, abstain }: Tally, quorum: bigint): TallyResult {
  const present = inFavour + abstain;
  return { present, quorumReached: present >= quorum, majority: inFavour > against, missing: present >= quorum ? 0n : quorum - present };
}
