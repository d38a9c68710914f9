/** The parts of the data tier, each against a slow and plain statement of what it is. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createStream } from "../../../protocol/random.ts";
import { coalitionValues, exactShapley, permutationShapley, permutationSlice } from "../../../protocol/scoring/shapley.ts";
import { modelLogits, updateLogits } from "../../../protocol/scoring/logits.ts";
import { exponential, logarithm, NAT } from "../../../protocol/scoring/logarithm.ts";
import { createUtility, logLikelihood, macroAuc, meanAbsoluteError } from "../../../protocol/scoring/utility.ts";
import { divide, effectiveLambda, PPB, splitShare } from "../../../protocol/scoring/shares.ts";
import type { Game, PlayerRound } from "../../../protocol/scoring/value.ts";

const seedOf = (n: number) => `0x${n.toString(16).padStart(64, "0")}` as const;
/** Integers from −most to most. */
const draws = (seed: number, most: number) => {
  const next = createStream(seedOf(seed));
  return () => (next() % (2 * most + 1)) - most;
};

function randomGame(seed: number, players: number, absentEvery = 0): Game {
  const [records, classes, rounds] = [30, 3, 3];
  const draw = draws(seed, 5_000);
  const labels = Uint8Array.from({ length: records }, (_, r) => r % classes);
  const part = (player: number, t: number): PlayerRound | null =>
    absentEvery > 0 && (player + t) % absentEvery === 0 ? null : { weight: 1 + player, logits: Float64Array.from({ length: records * classes }, () => (1 + player) * draw()) };
  return {
    players,
    base: Float64Array.from({ length: records * classes }, draw),
    rounds: Array.from({ length: rounds }, (_, t) => Array.from({ length: players }, (__, player) => part(player, t))),
    utility: macroAuc(labels, classes),
  };
}

describe("integer evaluator", () => {
  const head = { headLane: 2, features: 5, classes: 3, featureBits: 14 };
  const records = 7;
  const values = (draw: () => number) => Int16Array.from({ length: records * head.features }, draw);
  const reference = (lanes: readonly bigint[], x: Int16Array, bits: number): bigint[] =>
    Array.from({ length: records * head.classes }, (_, at) => {
      const [r, c] = [Math.floor(at / head.classes), at % head.classes];
      let sum = 0n;
      for (let i = 0; i < head.features; i++) sum += BigInt(x[r * head.features + i]!) * lanes[head.headLane + i * head.classes + c]!;
      // rhu(sum, 2^bits) = floor((2·sum + 2^bits) ∕ 2^(bits + 1)); >> on bigints is the floor.
      return ((2n * sum + (1n << BigInt(bits))) >> BigInt(bits + 1)) + lanes[head.headLane + head.features * head.classes + c]!;
    });

  for (const bits of [0, 1, 14, 15, 16, 17, 30]) {
    it(`gives the same as bigints at ${bits} fraction bits, at the ends of both types`, () => {
      for (let seed = 1; seed <= 20; seed++) {
        const x = values(seed % 3 === 0 ? () => -32_768 : draws(seed, 32_767));
        const lanes = Int32Array.from({ length: 20 }, seed % 4 === 0 ? () => -2_147_483_648 : draws(seed + 100, 2_147_483_647));
        const shape = { ...head, featureBits: bits };
        assert.deepEqual([...modelLogits(lanes, shape, { values: x, records })].map(BigInt), reference([...lanes].map(BigInt), x, bits));
        const update = Int16Array.from({ length: 20 }, seed % 4 === 0 ? () => -32_768 : draws(seed + 200, 32_767));
        assert.deepEqual([...updateLogits(update, shape, { values: x, records })].map(BigInt), reference([...update].map(BigInt), x, bits));
      }
    });
  }

  it("refuses shapes it could not compute exactly", () => {
    const holdout = { values: new Int16Array(70), records: 7 };
    assert.throws(() => updateLogits(new Int16Array(100), { ...head, features: 1_000, featureBits: 0 }, holdout), /cannot be scored exactly/);
    assert.throws(() => updateLogits(new Int16Array(17), head, { values: new Int16Array(35), records: 7 }), /is not within 17 lanes/);
    assert.throws(() => updateLogits(new Int16Array(20), head, holdout), /has 70 values/);
  });
});

