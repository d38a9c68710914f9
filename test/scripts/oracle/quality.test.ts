// What a service settles by quality from: folders that issuers and custodians put files into, and what else may lie in them.
import assert from "node:assert/strict";
import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { after, before, describe, it } from "node:test";
import type { Hash } from "viem";
import { privateKeyToAccount } from "viem/accounts";
import { createDomain } from "../../../protocol/index.ts";
import { holdoutCommitment } from "../../../protocol/scoring/holdout-commitment.ts";
import { encodeHoldout, openingOf } from "../../../protocol/scoring/holdout-files.ts";
import type { Holdout } from "../../../protocol/scoring/window.ts";
import { defaultTerms, termsHash } from "../../../protocol/terms/terms.ts";
import { SALT_FILE } from "../../../scripts/holdouts/folder.ts";
import { findHoldout } from "../../../scripts/oracle/quality/holdouts-folder.ts";
import { readPointsFolder } from "../../../scripts/oracle/quality/points-folder.ts";
import { requireSources } from "../../../scripts/oracle/quality/sources.ts";
import { issuePoints, writePoints } from "../../../scripts/service/issue-points.ts";

const issuer = privateKeyToAccount(`0x${"11".repeat(32)}`);
const stranger = privateKeyToAccount(`0x${"22".repeat(32)}`);
const domain = createDomain(31337, `0x${"ab".repeat(20)}`);
const head = { headLane: 0, features: 4, classes: 3, featureBits: 8 };
const terms = defaultTerms({ head, issuers: { annotation: [issuer.address], verification: [issuer.address] } });
const subject = (byte: string): Hash => `0x${byte.repeat(32)}`;

let dir: string;
before(async () => void (dir = await mkdtemp(path.join(os.tmpdir(), "chongwen-quality-"))));
after(() => rm(dir, { recursive: true, force: true }));

describe("points in a folder", () => {
  const warnings: string[] = [];
  const read = (folder: string, settlement = 3) => readPointsFolder(folder, { domain, federation: 1, settlement, seatCount: 5, issuers: terms.issuers, warn: (message) => void warnings.push(message) });
  const issue = (signer: typeof issuer, about: Partial<Parameters<typeof issuePoints>[0]> = {}) =>
    issuePoints({ domain, federation: 1, settlement: 3, subject: subject("01"), points: { annotation: [[1, 40n], [2, 25n]], verification: [[4, 7n]] }, signer, ...about });

  it("count when an issuer of the terms signed them for this settlement, wherever they lie", async () => {
    const folder = path.join(dir, "points");
    await writePoints(path.join(folder, "ward-a"), await issue(issuer));
    await writePoints(path.join(folder, "ward-b"), await issue(issuer, { settlement: 4, subject: subject("02") }));
    await writePoints(folder, await issue(issuer, { subject: subject("03"), points: { annotation: [[0, 1n]] } }));
    const found = await read(folder);
    assert.deepEqual(found.map(({ statement, points }) => [statement.tier, statement.subject, points]), [
      ["annotation", subject("03"), [[0, 1n]]],
      ["annotation", subject("01"), [[1, 40n], [2, 25n]]],
      ["verification", subject("01"), [[4, 7n]]],
    ]);
    assert.equal((await read(folder, 4)).length, 2);
    assert.deepEqual(warnings.splice(0), []);
  });

  it("attack: a stranger's, a forged, a repeated and a malformed file count nothing, and hold up nobody else's", async () => {
    const folder = path.join(dir, "hostile");
    await writePoints(path.join(folder, "a"), await issue(issuer));
    await writePoints(path.join(folder, "b-again"), await issue(issuer, { points: { annotation: [[1, 90n]] } }));
    await writePoints(path.join(folder, "c-stranger"), await issue(stranger, { subject: subject("04") }));
    await writePoints(path.join(folder, "d-seat"), await issue(issuer, { subject: subject("05"), points: { annotation: [[5, 1n]] } }));
    const [forged] = await issue(issuer, { subject: subject("06") });
    assert.ok(forged);
    await writePoints(path.join(folder, "e-forged"), [{ ...forged, points: [[1, 4_000n]] }]);
    await writePoints(path.join(folder, "f-elsewhere"), await issue(issuer, { domain: createDomain(1, domain.verifyingContract), subject: subject("07") }));
    await writeFile(path.join(folder, "points-torn.json"), "{");
    await symlink("/dev/zero", path.join(folder, "points-endless.json"));
    const found = await read(folder);
    assert.deepEqual(found.map(({ statement }) => [statement.tier, statement.subject]), [["annotation", subject("01")], ["verification", subject("01")]]);
    assert.deepEqual(found[0]?.points, [[1, 40n], [2, 25n]]);
    const said = warnings.splice(0).join("\n");
    for (const name of ["b-again", "c-stranger", "d-seat", "e-forged", "f-elsewhere", "points-torn", "points-endless"]) assert.match(said, new RegExp(name));
  });
});

