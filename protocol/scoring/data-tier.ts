/**
 * What each seat's data did for the model in one window: gates, clusters, marginal value, competence and shares. Pure, integer, and the same wherever it
 * is computed. The rule and what it was measured to do: docs/protocol.md, “Quality scores”.
 */
import type { Hex } from "viem";
import { concatHex, keccak256, stringToHex } from "viem/utils";
import { requireSame } from "./require.ts";
import { protocolError } from "../errors.ts";
import { PPM } from "../terms/terms.ts";
import { clusterSeats, type Cluster } from "./clusters.ts";
import { gateWindow, type EntryGate } from "./gates.ts";
import { comparedLanes } from "./lanes.ts";
import { measureWindow, type MeasuredEntry, type MeasuredWindow } from "./measure.ts";
import { coalitionValues, exactShapley, permutationShapley, permutationSlice, type Progress, type ShapleyValues } from "./shapley.ts";
import { divide, effectiveLambda, sizeOf, splitShare } from "./shares.ts";
import { judgeAbilities } from "./competence.ts";
import type { Game, PlayerRound } from "./value.ts";
import type { DataTierInput, SeatEvidence } from "./window.ts";

/**
 * A cluster with every term of its share. @param records,qualityPpm Registered; of copies the largest counts. @param passed Rounds with an entry that counts.
 * @param phiPpm φ rounded down: how many millionths of the utility its updates are worth, on average over all coalitions.
 */
export interface ClusterScore {
  readonly seats: readonly number[];
  readonly records: number;
  readonly qualityPpm: number;
  readonly passed: number;
  readonly phiPpm: number;
  readonly competencePpm: number;
  readonly directionPpm: number;
  readonly marginalPpb: bigint;
  readonly meritPpb: bigint;
  readonly sharePpb: bigint;
}

/** @param startPpm,endPpm Utility of the model before the window, and with every entry that counts. @param sharesPpb By seat of `seats`; they sum to at most 10^9. */
export interface DataTierResult {
  readonly startPpm: number;
  readonly endPpm: number;
  readonly lambdaPpm: number;
  readonly entries: readonly EntryGate[];
  readonly clusters: readonly ClusterScore[];
  readonly sharesPpb: ReadonlyMap<number, bigint>;
}

/** What is left to do once the window was measured: the game whose Shapley values are wanted. */
export interface DataTierGame {
  readonly input: DataTierInput;
  readonly window: MeasuredWindow;
  readonly entries: readonly EntryGate[];
  readonly clusters: readonly Cluster[];
  readonly game: Game;
}

/** Scores one window. @throws length-mismatch, out-of-range */
export function scoreDataTier(input: DataTierInput, progress?: Progress): DataTierResult {
  const prepared = prepareDataTier(input);
  return finishDataTier(prepared, shapleyOf(prepared, progress));
}

/** Seed of the permutations. */
export const permutationSeed = (seed: Hex): Hex => keccak256(concatHex([seed, stringToHex("permutations")]));
const laneSeed = (seed: Hex): Hex => keccak256(concatHex([seed, stringToHex("lanes")]));

function shapleyOf({ game, input }: DataTierGame, progress?: Progress): ShapleyValues {
  if (game.players <= input.terms.exactClusters) return exactShapley(coalitionValues(game, progress));
  const pairs = input.terms.permutations / 2;
  return permutationShapley([permutationSlice(game, permutationSeed(input.seed), 0, pairs, progress)], pairs);
}

/** Everything up to the game. Beyond the terms' `exactClusters`, threads can share `permutationSlice` of it. @throws length-mismatch, out-of-range */
export function prepareDataTier(input: DataTierInput): DataTierGame {
  const { seats, terms, seed } = input;
  const evidence = new Map(seats.map((seat) => [seat.seat, seat]));
  requireSame("different seats", seats.length, evidence.size);
  const window = measureWindow(input);
  const { entries, grams } = gateWindow(input, comparedLanes(input.base.length, laneSeed(seed)));
  const counts = new Set(entries.flatMap(({ round, seat, reason }) => (reason === null ? [`${round} ${seat}`] : [])));
  const present = [...new Set(grams.flatMap((gram) => gram.seats))].map((seat) => seatEvidence(evidence, seat));
  const clusters = clusterSeats(present, grams, terms);
  const rounds = window.rounds.map((round) => clusters.map((cluster) => playerRound(round.entries.filter(({ seat }) => cluster.seats.includes(seat) && counts.has(`${round.round} ${seat}`)))));
  return { input, window, entries, clusters, game: { players: clusters.length, base: window.base, rounds, utility: window.utility } };
}

