import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { commitUpdate, createDomain, normSqOf } from "../../../protocol/index.ts";
import { clipToNorm } from "../../../protocol/aggregate/norm-clip.ts";
import { clipWithin, type NoiseSetting, privatise, rhoOf, sensitivity, varianceFor } from "../../../protocol/privacy/privatise.ts";
import { epsilonOf } from "../../../protocol/privacy/zcdp.ts";
import { contribute, contributePrivately } from "../../../scripts/site/contribute.ts";
import { seededBytes } from "../support/bytes.ts";
import { randomInt16 } from "../support/random.ts";
import { DEV_KEYS, LEDGER, privateKeyToAccount, ZERO_HASH } from "../support/round.ts";
import { withCode } from "../support/throws.ts";

const ratio = (numerator: bigint, denominator = 1n) => ({ numerator, denominator });
const setting = (change: Partial<NoiseSetting> = {}): NoiseSetting => ({ clip: 1_000n, sigmaSquared: ratio(16_000_000n), unit: "site", ...change });

describe("what a release costs", () => {
  it("is Δ²/2σ² in nano-ρ, rounded up", () => {
    assert.equal(rhoOf(setting()), 31_250_000n); // z = 4: 1/32
    assert.equal(rhoOf(setting({ sigmaSquared: ratio(16_000_001n) })), 31_249_999n); // 31,249,998.05
    assert.equal(rhoOf(setting({ sigmaSquared: ratio(48_000_000n, 3n) })), 31_250_000n);
    assert.equal(rhoOf(setting({ clip: 1n, sigmaSquared: ratio(2n ** 40n) })), 1n, "never nothing");
  });

  it("is four times as much for a record or a patient, whose training is bounded by the clip of the whole update alone", () => {
    assert.deepEqual(["record", "patient", "site"].map((unit) => sensitivity(unit as NoiseSetting["unit"], 10n)), [20n, 20n, 10n]);
    assert.equal(rhoOf(setting({ unit: "record" })), 4n * rhoOf(setting()));
  });

  it("is met by the smallest whole variance, and by none that is smaller", () => {
    for (const unit of ["site", "patient"] as const) {
      for (const rho of [1_000_000n, 31_250_000n, 999_999_937n]) {
        const sigmaSquared = varianceFor(rho, 1_000n, unit);
        assert(rhoOf({ clip: 1_000n, sigmaSquared, unit }) <= rho);
        if (sigmaSquared.numerator > 1n) assert(rhoOf({ clip: 1_000n, sigmaSquared: ratio(sigmaSquared.numerator - 1n), unit }) > rho);
      }
    }
    assert.throws(() => varianceFor(0n, 1n, "site"), withCode("out-of-range"));
  });

  it("gives the ε that the literature gives for the usual settings, at δ = 1e-5", () => {
    for (const [z, rounds, epsilon] of [[4n, 30n, 7.5], [2n, 30n, 16.9], [4n, 100n, 15.1]] as const) {
      const rho = rounds * rhoOf(setting({ sigmaSquared: ratio(z * z * 1_000_000n) }));
      assert.equal(Number(epsilonOf(rho, 1e-5).toFixed(1)), epsilon, `z = ${z}, ${rounds} rounds`);
    }
  });
});

describe("the clip", () => {
  it("leaves what is within as it is, in a copy", () => {
    const update = Int16Array.of(3, -4, 0);
    assert.deepEqual(clipWithin(update, 5n), update);
    assert.notEqual(clipWithin(update, 5n), update);
  });

  it("never lets a norm exceed C", () => {
    for (let seed = 0; seed < 200; seed++) {
      const update = randomInt16(1 + (seed % 300), seed);
      const clip = BigInt(1 + ((seed * 7_919) % 50_000));
      assert(normSqOf(clipWithin(update, clip)) <= clip * clip);
    }
  });

  /** The rule against outliers floors: a sensitivity that relies on it is wrong. */
  it("attack_flooringClipExceedsItsBound", () => {
    const update = new Int16Array(1_000).fill(-1);
    const bound = 20n;
    assert(normSqOf(clipToNorm(update, bound)) > bound * bound, "the aggregate's rule does exceed it");
    assert(normSqOf(clipWithin(update, bound)) <= bound * bound);
  });
});

