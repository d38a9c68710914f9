import { expect } from "chai";
import { ethers as E } from "ethers";
import { network } from "hardhat";

import { concatBytes, toHex } from "../../../protocol/bytes.ts";
import { rankHints, trimOf } from "../../../protocol/faults/aggregate-proof.ts";
import { aggregate, clamp32, integerSquareRoot, normSqOf, packUints, roundHalfUp, RULES } from "../../../protocol/index.ts";
import { createRandom } from "../../protocol/support/random.ts";
import { casesOf } from "../../support/effort.ts";
import { below, type Random } from "./aggregate-round.ts";

/** One column: what the entries have at a lane. */
interface Column {
  readonly rule: number;
  readonly param: bigint;
  readonly base: number;
  readonly hints: { readonly lowest: number; readonly highest: number };
  readonly values: readonly number[];
  readonly weights: readonly number[];
  readonly norms: readonly bigint[];
}

const NO_HINTS = { lowest: 0, highest: 0 };
const INT16_ENDS = [-32_768, -32_767, -1, 0, 1, 32_766, 32_767];
const INT32_ENDS = [-(2 ** 31), -(2 ** 31) + 1, -(2 ** 31) + 40_000, 0, 2 ** 31 - 40_000, 2 ** 31 - 2, 2 ** 31 - 1];
const pick = <T>(random: Random, list: readonly T[]): T => list[below(random, list.length)]!;

/** Lanes of every kind: anything, the ends of the type, few values that repeat, nothing but one value. */
function lanesOf(random: Random, length: number): Int16Array {
  const [kind, one] = [below(random, 4), pick(random, INT16_ENDS)];
  const lane = [() => below(random, 65_536) - 32_768, () => pick(random, INT16_ENDS), () => below(random, 5) - 2, () => one][kind]!;
  return Int16Array.from({ length }, lane);
}

function weightsOf(random: Random, n: number): number[] {
  const most = Math.floor(65_535 / n);
  const weights: number[] = Array.from({ length: n }, () => (random() < 0.2 ? 0 : pick<number>(random, [1, most, 1 + below(random, most)])));
  if (Math.max(...weights) === 0) weights[below(random, n)] = 1;
  return weights;
}

/** A norm is of a whole update, so cases come as rounds of many lanes. The bound lies around the norm of one of the updates. */
function parameterOf(random: Random, rule: number, updates: readonly Int16Array[], counted: number): bigint {
  if (rule === RULES.trimmedMean) return BigInt(below(random, Math.floor((counted + 1) / 2)));
  if (rule !== RULES.normClip) return 0n;
  const around = integerSquareRoot(normSqOf(pick(random, updates))) + BigInt(below(random, 5) - 2);
  return around < 1n ? 1n : around;
}

function pack(column: Column): Uint8Array {
  const { rule, param, base, hints, values, weights, norms } = column;
  const packed = new DataView(new ArrayBuffer(19 + 12 * values.length));
  packed.setUint8(0, rule);
  packed.setUint16(1, values.length);
  packed.setBigUint64(3, param);
  packed.setInt32(11, base);
  packed.setInt16(15, hints.lowest);
  packed.setInt16(17, hints.highest);
  for (const [i, value] of values.entries()) {
    packed.setInt16(19 + 12 * i, value);
    packed.setUint16(21 + 12 * i, weights[i]!);
    packed.setBigUint64(23 + 12 * i, norms[i]!);
  }
  return new Uint8Array(packed.buffer);
}

