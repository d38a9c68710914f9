/** The working of a settlement as text. Pure. */
import { formatEther } from "viem";
import { ratio, share, table } from "./figures.ts";
import type { QualityView, SeatData, SeatView, SizeView } from "./view.ts";
import { whyOf } from "./why.ts";

const WHOLE = 1_000_000_000_000n;
const PPB = 1_000_000_000n;

/** @param unit What the federation pays in. @param only This seat. */
export function describeSize({ pool, weights, seats }: SizeView, unit: string, only: number | undefined): string {
  const shown = seats.filter(({ seat }) => only === undefined || seat === only);
  const rows = shown.map(({ seat, weight, amount }) => [String(seat), String(weight), share(weight, weights), `${formatEther(amount)} ${unit}`]);
  return `size-v1: the pool of ${formatEther(pool)} ${unit} is divided by registered size, the sum of a seat's weights over the final rounds. Quality is not judged.\n\n${table([["seat", "weight", "share", "amount"], ...rows])}`;
}

export function describeQuality(view: QualityView, unit: string, only: number | undefined): string {
  const rows = view.tiers.map(({ tier, pool, paid, nobody, backing }) => [tier, share(pool, WHOLE), share(paid, WHOLE), share(nobody, WHOLE), backing.join(", ")]);
  const total = ["all", share(WHOLE, WHOLE), share(WHOLE - view.nobody, WHOLE), share(view.nobody, WHOLE), ""];
  const seats = view.seats.filter(({ seat }) => only === undefined || seat === only);
  return [
    `quality-v1: a pool of ${formatEther(view.pool)} ${unit}; what is nobody's rolls over\n\n`,
    table([["tier", "share", "paid", "nobody's", "rests on"], ...rows, total]),
    `\n${describeModel(view)}\n`,
    ...seats.map((seat) => describeSeat(seat, unit)),
  ].join("");
}

function describeModel({ holdout, model }: QualityView): string {
  if (model === null) return holdout === "private" ? "The holdout is private: its custodian judged the data and signed." : "No holdout judged the data.";
  return `On the holdout the model went from ${ratio(model.startPpm)} to ${ratio(model.endPpm)}; marginal value decides ${ratio(model.lambdaPpm)} of the data tier (λ').`;
}

function describeSeat(seat: SeatView, unit: string): string {
  const { tiers, data, points, voices, reputation } = seat;
  const rows = tiers.filter(({ points: own, earned }) => own > 0n || earned > 0n).map(({ tier, points: own, allPoints, earned, score, stop }) => [
    tier, tier === "data" && data !== null ? share(own, PPB) : `${own} of ${allPoints}`, share(earned, WHOLE), share(score, WHOLE), stop ?? "",
  ]);
  return [
    `\nseat ${seat.seat}, contributor ${seat.contributor}, ${seat.party}${seat.trains ? "" : ", support"}: score ${seat.score} of ${WHOLE}, ${formatEther(seat.amount)} ${unit}\n`,
    rows.length === 0 ? "" : table([["tier", "by", "earned", "score", "stopped by"], ...rows], "  "),
    data === null || !seat.trains ? "" : describeData(data),
    ...points.map(({ tier, points: own, issuer, subject }) => `  attested  ${own} points for ${tier}, signed by ${issuer}, about ${subject}\n`),
    voices.length === 0 ? "" : `  voices    of organisations ${voices.join(", ")}\n`,
    ...reputation.map(({ kind, before, after }) => `  standing  ${kind}: ${before === null ? "unknown" : `R ${ratio(before.mean)} ± ${ratio(before.uncertainty)}`} → R ${ratio(after.mean)} ± ${ratio(after.uncertainty)}\n`),
    `  ${whyOf(seat)}\n`,
  ].join("");
}

function describeData({ gates, cluster, sharePpb }: SeatData): string {
  const left = gates.map(({ round, reason }) => `  gate      round ${round}: ${reason}\n`).join("");
  if (cluster === null) return `${left}  data      had no part in training that counts\n`;
  const { seats, records, qualityPpm, passed, rounds, phiPpm, competencePpm, directionPpm, marginalPpb, meritPpb, ceilingPpb } = cluster;
  return [
    left, `  cluster   seats ${seats.join(", ")}: ${records} records, label quality Q ${ratio(qualityPpm)}, ${passed} of ${rounds} rounds\n`,
    `  judged    φ ${ratio(phiPpm)}, competence κ ${ratio(competencePpm)}, direction δ ${ratio(directionPpm)}\n`,
    `  share     ${share(marginalPpb, PPB)} marginal + ${share(meritPpb, PPB)} merit, at most ${share(ceilingPpb, PPB)} → ${share(cluster.sharePpb, PPB)} for the cluster, ${share(sharePpb, PPB)} for this seat\n`,
  ].join("");
}
