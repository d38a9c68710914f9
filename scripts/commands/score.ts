import { envelope, type Streams } from "../output/command.ts";
import { readScores } from "../score/read.ts";
import { describeQuality, describeSize } from "../score/text.ts";
import { whyOf } from "../score/why.ts";
import type { QualityView, SizeView } from "../score/view.ts";
import { exitOf, recompute, type AuditOptions } from "./audit.ts";
import { usage } from "./context.ts";

export interface ScoreOptions extends Omit<AuditOptions, "round" | "settlement"> {
  readonly settlement: number;
  /** Left out: every seat. */
  readonly seat?: number | undefined;
}

/** Shows the working of a settlement once it is recomputed: numbers that could not be verified are never shown. Exit code as of `audit`. */
export async function score({ seat, ...options }: ScoreOptions, { out, err }: Streams): Promise<number> {
  const { facts, live, store, report, seconds } = await recompute(options, err);
  const source = { source: live ? "chain" : "recorded", block: facts.asOf.block };
  const found = facts.settlements.find(({ index }) => index === options.settlement);
  if (found === undefined || !report.ok) {
    if (options.json) out.write(envelope(false, { ok: false, ...source, findings: report.findings }));
    else err.write(`✗ Settlement ${options.settlement} could not be verified, so its scores are not shown.\n`);
    return exitOf(report);
  }
  const view = await readScores((artefact) => store.open(artefact), found.artefact);
  if (seat !== undefined && seat >= view.seats.length) throw usage(`Settlement ${found.index} has no seat ${seat}.`, `It has seats 0 to ${view.seats.length - 1}.`);
  const unit = facts.points === null ? "SHU" : "points";
  const { index, state, firstRound, lastRound } = found;
  if (options.json) {
    out.write(envelope(true, { ok: true, ...source, settlement: index, state, firstRound, lastRound, unit, ...asData(view, seat) }));
  } else {
    out.write(`✓ Settlement ${index} of rounds ${firstRound} to ${lastRound}, ${state}: recomputed and equal, ${report.checked} comparisons in ${seconds} s\n\n`);
    out.write(view.rule === "size-v1" ? describeSize(view, unit, seat) : describeQuality(view, unit, seat));
  }
  return exitOf(report);
}

function asData(view: QualityView | SizeView, only: number | undefined) {
  const wanted = ({ seat }: { readonly seat: number }): boolean => only === undefined || seat === only;
  if (view.rule === "size-v1") return { ...view, seats: view.seats.filter(wanted) };
  return { ...view, seats: view.seats.filter(wanted).map((seat) => ({ ...seat, why: whyOf(seat) })) };
}
