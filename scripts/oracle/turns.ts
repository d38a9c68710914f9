/** Who acts first. Several operators serve a federation: each waits a little longer than the one before it, looks at the chain again, and acts when nothing has happened. */

/** @param due Whether this operator should do a piece of work now. Asked again and again while the work is still to be done. */
export interface Turns {
  /** @param work Names the piece of work, with its attempt. @param number Turns the order round, so that nobody is always first. @param begun False: only the first may prepare it already. */
  due(work: string, number: number, begun?: boolean): Promise<boolean>;
}

/** Nobody else could act. */
export const ALONE: Turns = { due: async () => Promise.resolve(true) };

export interface TurnParameters {
  /** Operators that may act, and which of them this one is; null when it is none of them now. */
  readonly place: () => Promise<{ readonly position: number; readonly count: number } | null>;
  /** Milliseconds that each waits for the one before it. */
  readonly turn: number;
  /** Milliseconds; need not be the time of day. */
  readonly clock: () => number;
}

/** Pieces of work that are remembered: far more than are ever to be done at a time. */
const MOST = 1_024;

/**
 * The rank of an operator is `(number + position) mod count`, and it waits `rank · turn` from when it first saw the work. Nothing depends on the clocks of others, nor on who is first: who is dead
 * costs one turn. What was waited for is not kept: after a restart the wait begins again.
 */
export function createTurns({ place, turn, clock }: TurnParameters): Turns {
  const seen = new Map<string, number>();
  return {
    async due(work, number, begun = true) {
      const found = await place();
      if (found === null) return false;
      const rank = (number + found.position) % found.count;
      if (rank === 0 || !begun) return rank === 0;
      const now = clock();
      const since = seen.get(work) ?? now;
      if (!seen.has(work)) {
        seen.set(work, since);
        const [oldest] = seen.keys();
        if (seen.size > MOST && oldest !== undefined) seen.delete(oldest);
      }
      return now - since >= rank * turn;
    },
  };
}