describe("Aggregation", () => {
  const open = async () => {
    const { ethers } = await network.create();
    return { harness: await ethers.deployContract("AggregateHarness") };
  };
  let chain: Awaited<ReturnType<typeof open>>;
  before(async () => {
    chain = await open();
  });

  /** What Solidity makes of each column. */
  async function resultsOf(columns: readonly Column[]): Promise<number[]> {
    const found: number[] = [];
    for (let start = 0; start < columns.length; start += 200) {
      const part = columns.slice(start, start + 200);
      found.push(...(await chain.harness.results(toHex(concatBytes(part.map(pack))), part.length)).map(Number));
    }
    return found;
  }

  it("test_results_tenThousandRandomColumns_asTypeScript", async () => {
    const random = createRandom(2_026);
    const [columns, expected]: [Column[], number[]] = [[], []];
    for (let k = 0; columns.length < casesOf(12_000); k++) {
      const rule = 1 + (k % 4);
      const [n, lanes] = k % 40 === 39 ? [256, 4] : [1 + below(random, 24), 24];
      const updates = Array.from({ length: n }, () => lanesOf(random, lanes));
      const weights = weightsOf(random, n);
      const counted = updates.filter((_, i) => weights[i]! > 0);
      const param = parameterOf(random, rule, updates, counted.length);
      const base = k % 5 === 0 ? null : Int32Array.from({ length: lanes }, () => (random() < 0.5 ? pick(random, INT32_ENDS) : below(random, 2 ** 32) - 2 ** 31));
      const trim = trimOf({ ruleId: rule, ruleParam: param }, counted.length);
      const norms = updates.map(normSqOf);
      expected.push(...aggregate(rule, param, base, updates, weights));
      for (let x = 0; x < lanes; x++) {
        const hints = trim === null ? NO_HINTS : rankHints(counted.map((update) => update[x]!), trim);
        columns.push({ rule, param, base: base?.[x] ?? 0, hints, values: updates.map((update) => update[x]!), weights, norms });
      }
    }
    expect(await resultsOf(columns)).to.deep.equal(expected);
  });

  it("test_results_normsThatNoSmallVectorHas_asTypeScript", async () => {
    const random = createRandom(5);
    const [columns, expected]: [Column[], number[]] = [[], []];
    for (let k = 0; k < 2_000; k++) {
      const root = BigInt(1 + below(random, 2 ** (1 + below(random, 32))));
      const norm = root * root + BigInt(pick(random, [-1, 0, 1]));
      const param = pick(random, [1n, root, root + 1n, root - 1n, (root * BigInt(below(random, 1_000))) / 1_000n].filter((bound) => bound > 0n));
      const value = random() < 0.5 ? pick(random, INT16_ENDS) : below(random, 65_536) - 32_768;
      const scaled = BigInt(value) * param;
      const divisor = integerSquareRoot(norm) + 1n;
      const clipped = norm > param * param ? (scaled - (((scaled % divisor) + divisor) % divisor)) / divisor : BigInt(value);
      columns.push({ rule: RULES.normClip, param, base: 0, hints: NO_HINTS, values: [value], weights: [1], norms: [norm] });
      expected.push(Number(clipped));
    }
    expect(await resultsOf(columns)).to.deep.equal(expected);
  });

  it("test_results_endsOfInt32_clamped", async () => {
    const columns: Column[] = [];
    for (const rule of [1, 3, 4]) {
      for (const base of [-(2 ** 31), -(2 ** 31) + 1, 2 ** 31 - 2, 2 ** 31 - 1]) {
        for (const value of [-32_768, -2, -1, 0, 1, 2, 32_767]) {
          columns.push({ rule, param: 0n, base, hints: { lowest: value, highest: value }, values: [value], weights: [1], norms: [0n] });
        }
      }
    }
    expect(await resultsOf(columns)).to.deep.equal(columns.map(({ base, values }) => clamp32(base + values[0]!)));
  });

  it("test_trimmedMean_everyPairOfHints_onlyTheRightOneAccepted", async () => {
    const { harness } = chain;
    const refusal = E.id("AggregationWrongRanks(int256,int256)").slice(0, 10);
    const column = E.AbiCoder.defaultAbiCoder();
    for (const [n, trims] of [[1, [0]], [2, [0]], [3, [0, 1]], [4, [0, 1]], [5, [1, 2]]] as const) {
      // Every column of these values, up to order: what stands where among the ranks, equal or not.
      for (const values of multisets(n, [-2, -1, 0, 1])) {
        for (const trim of trims) {
          const right = rankHints(values, trim);
          const kept = values.toSorted((a, b) => a - b).slice(trim, n - trim);
          const pairs = [-3, -2, -1, 0, 1, 2].flatMap((lowest) => [-3, -2, -1, 0, 1, 2].map((highest) => ({ lowest, highest })));
          const answers = await harness.trimmedMeans(values, values.map(() => 1), trim, pairs.map(({ lowest }) => lowest), pairs.map(({ highest }) => highest));
          pairs.forEach(({ lowest, highest }, k) => {
            const name = `${values.join()} without ${trim} a side, ${lowest} to ${highest}`;
            if (lowest === right.lowest && highest === right.highest) {
              const mean = roundHalfUp(kept.reduce((sum, value) => sum + value, 0), kept.length);
              expect(answers[k], name).to.equal(column.encode(["int256"], [mean]));
            } else {
              expect(answers[k], name).to.equal(refusal + column.encode(["int256", "int256"], [lowest, highest]).slice(2));
            }
          });
        }
      }
    }
  });

  it("test_trimmedMean_nothingLeft_reverts", async () => {
    const { harness } = chain;
    const cases: [number[], number[], number][] = [[[], [], 0], [[1], [0], 0], [[1, 2], [1, 1], 1], [[1, 2, 3], [1, 0, 1], 1], [[1, 1, 1], [1, 1, 1], 2]];
    for (const [values, weights, trim] of cases) {
      const count = weights.filter((weight) => weight > 0).length;
      await expect(harness.trimmedMean(values, weights, trim, 1, 1)).to.be.revertedWithCustomError(harness, "AggregationTooFewValues").withArgs(count, trim);
    }
  });

  it("test_weightedMean_noWeight_reverts", async () => {
    const { harness } = chain;
    for (const n of [0, 1, 3]) {
      await expect(harness.weightedMean(new Array(n).fill(7), new Array(n).fill(0))).to.be.revertedWithCustomError(harness, "AggregationNoWeight");
    }
  });

  it("test_effectiveWeights_randomColumns_excludedAndDroppedAreZero", async () => {
    const random = createRandom(11);
    for (const n of [0, 1, 2, 17, 64, 255, 256]) {
      const weights = Array.from({ length: n }, () => (random() < 0.3 ? 0 : below(random, 65_536)));
      const excluded = Array.from({ length: 256 }, () => random() < 0.3);
      const bitmap = excluded.reduce((bits, out, i) => bits | (out ? 1n << BigInt(i) : 0n), 0n);
      const expected = weights.map((weight, i) => BigInt(excluded[i] ? 0 : weight));
      const packed = E.concat(["0xffffff", packUints(weights, 2), "0xffff"]);
      const [found, count] = await chain.harness.effectiveWeights(packed, 3, n, bitmap);
      expect([...found]).to.deep.equal(expected);
      expect(count).to.equal(expected.filter((weight) => weight > 0n).length);
    }
  });

  it("test_int32LaneAt_everyLane_asTypeScript", async () => {
    const lanes = Int32Array.of(-(2 ** 31), 2 ** 31 - 1, -1, 0, 1, 0x01020304, -0x01020304, 0x00ff00ff);
    const packed = E.concat(["0xabcd", new Uint8Array(lanes.buffer)]);
    for (const [i, lane] of lanes.entries()) expect(await chain.harness.int32LaneAt(packed, 2, i)).to.equal(lane);
  });
});

/** All lists of `n` of these values in ascending order, then mixed up, since order must not matter. */
function multisets(n: number, values: readonly number[]): number[][] {
  const grow = (length: number, from: number): number[][] =>
    length === 0 ? [[]] : values.slice(from).flatMap((value, i) => grow(length - 1, from + i).map((rest) => [value, ...rest]));
  return grow(n, 0).map((list, i) => [...list.slice(i % n), ...list.slice(0, i % n)]);
}
