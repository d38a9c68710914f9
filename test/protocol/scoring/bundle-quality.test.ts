import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { firstFailure, mapReader, statementHash } from "../../../protocol/index.ts";
import { toJson } from "../../../protocol/bundle/struct-json.ts";
import { firstDifference } from "../../../protocol/bundle/json-difference.ts";
import { readCarry } from "../../../protocol/scoring/carry.ts";
import { decodeHoldout, encodeHoldout, openingOf } from "../../../protocol/scoring/holdout-files.ts";
import { holdoutCommitment } from "../../../protocol/scoring/holdout-commitment.ts";
import { labelQuality, readWindow, type WindowSource } from "../../../protocol/scoring/score-window.ts";
import { decodeWorking, encodeWorking } from "../../../protocol/scoring/working.ts";
import { reputationIn } from "../../../protocol/reputation/table.ts";
import { signed, stranger, terms, word, HEAD } from "./support.ts";
import { evidenceOf, facts, failures, HOLDOUT, make, OPEN, POOL, SALT, SCORED, SEATS, SOURCE, TERMS, verify } from "./world.ts";

const file = (files: ReadonlyMap<string, Uint8Array>, path: string): Uint8Array => files.get(path) ?? assert.fail(path);

describe("a settlement by quality", () => {
  test("verifies, and pays those whose updates taught the model something", async () => {
    const made = await make(await evidenceOf());
    const result = await verify(made);
    assert.equal(firstFailure(result.checks), null);
    const { amounts, scores, distributed, carry, quality } = made.bundle.computed;
    assert.equal(scores.seats.reduce((sum, score) => sum + score, scores.nobody), 10n ** 12n);
    assert.equal(distributed + carry, POOL);
    const data = quality?.working.tiers.find(({ tier }) => tier === "data") ?? assert.fail();
    assert(data.scores[0]! > 0n && data.scores[1]! > 0n && data.scores[2]! > 0n);
    assert.equal(data.scores[3], 0n, "who turns the classes round earns nothing");
    assert.equal(amounts[4]! > 0n, true, "a support seat is paid");
    assert.deepEqual([...made.bundle.files.keys()].sort(), [
      "entitlements.bin", "evidence.json", "holdout.bin", "labels.bin", "manifest.json", "members.bin", "payees.bin", "reputation.bin", "scores.bin", "terms.json", "working.json",
    ]);
  });

  test("without a holdout pays the other tiers, and reveals nothing", async () => {
    const made = await make(await evidenceOf({ holdout: { kind: "none" } }));
    assert(!made.bundle.files.has("holdout.bin"));
    assert.deepEqual(await failures(made), []);
    assert.equal(made.bundle.computed.quality?.working.data, null);
  });

  test("hands reputation and spent holdouts to the next", async () => {
    const { bundle } = await make(await evidenceOf());
    const carry = await readCarry(async () => mapReader(bundle.files), { artefact: word(9) });
    assert.deepEqual(carry.spent, [word(1), OPEN.commitment].sort());
    assert(reputationIn(carry.reputation, 1, "data").mean > 500_000);
    assert(reputationIn(carry.reputation, 4, "data").mean < 500_000);
    assert.deepEqual(await readCarry(async () => assert.fail("nothing to open"), null), { reputation: [], spent: [] });
  });

  test("never asks for updates when another rule scores, or no holdout is open", async () => {
    const window = () => assert.fail("the window was read");
    assert.deepEqual(await failures(await make(await evidenceOf({ holdout: { kind: "none" } }), { window })), []);
  });

  test("reads each round's updates once", async () => {
    const asked: number[] = [];
    const source: WindowSource = { ...SOURCE, updatesOf: (round) => (asked.push(round.round), SOURCE.updatesOf(round)) };
    const window = await readWindow(SCORED, source);
    assert.deepEqual(asked, [1, 3]);
    assert.equal(window.previousDelta, null);
    await assert.rejects(readWindow(SCORED, { ...SOURCE, updatesOf: async () => new Map() }), { code: "bundle-unreadable" });
  });
});

