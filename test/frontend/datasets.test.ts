// What the catalogue says of datasets: folded from events, searched, and written down anew.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { changedTerms, ethicsEnd, matches, termsOf, traceDatasets } from "../../frontend/src/datasets/trace.ts";
import type { DatasetEvent } from "../../frontend/src/datasets/trace.ts";
import type { DatasetTerms } from "../../protocol/dataset-terms.ts";
import { cardBytes, draftOf, EMPTY_DRAFT, problemsOf, termsFrom } from "../../frontend/src/pages/datasets/draft.ts";
import type { Draft } from "../../frontend/src/pages/datasets/draft.ts";
import { readCard } from "../../frontend/src/datasets/read-card.ts";

const CARD = `0x${"ab".repeat(32)}` as const;
const terms = (change: Partial<DatasetTerms> = {}): DatasetTerms => ({
  card: CARD, ethicsExpiry: 1_900_000_000n, consentVersion: 1, records: 90, privacyCap: 1000, exempt: false, licence: "CC-BY-4.0", legalBasis: "consent", ethicsApproval: "Board 7/2025", ...change,
});
let block = 0n;
const event = (eventName: DatasetEvent["eventName"], args: object): DatasetEvent => {
  block += 1n;
  return { eventName, args: { dataset: 1, ...args }, blockNumber: block, logIndex: 0, transactionHash: `0x${block.toString(16).padStart(64, "0")}` } as unknown as DatasetEvent;
};
const proposed = event("DatasetProposed", { custodian: 5, terms: terms() });

describe("a dataset's life", () => {
  it("is what its events say, in order", () => {
    const [trace] = traceDatasets([
      proposed,
      event("DatasetStatusChanged", { status: 2 }),
      event("AmendmentProposed", { termsHash: CARD, terms: terms({ records: 100 }) }),
      event("DatasetAmended", { version: 2, terms: terms({ records: 100 }) }),
      event("DatasetHeld", { version: 2, until: 77n }),
    ]);
    assert.ok(trace !== undefined);
    assert.deepEqual([trace.status, trace.versions.length, termsOf(trace).records, trace.amendment, trace.heldUntil, trace.heldVersion], ["approved", 2, 100, undefined, 77n, 2]);
  });

  it("keeps an amendment waiting, lifts a hold, and remembers which version was held", () => {
    const [trace] = traceDatasets([proposed, event("DatasetHeld", { version: 1, until: 77n }), event("HoldLifted", { version: 1 }), event("AmendmentProposed", { termsHash: CARD, terms: terms({ licence: "x" }) })]);
    assert.deepEqual([trace?.heldUntil, trace?.heldVersion, trace?.amendment?.terms.licence, trace?.versions.length], [undefined, 1, "x", 1]);
  });

  it("ends with a withdrawal, and says by whom", () => {
    const [trace] = traceDatasets([proposed, event("ConsentWithdrawn", { officer: "0x1" }), event("DatasetStatusChanged", { status: 4 })]);
    assert.deepEqual([trace?.status, trace?.withdrawn?.officer], ["retired", "0x1"]);
  });

  it("keeps datasets apart", () => {
    const traces = traceDatasets([event("DatasetProposed", { dataset: 2, custodian: 6, terms: terms() }), proposed, event("ConsentWithdrawn", { dataset: 2, officer: "0x1" })]);
    assert.deepEqual(traces.map(({ dataset, withdrawn }) => [dataset, withdrawn !== undefined]), [[1, false], [2, true]]);
  });

  it("names the terms that differ", () => assert.deepEqual(changedTerms(terms(), terms({ records: 1, exempt: true })), ["records", "exempt"]));

  it("counts an ethics approval by whole days, as the contract does", () => assert.equal(ethicsEnd({ ethicsExpiry: 86_400n * 5n + 86_399n }), 86_400n * 5n));
});

describe("searching the catalogue", () => {
  const [trace] = traceDatasets([proposed, event("DatasetStatusChanged", { status: 2 })]);
  const found = (words: string, state?: string, now = 1_000): boolean => trace !== undefined && matches(trace, { words, state }, ["Mammograms", undefined], now);

  it("takes every word, in any case and order, from names and terms", () => {
    assert.ok(found("") && found("mammo") && found("CONSENT cc-by") && found("board"));
    assert.equal(found("mammo liver"), false);
  });

  it("filters by what the contract says and by what people ask", () => {
    assert.ok(found("", "approved") && found("", "expired", 1_900_000_000));
    assert.ok(!found("", "retired") && !found("", "held") && !found("", "withdrawn") && !found("", "expired"));
  });
});

describe("writing a dataset down", () => {
  const now = Date.parse("2026-11-22T10:00:00Z") / 1000;
  const draft: Draft = { ...EMPTY_DRAFT, title: "T", records: "90", licence: "L", legalBasis: "B", ethicsApproval: "E", ethicsExpiry: "2027-01-01", privacyCap: "500" };

  it("gives the terms that the contract takes", () => {
    assert.deepEqual(termsFrom(draft, CARD, now), {
      card: CARD, ethicsExpiry: BigInt(Date.parse("2027-01-01T00:00:00Z") / 1000), consentVersion: 1, records: 90, privacyCap: 500, exempt: false, licence: "L", legalBasis: "B", ethicsApproval: "E",
    });
    assert.equal(termsFrom({ ...draft, exempt: true, privacyCap: "nonsense" }, CARD, now)?.privacyCap, 0);
  });

  it("refuses what the contract would: today as expiry, no records, a cap beyond 48 bits, no card", () => {
    const wrong = (change: Partial<Draft>) => problemsOf({ ...draft, ...change }, now);
    assert.deepEqual(problemsOf(draft, now), {});
    assert.deepEqual(wrong({ ethicsExpiry: "2026-11-22" }), { ethicsExpiry: "expiry" });
    assert.deepEqual(wrong({ ethicsExpiry: "2026-11-23" }), {});
    assert.deepEqual(wrong({ ethicsExpiry: "2150-01-01" }), { ethicsExpiry: "tooFar" });
    assert.deepEqual(wrong({ ethicsExpiry: "2027-02-31x" }), { ethicsExpiry: "expiry" });
    for (const records of ["0", "-1", "1.5", "1e3", "", String(2 ** 32)]) assert.deepEqual(wrong({ records }), { records: "number" }, records);
    assert.deepEqual(wrong({ privacyCap: String(2n ** 48n) }), { privacyCap: "cap" });
    assert.deepEqual(wrong({ title: " " }), { card: "card" });
    assert.deepEqual(wrong({ licence: " " }), { licence: "required" });
  });

  it("writes a card that this page reads, the same bytes for the same words", () => {
    const written = { ...draft, description: "**x**", jurisdictions: "EU\n\n CH ", exempt: true };
    assert.deepEqual(cardBytes(written), cardBytes({ ...written }));
    const card = readCard(cardBytes(written));
    assert.deepEqual([card?.title, card?.description, card?.jurisdictions, card?.records, card?.privacy], ["T", "**x**", ["EU", "CH"], 90, "exempt: the data is public"]);
  });

  it("starts an amendment from the terms of today, so that nothing changes by itself", () => {
    const today = terms({ ethicsExpiry: BigInt(Date.parse("2027-03-04T00:00:00Z") / 1000) });
    assert.deepEqual(changedTerms(today, termsFrom(draftOf(today, { name: "", bytes: new Uint8Array() }), CARD, now) ?? terms()), []);
  });
});
