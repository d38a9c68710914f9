import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { cidToDigest, digestToCid, InvalidDigest, type Digest } from "../../../scripts/store/index.ts";
import { failure } from "./fixtures.ts";

describe("digest and content identifier", () => {
  it("stand for each other", () => {
    const digest: Digest = `0x${"5e".repeat(32)}`;
    const cid = digestToCid(digest);
    assert.equal(cidToDigest(cid), digest);
    assert.equal(cidToDigest(String(cid)), digest);
    assert.equal(cidToDigest(String(cid.toV0())), digest, "version 0 names the same block");
  });

  it("refuse other codecs and hashes", async () => {
    const raw = "bafkreie7q3iidccmpvszul7kudcvvuavuo7u6gzlbobczuk5nqk3b4akba";
    const identity = "bafyaaaq";
    for (const text of ["", "hello", raw, identity]) await failure(InvalidDigest, () => cidToDigest(text));
  });
});