describe("attack: a quorum signs a settlement by quality", () => {
  const later = { holdouts: [{ commitment: OPEN.commitment, fromRound: 2 }] };
  const attacks: readonly (readonly [string, readonly string[], () => Promise<string[]>])[] = [
    ["with a holdout chosen after the window began", ["holdout before the window"], async () => failures(await make(await evidenceOf(), later))],
    ["with a holdout that nobody committed", ["holdout before the window"], async () => failures(await make(await evidenceOf(), { holdouts: [] }))],
    ["with a holdout that an earlier settlement revealed", ["evidence", "holdout used once"], async () => failures(await make(await evidenceOf(), { spent: [OPEN.commitment] }))],
    ["that forgets which holdouts were used", ["evidence", "holdout used once"], async () => failures(await make(await evidenceOf({ spent: [] }), { spent: [OPEN.commitment] }))],
    ["with another salt than was committed", ["holdout as committed"], async () => failures(await make(await evidenceOf({ holdout: { ...OPEN, salt: word(1) } })))],
    ["under other terms", ["terms"], async () => failures(await make(await evidenceOf(), { termsHash: word(1) }))],
    ["with more records than a seat's dataset registered", ["evidence"], async () => failures(await make(await evidenceOf({ seats: SEATS.with(0, { ...SEATS[0]!, records: 101 }) })))],
    ["with better labels than a dataset's card states", ["evidence"], async () => failures(await make(await evidenceOf({ seats: SEATS.with(0, { ...SEATS[0]!, labelLevels: [0, 0, 0, 0, 100] }) })))],
    ["that takes two organisations of a cluster for strangers", ["evidence"], async () => failures(await make(await evidenceOf(), { seats: SEATS.with(0, { ...SEATS[0]!, cluster: 8 }).with(1, { ...SEATS[1]!, cluster: 8 }) }))],
    ["with a voice that was never given", ["evidence", "scores hash"], async () => failures(await make(await evidenceOf({ commendations: [{ organisation: 1, seats: [2, 4] }, { organisation: 2, seats: [4] }] })))],
    ["without a voice that was given", ["evidence"], async () => failures(await make(await evidenceOf({ commendations: [] })))],
    ["that credits a signer who did not sign", ["evidence"], async () => failures(await make(await evidenceOf({ reports: [] })))],
    ["with points of somebody whom the terms do not name", ["points"], async () => failures(await make(await evidenceOf({ points: [await signed("annotation", [[1, 30n]], { by: stranger })] })))],
    ["with points of the settlement before", ["points"], async () => failures(await make(await evidenceOf({ points: [await signed("annotation", [[1, 30n]], { settlement: 0 })] })))],
    ["with points for data that everybody can judge", ["points"], async () => failures(await make(await evidenceOf({ points: [await signed("data", [[3, 30n]])] })))],
    ["that calls an open holdout private", ["kind of holdout"], async () => failures(await make(await evidenceOf({ holdout: { kind: "private" }, points: [await signed("data", [[3, 30n]])] })))],
  ];
  for (const [what, names, run] of attacks) {
    test(what, async () => {
      const found = await run();
      for (const name of names) assert(found.includes(name), `${name} not among ${found.join(", ") || "no failures"}`);
    });
  }

  test("with a label of the holdout turned after the commitment", async () => {
    const made = await make(await evidenceOf());
    const labels = file(made.bundle.files, "labels.bin").slice();
    labels[0] = 2;
    assert((await failures(made, new Map([...made.bundle.files, ["labels.bin", labels]]))).includes("holdout as committed"));
  });

  test("with one unit moved from nobody to a friend, and names the seat", async () => {
    const made = await make(await evidenceOf());
    const scores = file(made.bundle.files, "scores.bin").slice();
    scores[8 * 3 + 7]! += 1;
    scores[scores.length - 1]! -= 1;
    const { checks } = await verify(made, new Map([...made.bundle.files, ["scores.bin", scores]]));
    assert.match(checks.find(({ ok, name }) => !ok && name === "recomputed")?.actual ?? "", /^seat 3/);
  });

  test("with a working that tells another story", async () => {
    const made = await make(await evidenceOf());
    const told = decodeWorking(file(made.bundle.files, "working.json"));
    told.tiers[1]!.points[1]! += 1n;
    const { checks } = await verify(made, new Map([...made.bundle.files, ["working.json", encodeWorking(told)]]));
    const found = checks.find(({ name, ok }) => name === "working" && !ok);
    assert.deepEqual([found?.subject, found?.expected, found?.actual], ["working.json: tiers.1.points.1", "30", "31"]);
  });

  test("with a reputation of its own making", async () => {
    const made = await make(await evidenceOf());
    const reputation = file(made.bundle.files, "reputation.bin").slice();
    reputation[12]! ^= 1;
    assert((await failures(made, new Map([...made.bundle.files, ["reputation.bin", reputation]]))).includes("reputation"));
  });

  test("without the file that would tell", async () => {
    const made = await make(await evidenceOf());
    for (const path of ["terms.json", "evidence.json", "working.json", "reputation.bin", "holdout.bin"]) {
      const files = new Map([...made.bundle.files].filter(([name]) => name !== path));
      assert((await failures(made, files)).length > 0, path);
    }
  });

  test("and a verifier who knows nothing of the evidence does not call it verified", async () => {
    const { bundle, expected } = await make(await evidenceOf());
    const { quality: _, ...bare } = expected;
    await assert.rejects(verify({ bundle, expected: { ...bare, statementHash: statementHash({ ...bundle.statement, artefact: bare.artefact }) } }), { code: "rule-unknown" });
  });
});

