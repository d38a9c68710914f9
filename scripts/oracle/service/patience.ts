import { setTimeout as sleep } from "node:timers/promises";
import { BaseError } from "viem";
import { ChongwenError } from "../../../protocol/errors.ts";

const FIRST = 500;
const LONGEST = 30_000;

/** Does something until it succeeds, or fails with what waiting does not mend: a service that starts before its chain waits for it. */
export async function untilItWorks<Value>(work: () => Promise<Value>, { warn, signal }: { readonly warn: (message: string) => void; readonly signal: AbortSignal }): Promise<Value> {
  for (let tries = 0; ; tries++) {
    try {
      return await work();
    } catch (error) {
      const mends = error instanceof ChongwenError ? error.retryable : error instanceof BaseError;
      if (!mends || signal.aborted) throw error;
      // A random part keeps several services from asking at the same moments.
      const pause = Math.min(LONGEST, FIRST * 2 ** tries) * (0.75 + Math.random() / 2);
      warn(`${error instanceof BaseError ? error.shortMessage : (error as Error).message} Trying again in ${(pause / 1000).toFixed(1)} s.`);
      await sleep(pause, undefined, { signal }).catch(() => undefined);
      if (signal.aborted) throw error;
    }
  }
}
