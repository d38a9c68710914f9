/** Spares the endpoints: where neither the chain nor the journal has moved since somebody looked and found nothing to do, looking again finds nothing. One request instead of a dozen. */
import type { Hex } from "viem";
import type { Turns } from "./turns.ts";

export interface StillParameters {
  /** Hash of the chain's last block. */
  readonly head: () => Promise<Hex>;
  /** Grows with every change of the journal. */
  readonly changes: () => number;
  readonly turns: Turns;
}

export interface Still {
  /** To be asked for turns while looking: whoever waits for another operator looks again also when nothing moves. */
  readonly turns: Turns;
  /** @param what Names the look. @param look Says whether anything moved. */
  unlessStill(what: string, look: () => Promise<boolean>): Promise<boolean>;
}

/** Looks left out in a row: what neither chain nor journal shows is found all the same. */
const MOST = 60;
/** Names that are remembered. */
const KNOWN = 1_024;

export function createStill({ head, changes, turns }: StillParameters): Still {
  const quiet = new Map<string, { readonly at: string; left: number }>();
  let waits = false;
  return {
    turns: {
      async due(...work) {
        const due = await turns.due(...work);
        waits ||= !due;
        return due;
      },
    },
    async unlessStill(what, look) {
      // Both are read before the look: what moves meanwhile is for the next one.
      const at = `${changes()} ${await head()}`;
      const known = quiet.get(what);
      if (known?.at === at && known.left-- > 0) return false;
      quiet.delete(what);
      waits = false;
      const moved = await look();
      if (moved || waits) return moved;
      if (quiet.size >= KNOWN) quiet.clear();
      quiet.set(what, { at, left: MOST });
      return false;
    },
  };
}
