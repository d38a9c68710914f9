import { setTimeout as sleep } from "node:timers/promises";
import type { PublicClient } from "viem";
import { ChongwenError } from "../../protocol/errors.ts";

/** The chain's own clock: windows are measured by block timestamps, never by this machine. */
export async function chainTime(client: PublicClient): Promise<number> {
  return Number((await client.getBlock({ blockTag: "latest" })).timestamp);
}

/** Waits until a block is at least as late as `timestamp`. @throws clock-stalled when the chain stops producing blocks */
export async function waitUntil(client: PublicClient, timestamp: number, signal?: AbortSignal): Promise<void> {
  let last = await chainTime(client);
  let seenAt = Date.now();
  while (last < timestamp) {
    await sleep(100, undefined, { signal });
    const now = await chainTime(client);
    if (now > last) [last, seenAt] = [now, Date.now()];
    if (Date.now() - seenAt > 60_000) {
      throw new ChongwenError({
        code: "clock-stalled",
        message: `The chain produced no block for a minute; its time is ${last}, waiting for ${timestamp}.`,
        fix: "Check that the chain is running and mining.",
        retryable: true,
      });
    }
  }
}
