import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { describe, it } from "node:test";
import { keccak256 } from "viem";
import { int16Of, int32Of } from "../../protocol/bytes.ts";
import { createFileHasher } from "../../protocol/file-hash.ts";
import { modelRoot, updateRoot } from "../../protocol/ssz/vector.ts";
import { artefactDigest, encodeFile } from "../../protocol/unixfs/encode.ts";
import { formatCid } from "../../protocol/unixfs/cid.ts";

const bytes = (length: number): Uint8Array => Uint8Array.from({ length }, (_, i) => (i * 31 + (i >> 10)) & 255);

/** Fed in steps of a size that divides nothing. */
async function hashed(file: Uint8Array, step = 70_001) {
  const hasher = await createFileHasher();
  for (let at = 0; at < file.length; at += step) hasher.update(file.subarray(at, at + step));
  return hasher.finish();
}

describe("hashes of a file, in one pass", () => {
  it("are those of the formats, at every size around a leaf of 1 MiB", async () => {
    for (const length of [0, 4, 128, 132, 420, 2 ** 20 - 4, 2 ** 20, 2 ** 20 + 4, 3 * 2 ** 20, 5 * 2 ** 20 + 12]) {
      const file = bytes(length);
      const hashes = await hashed(file);
      assert.equal(hashes.bytes, length);
      assert.equal(hashes.keccak256, keccak256(file));
      assert.equal(hashes.sha256, `0x${createHash("sha256").update(file).digest("hex")}`);
      assert.equal(hashes.cid, formatCid(encodeFile(file).cid));
      assert.equal(hashes.artefact, artefactDigest(new Map([["content", file]])));
      if (length === 0) continue;
      assert.equal(hashes.updateRoot, updateRoot(int16Of(file)), `update of ${length} bytes`);
      assert.equal(hashes.modelRoot, modelRoot(int32Of(file)), `model of ${length} bytes`);
    }
  });

  it("does not depend on the pieces in which the file arrives", async () => {
    const file = bytes(2 ** 21 + 5);
    assert.deepEqual(await hashed(file, 1000), await hashed(file, 2 ** 20));
    assert.deepEqual(await hashed(file, 2 ** 22), await hashed(file, 2 ** 20 + 1));
  });

  it("changes every hash when one bit changes", async () => {
    const file = bytes(2 ** 20 + 100);
    const before = await hashed(file);
    file[2 ** 20 + 99]! ^= 1;
    const after = await hashed(file);
    for (const name of ["keccak256", "sha256", "updateRoot", "modelRoot", "cid", "artefact"] as const) assert.notEqual(after[name], before[name], name);
  });
});
