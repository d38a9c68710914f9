import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { DECAY, MAX_WEIGHT, PPM, UNKNOWN, reputationOf, updateReputation } from "../../protocol/reputation/beta.ts";
import type { Evidence, Observation } from "../../protocol/reputation/beta.ts";
import { createRandom } from "./support/random.ts";
import { withCode } from "./support/throws.ts";

/** The same in bigints, as a contract computes it. */
function exactly({ alpha, beta }: Evidence, { weight, success }: Observation): Evidence {
  const [million, good] = [1_000_000n, (BigInt(weight) * BigInt(success)) / 1_000_000n];
  const decayed = (value: number) => (BigInt(value) * BigInt(DECAY)) / million;
  return { alpha: Number(decayed(alpha) + good), beta: Number(decayed(beta) + BigInt(weight) - good) };
}

const GOOD: Observation = { weight: PPM, success: PPM };
const BAD: Observation = { weight: PPM, success: 0 };
const after = (observation: Observation, times: number, from: Evidence = UNKNOWN): Evidence =>
  Array.from({ length: times }).reduce<Evidence>((evidence) => updateReputation(evidence, observation), from);

describe("reputation in integers", () => {
  it("knows nothing of a newcomer", () => assert.deepEqual(reputationOf(UNKNOWN), { mean: 500_000, uncertainty: PPM, lower: -500_000, upper: 1_500_000 }));

  it("follows the formula, worked by hand", () => {
    assert.deepEqual(after(GOOD, 2), { alpha: 1_900_000, beta: 0 });
    assert.deepEqual(updateReputation(after(GOOD, 2), BAD), { alpha: 1_710_000, beta: PPM });
    assert.deepEqual(updateReputation({ alpha: 1, beta: 11 }, { weight: 3, success: 500_000 }), { alpha: 1, beta: 11 }); // ⌊.9⌋ + ⌊1.5⌋, ⌊9.9⌋ + 2
    assert.deepEqual(reputationOf({ alpha: 1_710_000, beta: PPM }), { mean: 575_371, uncertainty: 424_628, lower: 150_743, upper: 999_999 });
  });

  it("forgets: a long good record is worth ten at most, and five faults in a row outweigh none at all", () => {
    assert.deepEqual(after(GOOD, 400), { alpha: 9_999_991, beta: 0 });
    assert.ok(reputationOf(after(BAD, 4)).upper >= 500_000);
    assert.ok(reputationOf(after(BAD, 5)).upper < 500_000);
    assert.ok(reputationOf(after(BAD, 11, after(GOOD, 400))).upper >= 500_000);
    assert.ok(reputationOf(after(BAD, 12, after(GOOD, 400))).upper < 500_000);
  });

  it("a weight of zero is no observation", () => {
    const evidence = { alpha: 7, beta: 9 };
    assert.equal(updateReputation(evidence, { weight: 0, success: PPM }), evidence);
  });

  it("property: exact in doubles at every size, to the largest", () => {
    const random = createRandom(3);
    const upTo = (most: number) => (random() < 0.1 ? most : Math.floor(random() * (most + 1)));
    for (let i = 0; i < 20_000; i++) {
      const evidence = { alpha: upTo(2 ** 32 - 1), beta: upTo(2 ** 32 - 1) };
      const observation = { weight: 1 + upTo(MAX_WEIGHT - 1), success: upTo(PPM) };
      const next = updateReputation(evidence, observation);
      assert.deepEqual(next, exactly(evidence, observation));
      assert.ok(Math.max(next.alpha, next.beta) < 2 ** 32);
      const sum = BigInt(evidence.alpha) + BigInt(evidence.beta) + 2_000_000n;
      assert.equal(reputationOf(evidence).mean, Number(((BigInt(evidence.alpha) + 1_000_000n) * 1_000_000n) / sum));
      assert.equal(reputationOf(evidence).uncertainty, Number(2_000_000_000_000n / sum));
    }
  });

  it("property: up with what went well, down with what did not, and mirrored", () => {
    const random = createRandom(7);
    for (let i = 0; i < 10_000; i++) {
      const evidence = { alpha: Math.floor(random() * 10 * PPM), beta: Math.floor(random() * 10 * PPM) };
      const here = reputationOf(evidence);
      const [better, worse] = [reputationOf(updateReputation(evidence, GOOD)), reputationOf(updateReputation(evidence, BAD))];
      assert.ok(better.mean >= here.mean || evidence.beta === 0, JSON.stringify(evidence));
      assert.ok(worse.mean <= here.mean);
      assert.ok(worse.mean < better.mean);
      const mirrored = reputationOf({ alpha: evidence.beta, beta: evidence.alpha });
      assert.ok(Math.abs(mirrored.mean + here.mean - PPM) <= 1);
      assert.equal(mirrored.uncertainty, here.uncertainty);
    }
  });

  it("refuses what is no evidence and no observation", () => {
    const outOfRange = withCode("out-of-range");
    for (const bad of [-1, 0.5, Number.NaN, 2 ** 32, Infinity]) {
      assert.throws(() => reputationOf({ alpha: bad, beta: 0 }), outOfRange, String(bad));
      assert.throws(() => updateReputation({ alpha: 0, beta: bad }, GOOD), outOfRange, String(bad));
      assert.throws(() => updateReputation(UNKNOWN, { weight: bad, success: 1 }), outOfRange, String(bad));
      assert.throws(() => updateReputation(UNKNOWN, { weight: 1, success: bad }), outOfRange, String(bad));
    }
    assert.throws(() => updateReputation(UNKNOWN, { weight: MAX_WEIGHT + 1, success: 1 }), outOfRange);
    assert.throws(() => updateReputation(UNKNOWN, { weight: 1, success: PPM + 1 }), outOfRange);
  });
});
