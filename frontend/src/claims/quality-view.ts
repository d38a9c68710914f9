/** What a settlement by `quality-v1` says of one seat, as its receipt shows it. Pure. */
import type { Address, Hex } from "viem";
import { reputationOf, UNKNOWN } from "../../../protocol/reputation/beta.ts";
import type { Reputation } from "../../../protocol/reputation/beta.ts";
import { REPUTATION_KINDS } from "../../../protocol/reputation/table.ts";
import type { ReputationKind, ReputationTable } from "../../../protocol/reputation/table.ts";
import { partyOf } from "../../../protocol/scoring/evidence.ts";
import type { Backing, DataWorking } from "../../../protocol/scoring/working.ts";
import type { Tier, Utility } from "../../../protocol/terms/terms.ts";
import type { QualityFacts } from "./quality-check.ts";

/** One tier. Parts are of 10^12, which is all of the pool. @param issuers Who signed for its points. */
export interface TierLine {
  readonly tier: Tier;
  readonly pool: bigint;
  readonly backing: readonly Backing[];
  readonly issuers: readonly Address[];
  readonly points: bigint;
  readonly allPoints: bigint;
  readonly earned: bigint;
  readonly score: bigint;
  /** Of this tier, paid to nobody. */
  readonly nobody: bigint;
  readonly stop: "no-points" | "reputation" | "ceiling" | undefined;
}

type Cluster = DataWorking["clusters"][number];
export type Gate = NonNullable<DataWorking["entries"][number]["reason"]>;

/** @param cut What the ceiling took, in 10^−9 of the data tier. @param mates Other seats of the same cluster. */
export interface ClusterLine extends Cluster {
  readonly mates: readonly number[];
  readonly cut: bigint;
  readonly backward: boolean;
}

export type DataLine =
  | { readonly kind: "none" | "private" }
  | {
      readonly kind: "open";
      readonly holdout: { readonly commitment: Hex; readonly records: number };
      readonly utility: Utility;
      readonly startPpm: number;
      readonly endPpm: number;
      readonly lambdaPpm: number;
      readonly gates: readonly { readonly round: number; readonly reason: Gate }[];
      /** Undefined for a seat that had no part in training. */
      readonly cluster: ClusterLine | undefined;
    };

export interface ReputationLine {
  readonly kind: ReputationKind;
  readonly before: Reputation | undefined;
  readonly after: Reputation;
  /** What this tier asks for, and which end of R ± u is held to it. */
  readonly asks: { readonly end: "lower" | "upper"; readonly ppm: number } | undefined;
}

/** What could have made it more, largest cause first. */
export type Change =
  | { readonly kind: "gate"; readonly reason: Gate; readonly rounds: readonly number[] }
  | { readonly kind: "backward" | "unable" | "reputation" | "marginal" }
  | { readonly kind: "labels"; readonly qualityPpm: number }
  | { readonly kind: "ceiling"; readonly tier: Tier }
  | { readonly kind: "together"; readonly seats: readonly number[] }
  | { readonly kind: "rounds"; readonly passed: number; readonly of: number }
  | { readonly kind: "idle"; readonly tiers: readonly Tier[] };

export interface QualityView {
  readonly tiers: readonly TierLine[];
  readonly nobody: bigint;
  readonly data: DataLine;
  readonly reputation: readonly ReputationLine[];
  readonly changes: readonly Change[];
  /** Tiers that pay this seat and rest, at least in part, on somebody's word. */
  readonly attested: readonly Tier[];
}

const total = (values: readonly bigint[]): bigint => values.reduce((sum, value) => sum + value, 0n);

export function viewQuality({ terms, evidence, working, issued, reputation }: QualityFacts, seat: number): QualityView {
  const facts = evidence.seats[seat];
  const parties = evidence.seats.map(partyOf);
  const tiers = working.tiers
    .filter(({ pool }) => pool > 0n)
    .map(({ tier, pool, backing, points, ceiling, earned, gated, scores, nobody }): TierLine => {
      const party = total(earned.filter((_, other) => parties[other] === parties[seat]));
      const own = earned[seat] ?? 0n;
      const stop = gated.includes(seat) ? "reputation" : own === 0n ? "no-points" : tier !== "data" && tier !== "community" && party >= ceiling && ceiling < pool ? "ceiling" : undefined;
      const issuers = [...new Set(issued.flatMap(({ tier: of, signer }) => (of === tier ? [signer] : [])))];
      return { tier, pool, backing, issuers, points: points[seat] ?? 0n, allPoints: total(points), earned: own, score: scores[seat] ?? 0n, nobody, stop };
    });
  const data = dataOf({ terms, evidence, working }, seat);
  return {
    tiers,
    nobody: working.scores.nobody,
    data,
    reputation: facts === undefined ? [] : reputationLines(reputation, facts.contributor, terms),
    changes: changesOf(tiers, data, working, facts?.dataset !== 0),
    attested: tiers.filter(({ score, backing }) => score > 0n && backing.includes("attested")).map(({ tier }) => tier),
  };
}

