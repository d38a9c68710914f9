import { waitUntil } from "../chain/clock.ts";
import { ROUND_STATES } from "../ledger/open-round.ts";
import type { OperatorContext } from "./seal-round.ts";

/** Makes a reported round final once its window has passed. Its parent must be final: call in the order of rounds. */
export async function finaliseRound({ kernel, transactor, relayer }: OperatorContext, federation: number, round: number): Promise<void> {
  const { state, deadline } = await kernel.rounds.read.roundOf([federation, round]);
  if (ROUND_STATES[state] === "Final") return;
  await waitUntil(kernel.client, deadline);
  await transactor.send(relayer, { kind: "finalise", ...kernel.rounds, functionName: "finalise", args: [federation, round] });
}