describe("a revealed holdout", () => {
  const strata = { ...HOLDOUT, strata: Uint8Array.from({ length: 30 }, (_, i) => i % 2), stratumOf: new Map([[7, 1], [3, 0]]) };

  test("comes back from its files, sources and all", () => {
    const files = encodeHoldout(strata);
    assert.deepEqual(decodeHoldout({ values: file(files, "holdout.bin"), labels: file(files, "labels.bin"), strata: file(files, "strata.bin") }, 30, TERMS.data), { ...strata, stratumOf: new Map([[3, 0], [7, 1]]) });
    const numbers = { ...HOLDOUT, targets: Int32Array.from({ length: 30 }, (_, i) => i - 15) };
    const regression = terms({ utility: "mean-absolute-error" }).data;
    const read = encodeHoldout(numbers);
    assert.deepEqual(decodeHoldout({ values: file(read, "holdout.bin"), labels: file(read, "labels.bin"), strata: null }, 30, regression).targets, numbers.targets);
  });

  test("is bound with its sources: nobody chooses afterwards on which records a hospital is judged", () => {
    const of = (change: object) => holdoutCommitment(openingOf(SALT, { ...strata, ...change }, HEAD.features));
    assert.notEqual(of({}), of({ strata: strata.strata.map((source) => 1 - source) }));
    assert.notEqual(of({}), of({ stratumOf: new Map([[7, 0], [3, 0]]) }));
    assert.notEqual(of({}), of({ strata: null }));
  });

  test("is refused with a label of no class, a short file, or datasets out of order", () => {
    const files = encodeHoldout(strata);
    const parts = { values: file(files, "holdout.bin"), labels: file(files, "labels.bin"), strata: file(files, "strata.bin") };
    assert.throws(() => decodeHoldout({ ...parts, labels: parts.labels.with(3, 3) }, 30, TERMS.data), { code: "out-of-range" });
    assert.throws(() => decodeHoldout({ ...parts, values: parts.values.subarray(1) }, 30, TERMS.data), { code: "length-mismatch" });
    assert.throws(() => decodeHoldout({ ...parts, strata: parts.strata.subarray(0, 33) }, 30, TERMS.data), { code: "length-mismatch" });
    const turned = parts.strata.slice();
    turned.set(parts.strata.subarray(35), 30);
    turned.set(parts.strata.subarray(30, 35), 35);
    assert.throws(() => decodeHoldout({ ...parts, strata: turned }, 30, TERMS.data), { code: "out-of-range" });
  });
});

describe("small parts", () => {
  test("a record's weight follows the level of its label; a card that says nothing counts as unverified", () => {
    const levels = TERMS.data.levelQualityPpm;
    const quality = (labelLevels: readonly number[]) => labelQuality({ ...SEATS[0]!, labelLevels }, levels);
    assert.equal(quality([]), 100_000);
    assert.equal(quality([0, 0, 50, 0, 50]), 800_000);
    assert.equal(quality([1, 2]), 233_333);
    assert.equal(quality([0, 0, 0, 0, 0, 10]), 1_000_000, "beyond the terms' levels the highest counts");
  });

  test("two files are compared to the place", async () => {
    const [one, other] = [toJson(await evidenceOf()), toJson(await evidenceOf({ spent: [] }))];
    assert.equal(firstDifference(one, one), null);
    assert.deepEqual(firstDifference(one, other), { path: "spent", expected: "1 items", actual: "0 items" });
    assert.deepEqual(firstDifference({ a: [1, { b: null }] }, { a: [1, { b: 0 }] }), { path: "a.1.b", expected: "null", actual: "0" });
    assert.deepEqual(firstDifference({ a: 1 }, {}), { path: "a", expected: "1", actual: "absent" });
  });

  test("facts of the chain are those of the evidence, where it is honest", async () => assert.deepEqual(facts(await evidenceOf()).seats, SEATS));
});
