// What each participant of a simulated federation is paid, honest or not, in fair shares: 1 is what each would get if all got the same.
import type { Dataset, Draw } from "../data/dataset.ts";
import {
  type Attack, averageOfOthers, copy, flipLabels, flipSign, flipTargeted, honestThenNoise, noisyCopy, replayGlobal, replayOther, replayOwn, scale, sendNoise,
  sendZero, split,
} from "./attacks.ts";
import type { Federation } from "./client.ts";
import { type Schedule, simulate, type Window } from "./simulate.ts";
import { equalSites, unlikeSites } from "./sites.ts";

/** A rule of the data tier: parts of 10^9 of the tier by seat, at most 10^9 together. */
export type Rule = (window: Window) => readonly number[];

const WHOLE = 1e9;
const EQUAL_SITES = 5;
export const FLIP_RATES = [0, 0.1, 0.2, 0.3, 0.4] as const;

/** One participant that is not what it seems to be. */
export const ATTACKERS: Readonly<Record<string, Attack>> = {
  "flip-60": flipLabels(0.6),
  "flip-60-targeted": flipTargeted(0.6),
  zero: sendZero,
  "replay-global": replayGlobal,
  "replay-own": replayOwn,
  "replay-other": replayOther,
  "average-of-others": averageOfOthers,
  noise: sendNoise,
  "honest-then-noise": honestThenNoise,
  "sign-flip": flipSign,
  "scale-10": scale(10),
};

/** Two accounts in place of one. */
export const DOUBLES: Readonly<Record<string, Attack>> = {
  copy,
  "copy-with-noise": noisyCopy,
  "split-one-organisation": split("one"),
  "split-two-organisations": split("two"),
};

export interface Trial {
  readonly dataset: Dataset;
  readonly rule: Rule;
  readonly seed: number;
  readonly schedule?: Schedule;
}

/** Mean share of each seat over the windows; all of a tier that is paid out in full sum to 1. */
export function sharesOf({ dataset, rule, seed, schedule }: Trial, draw: Draw, federation: Federation): number[] {
  const { windows } = simulate(dataset, draw, federation, seed, schedule);
  const paid = windows.map(rule);
  return federation.clients.map((_, seat) => paid.reduce((sum, shares) => sum + (shares[seat] ?? 0), 0) / windows.length / WHOLE);
}

const attacked = (federation: Federation, attack: Attack, seat: number, { dataset, seed }: Trial): Federation => ({
  ...federation,
  clients: attack(federation.clients, seat, { dataset, seed }),
});

/** In fair shares. */
function fairShares(trial: Trial, draw: Draw, federation: Federation): number[] {
  return sharesOf(trial, draw, federation).map((share) => share * federation.clients.length);
}

/** Everything that is measured with one seed on one data set, by name. @param tell Called after each step. */
export function measureSeed(trial: Trial, tell: (step: string) => void = () => {}): Record<string, number> {
  const { dataset, seed } = trial;
  const draw = dataset.draw(seed);
  const results: Record<string, number> = {};
  const settings = { equal: equalSites(dataset, draw.pool, EQUAL_SITES, seed), unlike: unlikeSites(dataset, draw.pool, seed) };
  for (const [setting, federation] of Object.entries(settings)) {
    const honest = fairShares(trial, draw, federation);
    tell(`${setting}.honest`);
    results[`${setting}.honest.min`] = Math.min(...honest);
    results[`${setting}.honest.max`] = Math.max(...honest);
    const seat = seed % federation.clients.length;
    for (const [name, attack] of Object.entries(ATTACKERS)) {
      results[`${setting}.${name}`] = fairShares(trial, draw, attacked(federation, attack, seat, trial))[seat] ?? 0;
      tell(`${setting}.${name}`);
    }
    const alone = (honest[seat] ?? 0) / federation.clients.length;
    for (const [name, attack] of Object.entries(DOUBLES)) {
      const shares = sharesOf(trial, draw, attacked(federation, attack, seat, trial));
      results[`${setting}.${name}`] = ((shares[seat] ?? 0) + (shares.at(-1) ?? 0)) / alone;
      tell(`${setting}.${name}`);
    }
  }
  const seat = seed % EQUAL_SITES;
  for (const rate of FLIP_RATES) {
    results[`curve.${100 * rate}`] = fairShares(trial, draw, attacked(settings.equal, flipLabels(rate), seat, trial))[seat] ?? 0;
    tell(`curve.${100 * rate}`);
  }
  return results;
}
