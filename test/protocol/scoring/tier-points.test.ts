import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { encodePacked, hashTypedData, keccak256, concatHex, type Hex } from "viem";
import { holdoutCommitment } from "../../../protocol/scoring/holdout-commitment.ts";
import {
  createPoints, parseTierPoints, pointsHash, repeatedSubject, sumPoints, tierPointsProblem, tierPointsStatement, type PointsContext, type TierPoints,
} from "../../../protocol/scoring/tier-points.ts";
import { toJson } from "../../../protocol/bundle/struct-json.ts";
import { withCode } from "../support/throws.ts";
import { DOMAIN, issuer, signed, stranger, terms, word } from "./support.ts";

const context: PointsContext = { domain: DOMAIN, federation: 1, settlement: 1, seatCount: 8, issuers: terms().issuers };
const problem = (file: TierPoints, change: Partial<PointsContext> = {}) => tierPointsProblem(file, { ...context, ...change });

describe("tier points", () => {
  test("of an issuer that the terms name count, and survive their file", async () => {
    const file = await signed("annotation", [[5, 2n], [1, 7n], [5, 3n], [2, 0n]]);
    assert.deepEqual(file.points, [[1, 7n], [5, 5n]]);
    assert.equal(await problem(file), null);
    assert.deepEqual(parseTierPoints(toJson(file)), file);
    assert.deepEqual(sumPoints([file, await signed("annotation", [[1, 1n]], { by: issuer(1), subject: word(1) })], "annotation", 8), [0n, 8n, 0n, 0n, 0n, 5n, 0n, 0n]);
    assert.deepEqual(sumPoints([file], "feedback", 2), [0n, 0n]);
  });

  test("are hashed as the specification says, and signed as a wallet signs", async () => {
    const { statement, points } = await signed("compute", [[0, 1n], [4_294_967_295, 2n ** 64n - 1n]]);
    const packed = concatHex(points.map(([seat, amount]) => encodePacked(["uint32", "uint64"], [seat, amount])));
    assert.equal(pointsHash(points), keccak256(packed));
    assert.equal(tierPointsStatement.digest(DOMAIN, statement), hashTypedData(tierPointsStatement.typedData(DOMAIN, statement)));
  });

  const attacks: readonly (readonly [string, RegExp, () => Promise<TierPoints>])[] = [
    ["signed by somebody whom the terms do not name", /which the terms do not name/, () => signed("annotation", [[1, 1n]], { by: stranger })],
    ["signed by an issuer of another tier", /do not name for feedback/, () => signed("feedback", [[1, 1n]], { by: issuer(0) })],
    ["of an earlier settlement, replayed", /settlement 0/, () => signed("annotation", [[1, 1n]], { settlement: 0 })],
    ["of another federation", /federation 2/, () => signed("annotation", [[1, 1n]], { federation: 2 })],
    ["for a seat that was never granted", /seat 8 of 8/, () => signed("annotation", [[8, 1n]])],
    ["raised after the signature", /other points/, async () => ({ ...(await signed("annotation", [[1, 1n]])), points: [[1, 2n]] })],
    ["with a seat listed twice", /do not ascend/, async () => ({ ...(await signed("annotation", [[1, 1n]])), points: [[1, 1n], [1, 1n]] })],
    ["of nobody", /no points/, () => signed("annotation", [])],
    ["moved to a tier that pays more", /do not name/, async () => {
      const file = await signed("annotation", [[1, 1n]]);
      return { ...file, statement: { ...file.statement, tier: "data" } };
    }],
    ["with a signature that is none", /no key/, async () => ({ ...(await signed("annotation", [[1, 1n]])), signature: `0x${"ff".repeat(64)}` as Hex })],
  ];
  for (const [what, why, make] of attacks) {
    test(`${what} do not count`, async () => assert.match((await problem(await make())) ?? "they count", why));
  }

  test("for another chain's or another ledger's settlement contract do not count", async () => {
    const file = await signed("annotation", [[1, 1n]]);
    assert.match((await problem(file, { domain: { ...DOMAIN, chainId: 1 } })) ?? "", /do not name/);
    assert.match((await problem(file, { domain: { ...DOMAIN, verifyingContract: issuer(0).address } })) ?? "", /do not name/);
  });

  test("about one subject count once, whoever signs again", async () => {
    const [one, again, other] = [await signed("annotation", [[1, 1n]]), await signed("annotation", [[2, 1n]], { by: issuer(1) }), await signed("feedback", [[1, 1n]])];
    assert.equal(repeatedSubject([one, other]), null, "another tier may be about the same");
    assert.equal(repeatedSubject([one, other, again]), again);
  });

  const malformed: readonly (readonly [string, (file: { [key: string]: unknown }) => void])[] = [
    ["points beyond 64 bits", (file) => void (file.points = [[1, (2n ** 64n).toString()]])],
    ["points as numbers", (file) => void (file.points = [[1, 7]])],
    ["negative points", (file) => void (file.points = [[1, "-7"]])],
    ["a row of nothing", (file) => void (file.points = [[1, "0"]])],
    ["seats that descend", (file) => void (file.points = [[2, "1"], [1, "1"]])],
    ["a tier that takes no points", (file) => void (file.statement = { ...(file.statement as object), tier: "community" })],
    ["a signature of 65 bytes", (file) => void (file.signature = `0x${"11".repeat(65)}`)],
    ["a name beside the points", (file) => void (file.annotator = "somebody")],
  ];
  for (const [what, change] of malformed) {
    test(`a file with ${what} is refused`, async () => {
      const file = { ...toJson(await signed("annotation", [[1, 7n]])) } as { [key: string]: unknown };
      change(file);
      assert.throws(() => parseTierPoints(file), withCode("points-invalid"));
    });
  }

  test("are never made of less than nothing", () => assert.throws(() => createPoints([[1, -1n]]), withCode("points-invalid")));
});

describe("a holdout's commitment", () => {
  const opening = { salt: word(1), holdoutRoot: word(2), labelsHash: word(3), records: 800 };

  test("binds salt, records, labels and their number", () => {
    const packed = encodePacked(["bytes32", "bytes32", "bytes32", "uint32"], [word(1), word(2), word(3), 800]);
    assert.equal(holdoutCommitment(opening), keccak256(packed));
    for (const change of [{ salt: word(9) }, { holdoutRoot: word(9) }, { labelsHash: word(9) }, { records: 801 }]) {
      assert.notEqual(holdoutCommitment({ ...opening, ...change }), holdoutCommitment(opening));
    }
  });

  test("takes no shorter salt, which could be guessed", () => {
    assert.throws(() => holdoutCommitment({ ...opening, salt: "0x01" }), withCode("column-invalid"));
    assert.throws(() => holdoutCommitment({ ...opening, records: 2 ** 32 }), withCode("out-of-range"));
  });
});
