import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { decodeEvidence, encodeEvidence, EVIDENCE_FORMAT, sortPoints, type Evidence, type SeatFacts } from "../../../protocol/scoring/evidence.ts";
import { settleQuality, type DataOutcome, type QualityInput } from "../../../protocol/scoring/settle.ts";
import { decodeWorking, encodeWorking, WHOLE, type TierWorking } from "../../../protocol/scoring/working.ts";
import { PPM, TIERS, type Tier } from "../../../protocol/terms/terms.ts";
import { reputationIn } from "../../../protocol/reputation/table.ts";
import { signed, terms, word } from "./support.ts";

/** Seats 0 to 3 train; 4 and 5 are support seats of organisations 5 and 6; organisations 1 and 2 are one cluster. */
const seat = (contributor: number, change: Partial<SeatFacts> = {}): SeatFacts => ({ contributor, organisation: contributor, cluster: 0, dataset: contributor, records: 100, labelLevels: [100], ...change });
const SEATS: readonly SeatFacts[] = [seat(1, { cluster: 9 }), seat(2, { cluster: 9 }), seat(3), seat(4), seat(5, { dataset: 0, records: 0, labelLevels: [] }), seat(6, { dataset: 0, records: 0, labelLevels: [] })];
const OPEN = { kind: "open", commitment: word(7), salt: word(8), records: 10 } as const;
const EVIDENCE: Evidence = { format: EVIDENCE_FORMAT, version: 1, seats: SEATS, holdout: OPEN, points: [], reports: [], commendations: [], spent: [] };
const ROUNDS = [{ round: 1, seats: [0, 1, 2, 3], weights: [10, 10, 10, 0] }, { round: 2, seats: [0, 2], weights: [10, 10] }];
const DATA: DataOutcome = { startPpm: 600_000, endPpm: 700_000, lambdaPpm: 250_000, entries: [], clusters: [], sharesPpb: new Map([[0, 500_000_000n], [1, 250_000_000n], [2, 200_000_001n]]) };
const AUTHORS = terms({ authors: [{ seat: 2, parts: 1 }, { seat: 4, parts: 2 }] });

const settle = (change: Partial<Evidence> = {}, input: Partial<QualityInput> = {}) =>
  settleQuality({ terms: AUTHORS, evidence: { ...EVIDENCE, ...change }, rounds: ROUNDS, data: DATA, reputation: [], ...input });
const tierOf = ({ working }: ReturnType<typeof settle>, tier: Tier): TierWorking => working.tiers.find((one) => one.tier === tier) ?? assert.fail(tier);
const pool = (tier: Tier): bigint => BigInt(AUTHORS.shares[tier]) * BigInt(PPM);

describe("scores by quality", () => {
  test("sum to 10^12 to the unit, whatever there is to pay", async () => {
    const points = sortPoints([await signed("annotation", [[2, 7n], [5, 3n]]), await signed("feedback", [[4, 1n]])]);
    const full = settle({ points, commendations: [{ organisation: 1, seats: [3] }], reports: [{ round: 1, signers: [{ organisation: 5, cluster: 0 }] }] });
    for (const settled of [settle(), full, settle({ holdout: { kind: "none" } }, { data: null }), settle({}, { terms: terms() })]) {
      const { seats, nobody } = settled.scores;
      assert.equal(seats.reduce((sum, score) => sum + score, nobody), WHOLE);
      for (const { tier, pool: whole, scores, nobody: rest } of settled.working.tiers) assert.equal(scores.reduce((sum, score) => sum + score, rest), whole, tier);
      assert.deepEqual(decodeWorking(encodeWorking(settled.working)), settled.working);
    }
  });

  test("give the data tier by its shares, and what they leave to nobody", () => {
    const data = tierOf(settle(), "data");
    assert.deepEqual(data.scores, [300_000_000_000n, 150_000_000_000n, 120_000_000_600n, 0n, 0n, 0n]);
    assert.equal(data.nobody, pool("data") - 570_000_000_600n);
  });

  test("give every tier in which nobody did anything to nobody", () => {
    for (const tier of ["annotation", "verification", "compute", "feedback", "community"] as const) assert.equal(tierOf(settle(), tier).nobody, pool(tier), tier);
    assert.equal(tierOf(settle({ holdout: { kind: "none" } }, { data: null }), "data").nobody, pool("data"));
  });

  test("are refused when the data tier gives more than all", () => {
    assert.throws(() => settle({}, { data: { ...DATA, sharesPpb: new Map([[0, 1_000_000_001n]]) } }), /more than one/);
  });
});

