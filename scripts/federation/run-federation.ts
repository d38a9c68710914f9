import type { Progress } from "../output/progress.ts";
import { evaluate } from "../trainer/evaluate.ts";
import { admitByVote, type VoteOutcome } from "./admit-by-vote.ts";
import { claimAll, type PaidClaim } from "./claim-all.ts";
import { createPaymaster } from "./pay.ts";
import { runRound, type RoundOutcome } from "./run-round.ts";
import type { Setting } from "./setting.ts";

/** What a whole run came to. */
export interface FederationRun {
  readonly rounds: readonly RoundOutcome[];
  readonly vote: VoteOutcome;
  readonly claims: readonly PaidClaim[];
}

export interface RunParameters {
  /** How many rounds; the last hospital joins as soon as the vote for it has passed. */
  readonly rounds: number;
  /** How many hospitals claim at the end. */
  readonly claimants: number;
  /** Seconds that votes last after the first. */
  readonly votingPeriod: number;
  readonly progress: Progress;
}

/** Trains, reports, finalises, settles, votes and claims. */
export async function runFederation(setting: Setting, { rounds, claimants, votingPeriod, progress }: RunParameters): Promise<FederationRun> {
  const newcomer = setting.hospitals.at(-1);
  if (newcomer === undefined) throw new Error("A federation has hospitals.");
  const voting = admitByVote(setting, newcomer, votingPeriod).then((outcome) => {
    progress.done(`vote: ${newcomer.site.name} admitted, proposal ${outcome.state}`);
    return outcome;
  });
  voting.catch(() => undefined);

  const paymaster = createPaymaster(setting, progress);
  const outcomes: RoundOutcome[] = [];
  let { model } = setting;
  const before = evaluate(model, setting.split.holdout.records);
  progress.done(`model before training: ${percent(before.accuracy)} right on ${before.total} patients held out`);
  for (let i = 0; i < rounds; i++) {
    // However slow the machine, the newcomer has a part in the last round.
    if (i === rounds - 1) await voting;
    const outcome = await runRound(setting, model);
    ({ model } = outcome);
    outcomes.push(outcome);
    progress.done(`round ${outcome.round} reported: ${outcome.weights.filter((weight) => weight > 0).length} hospitals, ${percent(outcome.evaluation.accuracy)} right`);
    paymaster.follow(outcome);
  }
  const [members, vote] = await Promise.all([paymaster.finished(), voting]);
  const claims = await claimAll(setting, members, claimants);
  progress.done(`${claims.length} of ${setting.hospitals.length} hospitals claimed their rewards`);
  return { rounds: outcomes, vote, claims };
}

const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;
