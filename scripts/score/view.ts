/** The working of a settlement, seat by seat, as `chongwen score` shows it. Pure: from files that an audit has recomputed. */
import type { Address, Hex } from "viem";
import { reputationOf, UNKNOWN, type Reputation } from "../../protocol/reputation/beta.ts";
import { REPUTATION_KINDS, type ReputationKind, type ReputationTable } from "../../protocol/reputation/table.ts";
import { partyOf, type Evidence } from "../../protocol/scoring/evidence.ts";
import type { Backing, DataWorking, Working } from "../../protocol/scoring/working.ts";
import type { PointTier, Terms, Tier } from "../../protocol/terms/terms.ts";

/** Points of one file that an issuer of the terms signed. */
export interface Issued {
  readonly tier: PointTier;
  readonly subject: Hex;
  readonly issuer: Address;
  readonly points: readonly (readonly [seat: number, points: bigint])[];
}

export interface QualityFiles {
  readonly terms: Terms;
  readonly evidence: Evidence;
  readonly working: Working;
  readonly issued: readonly Issued[];
  readonly before: ReputationTable;
  readonly after: ReputationTable;
}

/** @param scores One a seat, then nobody's. @param amounts One a seat, of what the federation pays in. */
export interface Settled {
  readonly pool: bigint;
  readonly scores: readonly bigint[];
  readonly amounts: readonly bigint[];
}

/** A tier of the whole settlement. Parts are of 10^12. */
export interface TierRow {
  readonly tier: Tier;
  readonly backing: readonly Backing[];
  readonly pool: bigint;
  readonly paid: bigint;
  readonly nobody: bigint;
}

/** @param stop Why a seat has less of a tier than it earned, or why what it earned is less than its part. */
export interface SeatTier {
  readonly tier: Tier;
  readonly points: bigint;
  readonly allPoints: bigint;
  readonly earned: bigint;
  readonly score: bigint;
  readonly stop: "reputation" | "ceiling" | null;
}

type Cluster = DataWorking["clusters"][number];
export type Gate = NonNullable<DataWorking["entries"][number]["reason"]>;

/** @param rounds Of the window. @param ceilingPpb Most that the cluster could get of the data tier. */
export interface SeatCluster extends Cluster {
  readonly rounds: number;
  readonly ceilingPpb: bigint;
  readonly atCeiling: boolean;
  readonly backward: boolean;
}

/** What the data of a seat did on an open holdout. @param sharePpb The seat's own, of 10^9. */
export interface SeatData {
  readonly gates: readonly { readonly round: number; readonly reason: Gate }[];
  readonly sharePpb: bigint;
  readonly cluster: SeatCluster | null;
}

export interface SeatReputation {
  readonly kind: ReputationKind;
  readonly before: Reputation | null;
  readonly after: Reputation;
}

export interface SeatView {
  readonly seat: number;
  readonly contributor: number;
  readonly organisation: number;
  readonly party: string;
  readonly trains: boolean;
  readonly score: bigint;
  readonly amount: bigint;
  readonly tiers: readonly SeatTier[];
  readonly data: SeatData | null;
  readonly points: readonly { readonly tier: PointTier; readonly subject: Hex; readonly issuer: Address; readonly points: bigint }[];
  /** Organisations that commended it. */
  readonly voices: readonly number[];
  readonly reputation: readonly SeatReputation[];
}

/** @param model What the window did for the model on an open holdout. */
export interface QualityView {
  readonly rule: "quality-v1";
  readonly pool: bigint;
  readonly holdout: Evidence["holdout"]["kind"];
  readonly model: { readonly startPpm: number; readonly endPpm: number; readonly lambdaPpm: number } | null;
  readonly tiers: readonly TierRow[];
  readonly nobody: bigint;
  readonly seats: readonly SeatView[];
}

/** By registered size: a seat's score is the sum of its weights. */
export interface SizeView {
  readonly rule: "size-v1";
  readonly pool: bigint;
  readonly weights: bigint;
  readonly seats: readonly { readonly seat: number; readonly weight: bigint; readonly amount: bigint }[];
}