function seatEvidence(evidence: ReadonlyMap<number, SeatEvidence>, seat: number): SeatEvidence {
  const found = evidence.get(seat);
  if (found === undefined) throw protocolError("out-of-range", `Seat ${seat} has an entry, but nothing says whose it is.`);
  return found;
}

function playerRound(entries: readonly MeasuredEntry[]): PlayerRound | null {
  const [first] = entries;
  if (first === undefined) return null;
  const logits = new Float64Array(first.logits.length);
  for (const entry of entries) for (let at = 0; at < logits.length; at++) logits[at]! += entry.weight * entry.logits[at]!;
  return { weight: entries.reduce((sum, { weight }) => sum + weight, 0), logits };
}

/** The shares, once the Shapley values are known. */
export function finishDataTier({ input, window, entries, clusters, game }: DataTierGame, { sums, scale }: ShapleyValues): DataTierResult {
  const { terms, seats, rounds } = input;
  const evidence = new Map(seats.map((seat) => [seat.seat, seat]));
  const { startPpm, endPpm, players } = judgeAbilities(window, terms, game, clusters, evidence);
  const lambdaPpm = effectiveLambda(terms.lambdaPpm, terms.shrinkPpm, endPpm - startPpm);
  const known = clusters.map((cluster, i) => {
    const { records, qualityPpm } = backing(cluster, evidence, terms.recordCap);
    const passed = game.rounds.filter((round) => round[i] !== null).length;
    return { records, qualityPpm, passed, size: sizeOf(records, qualityPpm, passed, Math.max(rounds.length, 1)) };
  });
  const shares = divide(clusters.map((_, i) => ({ phi: sums[i]!, competencePpm: players[i]!.competencePpm, size: known[i]!.size })), lambdaPpm, terms.ceilingPpm);
  // What a copy costs is more than doubling an update's weight in the model can gain.
  const kept = BigInt(PPM - terms.copyPenaltyPpm);
  const paid = shares.map((share, i) => (clusters[i]!.copies.some(({ length }) => length > 1) ? { ...share, sharePpb: (share.sharePpb * kept) / BigInt(PPM) } : share));
  const sharesPpb = new Map<number, bigint>(seats.map(({ seat }) => [seat, 0n]));
  clusters.forEach(({ seats: members }, i) => {
    const weights = members.map((seat) => BigInt(evidence.get(seat)!.records) * BigInt(entries.filter((entry) => entry.seat === seat && entry.reason === null).length));
    splitShare(paid[i]!.sharePpb, weights).forEach((share, at) => sharesPpb.set(members[at]!, share));
  });
  const scores = clusters.map(({ seats: members }, i): ClusterScore => {
    const { records, qualityPpm, passed } = known[i]!;
    return { seats: members, records, qualityPpm, passed, phiPpm: Number(sums[i]! / scale), ...players[i]!, ...paid[i]! };
  });
  return { startPpm, endPpm, lambdaPpm, entries, clusters: scores, sharesPpb };
}

/** Registered data of a cluster: that of a dataset, and of copies, counts once. */
function backing({ copies }: Cluster, evidence: ReadonlyMap<number, SeatEvidence>, recordCap: number): { records: number; qualityPpm: number } {
  const counted = copies.map((group) => group.map((seat) => evidence.get(seat)!).reduce((best, next) => (next.records > best.records ? next : best)));
  const byDataset = [...new Map(counted.map((seat) => [seat.dataset, seat])).values()];
  const records = byDataset.reduce((sum, seat) => sum + seat.records, 0);
  const quality = byDataset.reduce((sum, seat) => sum + seat.records * seat.qualityPpm, 0);
  return { records: Math.min(records, recordCap), qualityPpm: records === 0 ? 0 : Math.floor(quality / records) };
}
