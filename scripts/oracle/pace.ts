import { Refused } from "../service/refusal.ts";

/** How slowly a file may come. @param grace Milliseconds at the beginning, and at most between two pieces. @param perSecond Bytes that have to come on average after that. */
export interface Pace {
  readonly grace: number;
  readonly perSecond: number;
}

/** A site's line of 32 kbit/s is enough. */
export const PACE: Pace = { grace: 30_000, perSecond: 4_096 };

/**
 * A sender that goes away in the middle is no failure of ours; one that drips so that its connection lives for ever is cut off.
 * @throws bundle-incomplete
 */
export async function* paced(body: AsyncIterable<Uint8Array>, { grace, perSecond }: Pace): AsyncIterable<Uint8Array> {
  const pieces = body[Symbol.asyncIterator]();
  const started = performance.now();
  let bytes = 0;
  let ended = false;
  try {
    for (;;) {
      const left = Math.min(grace, started + grace + (1000 * bytes) / perSecond - performance.now());
      const next = await within(left, pieces.next());
      if (next === null) throw new Refused("bundle-incomplete", "The file came too slowly.");
      ended = next.done === true;
      if (next.done === true) return;
      bytes += next.value.length;
      yield next.value;
    }
  } catch (cause) {
    if (cause instanceof Refused) throw cause;
    ended = true;
    throw new Refused("bundle-incomplete", "The file ended before it was whole.", cause);
  } finally {
    // Not waited for: who does not send does not end either.
    if (!ended) pieces.return?.().catch(() => undefined);
  }
}

/** What comes in time, or null. */
async function within<Value>(milliseconds: number, coming: Promise<Value>): Promise<Value | null> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<null>((resolve) => {
    timer = setTimeout(() => resolve(null), Math.max(0, milliseconds));
  });
  try {
    return await Promise.race([coming, late]);
  } finally {
    clearTimeout(timer);
    coming.catch(() => undefined);
  }
}