const PPB = 1_000_000_000n;
export const sum = (values: readonly bigint[]): bigint => values.reduce((all, value) => all + value, 0n);

export function viewSize({ pool, scores, amounts }: Settled): SizeView {
  const weights = scores.slice(0, -1);
  return { rule: "size-v1", pool, weights: sum(weights), seats: weights.map((weight, seat) => ({ seat, weight, amount: amounts[seat] ?? 0n })) };
}

export function viewQuality(files: QualityFiles, { pool, scores, amounts }: Settled): QualityView {
  const { evidence, working } = files;
  const { data } = working;
  return {
    rule: "quality-v1", pool, holdout: evidence.holdout.kind, nobody: working.scores.nobody,
    model: data && { startPpm: data.startPpm, endPpm: data.endPpm, lambdaPpm: data.lambdaPpm },
    tiers: working.tiers.map((tier) => ({ tier: tier.tier, backing: tier.backing, pool: tier.pool, paid: sum(tier.scores), nobody: tier.nobody })),
    seats: evidence.seats.map((facts, seat): SeatView => ({
      seat, contributor: facts.contributor, organisation: facts.organisation, party: partyOf(facts), trains: facts.dataset !== 0, score: scores[seat] ?? 0n, amount: amounts[seat] ?? 0n,
      tiers: tiersOf(files, seat), data: dataOf(files, seat), voices: evidence.commendations.flatMap(({ organisation, seats }) => (seats.includes(seat) ? [organisation] : [])),
      points: files.issued.flatMap(({ points, ...about }) => points.flatMap(([to, amount]) => (to === seat ? [{ ...about, points: amount }] : []))),
      reputation: reputationLines(files, facts.contributor),
    })),
  };
}

function tiersOf({ evidence, working }: QualityFiles, seat: number): SeatTier[] {
  const parties = evidence.seats.map(partyOf);
  return working.tiers.filter(({ pool }) => pool > 0n).map(({ tier, pool, points, ceiling, earned, gated, scores }): SeatTier => {
    const own = earned[seat] ?? 0n;
    // A party is one to ceilings, so its seats are looked at together; the data tier's clusters have a ceiling of their own, and votes one a seat.
    const party = tier === "community" ? own : sum(earned.filter((_, other) => parties[other] === parties[seat]));
    const full = tier !== "data" && own > 0n && ceiling < pool && party + BigInt(parties.length) > ceiling;
    return { tier, points: points[seat] ?? 0n, allPoints: sum(points), earned: own, score: scores[seat] ?? 0n, stop: gated.includes(seat) ? "reputation" : full ? "ceiling" : null };
  });
}

function dataOf({ terms, working: { data, tiers } }: QualityFiles, seat: number): SeatData | null {
  if (data === null) return null;
  const found = data.clusters.find(({ seats }) => seats.includes(seat));
  const gates = data.entries.flatMap(({ round, seat: other, reason }) => (other === seat && reason !== null ? [{ round, reason }] : []));
  const ceilingPpb = (PPB * BigInt(terms.data.ceilingPpm)) / (1_000_000n * BigInt(Math.max(data.clusters.length, 1)));
  return {
    gates, sharePpb: tiers.find(({ tier }) => tier === "data")?.points[seat] ?? 0n,
    cluster: found === undefined ? null : {
      ...found, rounds: new Set(data.entries.map(({ round }) => round)).size, ceilingPpb, atCeiling: found.marginalPpb + found.meritPpb > ceilingPpb,
      backward: found.directionPpm < -terms.data.backwardPpm,
    },
  };
}

function reputationLines({ before, after }: QualityFiles, contributor: number): SeatReputation[] {
  const rowIn = (table: ReputationTable, kind: ReputationKind) => table.find((row) => row.contributor === contributor && row.kind === kind);
  return (Object.keys(REPUTATION_KINDS) as ReputationKind[]).flatMap((kind): SeatReputation[] => {
    const [old, now] = [rowIn(before, kind), rowIn(after, kind)];
    return old === undefined && now === undefined ? [] : [{ kind, before: old === undefined ? null : reputationOf(old), after: reputationOf(now ?? UNKNOWN) }];
  });
}
