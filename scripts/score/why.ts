/** One sentence a seat: what it is paid for, and what kept it from more. Pure. */
import { share } from "./figures.ts";
import type { Gate, SeatTier, SeatView } from "./view.ts";

const WHOLE = 1_000_000_000_000n;

const REASONS: Readonly<Record<Gate, string>> = {
  zero: "was empty",
  replayed: "repeated what was known",
  noise: "has nothing in common with any other",
  norm: "is far longer or shorter than the others",
};

export function whyOf(seat: SeatView): string {
  const paid = seat.tiers.filter(({ score }) => score > 0n).map(({ tier, score }) => `${share(score, WHOLE)} for ${tier}`);
  const head = paid.length === 0 ? `Seat ${seat.seat} gets nothing` : `Seat ${seat.seat} gets ${share(seat.score, WHOLE)} of the pool: ${paid.join(", ")}`;
  const causes = [...dataCauses(seat), ...tierCauses(seat)];
  if (causes.length > 0) return `${head}; ${causes.join("; ")}.`;
  return paid.length === 0 ? `${head}: it has no points, voices or updates that count.` : `${head}.`;
}

function dataCauses({ seat, data }: SeatView): string[] {
  if (data === null) return [];
  const causes = data.gates.map(({ round, reason }) => `its update of round ${round} is left out: it ${REASONS[reason]}`);
  const { cluster } = data;
  if (cluster === null) return causes;
  const mates = cluster.seats.filter((other) => other !== seat);
  if (mates.length > 0) causes.push(`it is judged as one with ${mates.length === 1 ? "seat" : "seats"} ${mates.join(", ")}`);
  if (cluster.backward) causes.push("its updates lead away from the right answers");
  else if (cluster.competencePpm === 0) causes.push("with its updates alone the model can do nothing on the holdout");
  else if (cluster.phiPpm <= 0) causes.push("its updates add nothing to what the others give, so only its own merit counts");
  if (cluster.passed < cluster.rounds) causes.push(`${cluster.passed} of ${cluster.rounds} rounds count`);
  if (cluster.atCeiling) causes.push("the data tier's ceiling is reached");
  return causes;
}

function tierCauses({ tiers }: SeatView): string[] {
  const stoppedBy = (cause: SeatTier["stop"]) => tiers.filter(({ stop }) => stop === cause).map(({ tier }) => tier).join(" and ");
  const [reputation, ceiling] = [stoppedBy("reputation"), stoppedBy("ceiling")];
  return [...(reputation === "" ? [] : [`reputation keeps it from being paid for ${reputation}`]), ...(ceiling === "" ? [] : [`the ceiling of ${ceiling} is reached`])];
}
