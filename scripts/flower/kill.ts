// A hospital loses its power in the middle of a round's training.
import { ChongwenError } from "../../protocol/errors.ts";
import { readLog, waitForLine } from "./processes/log.ts";
import type { Site } from "./site.ts";
import type { SuperLink } from "./superlink.ts";

/** @param answered Whether its update had left the house when it was ended; then nothing was shown. */
export interface Kill {
  readonly hospital: string;
  readonly seat: number;
  readonly round: number;
  readonly signal: "SIGKILL";
  readonly answered: boolean;
}

/** What the app says in the round in which it trains for two minutes more: long enough to be hit, however busy the machine is. */
const TRAINING = /misbehave: in the middle of training/g;
const PATIENCE = 300;

const updatesSent = (site: Site): number => [...readLog(site.node().log).matchAll(/Sending: train message/g)].length;

/** What makes a hospital train long enough in a round. */
export const slowIn = (round: number): Readonly<Record<string, string>> => ({ CHONGWEN_MISBEHAVE: JSON.stringify({ [round]: "slow" }) });

/**
 * Waits until a hospital is in the middle of training for a round, ends its SuperNode and everything below it with SIGKILL, and starts it again.
 * @param round Of the ledger, which is the run's: it begins with the federation.
 */
export async function killDuringRound(site: Site, round: number, superlink: SuperLink, signal: AbortSignal): Promise<Kill> {
  await waitForLine(site.node(), TRAINING, { seconds: PATIENCE, signal });
  await site.node().end();
  if (updatesSent(site) >= round) {
    throw new ChongwenError({
      code: "flower-kill-late",
      message: `${site.name} had answered round ${round} before it was ended: it shows nothing.`,
      fix: "Run it again; the machine was too busy.",
      retryable: true,
    });
  }
  await site.startNode(superlink);
  return { hospital: site.name, seat: site.seat, round, signal: "SIGKILL", answered: false };
}
