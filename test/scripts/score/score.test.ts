import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { after, before, describe, test } from "node:test";
import { hexToBytes, type Hex } from "viem";
import { mapReader } from "../../../protocol/index.ts";
import { writeFacts, type LedgerFacts } from "../../../protocol/ledger/facts.ts";
import { decodeReputation } from "../../../protocol/reputation/table.ts";
import { decodeEvidence } from "../../../protocol/scoring/evidence.ts";
import { decodeWorking, WHOLE } from "../../../protocol/scoring/working.ts";
import { decodeTerms } from "../../../protocol/terms/terms.ts";
import { score, type ScoreOptions } from "../../../scripts/commands/score.ts";
import { EXIT } from "../../../scripts/output/command.ts";
import { ratio, share } from "../../../scripts/score/figures.ts";
import { readScores } from "../../../scripts/score/read.ts";
import { describeQuality, describeSize } from "../../../scripts/score/text.ts";
import { viewQuality, viewSize, type QualityFiles, type QualityView, type SeatView } from "../../../scripts/score/view.ts";
import { whyOf } from "../../../scripts/score/why.ts";
import { issuer, word } from "../../protocol/scoring/support.ts";
import { evidenceOf, make, POOL } from "../../protocol/scoring/world.ts";
import { buildLedger, type Fixture } from "../audit/fixture.ts";

interface Vector {
  readonly terms: { readonly text: string };
  readonly evidence: { readonly text: string };
  readonly working: { readonly text: string };
  readonly scores: { readonly seats: readonly string[]; readonly nobody: string };
  readonly previousReputation: { readonly bytes: Hex };
  readonly reputation: { readonly bytes: Hex };
}
const vector = JSON.parse(readFileSync(new URL("../../../protocol/vectors/quality.json", import.meta.url), "utf8")) as Vector;
const bytes = ({ text }: { readonly text: string }): Uint8Array => new TextEncoder().encode(text);
const FILES: QualityFiles = {
  terms: decodeTerms(bytes(vector.terms)), evidence: decodeEvidence(bytes(vector.evidence)), working: decodeWorking(bytes(vector.working)), issued: [],
  before: decodeReputation(hexToBytes(vector.previousReputation.bytes)), after: decodeReputation(hexToBytes(vector.reputation.bytes)),
};
const SCORES = [...vector.scores.seats, vector.scores.nobody].map(BigInt);
const SETTLED = { pool: WHOLE, scores: SCORES, amounts: SCORES.slice(0, -1) };
const view = (change: Partial<QualityFiles> = {}): QualityView => viewQuality({ ...FILES, ...change }, SETTLED);
const seatOf = ({ seats }: QualityView, seat: number): SeatView => seats[seat] ?? assert.fail(`seat ${seat}`);

/** The data tier's working with one cluster changed. */
function withCluster(at: number, change: Partial<NonNullable<QualityFiles["working"]["data"]>["clusters"][number]>): QualityView {
  const data = FILES.working.data ?? assert.fail();
  return view({ working: { ...FILES.working, data: { ...data, clusters: data.clusters.map((cluster, i) => (i === at ? { ...cluster, ...change } : cluster)) } } });
}

