/**
 * What a cluster's updates can by themselves, judged on records of its own source. Marginal value cannot tell a hospital whose patients differ from one
 * whose labels are wrong: both pull the model away from the rest. On its own kind of patients the first is right, and the second is not.
 *
 * Competence: how much of what the final model can, the base model can with this cluster's updates alone.
 * Direction: whether the first steps along them make the right answers likelier than the first steps away from them do. Near convergence a whole window's
 * step of one cluster overshoots, forward as well as backward: competence cannot tell the two apart. The difference of both ways can, because what both
 * have in common, the overshoot, cancels.
 */
import { requireSame } from "./require.ts";
import type { Cluster } from "./clusters.ts";
import type { MeasuredWindow } from "./measure.ts";
import { PPM, type DataTerms, type Utility as UtilityName } from "../terms/terms.ts";
import { CHANCE, createUtility, isJudged, type Targets, type Utility } from "./utility.ts";
import { createCoalition, type Game } from "./value.ts";
import type { SeatEvidence } from "./window.ts";

const PART_OF_THE_WAY = 8;

/** @param competencePpm 0..10^6, 0 when the direction is wrong. @param directionPpm Gain of an eighth of the way forward over as much backward, in millionths of the loss of no skill. */
export interface Ability {
  readonly competencePpm: number;
  readonly directionPpm: number;
}

/** @param startPpm,endPpm Utility on all records of the base model, and with every player. @param players One ability each. */
export interface Abilities {
  readonly startPpm: number;
  readonly endPpm: number;
  readonly players: readonly Ability[];
}

/** What a step is judged by: ranks do not change on a short way, losses do. */
const stepUtility = (name: UtilityName): UtilityName => (name === "macro-auc" ? "log-likelihood" : name);

export function judgeAbilities(window: MeasuredWindow, terms: DataTerms, game: Game, clusters: readonly Cluster[], evidence: ReadonlyMap<number, SeatEvidence>): Abilities {
  requireSame("players", clusters.length, game.players);
  const coalition = createCoalition(game);
  const logitsOf = (players: readonly number[]): Float64Array => {
    coalition.clear();
    for (const player of players) coalition.add(player);
    return coalition.logits().slice();
  };
  const start = logitsOf([]);
  const end = logitsOf(clusters.map((_, i) => i));
  const chance = CHANCE[terms.utility];
  const players = clusters.map((cluster, i): Ability => {
    const judge = onOwnRecords(window.holdout, terms, terms.utility, cluster, evidence);
    const judgeStep = onOwnRecords(window.holdout, terms, stepUtility(terms.utility), cluster, evidence);
    const alone = logitsOf([i]);
    // On records that no model can judge, a site cannot be measured either: then all records do.
    const bestOf = (utility: Utility) => Math.max(utility(end), utility(start)) - chance;
    const fair = bestOf(judge) > 0 ? judge : window.utility;
    const step = (sign: 1 | -1) => judgeStep(start.map((logit, at) => logit + sign * Math.floor((alone[at]! - logit) / PART_OF_THE_WAY)));
    const directionPpm = step(1) - step(-1);
    const [best, own] = [bestOf(fair), fair(alone) - chance];
    return { competencePpm: directionPpm < -terms.backwardPpm || best <= 0 || own <= 0 ? 0 : Math.min(PPM, Math.floor((own * PPM) / best)), directionPpm };
  });
  return { startPpm: window.utility(start), endPpm: window.utility(end), players };
}

const pick = (targets: Targets, records: readonly number[]): Targets =>
  targets instanceof Uint8Array ? Uint8Array.from(records, (record) => targets[record]!) : Int32Array.from(records, (record) => targets[record]!);

/** The utility on the records of the cluster's sources; on all, when these alone cannot be judged. */
function onOwnRecords(
  { strata, stratumOf, targets }: MeasuredWindow["holdout"],
  { head: { classes }, gridBits }: DataTerms,
  name: UtilityName,
  { seats }: Cluster,
  evidence: ReadonlyMap<number, SeatEvidence>,
): Utility {
  const own = new Set(seats.map((seat) => stratumOf.get(evidence.get(seat)!.dataset)));
  const records = strata === null || own.has(undefined) ? [] : [...targets.keys()].filter((record) => own.has(strata[record]!));
  const kept = pick(targets, records);
  if (!isJudged(name, kept)) return createUtility(name, targets, classes, gridBits);
  const judge = createUtility(name, kept, classes, gridBits);
  return (logits) => {
    const rows = new Float64Array(records.length * classes);
    records.forEach((record, at) => rows.set(logits.subarray(record * classes, (record + 1) * classes), at * classes));
    return judge(rows);
  };
}