describe("tiers of points", () => {
  test("are proportional, and one party gets at most its ceiling, the rest is nobody's", async () => {
    const strict = { ...terms(), tierCeilingPpm: PPM };
    const points = [await signed("annotation", [[0, 30n], [1, 60n], [2, 10n]])];
    const { seats } = { seats: tierOf(settle({ points }, { terms: strict }), "annotation") };
    const half = pool("annotation") / 2n;
    assert.deepEqual([seats.parties, seats.ceiling], [2, half], "two organisations of one cluster are one party");
    assert.deepEqual(seats.scores.slice(0, 3), [half / 3n, (half * 2n) / 3n, pool("annotation") / 10n]);
    assert.equal(seats.nobody, pool("annotation") - half - pool("annotation") / 10n);
  });

  test("attack: a split into two seats of one organisation earns what one would", async () => {
    const one = tierOf(settle({ points: [await signed("annotation", [[0, 90n], [2, 10n]])] }), "annotation");
    const two = tierOf(settle({ points: [await signed("annotation", [[0, 45n], [1, 45n], [2, 10n]])] }), "annotation");
    assert.equal(two.scores[0]! + two.scores[1]!, one.scores[0]);
  });

  test("attack: an issuer that inflates one party's points gains it the ceiling, no more", async () => {
    const strict = { ...terms(), tierCeilingPpm: 1_500_000 };
    const points = [await signed("annotation", [[0, 2n ** 64n - 1n], [2, 10n], [3, 10n]])];
    assert.equal(tierOf(settle({ points }, { terms: strict }), "annotation").scores[0], pool("annotation") / 2n);
  });

  test("compute: a signed report is worth the terms' points, to the lowest support seat; without one, nobody's", async () => {
    const signers = [{ organisation: 1, cluster: 9 }, { organisation: 5, cluster: 0 }, { organisation: 6, cluster: 0 }];
    const reports = [{ round: 1, signers }, { round: 2, signers: signers.slice(0, 2) }];
    const compute = tierOf(settle({ reports }), "compute");
    assert.deepEqual(compute.points, [0n, 0n, 0n, 0n, 200n, 100n], "organisation 1 has a seat, but no support seat");
    assert.deepEqual(compute.scores.slice(4), [(pool("compute") * 2n) / 5n, pool("compute") / 5n]);
    assert.equal(compute.nobody, (pool("compute") * 2n) / 5n);
    const mixed = tierOf(settle({ reports, points: [await signed("compute", [[3, 500n]])] }), "compute");
    assert.deepEqual([mixed.scores[3], mixed.scores[4]], [pool("compute") / 2n, pool("compute") / 5n]);
  });

  test("a private holdout's data is what its custodian signed, under the data ceiling", async () => {
    const private_ = { holdout: { kind: "private" } as const, points: [await signed("data", [[0, 3n], [2, 1n]])] };
    const data = tierOf(settle(private_, { data: null }), "data");
    assert.deepEqual([data.scores[0], data.scores[2], data.backing], [(pool("data") * 3n) / 4n, pool("data") / 4n, ["attested"]]);
    assert.equal(tierOf(settle({ points: private_.points }), "data").scores[3], 0n);
    assert.deepEqual(tierOf(settle({ points: private_.points }), "data").scores, tierOf(settle(), "data").scores, "on an open holdout nobody's word counts");
  });
});

describe("authors of the model", () => {
  test("get their fixed parts while the window did not make it worse", () => {
    const model = tierOf(settle(), "model");
    assert.deepEqual([model.scores[2], model.scores[4]], [pool("model") / 3n, (pool("model") * 2n) / 3n]);
    assert.equal(tierOf(settle({}, { data: { ...DATA, endPpm: DATA.startPpm } }), "model").scores[4], (pool("model") * 2n) / 3n);
    assert.equal(tierOf(settle({}, { data: { ...DATA, endPpm: DATA.startPpm - 1 } }), "model").nobody, pool("model"));
    assert.equal(tierOf(settle({ holdout: { kind: "none" } }, { data: null }), "model").nobody, pool("model"), "nobody can tell");
  });
});

describe("the community", () => {
  const community = (commendations: Evidence["commendations"]) => tierOf(settle({ commendations }), "community");

  test("divides each voice over its seats", () => {
    const { scores, points, nobody } = community([{ organisation: 1, seats: [2, 4] }, { organisation: 4, seats: [4, 5] }, { organisation: 9, seats: [0, 2, 5] }]);
    assert.deepEqual(points, [2n, 0n, 5n, 0n, 6n, 5n]);
    assert.equal(scores[4], pool("community") / 3n);
    assert.equal(scores.reduce((sum, score) => sum + score, nobody), pool("community"));
  });

  test("attack: a friendly federation cannot give one seat more than half", () => {
    const { scores, nobody } = community([1, 2, 4].map((organisation) => ({ organisation, seats: [2] })));
    assert.deepEqual([scores[2], nobody], [pool("community") / 2n, pool("community") / 2n]);
  });

  test("a voice for a seat that is not in the settlement is nobody's", () => {
    assert.equal(community([{ organisation: 1, seats: [2, 77] }]).nobody, pool("community") / 2n);
  });

  test("says nothing of how anybody worked", () => {
    assert.deepEqual(settle({ commendations: [{ organisation: 1, seats: [5] }] }).reputation.map(({ contributor }) => contributor).filter((who) => who === 6), []);
  });
});

