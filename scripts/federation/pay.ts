import type { VerifiedRound } from "../../protocol/scoring/score-window.ts";
import { finaliseRound } from "../operator/finalise.ts";
import { finaliseSettlement, proposeSettlement } from "../operator/settle.ts";
import type { Progress } from "../output/progress.ts";
import type { RoundOutcome } from "./run-round.ts";
import type { Setting } from "./setting.ts";

/** Follows rounds to finality and settles them, behind the training: which never waits for it. */
export interface Paymaster {
  /** Takes over a reported round. */
  follow(outcome: RoundOutcome): void;
  /** Resolves when every round taken over is final and settled. @throws the first failure */
  finished(): Promise<Uint8Array>;
}

export function createPaymaster(setting: Setting, progress: Progress): Paymaster {
  const { federation, config, store, quality } = setting;
  let members: Uint8Array = new Uint8Array();
  let unsettled: VerifiedRound[] = [];

  async function settle(): Promise<void> {
    const scored = unsettled;
    unsettled = [];
    const lastRound = scored.at(-1)?.round ?? 0;
    members = await proposeSettlement(setting, { federation, lastRound, scoringId: config.scoringId, store, scored, previousMembers: members, quality });
    await finaliseSettlement(setting, federation);
    progress.done(`settlement of rounds ${scored[0]?.round ?? 0}–${lastRound} final: entitlements are claimable`);
  }

  async function finalise({ round, parentRound, seats, weights, roots }: RoundOutcome): Promise<void> {
    await finaliseRound(setting, federation, round);
    progress.done(`round ${round} final`);
    unsettled.push({ round, parentRound, seats, weights, roots });
    if (unsettled.length >= config.settleEvery) await settle();
  }

  let work: Promise<void> = Promise.resolve();
  return {
    follow(outcome) {
      work = work.then(() => finalise(outcome));
      // Reported by `finished`; until then an early failure must not end the process.
      work.catch(() => undefined);
    },
    async finished() {
      await work;
      if (unsettled.length >= config.settleEvery) await settle();
      return members;
    },
  };
}
