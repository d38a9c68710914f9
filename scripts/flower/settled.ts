import { setTimeout as sleep } from "node:timers/promises";
import { ChongwenError } from "../../protocol/errors.ts";
import type { LedgerFacts } from "../../protocol/ledger/facts.ts";
import { readFacts } from "../../protocol/ledger/read-facts.ts";
import type { Setting } from "../federation/setting.ts";

/** Seconds: windows of the local manifest are some, and one round follows another. */
const PATIENCE = 180;

/** Waits until every round of a run is final, and every settlement that is due. @throws flower-not-settled */
export async function awaitSettled({ kernel, federation, config }: Setting, rounds: number, signal: AbortSignal): Promise<LedgerFacts> {
  const until = Date.now() + PATIENCE * 1_000;
  for (;;) {
    const facts = await readFacts(kernel, federation);
    const final = facts.rounds.filter(({ state }) => state === "Final").length;
    const settled = facts.settlements.filter(({ state }) => state === "Final").length;
    if (final >= rounds && settled >= Math.floor(rounds / config.settleEvery)) return facts;
    if (Date.now() > until) {
      const states = facts.rounds.map(({ round, state }) => `${round} ${state}`).join(", ");
      throw new ChongwenError({
        code: "flower-not-settled",
        message: `After ${PATIENCE} s the rounds are: ${states}; ${settled} settlements are final.`,
        fix: "Read what the oracle said above, and ledger-summary.json of the aggregator's spool.",
        retryable: true,
      });
    }
    await sleep(500, undefined, { signal });
  }
}