describe("reputation", () => {
  const evidence = (contributor: number, kind: "data" | "annotation", alpha: number, beta: number) => ({ contributor, kind, alpha, beta });

  test("keeps those from verifying who are not known to annotate well", async () => {
    const points = [await signed("verification", [[2, 5n], [3, 5n]])];
    const verified = tierOf(settle({ points }, { reputation: [evidence(4, "annotation", 5_000_000, 0)] }), "verification");
    assert.deepEqual(verified.gated, [2], "a newcomer has shown nothing yet");
    assert.deepEqual([verified.earned[2], verified.scores[2], verified.scores[3], verified.nobody], [pool("verification") / 2n, 0n, pool("verification") / 2n, pool("verification") / 2n]);
  });

  test("keeps those from the data tier who are known to do harm, and newcomers in it", () => {
    const data = tierOf(settle({}, { reputation: [evidence(2, "data", 0, 9_000_000)] }), "data");
    assert.deepEqual(data.gated, [1]);
    assert.equal(data.scores[1], 0n);
    assert.equal(data.scores[0], 300_000_000_000n);
  });

  test("after: own part over the fair part, at most one, for each kind in which somebody took part", () => {
    const after = settle().reputation;
    assert.deepEqual(after.filter(({ kind }) => kind === "data").map(({ contributor }) => contributor), [1, 2, 3], "seat 3 had no weight in any round");
    assert.equal(after.find(({ contributor, kind }) => contributor === 1 && kind === "data")?.alpha, PPM, "more than fair is one");
    assert.equal(after.find(({ contributor, kind }) => contributor === 2 && kind === "data")?.alpha, 750_000);
    assert.deepEqual(after.filter(({ kind }) => kind === "model").map(({ contributor, alpha }) => [contributor, alpha]), [[3, 666_666], [5, PPM]]);
  });

  test("lets somebody who was kept out earn a way back", () => {
    const before = [evidence(2, "data", 0, 9_000_000)];
    const after = settle({}, { reputation: before }).reputation;
    assert(reputationIn(after, 2, "data").mean > reputationIn(before, 2, "data").mean);
  });

  test("does not move where nothing was judged", () => {
    assert.deepEqual(settle({ holdout: { kind: "none" } }, { data: null }).reputation, []);
  });

  test("counts two seats of a contributor as one", () => {
    const seats = SEATS.with(1, { ...SEATS[1]!, contributor: 1 });
    assert.deepEqual(settle({ seats }).reputation.filter(({ kind }) => kind === "data").map(({ contributor }) => contributor), [1, 3]);
  });
});

describe("evidence", () => {
  test("comes back from its file", async () => {
    const whole: Evidence = {
      ...EVIDENCE, points: sortPoints([await signed("feedback", [[4, 1n]]), await signed("annotation", [[2, 7n]], { subject: word(2) }), await signed("annotation", [[2, 7n]], { subject: word(1) })]),
      reports: [{ round: 1, signers: [{ organisation: 5, cluster: 0 }] }], commendations: [{ organisation: 1, seats: [1, 2] }], spent: [word(1), word(2)],
    };
    assert.deepEqual(decodeEvidence(encodeEvidence(whole)), whole);
    assert.deepEqual(whole.points.map(({ statement }) => [statement.tier, statement.subject]), [["annotation", word(1)], ["annotation", word(2)], ["feedback", word(0xaa)]]);
  });

  const hostile: readonly (readonly [string, Partial<Evidence>])[] = [
    ["a voice heard twice", { commendations: [{ organisation: 1, seats: [1] }, { organisation: 1, seats: [2] }] }],
    ["a voice for four seats", { commendations: [{ organisation: 1, seats: [0, 1, 2, 3] }] }],
    ["a voice that names a seat twice", { commendations: [{ organisation: 1, seats: [2, 2] }] }],
    ["a report counted twice", { reports: [{ round: 1, signers: [] }, { round: 1, signers: [] }] }],
    ["a signer counted twice", { reports: [{ round: 1, signers: [{ organisation: 5, cluster: 0 }, { organisation: 5, cluster: 0 }] }] }],
    ["spent commitments out of order", { spent: [word(2), word(1)] }],
    ["a holdout of no records", { holdout: { ...OPEN, records: 0 } }],
  ];
  for (const [what, change] of hostile) test(`is refused with ${what}`, () => assert.throws(() => encodeEvidence({ ...EVIDENCE, ...change }), { code: "evidence-invalid" }));

  test("attack: points on one subject are not counted twice", async () => {
    const again = [await signed("annotation", [[2, 7n]]), await signed("annotation", [[3, 7n]])];
    assert.throws(() => encodeEvidence({ ...EVIDENCE, points: again }), { code: "evidence-invalid" });
  });
});

test("all tiers are in the working, in the order of the terms", () => assert.deepEqual(settle().working.tiers.map(({ tier }) => tier), [...TIERS]));
