import { waitUntil } from "../chain/clock.ts";
import type { Kernel } from "../chain/kernel.ts";
import { ROUND_STATES } from "../../protocol/ledger/states.ts";
import type { OperatorContext } from "./seal-round.ts";

/**
 * Makes a reported round final once its window has passed. Its parent must be final: call in the order of rounds.
 * A seal does the same for its parent on the way, and anyone else may: being second is no failure.
 */
export async function finaliseRound({ kernel, transactor, relayer }: OperatorContext, federation: number, round: number): Promise<void> {
  // The one that holds: a freeze by the ethics council gives a report another window.
  await waitUntil(kernel.client, Number(await kernel.rounds.read.deadlineOf([federation, round])));
  if (await isFinal(kernel, federation, round)) return;
  try {
    await transactor.send(relayer, { kind: "finalise", ...kernel.rounds, functionName: "finalise", args: [federation, round] });
  } catch (error) {
    if (!(await isFinal(kernel, federation, round))) throw error;
  }
}

async function isFinal({ rounds }: Kernel, federation: number, round: number): Promise<boolean> {
  return ROUND_STATES[(await rounds.read.roundOf([federation, round])).state] === "Final";
}
