// Ways to be paid for nothing, each tried on a federation that trains on the dermatology table of the repository, and paid by the rule with the terms that
// federations start from. `npm run bench -- scoring` tries them on more data, more seeds and sites that are less alike.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { shippedDermatology } from "../../../bench/data/dermatology.ts";
import * as attacks from "../../../bench/scoring/attacks.ts";
import type { Federation } from "../../../bench/scoring/client.ts";
import { qualityRule } from "../../../bench/scoring/rule.ts";
import { FLIP_RATES, sharesOf } from "../../../bench/scoring/scenarios.ts";
import { SCHEDULE, simulate } from "../../../bench/scoring/simulate.ts";
import { equalSites } from "../../../bench/scoring/sites.ts";
import { scoreDataTier } from "../../../protocol/scoring/data-tier.ts";
import { defaultTerms } from "../../../protocol/terms/terms.ts";

const dataset = shippedDermatology();
const SITES = 5;
const SEEDS = [1, 2, 3];
const ATTACKER = 2;

const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;

/** Shares of the tier by seat. @param attack What the attacker does; nothing by default. */
function shares(seed: number, attack: attacks.Attack = (clients) => [...clients], sites = SITES): number[] {
  const draw = dataset.draw(seed);
  const honest = equalSites(dataset, draw.pool, sites, seed);
  const federation: Federation = { ...honest, clients: attack(honest.clients, ATTACKER, { dataset, seed }) };
  return sharesOf({ dataset, rule: qualityRule, seed }, draw, federation);
}

/** What the attacker gets with each seed, in fair shares. */
const paid = (attack: attacks.Attack): number[] => SEEDS.map((seed) => SITES * (shares(seed, attack)[ATTACKER] ?? 0));

/** What two accounts get, over what one would, with each seed. */
const pairPaid = (attack: attacks.Attack): number[] =>
  SEEDS.map((seed) => {
    const both = shares(seed, attack);
    return ((both[ATTACKER] ?? 0) + (both[SITES] ?? 0)) / (shares(seed)[ATTACKER] ?? 0);
  });

const atMost = (values: readonly number[], most: number): void => assert.ok(values.every((value) => value <= most), `${values.join(", ")}, and at most ${most} is right`);

describe("five equal honest sites", () => {
  test("get equal shares, nearly", () => {
    for (const seed of SEEDS) for (const share of shares(seed)) assert.ok(SITES * share > 0.6 && SITES * share < 1.6, `${SITES * share}`);
  });
});

describe("attacks on the data tier", () => {
  test("attack_labelsFlippedAtRandom", () => atMost(paid(attacks.flipLabels(0.6)), 0.3));
  test("attack_labelsFlippedToOneClass", () => atMost(paid(attacks.flipTargeted(0.6)), 0.3));
  test("attack_zeroUpdate", () => atMost(paid(attacks.sendZero), 0));
  test("attack_replayOfTheModelsLastMove", () => atMost(paid(attacks.replayGlobal), 0));
  test("attack_replayOfItsOwnLastUpdate", () => atMost(paid(attacks.replayOwn), 0));
  test("attack_replayOfAnothersLastUpdate", () => atMost(paid(attacks.replayOther), 0));

  // Of two others only, so that it is neither what one of them sent nor what all did. It is real work, only stale, and somebody else's.
  test("attack_averageOfTwoOthersLastUpdates", () => atMost(paid(attacks.averageOfOthers), 0.6));

  // By chance, noise now and then correlates with somebody, and then a whole window pays: about one in twenty on this table of few columns.
  test("attack_noiseAsLongAsAnHonestUpdate", () => {
    const shares = paid(attacks.sendNoise);
    atMost(shares, 0.5);
    assert.ok(mean(shares) <= 0.2, shares.join(", "));
  });

  test("attack_oneHonestRoundThenNoise", () => atMost(paid(attacks.honestThenNoise), 1));
  test("attack_signFlipped", () => atMost(paid(attacks.flipSign), 0.1));
  test("attack_scaledTenfold", () => atMost(paid(attacks.scale(10)), 0));

  test("attack_exactCopy", () => atMost(pairPaid(attacks.copy), 1));
  test("attack_copyWithALittleNoise", () => atMost(pairPaid(attacks.noisyCopy), 1));
  test("attack_splitIntoTwoAccountsOfOneOrganisation", () => atMost(pairPaid(attacks.split("one")), 1));

  test("attack_moreFlipsArePaidMore", () => {
    const means = FLIP_RATES.map((rate) => mean(paid(attacks.flipLabels(rate))));
    means.slice(1).forEach((share, i) => assert.ok(share <= (means[i] ?? 0), means.join(", ")));
  });

  test("attack_oneCheatTakesTheHonestSharesWithIt", () => {
    for (const attack of [attacks.flipLabels(0.6), attacks.sendNoise, attacks.scale(10)]) {
      const honest = shares(1, attack).filter((_, seat) => seat !== ATTACKER);
      assert.ok(honest.every((share) => SITES * share > 0.6), honest.join(", "));
    }
  });
});

describe("what is scored", () => {
  const window = (sites: number) => {
    const draw = dataset.draw(1);
    const [first] = simulate(dataset, draw, equalSites(dataset, draw.pool, sites, 1), 1, { ...SCHEDULE, windows: 1 }).windows;
    assert.ok(first !== undefined);
    const { head, utility, gridBits } = first;
    return { ...first, terms: defaultTerms({ head, utility, gridBits }).data };
  };

  test("attack_lastOfSevenSubmissionsSilentlyDropped", () => {
    const result = scoreDataTier(window(7));
    assert.equal(result.entries.length, 7 * SCHEDULE.roundsPerWindow);
    assert.deepEqual([...result.sharesPpb.keys()], [0, 1, 2, 3, 4, 5, 6]);
    assert.ok([...result.sharesPpb.values()].every((share) => share > 0n));
  });

  test("attack_moreRecordsClaimedThanTheCap", () => {
    const input = window(SITES);
    const claiming = (records: number) => ({ ...input, seats: input.seats.map((seat) => (seat.seat === ATTACKER ? { ...seat, records } : seat)) });
    const { recordCap } = input.terms;
    assert.deepEqual(scoreDataTier(claiming(1_000 * recordCap)).sharesPpb, scoreDataTier(claiming(recordCap)).sharesPpb);
  });
});
