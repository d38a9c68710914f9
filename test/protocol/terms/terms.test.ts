import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { keccak256, stringToBytes } from "viem";
import { canonicalJson, decodeJson, encodeJson, type Json } from "../../../protocol/index.ts";
import { decodeTerms, defaultTerms, encodeTerms, parseTerms, PPM, TERMS_LIMIT, TIERS, termsHash } from "../../../protocol/terms/terms.ts";
import { HEAD, issuer, terms } from "../scoring/support.ts";
import { withCode } from "../support/throws.ts";

type Plain = { [key: string]: unknown };
/** The JSON of sound terms, changed at a path. */
function changed(path: string, value: unknown): Uint8Array {
  const json = structuredClone(decodeJson(encodeTerms(terms()), "terms", TERMS_LIMIT)) as Plain;
  const keys = path.split(".");
  const last = keys.pop() ?? "";
  const place = keys.reduce<Plain>((at, key) => at[key] as Plain, json);
  if (value === undefined) delete place[last];
  else place[last] = value;
  return encodeJson(json as Json);
}

describe("terms", () => {
  test("come back from their file, which hashes to what a configuration pins", () => {
    const sound = terms();
    const file = encodeTerms(sound);
    assert.deepEqual(decodeTerms(file), sound);
    assert.equal(termsHash(sound), keccak256(file));
    assert.equal(TIERS.reduce((sum, tier) => sum + sound.shares[tier], 0), PPM);
  });

  test("hash the same whatever the order in which issuers and authors were given", () => {
    const [a, b] = [issuer(0).address, issuer(1).address];
    const authors = [{ seat: 3, parts: 1 }, { seat: 1, parts: 2 }];
    assert.equal(termsHash(defaultTerms({ head: HEAD, issuers: { data: [a, b] }, authors })), termsHash(defaultTerms({ head: HEAD, issuers: { data: [b, a] }, authors: authors.toReversed() })));
  });

  const hostile: readonly (readonly [string, string, unknown])[] = [
    ["shares that sum to more than the pool", "shares.data", 600_001],
    ["shares that leave a part unsaid", "shares.feedback", 19_999],
    ["a tier that nobody knows", "shares.marketing", 0],
    ["a negative share", "shares.feedback", -20_000],
    ["a share that is no integer, written as text", "shares.data", "600000"],
    ["no tier of the community", "shares.community", undefined],
    ["an unknown utility", "data.utility", "accuracy"],
    ["a ceiling below the fair share", "data.ceilingPpm", PPM - 1],
    ["more clusters than exact values are computed for", "data.exactClusters", 13],
    ["an odd number of permutations", "data.permutations", 201],
    ["permutations without end", "data.permutations", 1_000_000],
    ["a label level that counts less than the one below", "data.levelQualityPpm", [100, 50]],
    ["no label level", "data.levelQualityPpm", []],
    ["a head of no features", "data.head", { headLane: 0, features: 0, classes: 3, featureBits: 14 }],
    ["an issuer in capitals", "issuers.data", ["0xF39FD6E51AAD88F6F4CE6AB8827279CFFFB92266"]],
    ["an issuer named twice", "issuers.data", [issuer(0).address.toLowerCase(), issuer(0).address.toLowerCase()]],
    ["issuers out of order", "issuers.annotation", [issuer(0).address, issuer(1).address].map((one) => one.toLowerCase()).sort().reverse()],
    ["an author named twice", "model.authors", [{ seat: 1, parts: 1 }, { seat: 1, parts: 1 }]],
    ["an author of no part", "model.authors", [{ seat: 1, parts: 0 }]],
    ["a gate above one", "reputation.verificationGatePpm", PPM + 1],
    ["a field of newer software", "quorum", 3],
    ["another format", "format", "chongwen-manifest"],
  ];
  for (const [what, path, value] of hostile) {
    test(`refuse ${what}`, () => assert.throws(() => decodeTerms(changed(path, value)), withCode("terms-invalid")));
  }

  test("give the community at most a twentieth", () => {
    const { shares } = terms();
    const more = { ...shares, community: shares.community + 1, data: shares.data - 1 };
    assert.throws(() => defaultTerms({ head: HEAD, shares: more }), withCode("terms-invalid", /community/));
  });

  test("of a newer version are told from broken ones", () => {
    assert.throws(() => decodeTerms(changed("version", 2)), withCode("version-unknown"));
  });

  test("have one encoding: white space, another order, or a fraction is refused", () => {
    const text = new TextDecoder().decode(encodeTerms(terms()));
    const spaced = JSON.stringify(JSON.parse(text), null, 1);
    assert.throws(() => decodeTerms(stringToBytes(spaced)), withCode("json-invalid"));
    assert.throws(() => decodeTerms(stringToBytes(text.replace('"lambdaPpm":300000', '"lambdaPpm":0.3'))), withCode("json-invalid"));
    assert.throws(() => decodeTerms(new Uint8Array(TERMS_LIMIT + 1)), withCode("json-invalid", /more than/));
    assert.equal(canonicalJson(JSON.parse(text) as Json), text);
  });

  test("of a program are checked before they are hashed", () => {
    assert.throws(() => termsHash({ ...terms(), tierCeilingPpm: 1 }), withCode("terms-invalid"));
    assert.throws(() => parseTerms(null), withCode("terms-invalid"));
  });
});