describe("utilities", () => {
  it("macro AUC counts pairs", () => {
    for (let seed = 1; seed <= 30; seed++) {
      const draw = draws(seed, 3);
      const [records, classes] = [25, 4];
      const labels = Uint8Array.from({ length: records }, () => (draw() + 3) % (seed % 2 === 0 ? 4 : 3));
      const logits = Float64Array.from({ length: records * classes }, draw);
      const margin = (r: number, c: number) => logits[r * classes + c]! - Math.max(...[0, 1, 2, 3].filter((k) => k !== c).map((k) => logits[r * classes + k]!));
      const aucs: bigint[] = [];
      for (let c = 0; c < classes; c++) {
        let [twice, pairs] = [0n, 0n];
        for (let p = 0; p < records; p++) {
          for (let n = 0; n < records; n++) {
            if (labels[p] !== c || labels[n] === c) continue;
            pairs++;
            twice += margin(p, c) > margin(n, c) ? 2n : margin(p, c) === margin(n, c) ? 1n : 0n;
          }
        }
        if (pairs > 0n) aucs.push((2n * twice * 1_000_000n + 2n * pairs) / (4n * pairs));
      }
      const mean = (2n * aucs.reduce((a, b) => a + b, 0n) + BigInt(aucs.length)) / (2n * BigInt(aucs.length));
      assert.equal(BigInt(macroAuc(labels, classes)(logits)), mean);
    }
  });

  it("fixed-point logarithm and exponential are within 2^−11 of the real ones", () => {
    for (let x = 0; x < 20 * NAT; x += 977) assert.ok(Math.abs(exponential(x) / 2 ** 24 - Math.exp(-x / NAT)) < 2 ** -11);
    for (let v = 2 ** 24; v < 2 ** 32; v = Math.floor(v * 1.001) + 1) assert.ok(Math.abs(logarithm(v) / NAT - Math.log(v / 2 ** 24)) < 2 ** -11);
  });

  it("log-likelihood is 0 for the priors, near 10^6 for the certain and right, and follows the real one", () => {
    const labels = Uint8Array.of(0, 0, 0, 1, 2, 2);
    const utility = logLikelihood(labels, 3, 14);
    const priors = [3, 1, 2].map((count) => Math.round(Math.log(count / 6) * 2 ** 14));
    assert.ok(Math.abs(utility(Float64Array.from({ length: 18 }, (_, at) => priors[at % 3]!))) < 1_000);
    assert.ok(utility(Float64Array.from({ length: 18 }, (_, at) => (labels[Math.floor(at / 3)] === at % 3 ? 20 * 2 ** 14 : 0))) > 999_000);
    const draw = draws(9, 2 ** 15);
    const logits = Float64Array.from({ length: 18 }, draw);
    const real = [...labels].reduce((sum, label, r) => {
      const row = [0, 1, 2].map((c) => logits[3 * r + c]! / 2 ** 14);
      return sum + Math.log(row.reduce((all, logit) => all + Math.exp(logit), 0)) - row[label]!;
    }, 0);
    const prior = -[...labels].reduce((sum, label) => sum + Math.log([3, 1, 2][label]! / 6), 0);
    assert.ok(Math.abs(utility(logits) - 1e6 * (1 - real / prior)) < 1_500);
  });

  it("mean absolute error is 0 for the median and 10^6 for who is right", () => {
    const targets = Int32Array.of(1, 2, 3, 10, 500_000_000);
    assert.equal(meanAbsoluteError(targets)(Float64Array.from(targets)), 1_000_000);
    assert.equal(meanAbsoluteError(targets)(new Float64Array(5).fill(3)), 0);
    assert.equal(meanAbsoluteError(targets)(new Float64Array(5).fill(-(2 ** 45))), -9_000_000);
  });

  it("refuses holdouts that tell nothing, and labels beyond the classes", () => {
    assert.throws(() => createUtility("macro-auc", new Uint8Array(9), 3, 14), /are alike/);
    assert.throws(() => createUtility("macro-auc", Uint8Array.of(0, 3), 3, 14), /label of record 1 is 3/);
    assert.throws(() => createUtility("mean-absolute-error", Int32Array.of(1, 2), 2, 14), /one output/);
  });
});

