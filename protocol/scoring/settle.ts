/**
 * `quality-v1`: from terms, evidence and what the data tier found to the score of every seat and of nobody, and to what the settlement says of each contributor. Pure;
 * builder, verifier and receipt share it. docs/protocol.md, “Quality settlements”.
 */
import { protocolError } from "../errors.ts";
import { observe, reputationIn, type KindObservation, type ReputationKind, type ReputationTable } from "../reputation/table.ts";
import type { Scores } from "../rewards/scores.ts";
import type { ScoredRound } from "../rewards/scoring.ts";
import { PPM, TIERS, type PointTier, type Terms, type Tier } from "../terms/terms.ts";
import { divide, divideVotes, type Claims, type Division } from "./divide.ts";
import { partyOf, type Evidence } from "./evidence.ts";
import { sumPoints } from "./tier-points.ts";
import { WHOLE, WORKING_FORMAT, type Backing, type DataWorking, type TierWorking, type Working } from "./working.ts";

const PPB = 1_000_000_000n;

type Found<Value> = Value extends readonly (infer Item)[] ? readonly Found<Item>[] : Value extends object ? { readonly [Key in keyof Value]: Found<Value[Key]> } : Value;

/** What `scoreDataTier` found on an open holdout. @param sharesPpb By seat, of 10^9; a seat that is not there did not take part. */
export type DataOutcome = Found<DataWorking> & { readonly sharesPpb: ReadonlyMap<number, bigint> };

/** @param rounds The final rounds covered. @param data Null when the holdout is private or there is none. @param reputation Before this settlement. */
export interface QualityInput {
  readonly terms: Terms;
  readonly evidence: Evidence;
  readonly rounds: readonly ScoredRound[];
  readonly data: DataOutcome | null;
  readonly reputation: ReputationTable;
}

export interface QualitySettlement {
  readonly scores: Scores;
  readonly working: Working;
  readonly reputation: ReputationTable;
}

/** A tier before reputation, and who took part in it; nobody, when nothing was judged. */
interface Earned {
  readonly division: Division;
  readonly points: readonly bigint[];
  readonly backing: readonly Backing[];
  readonly took: readonly boolean[];
}

const MILLION = BigInt(PPM);

/** @throws length-mismatch, reputation-invalid */
export function settleQuality(input: QualityInput): QualitySettlement {
  const { terms, evidence, reputation } = input;
  const count = evidence.seats.length;
  const earned = new Map(TIERS.map((tier) => [tier, earnedIn(tier, input, BigInt(terms.shares[tier]) * MILLION)]));
  const tiers = TIERS.map((tier): TierWorking => {
    const { division, points, backing } = earned.get(tier)!;
    const gated = evidence.seats.flatMap(({ contributor }, seat) => (division.seats[seat]! > 0n && isGated(tier, contributor, input) ? [seat] : []));
    const scores = division.seats.map((score, seat) => (gated.includes(seat) ? 0n : score));
    const nobody = scores.reduce((rest, score, seat) => rest + division.seats[seat]! - score, division.nobody);
    return {
      tier, pool: BigInt(terms.shares[tier]) * MILLION, backing: [...backing], points: [...points], parties: division.parties, ceiling: division.ceiling,
      earned: [...division.seats], gated, scores, nobody,
    };
  });
  const seats = Array.from({ length: count }, (_, seat) => tiers.reduce((sum, { scores }) => sum + scores[seat]!, 0n));
  const nobody = WHOLE - seats.reduce((sum, score) => sum + score, 0n);
  const { data } = input;
  return {
    scores: { seats, nobody },
    working: { format: WORKING_FORMAT, version: 1, data: data && workingOf(data), tiers, scores: { seats, nobody } },
    reputation: observe(reputation, observations(input, earned)),
  };
}

function workingOf({ startPpm, endPpm, lambdaPpm, entries, clusters }: DataOutcome): DataWorking {
  return { startPpm, endPpm, lambdaPpm, entries: entries.map((entry) => ({ ...entry })), clusters: clusters.map((cluster) => ({ ...cluster, seats: [...cluster.seats] })) };
}

function earnedIn(tier: Tier, input: QualityInput, pool: bigint): Earned {
  const { terms, evidence } = input;
  const parties = evidence.seats.map(partyOf);
  switch (tier) {
    case "data":
      return dataTier(input, pool, parties);
    case "compute":
      return computeTier(input, pool, parties);
    case "model":
      return modelTier(input, pool);
    case "community": {
      const { sixths, ...division } = divideVotes(pool, evidence.commendations.map(({ seats }) => seats), parties.length);
      return { division: { ...division, parties: evidence.commendations.length }, points: sixths, backing: ["enforced"], took: parties.map(() => false) };
    }
    default:
      return byPoints(pool, attested(tier, evidence), parties, terms.tierCeilingPpm);
  }
}

const attested = (tier: PointTier, { points, seats }: Evidence): bigint[] => sumPoints(points, tier, seats.length);

function byPoints(pool: bigint, seats: readonly bigint[], parties: readonly string[], ceilingPpm: number): Earned {
  return { division: divide(pool, { seats, parties }, ceilingPpm), points: seats, backing: ["attested"], took: seats.map((points) => points > 0n) };
}

