// The receipt of a settlement by quality: what is checked, what is taken over, and what the reader is told.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { checkQualityFiles, type QualityFacts, type QualityInput } from "../../frontend/src/claims/quality-check.ts";
import { viewQuality } from "../../frontend/src/claims/quality-view.ts";
import { encodeTerms, termsHash } from "../../protocol/terms/terms.ts";
import { encodeWorking, WHOLE } from "../../protocol/scoring/working.ts";
import { issuer, SETTLEMENT } from "../protocol/scoring/support.ts";
import { evidenceOf, make, OPEN, SCORED, TERMS } from "../protocol/scoring/world.ts";

const { bundle } = await make(await evidenceOf());
const input: QualityInput = {
  files: bundle.files, chainId: 31_337, settlement: SETTLEMENT, federation: 1, index: 1, termsHash: termsHash(TERMS), scoresHash: bundle.statement.scoresHash, rounds: SCORED, reputation: [],
};
const checked = await checkQualityFiles(input);
const facts = ((): QualityFacts => {
  assert.equal(checked.kind, "checked");
  return checked.kind === "checked" ? checked.facts : assert.fail();
})();
const withFile = (path: string, bytes: Uint8Array): QualityInput => ({ ...input, files: new Map([...input.files, [path, bytes]]) });

describe("the check of a quality settlement", () => {
  it("follows from terms, evidence and the judgement of the data, and names who signed for points", () => {
    assert.deepEqual(facts.issued.map(({ tier, signer }) => [tier, signer]), [["annotation", issuer(0).address], ["feedback", issuer(3).address]]);
    assert.equal(facts.reputation.after.length > 0, true);
  });

  it("finds terms other than those every seal pins", async () => {
    assert.deepEqual(await checkQualityFiles(withFile("terms.json", encodeTerms({ ...TERMS, tierCeilingPpm: 3_000_000 }))), { kind: "mismatch", what: "terms" });
  });

  it("finds a working that gives one seat a unit more", async () => {
    const [first, ...others] = facts.working.scores.seats;
    const scores = { ...facts.working.scores, seats: [(first ?? 0n) + 1n, ...others] };
    assert.deepEqual(await checkQualityFiles(withFile("working.json", encodeWorking({ ...facts.working, scores }))), { kind: "mismatch", what: "working" });
  });

  it("finds scores that were signed for another working, weights, points by nobody known, and another reputation", async () => {
    assert.deepEqual(await checkQualityFiles({ ...input, scoresHash: termsHash(TERMS) }), { kind: "mismatch", what: "scores" });
    assert.deepEqual(await checkQualityFiles({ ...input, index: 2 }), { kind: "mismatch", what: "points" });
    assert.deepEqual(await checkQualityFiles(withFile("reputation.bin", new Uint8Array())), { kind: "mismatch", what: "reputation" });
    assert.deepEqual(await checkQualityFiles({ ...input, files: new Map() }), { kind: "mismatch", what: "unreadable" });
  });
});

describe("what a receipt says", () => {
  it("shows every tier that has a share, and nothing is lost between tiers and nobody", () => {
    const views = facts.evidence.seats.map((_, seat) => viewQuality(facts, seat));
    const paid = views.flatMap(({ tiers }) => tiers).reduce((sum, { score }) => sum + score, 0n);
    assert.equal(paid + facts.working.scores.nobody, WHOLE);
    assert.deepEqual(views[0]?.tiers.map(({ tier }) => tier), ["data", "annotation", "verification", "compute", "model", "feedback", "community"]);
    assert.equal(views[0]?.tiers.reduce((sum, { pool }) => sum + pool, 0n), WHOLE);
  });

  it("shows a hospital its cluster's terms and the holdout that judged it", () => {
    const { data, attested } = viewQuality(facts, 0);
    assert.equal(data.kind, "open");
    if (data.kind !== "open") return;
    assert.deepEqual(data.holdout, { commitment: OPEN.commitment, records: 30 });
    assert.deepEqual(data.cluster?.mates, []);
    assert.ok((data.cluster?.sharePpb ?? 0n) > 0n);
    assert.ok(attested.includes("data"), "label levels are a custodian's word");
  });

  it("tells one whose answers are turned round that its updates lead backward", () => {
    const { tiers, changes } = viewQuality(facts, 3);
    assert.equal(tiers.find(({ tier }) => tier === "data")?.score, 0n);
    assert.ok(changes.some(({ kind }) => kind === "backward" || kind === "unable"));
  });

  it("tells a gated update from which rounds, and why", () => {
    const entries = [{ round: 1, seat: 0, reason: "replayed" as const }, { round: 3, seat: 0, reason: "replayed" as const }];
    const { changes } = viewQuality({ ...facts, working: { ...facts.working, data: facts.working.data && { ...facts.working.data, entries } } }, 0);
    assert.deepEqual(changes[0], { kind: "gate", reason: "replayed", rounds: [1, 3] });
  });

  it("shows reputation before and after, with what a tier asks for", () => {
    const { reputation } = viewQuality(facts, 0);
    const data = reputation.find(({ kind }) => kind === "data");
    assert.equal(data?.before, undefined);
    assert.equal(data?.after.upper, (data?.after.mean ?? 0) + (data?.after.uncertainty ?? 0));
    assert.deepEqual(data?.asks, { end: "upper", ppm: TERMS.reputation.dataFloorPpm });
  });

  it("tells an annotator that the tier's ceiling was reached, and by whom points were signed", () => {
    const line = viewQuality(facts, 1).tiers.find(({ tier }) => tier === "annotation");
    assert.deepEqual([line?.points, line?.allPoints, line?.issuers], [30n, 40n, [issuer(0).address]]);
  });

  it("has nothing to say of data where nothing was judged", () => {
    assert.deepEqual(viewQuality({ ...facts, working: { ...facts.working, data: null }, evidence: { ...facts.evidence, holdout: { kind: "none" } } }, 0).data, { kind: "none" });
  });
});
