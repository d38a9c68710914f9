import { setTimeout as sleep } from "node:timers/promises";
import type { Outbox } from "../../chain/outbox/outbox.ts";

export interface TendingParameters {
  /** Milliseconds between two looks; more after failures. */
  readonly pause: number;
  readonly warn: (message: string) => void;
  readonly signal: AbortSignal;
}

const LONGEST = 60_000;
const WORTH_SAYING = 5;

/** Looks after what was sent, again and again: a reorganisation takes things back also while there is nothing new to send. Resolves when the look that was under way at the signal is over. */
export async function tend(outbox: Pick<Outbox, "tend">, { pause, warn, signal }: TendingParameters): Promise<void> {
  for (let failures = 0; !signal.aborted; ) {
    failures = await outbox.tend().then(() => 0, () => failures + 1);
    if (failures === WORTH_SAYING) warn("what became of transactions cannot be seen; it is looked again and again.");
    await sleep(Math.min(LONGEST, pause * 2 ** failures), undefined, { signal }).catch(() => undefined);
  }
}
