/** One window through the whole rule, on drawn data whose right answers are known. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { keccak256 } from "viem/utils";
import { bytesOf } from "../../../protocol/bytes.ts";
import { createStream } from "../../../protocol/random.ts";
import { scoreDataTier } from "../../../protocol/scoring/data-tier.ts";
import type { DataTierInput, SeatEvidence, WindowRound } from "../../../protocol/scoring/window.ts";
import { defaultTerms } from "../../../protocol/terms/terms.ts";

const [FEATURES, CLASSES, UNIT, RECORDS] = [12, 3, 2 ** 14, 240];
const LANES = (FEATURES + 1) * CLASSES;
const HEAD = { headLane: 0, features: FEATURES, classes: CLASSES, featureBits: 14 };
const seed = (n: number) => keccak256(Uint8Array.of(n, n >> 8));

const stream = (n: number) => {
  const next = createStream(seed(n));
  return () => next() / 2 ** 32 - 0.5;
};

/** Class c is where feature c stands out: its direction is what honest updates find. */
const holdout: DataTierInput["holdout"] = (() => {
  const draw = stream(1);
  const targets = Uint8Array.from({ length: RECORDS }, (_, r) => r % CLASSES);
  const values = Int16Array.from({ length: RECORDS * FEATURES }, (_, at) => {
    const [r, i] = [Math.floor(at / FEATURES), at % FEATURES];
    return Math.round(UNIT * (0.8 * draw() + (i === targets[r] ? 0.5 : 0)));
  });
  return { values, targets, strata: null, stratumOf: new Map() };
})();

/** Each round learns one class most. */
const honest = (n: number) => (t: number) => {
  const draw = stream(100 * n + t);
  return Int16Array.from({ length: LANES }, (_, lane) => {
    const [i, c] = [Math.floor(lane / CLASSES), lane % CLASSES];
    return Math.round(4_000 * ((i === c ? 1 : i < CLASSES ? -0.5 : 0) * (c === t % CLASSES ? 2 : 0.5) + 0.4 * draw()));
  });
};

const mean = (updates: readonly Int16Array[]) => Int32Array.from({ length: LANES }, (_, lane) => Math.round(updates.reduce((sum, update) => sum + update[lane]!, 0) / updates.length));

function windowOf(players: readonly ((t: number, known: Int32Array) => Int16Array)[], evidence: Partial<SeatEvidence>[] = [], changes: Partial<DataTierInput> = {}): DataTierInput {
  let known = mean([honest(1)(9), honest(2)(9)]);
  const previousDelta = known;
  const rounds = [1, 2, 3].map((round): WindowRound => {
    const updates = players.map((player) => player(round, known));
    known = mean(updates);
    return { round, delta: known, entries: updates.map((update, seat) => ({ seat, weight: 100, root: keccak256(bytesOf(update)), update })) };
  });
  const seats = players.map((_, seat): SeatEvidence => ({ seat, cluster: seat, dataset: seat, records: 100, qualityPpm: 600_000, ...evidence[seat] }));
  return { terms: defaultTerms({ head: HEAD }).data, base: new Int32Array(LANES), previousDelta, previousRoots: [], rounds, holdout, seats, seed: seed(7), ...changes };
}

const sharesOf = (input: DataTierInput) => [...scoreDataTier(input).sharesPpb.values()].map((share) => Number(share) / 1e9);
const total = (shares: readonly number[]) => shares.reduce((a, b) => a + b, 0);
const fair = (shares: readonly number[], share: number) => assert.ok(shares.every((each) => Math.abs(each - share) < 0.25 * share), shares.join(" "));

