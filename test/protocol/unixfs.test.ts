import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { importer } from "ipfs-unixfs-importer";
import { fixedSize } from "ipfs-unixfs-importer/chunker";
import { balanced } from "ipfs-unixfs-importer/layout";
import { toHex } from "../../protocol/bytes.ts";
import { artefactCid, DAG_PB, formatCid, parseCid, RAW } from "../../protocol/unixfs/cid.ts";
import { artefactDigest, encodeFile } from "../../protocol/unixfs/encode.ts";
import { digestToCid } from "../../scripts/store/index.ts";
import { digestOf } from "../../scripts/store/index.ts";
import { importerProfile } from "../../scripts/store/profile.ts";
import { fileBytes, unixfsVectors } from "../../tools/vectors/unixfs.ts";

const bytes = (length: number, seed = 1): Uint8Array => Uint8Array.from({ length }, (_, i) => (i * seed + (i >> 8)) & 255);

describe("the digest of an artefact, without a store", () => {
  it("is the importer's, for flat and nested files, empty ones, and one of several leaves", async () => {
    const sets: [string, Uint8Array][][] = [
      [["manifest.json", bytes(300)]],
      [["a", bytes(0)], ["b", bytes(1)]],
      [["updates/10.bin", bytes(40, 3)], ["updates/2.bin", bytes(50, 5)], ["model.bin", bytes(99)], ["updates.json", bytes(7)], ["书.txt", bytes(9)]],
      [["large.bin", bytes(2 * 2 ** 20 + 17)], ["exact.bin", bytes(2 ** 20)]],
      Array.from({ length: 300 }, (_, i): [string, Uint8Array] => [`updates/${i}.bin`, bytes(i)]),
    ];
    for (const set of sets) assert.equal(artefactDigest(new Map(set)), await digestOf(new Map(set)));
  });

  it("is that of the vectors, which the store made for other languages", async () => {
    const { directories, files } = await unixfsVectors();
    for (const { name, files, digest } of directories) {
      assert.equal(artefactDigest(new Map(files.map(({ path, bytes, seed }) => [path, fileBytes(bytes, seed)]))), digest, name);
    }
    for (const { chunk, width, bytes, seed, digest } of files) assert.equal(toHex(encodeFile(fileBytes(bytes, seed), { chunk, width }).cid.subarray(4)), digest, `${bytes} bytes`);
  });

  it("is the importer's for files of several levels of nodes", async () => {
    const [chunk, width] = [4, 3];
    for (const length of [0, 1, 4, 5, 12, 13, 36, 37, 40, 111, 112, 500]) {
      const profile = { ...importerProfile(), wrapWithDirectory: false, chunker: fixedSize({ chunkSize: chunk }), layout: balanced({ maxChildrenPerNode: width }) };
      let root = "";
      for await (const { cid } of importer([{ path: "f", content: bytes(length) }], { put: async (cid) => cid }, profile)) root = String(cid);
      assert.equal(formatCid(encodeFile(bytes(length), { chunk, width }).cid), root, `${length} bytes`);
    }
  });
});

describe("content identifiers", () => {
  const digest = toHex(bytes(32, 7));

  it("are written and read as elsewhere", () => {
    const cid = digestToCid(digest);
    assert.equal(artefactCid(digest), String(cid));
    assert.deepEqual(parseCid(String(cid)), { codec: DAG_PB, digest });
    assert.equal(parseCid(formatCid(encodeFile(bytes(3)).cid)).codec, RAW);
  });

  it("column-invalid: other versions, hashes, alphabets and a second spelling are refused", () => {
    const cid = artefactCid(digest);
    const other = cid.slice(0, -1) + (cid.endsWith("b") ? "c" : "b");
    for (const text of ["", "QmYwAPJzv5CZsnA625s3Xf2nemtYgPpHdWEz79ojWnPbdG", cid.toUpperCase(), cid.slice(0, -1), `${cid}a`, other, `b${"a".repeat(58)}`]) {
      assert.throws(() => parseCid(text), { code: "column-invalid" }, text);
    }
  });
});
