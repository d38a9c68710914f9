import type { PublicClient } from "viem";
import { chainTime } from "../chain/clock.ts";

/** An idle window that the local chain's clock was moved over, in seconds. */
export interface Jump {
  readonly over: string;
  readonly seconds: number;
}

/** Moves the clock of a local chain on: what would be minutes of waiting, where nobody has anything to do. Every jump is kept, to be told. */
export interface Clock {
  readonly jumps: readonly Jump[];
  /** To `timestamp`, unless it is later already. */
  jumpTo(timestamp: number, over: string): Promise<void>;
}

type Control = { Method: "evm_increaseTime"; Parameters: [number]; ReturnType: unknown } | { Method: "evm_mine"; Parameters: []; ReturnType: unknown };

export function createClock(client: PublicClient): Clock {
  const jumps: Jump[] = [];
  const control = client as unknown as { request(call: { method: Control["Method"]; params: Control["Parameters"] }): Promise<unknown> };
  return {
    jumps,
    async jumpTo(timestamp, over) {
      const seconds = timestamp - (await chainTime(client));
      if (seconds <= 0) return;
      await control.request({ method: "evm_increaseTime", params: [seconds] });
      await control.request({ method: "evm_mine", params: [] });
      jumps.push({ over, seconds });
    },
  };
}