function dataOf({ terms, evidence: { holdout }, working: { data } }: Pick<QualityFacts, "terms" | "evidence" | "working">, seat: number): DataLine {
  if (holdout.kind !== "open" || data === null) return { kind: holdout.kind === "private" ? "private" : "none" };
  const cluster = data.clusters.find(({ seats }) => seats.includes(seat));
  const { startPpm, endPpm, lambdaPpm, entries } = data;
  const gates = entries.flatMap(({ round, seat: other, reason }) => (other === seat && reason !== null ? [{ round, reason }] : []));
  return {
    kind: "open", holdout: { commitment: holdout.commitment, records: holdout.records }, utility: terms.data.utility, startPpm, endPpm, lambdaPpm, gates,
    cluster: cluster && {
      ...cluster, mates: cluster.seats.filter((other) => other !== seat), cut: cluster.marginalPpb + cluster.meritPpb - cluster.sharePpb, backward: cluster.directionPpm < -terms.data.backwardPpm,
    },
  };
}

function reputationLines({ before, after }: QualityFacts["reputation"], contributor: number, { reputation: { verificationGatePpm, dataFloorPpm } }: QualityFacts["terms"]): ReputationLine[] {
  const evidenceIn = (table: ReputationTable, kind: ReputationKind) => table.find((row) => row.contributor === contributor && row.kind === kind);
  return (Object.keys(REPUTATION_KINDS) as ReputationKind[]).flatMap((kind): ReputationLine[] => {
    const [old, now] = [evidenceIn(before, kind), evidenceIn(after, kind)];
    if (now === undefined && old === undefined) return [];
    const asks = kind === "annotation" ? { end: "lower", ppm: verificationGatePpm } as const : kind === "data" ? { end: "upper", ppm: dataFloorPpm } as const : undefined;
    return [{ kind, before: old && reputationOf(old), after: reputationOf(now ?? UNKNOWN), asks }];
  });
}

function changesOf(tiers: readonly TierLine[], data: DataLine, working: QualityFacts["working"], trains: boolean): Change[] {
  const changes: Change[] = [];
  if (tiers.some(({ stop }) => stop === "reputation")) changes.push({ kind: "reputation" });
  if (data.kind === "open") {
    for (const reason of new Set(data.gates.map((gate) => gate.reason))) {
      changes.push({ kind: "gate", reason, rounds: data.gates.flatMap((gate) => (gate.reason === reason ? [gate.round] : [])) });
    }
    if (data.cluster !== undefined) changes.push(...clusterChanges(data.cluster, roundsOf(working)));
  }
  for (const { tier, stop } of tiers) if (stop === "ceiling") changes.push({ kind: "ceiling", tier });
  const idle = tiers.filter(({ tier, stop }) => stop === "no-points" && (tier !== "data" || !trains)).map(({ tier }) => tier);
  if (idle.length > 0) changes.push({ kind: "idle", tiers: idle });
  return changes;
}

const roundsOf = ({ data }: QualityFacts["working"]): number => new Set(data?.entries.map(({ round }) => round)).size;

function clusterChanges({ backward, competencePpm, cut, mates, phiPpm, qualityPpm, passed }: ClusterLine, rounds: number): Change[] {
  return [
    ...(backward ? [{ kind: "backward" } as const] : competencePpm === 0 ? [{ kind: "unable" } as const] : []),
    ...(cut > 1n ? [{ kind: "ceiling", tier: "data" } as const] : []),
    ...(mates.length > 0 ? [{ kind: "together", seats: mates } as const] : []),
    ...(qualityPpm < 1_000_000 ? [{ kind: "labels", qualityPpm } as const] : []),
    ...(passed < rounds ? [{ kind: "rounds", passed, of: rounds } as const] : []),
    ...(phiPpm <= 0 && !backward && competencePpm > 0 ? [{ kind: "marginal" } as const] : []),
  ];
}
