// Hands bundles over as an adapter does: again and again until it is told that they were accepted, and never afterwards.
import { setTimeout as sleep } from "node:timers/promises";
import type { Made } from "../scripts/oracle/aggregator.ts";
import { handOver } from "../scripts/oracle/support.ts";
import type { Keeper } from "./keeper.ts";

export type HandedOver = { readonly accepted: true } | { readonly accepted: false; readonly why: string };

/** @param until Milliseconds since 1970 after which it gives up. */
export async function deliver(keeper: Keeper, made: Made, until: () => boolean): Promise<HandedOver> {
  let why = "it was never up";
  while (!until()) {
    const url = keeper.url();
    const answer = url === null ? null : await handOver(url, made).catch((error: unknown) => void (why = String(error)));
    if (answer?.status === 202) return { accepted: true };
    // What was refused for what it is stays refused; what came while something was broken may be tried again.
    if (answer) {
      why = `${answer.status} ${answer.code}: ${answer.message}`;
      if ([401, 403, 413].includes(answer.status)) return { accepted: false, why };
    }
    await sleep(100);
  }
  return { accepted: false, why };
}