describe("Shapley values", () => {
  const asNumbers = ({ sums, scale }: { sums: readonly bigint[]; scale: bigint }) => sums.map((sum) => Number(sum) / Number(scale));

  it("give away exactly what the whole coalition is worth", () => {
    for (let players = 1; players <= 8; players++) {
      const game = randomGame(players, players, 3);
      const values = coalitionValues(game);
      const worth = BigInt(values.at(-1)! - values[0]!);
      const { sums, scale } = exactShapley(values);
      assert.equal(sums.reduce((a, b) => a + b, 0n), worth * scale);
      const slice = permutationSlice(game, seedOf(5), 0, 3);
      const sampled = permutationShapley([slice], 3);
      assert.equal(sampled.sums.reduce((a, b) => a + b, 0n), worth * sampled.scale);
    }
  });

  it("are the mean over all orders", () => {
    const game = randomGame(3, 5);
    const values = coalitionValues(game);
    const orders = (rest: number[]): number[][] => (rest.length === 0 ? [[]] : rest.flatMap((player) => orders(rest.filter((other) => other !== player)).map((order) => [player, ...order])));
    const sums = new Array<bigint>(5).fill(0n);
    for (const order of orders([0, 1, 2, 3, 4])) {
      let set = 0;
      for (const player of order) {
        sums[player]! += BigInt(values[set | (1 << player)]! - values[set]!);
        set |= 1 << player;
      }
    }
    assert.deepEqual(exactShapley(values), { sums, scale: 120n });
  });

  it("are equal for equal players, and nothing for who never took part", () => {
    const game = randomGame(4, 4);
    const rounds = game.rounds.map((round) => [round[0]!, round[0]!, round[2]!, null]);
    const [first, second, , absent] = exactShapley(coalitionValues({ ...game, rounds })).sums;
    assert.equal(first, second);
    assert.equal(absent, 0n);
  });

  it("by permutations come close to the exact ones, whoever computes which slice", () => {
    const game = randomGame(6, 7);
    const exact = asNumbers(exactShapley(coalitionValues(game)));
    const whole = permutationShapley([permutationSlice(game, seedOf(8), 0, 100)], 100);
    const parts = permutationShapley([permutationSlice(game, seedOf(8), 60, 100), permutationSlice(game, seedOf(8), 0, 60)], 100);
    assert.deepEqual(whole, parts);
    const scale = Math.max(...exact.map(Math.abs));
    asNumbers(whole).forEach((value, i) => assert.ok(Math.abs(value - exact[i]!) < 0.25 * scale, `${value} against ${exact[i]}`));
  });
});

describe("shares", () => {
  const merit = (phi: number, competencePpm: number, size: number) => ({ phi: BigInt(phi), competencePpm, size: BigInt(size) });

  it("never sum to more than the tier, and never pass the ceiling", () => {
    for (let seed = 1; seed <= 200; seed++) {
      const draw = draws(seed, 1_000_000);
      const merits = Array.from({ length: 1 + (seed % 9) }, () => merit(draw(), Math.abs(draw()), Math.abs(draw())));
      const shares = divide(merits, Math.abs(draw()), 2_500_000);
      assert.ok(shares.reduce((sum, { sharePpb }) => sum + sharePpb, 0n) <= PPB);
      for (const { sharePpb } of shares) assert.ok(sharePpb >= 0n && sharePpb <= (PPB * 5n) / (2n * BigInt(merits.length)));
    }
  });

  it("give nothing for a marginal value without competence", () => {
    const [first] = divide([merit(900, 0, 100), merit(100, 500_000, 100)], 300_000, 2_500_000);
    assert.equal(first!.sharePpb, 0n);
  });

  it("follow marginal value as far as the window taught the model more than noise hides", () => {
    assert.equal(effectiveLambda(300_000, 50_000, -1), 0);
    assert.equal(effectiveLambda(300_000, 50_000, 50_000), 150_000);
    assert.equal(effectiveLambda(300_000, 0, 1), 300_000);
  });

  it("of a cluster are split by weight, and what rounding leaves is nobody's", () => {
    assert.deepEqual(splitShare(100n, [1n, 1n, 1n]), [33n, 33n, 33n]);
    assert.deepEqual(splitShare(100n, [0n, 0n]), [0n, 0n]);
  });
});