describe("the working of a settlement by quality", () => {
  test("adds up: each tier is paid or nobody's, all seats and nobody are the pool", () => {
    const { tiers, nobody, seats } = view();
    for (const { tier, pool, paid, nobody: rest } of tiers) assert.equal(paid + rest, pool, tier);
    assert.equal(seats.reduce((sum, seat) => sum + seat.score, nobody), WHOLE);
    for (const { score: whole, tiers: parts } of seats) assert.equal(parts.reduce((sum, part) => sum + part.score, 0n), whole);
  });

  test("says of a seat how its data was judged", () => {
    const { data } = seatOf(view(), 3);
    assert.deepEqual(data?.gates, [{ round: 4, reason: "replayed" }]);
    assert.equal(data?.sharePpb, 150_000_000n);
    assert.deepEqual([data?.cluster?.passed, data?.cluster?.rounds, data?.cluster?.ceilingPpb, data?.cluster?.atCeiling], [1, 2, 833_333_333n, false]);
    assert.equal(seatOf(view(), 5).data?.cluster, null, "a support seat has no cluster");
  });

  test("says why, in a sentence", () => {
    assert.equal(whyOf(seatOf(view(), 0)), "Seat 0 gets 12.60 % of the pool: 12.60 % for data; it is judged as one with seat 1.");
    assert.match(whyOf(seatOf(view(), 3)), /round 4 is left out: it repeated what was known; its updates add nothing .*; 1 of 2 rounds count; reputation keeps it from being paid for data and verification\.$/);
    assert.match(whyOf(seatOf(withCluster(1, { directionPpm: -10_001 }), 2)), /lead away from the right answers/);
    assert.doesNotMatch(whyOf(seatOf(withCluster(1, { directionPpm: -10_000 }), 2)), /lead away/, "what the terms allow is not held against it");
    assert.match(whyOf(seatOf(withCluster(1, { competencePpm: 0 }), 2)), /alone the model can do nothing/);
    assert.match(whyOf(seatOf(withCluster(1, { meritPpb: 900_000_000n }), 2)), /data tier's ceiling/);
    const idle = { ...seatOf(view(), 5), tiers: [], data: null };
    assert.equal(whyOf(idle), "Seat 5 gets nothing: it has no points, voices or updates that count.");
  });

  test("names the ceiling where one cut, of a party's seats together, and not where it is far", () => {
    const capped = FILES.working.tiers.map((tier) => (tier.tier === "annotation" ? { ...tier, ceiling: tier.earned[2] ?? 0n } : tier));
    const stops = ({ tiers }: SeatView) => tiers.filter(({ stop }) => stop !== null).map(({ tier, stop }) => `${tier} ${stop}`);
    assert.deepEqual(stops(seatOf(view({ working: { ...FILES.working, tiers: capped } }), 2)), ["annotation ceiling"]);
    assert.deepEqual(stops(seatOf(view(), 2)), []);
    assert.deepEqual(stops(seatOf(view(), 3)), ["data reputation", "verification reputation"]);
  });

  test("shows reputation before and after, and a newcomer as unknown", () => {
    const data = seatOf(view(), 3).reputation.find(({ kind }) => kind === "data");
    assert(data !== undefined && data.before !== null && data.after.mean > data.before.mean, "who was kept low can earn a way back");
    assert.equal(seatOf(view(), 1).reputation.find(({ kind }) => kind === "data")?.before, null);
  });

  test("prints one seat, or all of them", () => {
    const all = describeQuality(view(), "SHU", undefined);
    for (const { seat } of view().seats) assert.match(all, new RegExp(`^seat ${seat}, `, "m"));
    const one = describeQuality(view(), "points", 3);
    assert.deepEqual([...one.matchAll(/^seat (\d+),/gm)].map(([, seat]) => seat), ["3"]);
    assert.match(one, /round 4: replayed/);
    assert.match(one, /φ -0\.002000, competence κ 0\.400000, direction δ 0\.001000/);
    assert.match(one, /verification +5 of 10 +4\.00 % +0\.00 % +reputation/);
  });

  test("says that a private holdout was judged by its custodian", () => {
    const working = { ...FILES.working, data: null };
    assert.match(describeQuality(view({ working, evidence: { ...FILES.evidence, holdout: { kind: "private" } } }), "SHU", 0), /custodian judged the data and signed/);
    assert.match(describeQuality(view({ working, evidence: { ...FILES.evidence, holdout: { kind: "none" } } }), "SHU", 0), /No holdout judged/);
  });

  test("is read from the bundle: issuers from their signatures, amounts from its columns, reputation from the settlement before", async () => {
    const { bundle } = await make(await evidenceOf());
    const read = await readScores(async () => mapReader(bundle.files), word(9));
    assert(read.rule === "quality-v1");
    assert.deepEqual(seatOf(read, 1).points.map(({ tier, issuer: by, points }) => [tier, by, points]), [["annotation", issuer(0).address, 30n]]);
    assert.deepEqual([seatOf(read, 2).voices, seatOf(read, 4).voices, seatOf(read, 0).voices], [[1], [1], []]);
    assert.deepEqual([read.pool, read.seats.map(({ amount }) => amount)], [POOL, bundle.computed.amounts]);
    const next = await make(await evidenceOf(), {}, { index: 2, previous: { index: 1, artefact: word(9) } });
    const later = await readScores(async (artefact) => mapReader(artefact === word(9) ? bundle.files : next.bundle.files), word(10));
    assert(later.rule === "quality-v1");
    assert.deepEqual(seatOf(later, 0).reputation[0]?.before, seatOf(read, 0).reputation[0]?.after);
  });

  test("attack: a bundle without a file, or with a malformed one, shows nothing", async () => {
    const { bundle } = await make(await evidenceOf());
    for (const [name, content] of [["working.json", undefined], ["working.json", "{}"], ["evidence.json", "[]"], ["terms.json", "nonsense"], ["reputation.bin", "x"], ["scores.bin", "x"]] as const) {
      const files = new Map(bundle.files);
      if (content === undefined) files.delete(name);
      else files.set(name, new TextEncoder().encode(content));
      await assert.rejects(readScores(async () => mapReader(files), word(9)), { name: "ChongwenError" }, name);
    }
  });
});

test("figures are rounded down, and what is not nothing never reads as nothing", () => {
  assert.deepEqual([share(1n, 3n), share(1n, 1_000_000n), share(0n, 5n), share(5n, 0n), share(7n, 7n)], ["33.33 %", "<0.01 %", "0.00 %", "0.00 %", "100.00 %"]);
  assert.deepEqual([ratio(0), ratio(-1), ratio(1_500_000)], ["0.000000", "-0.000001", "1.500000"]);
});

test("by size: says so, and prints the weights", () => {
  const size = viewSize({ pool: 60n, scores: [10n, 20n, 30n, 0n], amounts: [10n, 20n, 30n] });
  const text = describeSize(size, "SHU", undefined);
  assert.match(text, /^size-v1: .*Quality is not judged/);
  assert.match(text, /^2 +30 +50\.00 %/m);
  assert.doesNotMatch(describeSize(size, "SHU", 2), /^1 /m);
});

describe("chongwen score", () => {
  let honest: Fixture;
  before(async () => {
    honest = await buildLedger();
  });
  after(() => rm(honest.dir, { recursive: true, force: true }));

  async function run(change: Partial<ScoreOptions> = {}, facts: LedgerFacts = honest.facts) {
    const dir = path.join(honest.dir, "workspace");
    await mkdir(dir, { recursive: true });
    await writeFile(path.join(dir, "ledger.json"), writeFacts(facts));
    const texts = { out: "", err: "" };
    const stream = (name: "out" | "err") => ({ write: (text: string) => (texts[name] += text) });
    const exit = await score({ dir, store: honest.dir, federation: 1, settlement: 1, json: false, offline: true, ...change }, { out: stream("out"), err: stream("err") });
    return { exit, ...texts };
  }

  test("recomputes, then shows", async () => {
    const { exit, out } = await run();
    assert.equal(exit, EXIT.ok);
    assert.match(out, /recomputed and equal/);
    assert.match(out, /^1 +40 +33\.33 %/m);
  });

  test("--json, --seat", async () => {
    const { data, success } = JSON.parse((await run({ json: true, seat: 1 })).out);
    assert.deepEqual([success, data.rule, data.settlement, data.seats], [true, "size-v1", 1, [{ seat: 1, weight: "40", amount: "333" }]]);
  });

  test("refuses a settlement or a seat that there is not", async () => {
    await assert.rejects(run({ settlement: 7 }), { code: "usage" });
    await assert.rejects(run({ seat: 3 }), { code: "usage" });
  });

  test("attack: what the chain does not say is a mismatch, and no score of it is shown", async () => {
    const facts = structuredClone(honest.facts);
    const [settlement] = facts.settlements;
    if (settlement !== undefined) settlement.pool += 1n;
    const { exit, out, err } = await run({}, facts);
    assert.deepEqual([exit, out], [EXIT.mismatch, ""]);
    assert.match(err, /pool is 1000, expected 1001/);
    const json = JSON.parse((await run({ json: true }, facts)).out);
    assert.deepEqual([json.success, json.data.seats], [false, undefined]);
  });

  test("an artefact that is not there cannot be verified, and no score is shown", async () => {
    const empty = path.join(honest.dir, "nothing");
    await mkdir(empty);
    const { exit, out } = await run({ store: empty });
    assert.deepEqual([exit, out], [EXIT.unverified, ""]);
  });

  test("attack: a flipped bit in the store is a mismatch, and no score is shown", async () => {
    const wrong = await buildLedger();
    const blocks = (await readdir(wrong.dir, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile());
    for (const { parentPath, name } of blocks) {
      const file = path.join(parentPath, name);
      const content = await readFile(file);
      content[content.length - 1] = (content.at(-1) ?? 0) ^ 1;
      await writeFile(file, content);
    }
    const { exit, out } = await run({ store: wrong.dir }, wrong.facts);
    await rm(wrong.dir, { recursive: true, force: true });
    assert.deepEqual([exit, out], [EXIT.mismatch, ""]);
  });
});
