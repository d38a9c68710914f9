import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { checkMetrics } from "../../frontend/src/rounds/metrics.ts";
import { newestRounds, stateOf, upcomingRound, viewRound } from "../../frontend/src/rounds/view-model.ts";
import type { Head, RoundRecord } from "../../frontend/src/rounds/view-model.ts";
import { type Evaluation, metricsHash } from "../../protocol/evaluation/evaluation.ts";

const hash = `0x${"ab".repeat(32)}` as const;
const [OPEN, SEALED, REPORTED, FINAL, VOID] = [1, 2, 3, 4, 5];

function record(state: number, more: Partial<RoundRecord> = {}): RoundRecord {
  return { hash, state, attempt: 0, deadline: 1000, parentRound: 4, entries: 7, accepted: 6, ...more };
}

describe("a round on the page", () => {
  it("counts down while its limit runs, and says when it is over", () => {
    assert.deepEqual(viewRound(5, record(REPORTED), 940).limit, { kind: "running", seconds: 60 });
    assert.deepEqual(viewRound(5, record(REPORTED), 1000).limit, { kind: "over" });
    assert.deepEqual(viewRound(5, record(SEALED), 999).limit, { kind: "running", seconds: 1 });
    assert.deepEqual(viewRound(5, record(FINAL), 1).limit, { kind: "none" });
    assert.deepEqual(viewRound(5, record(VOID), 1).limit, { kind: "none" });
  });
  it("has a report hash only when it was reported: a sealed round's hash is its seal", () => {
    assert.equal(viewRound(5, record(SEALED), 0).reportHash, undefined);
    assert.equal(viewRound(5, record(VOID), 0).reportHash, undefined);
    assert.equal(viewRound(5, record(REPORTED), 0).reportHash, hash);
    assert.equal(viewRound(5, record(FINAL), 0).reportHash, hash);
  });
  it("that was sent back shows no entries of its old seal", () => {
    const view = viewRound(5, record(OPEN, { attempt: 1 }), 0);
    assert.equal(view.redo, true);
    assert.equal(view.entries, 0);
    assert.equal(view.attempt, 1);
  });
  it("zero, the first model, extends nothing", () => assert.equal(viewRound(0, record(FINAL), 0).parent, undefined));
  it("in a state of tomorrow is refused, not guessed", () => {
    assert.throws(() => stateOf(0), RangeError);
    assert.throws(() => stateOf(6), RangeError);
  });
});

describe("the round that is open", () => {
  const head: Head = { last: 5, tip: 5, forceUntil: 100, forced: 2 };
  it("follows a reported or final tip", () => {
    const view = upcomingRound(head, record(FINAL), 40);
    assert.deepEqual([view?.round, view?.parent, view?.forced, view?.limit], [6, 5, 2, { kind: "running", seconds: 60 }]);
    assert.deepEqual(upcomingRound(head, record(REPORTED), 100)?.limit, { kind: "none" });
  });
  it("is the tip itself while that is sealed or redone", () => {
    assert.equal(upcomingRound(head, record(SEALED), 0), undefined);
    assert.equal(upcomingRound(head, record(OPEN), 0), undefined);
  });
  it("extends the tip, which need not be the last: a void round lies between", () => {
    const view = upcomingRound({ ...head, last: 6 }, record(FINAL), 0);
    assert.deepEqual([view?.round, view?.parent], [7, 5]);
  });
});

describe("the list of rounds", () => {
  it("is newest first and ends with the first model", () => {
    assert.deepEqual(newestRounds(2, 5), [2, 1, 0]);
    assert.deepEqual(newestRounds(9, 3), [9, 8, 7]);
    assert.deepEqual(newestRounds(0, 3), [0]);
  });
});

describe("metrics", () => {
  const file = (text: string): Uint8Array => new TextEncoder().encode(text);
  const signed = file('{"correct":69,"holdout":"open","total":72}');
  const attested = file('{"evaluation":null,"format":"chongwen-round"}');
  const evaluation: Evaluation = {
    headLane: 0, features: 34, classes: 6, featureBits: 14, records: 90, correct: 87, holdoutRoot: hash, labelsHash: hash, predictionsHash: hash,
  };
  const evaluated = (change: Partial<Evaluation> = {}) => file(JSON.stringify({ evaluation: { ...evaluation, ...change } }));
  it("are shown when the file is the signed one", () => {
    assert.deepEqual(checkMetrics(signed, attested, metricsHash(null, signed)), { kind: "verified", correct: 69, total: 72, disprovable: false });
  });
  it("are those of the evaluation where there is one", () => {
    const expected = { kind: "verified", correct: 87, total: 90, disprovable: true };
    assert.deepEqual(checkMetrics(signed, evaluated(), metricsHash(evaluation, signed)), expected);
  });
  it("are not shown when one byte, or one number of the evaluation, differs", () => {
    const flipped = file('{"correct":70,"holdout":"open","total":72}');
    assert.deepEqual(checkMetrics(flipped, attested, metricsHash(null, signed)), { kind: "mismatch" });
    assert.deepEqual(checkMetrics(signed, evaluated({ correct: 88 }), metricsHash(evaluation, signed)), { kind: "mismatch" });
    assert.deepEqual(checkMetrics(signed, attested, metricsHash(evaluation, signed)), { kind: "mismatch" });
    assert.deepEqual(checkMetrics(signed, evaluated({ correct: -1 }), metricsHash(evaluation, signed)), { kind: "unreadable" });
    assert.deepEqual(checkMetrics(signed, file("no manifest"), metricsHash(evaluation, signed)), { kind: "unreadable" });
  });
  it("of an unknown or impossible form are not shown either", () => {
    for (const text of ["{}", "no json", '{"correct":1.5,"total":2}', '{"correct":3,"total":2}', '{"correct":0,"total":0}']) {
      assert.deepEqual(checkMetrics(file(text), attested, metricsHash(null, file(text))), { kind: "unreadable" }, text);
    }
  });
});