describe("holdouts in a folder", () => {
  const holdoutOf = (seed: number): Holdout => ({ values: Int16Array.from({ length: 4 * 6 }, (_, i) => i * seed), targets: Uint8Array.from([0, 1, 2, 0, 1, 2]), strata: null, stratumOf: new Map() });
  const commitmentOf = (salt: Hash, holdout: Holdout) => holdoutCommitment(openingOf(salt, holdout, head.features));
  const warnings: string[] = [];
  const find = (folder: string, eligible: readonly Hash[]) => findHoldout(folder, { data: terms.data, eligible, warn: (message) => void warnings.push(message) });

  async function hand(folder: string, salt: Hash, holdout: Holdout): Promise<Hash> {
    await mkdir(folder, { recursive: true });
    for (const [name, bytes] of encodeHoldout(holdout)) await writeFile(path.join(folder, name), bytes);
    await writeFile(path.join(folder, SALT_FILE), JSON.stringify({ format: "chongwen-holdout-salt", records: holdout.targets.length, salt, version: 1 }));
    return commitmentOf(salt, holdout);
  }

  it("open the first eligible commitment that is there, and none that is not eligible", async () => {
    const folder = path.join(dir, "holdouts");
    const [first, second] = [await hand(path.join(folder, "z"), subject("0a"), holdoutOf(1)), await hand(path.join(folder, "a"), subject("0b"), holdoutOf(2))];
    assert.equal((await find(folder, [first, second]))?.salt, subject("0a"));
    assert.deepEqual((await find(folder, [subject("ff"), second]))?.holdout, holdoutOf(2));
    assert.equal(await find(folder, [subject("ff")]), null);
    assert.equal(await find(folder, []), null);
    assert.deepEqual(warnings.splice(0), []);
  });

  it("attack: a changed record, a missing salt, wrong lengths and an endless file open nothing, and spoil no other", async () => {
    const folder = path.join(dir, "holdouts-hostile");
    const good = await hand(path.join(folder, "good"), subject("0c"), holdoutOf(3));
    const changed = await hand(path.join(folder, "changed"), subject("0d"), holdoutOf(4));
    await writeFile(path.join(folder, "changed", "labels.bin"), Uint8Array.from([1, 1, 2, 0, 1, 2]));
    const short = await hand(path.join(folder, "short"), subject("0e"), holdoutOf(5));
    await writeFile(path.join(folder, "short", "holdout.bin"), new Uint8Array(3));
    const bare = await hand(path.join(folder, "bare"), subject("0f"), holdoutOf(6));
    await rm(path.join(folder, "bare", SALT_FILE));
    await hand(path.join(folder, "endless"), subject("10"), holdoutOf(7));
    await rm(path.join(folder, "endless", "holdout.bin"));
    await symlink("/dev/zero", path.join(folder, "endless", "holdout.bin"));
    assert.equal(await find(folder, [changed, short, bare]), null);
    assert.equal((await find(folder, [changed, short, bare, good]))?.salt, subject("0c"));
    const said = warnings.splice(0).join("\n");
    for (const name of ["short", "bare", "endless"]) assert.match(said, new RegExp(`holdout in ${name} cannot be opened`));
  });
});

describe("what a settlement rests on", () => {
  const sources = { terms, pointsFor: async () => [], reveal: async () => null };
  it("is asked for only where quality scores, and must be what governance chose", () => {
    assert.equal(requireSources(sources, { scoringId: 1, termsHash: subject("00") }, 1), null);
    assert.equal(requireSources(sources, { scoringId: 2, termsHash: termsHash(terms) }, 1), sources);
    assert.throws(() => requireSources(sources, { scoringId: 2, termsHash: subject("00") }, 1), { code: "terms-differ", retryable: true });
    assert.throws(() => requireSources(null, { scoringId: 2, termsHash: termsHash(terms) }, 1), { code: "quality-sources-missing", retryable: true });
  });
});
