// What a run of `npm run flower` is judged by: each promise, broken once, is said to be broken.
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, describe, it } from "node:test";
import { DERMATOLOGY_PATH, loadTable } from "../../../scripts/data/index.ts";
import { splitTable } from "../../../scripts/data/split.ts";
import { MISDEEDS, misdeedsOf, planMisdeeds } from "../../../scripts/flower/app-copy.ts";
import { writeDataFolder } from "../../../scripts/flower/data-folder.ts";
import { judge, type Evidence, type RoundReport } from "../../../scripts/flower/report.ts";
import { NO_STUDIES, describe as describeStudy, type Study } from "../../../scripts/flower/studies.ts";
import { describeReport } from "../../../scripts/flower/table.ts";

const round = (number: number, contributors: readonly number[], more: Partial<RoundReport> = {}): RoundReport => ({
  round: number, state: "Final", contributors, excluded: [], asHanded: true, reportHash: "0x01", artefact: "0x02", accuracy: 0.8, timesMs: { train: 100, commit: 2, sign: 2, verify: 1 }, overhead: 0.05, ...more,
});
const excluded = (seat: number, code: string) => ({ hospital: `hospital-${seat}`, seat, code, message: "It is so.", fix: "Mend it.", toldToOperator: true });

const good: Evidence = {
  data: { title: "Table", hospitals: [0, 1, 2, 3, 4].map((seat) => ({ name: `hospital-${seat}`, seat, records: 40 })), holdout: 90 },
  processes: [{ name: "superlink", pid: 1 }],
  rounds: [round(1, [0, 1, 2, 3, 4]), round(2, [0, 1, 2, 3]), round(3, [0, 2, 4], { excluded: [excluded(3, "not-finite"), excluded(1, "tensor-shape")] })],
  kill: { hospital: "hospital-4", seat: 4, round: 2, signal: "SIGKILL", answered: false, settledWith: [0, 1, 2, 3], backInRound: 3 },
  accuracy: { before: 0.3, deployed: 0.8 },
  claims: [0, 1, 2, 3, 4].map((seat) => ({ seat, account: "0x00", amount: "5", expected: "5" })),
  audit: { ok: true, checked: 100 },
  studies: NO_STUDIES,
  environment: { python: "3.12.1", flower: "1.41.0" },
  seconds: { python: 1, ledger: 1, flower: 1, settlement: 1, studies: 1, total: 5 },
};
const expected = { rounds: 3, misdeeds: planMisdeeds(3).map(({ round, seat, misdeed }) => ({ round, seat, ...MISDEEDS[misdeed] })) };
const replaceRound = (number: number, more: Partial<RoundReport>): Evidence => ({ ...good, rounds: good.rounds.map((entry) => (entry.round === number ? { ...entry, ...more } : entry)) });

describe("a run of npm run flower", () => {
  it("is good when every promise was kept", () => {
    const report = judge(good, expected);
    assert.deepEqual(report.promises.filter(({ kept }) => !kept), []);
    assert.equal(report.ok, true);
  });

  const broken: readonly (readonly [string, Evidence])[] = [
    ["a round that is not final", replaceRound(1, { state: "Reported" })],
    ["a round that is missing", { ...good, rounds: good.rounds.slice(0, 2) }],
    ["a killed hospital that had answered", { ...good, kill: { ...good.kill, answered: true } }],
    ["a killed hospital whose update counts all the same", { ...good, kill: { ...good.kill, settledWith: [0, 1, 2, 3, 4] } }],
    ["a killed hospital that never came back", { ...good, kill: { ...good.kill, backInRound: null } }],
    ["a bad update that counts", replaceRound(3, { contributors: [0, 2, 3, 4] })],
    ["a bad update left out for another reason", replaceRound(3, { excluded: [excluded(3, "root-equal"), excluded(1, "tensor-shape")] })],
    ["an operator who is not told", replaceRound(3, { excluded: [{ ...excluded(3, "not-finite"), toldToOperator: false }, excluded(1, "tensor-shape")] })],
    ["a report that is not what was handed over", replaceRound(2, { asHanded: false })],
    ["a report whose handing over nobody remembers", replaceRound(2, { asHanded: null })],
    ["a hospital that did not claim", { ...good, claims: good.claims.slice(1) }],
    ["a claim of another amount", { ...good, claims: good.claims.map((claim) => ({ ...claim, amount: "6" })) }],
    ["an audit that differs", { ...good, audit: { ok: false, checked: 100 } }],
    ["a study that differs", { ...good, studies: { ...NO_STUDIES, promises: [{ what: "within noise", kept: false }] } }],
  ];
  for (const [what, evidence] of broken) it(`is not good with ${what}`, () => assert.equal(judge(evidence, expected).ok, false));

  it("reads as a table that names who was left out and who was killed", () => {
    const text = describeReport(judge(good, expected));
    assert.match(text, /2 +Final +0 1 2 3 .*hospital-4: killed/);
    assert.match(text, /3 +Final +0 2 4 .*hospital-3: not-finite, hospital-1: tensor-shape/);
    assert.doesNotMatch(text, /✗/);
  });
});