/** On an open holdout by what everybody recomputes (the levels of labels are their custodians' word); on a private one by what its custodian signed. */
function dataTier({ terms, evidence, data, rounds }: QualityInput, pool: bigint, parties: readonly string[]): Earned {
  const count = parties.length;
  const trained = new Set(rounds.flatMap(({ seats, weights }) => seats.filter((_, i) => weights[i] !== 0)));
  const took = parties.map((_, seat) => trained.has(seat));
  if (evidence.holdout.kind === "private") {
    const signed = byPoints(pool, attested("data", evidence), parties, terms.data.ceilingPpm);
    return { ...signed, took: signed.points.some((points) => points > 0n) ? took : parties.map(() => false) };
  }
  const points = Array.from({ length: count }, (_, seat) => data?.sharesPpb.get(seat) ?? 0n);
  const seats = points.map((share) => (pool * share) / PPB);
  const nobody = pool - seats.reduce((sum, score) => sum + score, 0n);
  if (nobody < 0n) throw protocolError("out-of-range", "The data tier's shares sum to more than one.");
  const clusters = data?.clusters.length ?? 0;
  const ceiling = clusters === 0 ? 0n : (pool * BigInt(terms.data.ceilingPpm)) / (MILLION * BigInt(clusters));
  const division = { seats, nobody, ceiling: ceiling < pool ? ceiling : pool, parties: clusters };
  return { division, points, backing: ["recomputable", "attested"], took: data === null ? parties.map(() => false) : took };
}

/** A report signed is worth `reportPoints` to the lowest support seat of its operator's organisation; without one they are points that nobody has. */
function computeTier({ terms, evidence }: QualityInput, pool: bigint, parties: readonly string[]): Earned {
  const points = attested("compute", evidence);
  const outside = new Map<string, bigint>();
  const worth = BigInt(terms.compute.reportPoints);
  for (const signer of evidence.reports.flatMap(({ signers }) => signers)) {
    const seat = evidence.seats.findIndex(({ dataset, organisation }) => dataset === 0 && organisation === signer.organisation);
    if (seat >= 0) points[seat]! += worth;
    else outside.set(partyOf(signer), (outside.get(partyOf(signer)) ?? 0n) + worth);
  }
  const claims: Claims = { seats: points, parties, outside };
  return { division: divide(pool, claims, terms.tierCeilingPpm), points, backing: ["enforced", "attested"], took: points.map((one) => one > 0n) };
}

/** Authors' fixed parts, when the window did not end with a model worse than the one that it began with: on an open holdout as recomputed, else as signed. */
function modelTier({ terms, evidence, data }: QualityInput, pool: bigint): Earned {
  const count = evidence.seats.length;
  const { authors } = terms.model;
  const points = new Array<bigint>(count).fill(0n);
  for (const { seat, parts } of authors) if (seat < count) points[seat] = BigInt(parts);
  const total = authors.reduce((sum, { parts }) => sum + BigInt(parts), 0n);
  const isPrivate = evidence.holdout.kind === "private";
  const earned = isPrivate ? attested("data", evidence).some((signed) => signed > 0n) : data !== null && data.endPpm >= data.startPpm;
  const seats = points.map((parts) => (earned && total > 0n ? (pool * parts) / total : 0n));
  const division = { seats, nobody: pool - seats.reduce((sum, score) => sum + score, 0n), ceiling: pool, parties: authors.length };
  const judged = isPrivate ? earned : data !== null;
  return { division, points, backing: [isPrivate ? "attested" : "recomputable"], took: points.map((parts) => judged && parts > 0n) };
}

/** Verification pays annotators who are known to be good; data pays everybody who is not known to be bad. By the reputation before this settlement. */
function isGated(tier: Tier, contributor: number, { terms, reputation }: QualityInput): boolean {
  const { verificationGatePpm, dataFloorPpm } = terms.reputation;
  if (tier === "verification") return reputationIn(reputation, contributor, "annotation").lower < verificationGatePpm;
  return tier === "data" && reputationIn(reputation, contributor, "data").upper < dataFloorPpm;
}

/**
 * One observation for each contributor and kind in which it took part: weight one, success its part over the fair part, at most one. Before reputation, so that
 * whoever was kept out can earn a way back. The community's votes are no evidence of how anybody worked.
 */
function observations({ evidence, terms }: QualityInput, earned: ReadonlyMap<Tier, Earned>): KindObservation[] {
  return TIERS.flatMap((tier) => {
    if (tier === "community" || terms.shares[tier] === 0) return [];
    const kind: ReputationKind = tier;
    const { division, took } = earned.get(tier)!;
    const sums = new Map<number, bigint>();
    evidence.seats.forEach(({ contributor }, seat) => {
      if (took[seat]) sums.set(contributor, (sums.get(contributor) ?? 0n) + division.seats[seat]!);
    });
    const pool = BigInt(terms.shares[tier]) * MILLION;
    return [...sums].map(([contributor, own]): KindObservation => {
      const success = (own * BigInt(sums.size) * MILLION) / pool;
      return { contributor, kind, weight: PPM, success: Number(success < MILLION ? success : MILLION) };
    });
  });
}