describe("the data tier", () => {
  it("pays equal honest sites about the same, and gives all but the dust away", () => {
    const shares = sharesOf(windowOf([1, 2, 3, 4].map(honest)));
    fair(shares, 0.25);
    assert.ok(total(shares) > 0.999_999 && total(shares) <= 1);
  });

  it("gives everyone the same result, in whatever order seats and entries come", () => {
    const input = windowOf([1, 2, 3, 4].map(honest));
    const turned = { ...input, seats: input.seats.toReversed(), rounds: input.rounds.map((round) => ({ ...round, entries: round.entries.toReversed() })) };
    const [left, right] = [scoreDataTier(input), scoreDataTier(turned)];
    assert.deepEqual(new Map([...right.sharesPpb].sort(([a], [b]) => a - b)), left.sharesPpb);
    assert.deepEqual(right.clusters, left.clusters);
  });

  it("names why an entry is left out: zero, replayed, noise, norm", () => {
    const draw = stream(55);
    const noise = () => Int16Array.from({ length: LANES }, () => Math.round(9_000 * draw()));
    const { entries, sharesPpb } = scoreDataTier(
      windowOf([honest(1), honest(2), honest(3), () => new Int16Array(LANES), (_, known) => Int16Array.from(known), (t) => honest(4)(t).map((lane) => lane >> 4)]),
    );
    const reasons = (seat: number) => [...new Set(entries.filter((entry) => entry.seat === seat).map(({ reason }) => reason))];
    assert.deepEqual([0, 3, 4, 5].map(reasons), [[null], ["zero"], ["replayed"], ["norm"]]);
    assert.deepEqual([3, 4, 5].map((seat) => sharesPpb.get(seat)), [0n, 0n, 0n]);
    const gated = scoreDataTier(windowOf([honest(1), honest(2), noise]));
    assert.deepEqual(new Set(gated.entries.filter(({ seat }) => seat === 2).map(({ reason }) => reason)), new Set(["noise"]));
  });

  it("finds the replay behind noise: what is left of it is noise", () => {
    const draw = stream(56);
    const { entries } = scoreDataTier(windowOf([honest(1), honest(2), (_, known) => Int16Array.from(known, (lane) => Math.round(lane + 4_000 * draw()))]));
    assert.deepEqual(new Set(entries.filter(({ seat }) => seat === 2).map(({ reason }) => reason)), new Set(["noise"]));
  });

  it("pays nobody whose updates lead backward", () => {
    const shares = sharesOf(windowOf([honest(1), honest(2), honest(3), (t) => honest(4)(t).map((lane) => -lane)]));
    assert.equal(shares[3], 0);
    fair(shares.slice(0, 3), 1 / 3);
  });

  it("pays a copy and its original together what one would earn", () => {
    const alone = sharesOf(windowOf([1, 2, 3].map(honest)));
    const copied = sharesOf(windowOf([honest(1), honest(2), honest(3), honest(1)]));
    assert.ok(copied[0]! + copied[3]! <= alone[0]!, `${copied[0]! + copied[3]!} against ${alone[0]}`);
  });

  it("pays two accounts of one organisation, with one dataset between them, what one would earn", () => {
    const alone = sharesOf(windowOf([1, 2, 3].map(honest)));
    const both = sharesOf(windowOf([honest(1), honest(2), honest(3), honest(4)], [{}, {}, {}, { cluster: 0, dataset: 0 }]));
    assert.ok(both[0]! + both[3]! <= alone[0]! * 1.1, `${both[0]! + both[3]!} against ${alone[0]}`);
  });

  it("counts a round without an entry against the size", () => {
    const input = windowOf([1, 2, 3].map(honest));
    const missing = { ...input, rounds: input.rounds.map((round) => (round.round === 2 ? { ...round, entries: round.entries.filter(({ seat }) => seat !== 2) } : round)) };
    const { clusters, sharesPpb } = scoreDataTier(missing);
    assert.equal(clusters.find(({ seats }) => seats.includes(2))!.passed, 2);
    assert.ok(sharesPpb.get(2)! < sharesPpb.get(1)!);
  });

  it("judges a site on its own source", () => {
    // The second source knows class 0 by feature 3 instead of 0: whoever learnt there is wrong elsewhere, and right at home.
    const values = holdout.values.slice();
    const strata = Uint8Array.from({ length: RECORDS }, (_, r) => (r < RECORDS / 2 ? 0 : 1));
    for (let r = RECORDS / 2; r < RECORDS; r++) [values[r * FEATURES], values[r * FEATURES + 3]] = [values[r * FEATURES + 3]!, -values[r * FEATURES]!];
    const foreign = (t: number) => {
      const update = honest(4)(t);
      for (let c = 0; c < CLASSES; c++) [update[c], update[3 * CLASSES + c]] = [-(2 * update[c]!), update[c]!];
      return update;
    };
    const competenceOf = (stratumOf: ReadonlyMap<number, number>) =>
      scoreDataTier(windowOf([honest(1), honest(2), honest(3), foreign], [], { holdout: { values, targets: holdout.targets, strata, stratumOf } })).clusters.find(({ seats }) => seats.includes(3))!.competencePpm;
    assert.ok(competenceOf(new Map([[3, 1]])) > competenceOf(new Map()) + 100_000);
  });

  it("pays nobody in a window without entries", () => {
    const input = windowOf([1, 2, 3].map(honest));
    const { sharesPpb, clusters } = scoreDataTier({ ...input, rounds: input.rounds.map((round) => ({ ...round, entries: [] })) });
    assert.deepEqual([...sharesPpb.values(), clusters.length], [0n, 0n, 0n, 0]);
  });

  it("refuses entries of seats that nothing is known of, seats named twice, and vectors of another length", () => {
    const input = windowOf([1, 2, 3].map(honest));
    assert.throws(() => scoreDataTier({ ...input, seats: input.seats.slice(1) }), { code: "out-of-range" });
    assert.throws(() => scoreDataTier({ ...input, seats: [...input.seats, input.seats[0]!] }), { code: "length-mismatch" });
    assert.throws(() => scoreDataTier({ ...input, base: new Int32Array(LANES + 1) }), { code: "length-mismatch" });
    assert.throws(() => scoreDataTier({ ...input, holdout: { ...holdout, targets: new Uint8Array(RECORDS) } }), { code: "out-of-range" });
  });
});
