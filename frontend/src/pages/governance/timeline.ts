/** Where a proposal stands, as moments on one line. Pure. */
import type { ProposalRecord } from "../../../../protocol/governance/proposals.ts";
import type { ProposalStatus } from "./data/listed.ts";

export type StepKind = "proposed" | "opens" | "closes" | "canceled" | "defeated" | "queued" | "executable" | "executed";

/** @param at Seconds since 1970, or the block whose time it is. */
export interface Step {
  readonly kind: StepKind;
  readonly at: { readonly time: bigint } | { readonly block: bigint };
  readonly reached: boolean;
  /** The end of voting was moved by a quorum that came late. */
  readonly extended?: true;
}

export function timelineOf({ block, snapshot, milestones }: ProposalRecord, { state, deadline, eta }: ProposalStatus): readonly Step[] {
  const milestone = (kind: "queued" | "executed" | "canceled") => milestones.find((one) => one.kind === kind);
  const proposed: Step = { kind: "proposed", at: { block }, reached: true };
  const canceled = milestone("canceled");
  if (canceled !== undefined) return [proposed, { kind: "canceled", at: { block: canceled.block }, reached: true }];

  const extended = milestones.some(({ kind }) => kind === "extended");
  const over = state !== "Pending" && state !== "Active";
  const steps: Step[] = [
    proposed,
    { kind: "opens", at: { time: snapshot }, reached: state !== "Pending" },
    { kind: "closes", at: { time: deadline }, reached: over, ...(extended && { extended }) },
  ];
  if (state === "Defeated") return [...steps, { kind: "defeated", at: { time: deadline }, reached: true }];
  const [queued, executed] = [milestone("queued"), milestone("executed")];
  if (queued !== undefined) {
    steps.push({ kind: "queued", at: { block: queued.block }, reached: true });
    // The governor forgets the moment once it is over; its event does not.
    steps.push({ kind: "executable", at: { time: eta === 0n ? queued.until : eta }, reached: executed !== undefined });
  }
  if (executed !== undefined) steps.push({ kind: "executed", at: { block: executed.block }, reached: true });
  return steps;
}