describe("an update that is made private", () => {
  const update = randomInt16(2_000, 5);

  it("is clipped first and noised then: its noise is as strong as it should be, and its norm is not clipped", () => {
    const noise = setting({ clip: 100n, sigmaSquared: ratio(160_000n) });
    const { update: values, saturated } = privatise(update, noise, seededBytes(1));
    const clipped = clipWithin(update, 100n);
    const difference = Array.from(values, (value, x) => value - (clipped[x] ?? 0));
    const variance = difference.reduce((sum, d) => sum + d * d, 0) / difference.length;
    assert(Math.abs(variance / 160_000 - 1) < 0.15, `variance ${variance}`);
    assert(normSqOf(values) > 100n * 100n * 100n, "noise then clip would bound the norm by C");
    assert.equal(saturated, 0);
  });

  it("says which lanes the clip zeroed and how many were cut off after the noise", () => {
    const quiet = privatise(update, setting({ clip: 1n, sigmaSquared: ratio(1n, 1_000n) }), seededBytes(2));
    assert.equal(quiet.zeroed, update.filter((q) => q !== 0).length);
    const loud = privatise(update, setting({ sigmaSquared: ratio(2n ** 32n) }), seededBytes(3));
    assert(loud.saturated > 1_000);
    assert.equal(loud.saturated, loud.update.filter((q) => q === 32_767 || q === -32_768).length);
  });

  it("has other noise with other bytes, and leaves the update alone", () => {
    const before = update.slice();
    assert.notDeepEqual(privatise(update, setting(), seededBytes(1)).update, privatise(update, setting(), seededBytes(2)).update);
    assert.deepEqual(update, before);
  });

  it("refuses settings that mean nothing", () => {
    for (const bad of [{ clip: 0n }, { clip: 2n ** 31n }, { sigmaSquared: ratio(0n) }]) assert.throws(() => privatise(update, setting(bad), seededBytes(1)), withCode("out-of-range"));
  });
});

describe("a site that contributes where a budget is charged", () => {
  const update = randomInt16(77, 9);
  const signer = privateKeyToAccount(DEV_KEYS[0] ?? "0x");
  const context = { federation: 1, round: 1, parentReportHash: ZERO_HASH, configHash: ZERO_HASH };
  const who = { signer, domain: createDomain(31_337, LEDGER), context, seat: 2 };
  const noise = setting();
  const cost = Number(rhoOf(noise));

  it("commits to the noised update, and to nothing else", async () => {
    const made = await contributePrivately({ ...who, rho: cost, update, noise, random: seededBytes(4) });
    assert.deepEqual(made.update, privatise(update, noise, seededBytes(4)).update);
    assert.equal(made.entry.updateRoot, commitUpdate(made.update).updateRoot);
    assert.notEqual(made.entry.updateRoot, commitUpdate(update).updateRoot);
    assert.deepEqual([made.entry.rho, made.noised?.rho], [cost, BigInt(cost)]);
  });

  it("attack_unnoisedUpdatePaidForWithBudget", async () => {
    await assert.rejects(contribute({ ...who, rho: cost, update }), withCode("noise-missing"));
    await assert.rejects(contributePrivately({ ...who, rho: cost, update, noise: null, random: seededBytes(4) }), withCode("noise-missing"));
  });

  it("attack_noiseWorthMoreBudgetThanTheRoundCharges", async () => {
    await assert.rejects(contributePrivately({ ...who, rho: cost - 1, update, noise, random: seededBytes(4) }), withCode("noise-uncovered"));
    await assert.rejects(contribute({ ...who, rho: 1, update: privatise(update, noise, seededBytes(1)) }), withCode("noise-uncovered"));
  });

  it("adds none to exempt data", async () => {
    const { entry, update: published, noised } = await contributePrivately({ ...who, rho: 0, update, noise, random: seededBytes(4) });
    assert.deepEqual([published, noised, entry.updateRoot], [update, null, commitUpdate(update).updateRoot]);
  });
});