describe("misdeeds", () => {
  it("leave at least three hospitals of five to seal a round, and are none of the killed one's", () => {
    const plan = planMisdeeds(12);
    for (const { round } of plan) assert.ok(plan.filter((other) => other.round === round).length <= 2);
    assert.ok(plan.every(({ seat, round }) => seat !== 4 && round > 2));
    // The server tells with its next message.
    assert.ok(plan.filter(({ misdeed }) => misdeed === "forge" || misdeed === "replay").every(({ round }) => round < 12));
    assert.deepEqual(Object.keys(MISDEEDS).filter((misdeed) => !plan.some((planned) => planned.misdeed === misdeed)), []);
  });
  it("are told only to the hospital that does them", () => {
    assert.deepEqual(misdeedsOf(planMisdeeds(4), 3), { CHONGWEN_MISBEHAVE: '{"4":"nan"}' });
    assert.deepEqual(misdeedsOf(planMisdeeds(4), 4), {});
  });
});

describe("a hospital's data folder", () => {
  const folder = mkdtempSync(path.join(tmpdir(), "chongwen-data-"));
  after(() => rmSync(folder, { recursive: true, force: true }));

  it("holds its own rows as they stand in the table and nobody else's, and says how to scale them", async () => {
    const table = loadTable(DERMATOLOGY_PATH);
    const [, header, ...rows] = ["", ...readFileSync(DERMATOLOGY_PATH, "utf8").trimEnd().split("\n")];
    const { sites } = splitTable(table, { seed: 7 });
    for (const [i, site] of sites.entries()) {
      const own = path.join(folder, String(i));
      await writeDataFolder(own, DERMATOLOGY_PATH, table, site.rows);
      const text = readFileSync(path.join(own, "dermatology.csv"), "utf8").trimEnd().split("\n");
      assert.deepEqual(text, [header, ...site.rows.map((row) => rows[row])]);
      const schema: unknown = JSON.parse(readFileSync(path.join(own, "dermatology.schema.json"), "utf8"));
      assert.ok(typeof schema === "object" && schema !== null && "rows" in schema && "classes" in schema && !("csvSha256" in schema));
      assert.equal(schema.rows, site.rows.length);
      assert.equal(Object.keys(schema.classes ?? {}).length, table.classes.length);
    }
  });
});

describe("the studies", () => {
  const spread = { mean: 0.9, sd: 0.01 };
  const scores = { accuracy: spread, balanced_accuracy: spread, macro_auc: spread };
  const table = { seeds: [1, 2, 3, 4, 5], integers: scores, floats: scores, withinSeedNoise: true, integerEvaluatorAgrees: true, commitSharePercent: 3 };
  const fourSources = { seeds: [1], results: { federated: scores, centralised: scores, "x alone": scores }, bestSingleSite: "x alone" };
  const study: Study = { table, skin: table, fourSources };

  it("promise integers within seed noise of floats", () => {
    assert.ok(describeStudy(study).promises.every(({ kept }) => kept));
    assert.ok(!describeStudy({ ...study, table: { ...table, withinSeedNoise: false } }).promises.every(({ kept }) => kept));
    assert.ok(!describeStudy({ ...study, table: { ...table, seeds: [1] } }).promises.every(({ kept }) => kept));
  });
  it("say why the skin part is null where the data are not here", () => {
    const { fourSources, reason, promises } = describeStudy({ table, skin: null, fourSources: null });
    assert.equal(fourSources, null);
    assert.match(reason ?? "", /CHONGWEN_DATA/);
    assert.equal(promises.length, 1);
  });
});
