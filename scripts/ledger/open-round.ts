import type { RoundContext } from "../../protocol/index.ts";
import { ROUND_STATES } from "../../protocol/ledger/states.ts";
import type { Kernel } from "../chain/kernel.ts";

/** The round that contributions are for now. */
export interface OpenRound {
  readonly context: RoundContext;
  /** Attempt that its seal will have. */
  readonly attempt: number;
  readonly parentRound: number;
  /** Chain time from which it can be sealed. */
  readonly forceUntil: number;
}

/** Reads the open round, or null while one is sealed and waits for its report. */
export async function readOpenRound({ rounds }: Kernel, federation: number): Promise<OpenRound | null> {
  const [head, configHash] = await Promise.all([rounds.read.headOf([federation]), rounds.read.configHashOf([federation])]);
  const tip = await rounds.read.roundOf([federation, head.tip]);
  const redone = ROUND_STATES[tip.state] === "Open";
  if (!redone && !["Reported", "Final"].includes(ROUND_STATES[tip.state] ?? "None")) return null;
  const parentRound = redone ? tip.parentRound : head.tip;
  const parent = redone ? await rounds.read.roundOf([federation, parentRound]) : tip;
  return {
    context: { federation, round: redone ? head.tip : head.last + 1, parentReportHash: parent.hash, configHash },
    attempt: redone ? tip.attempt : 0,
    parentRound,
    forceUntil: head.forceUntil,
  };
}
