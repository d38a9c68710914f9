import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  ArtefactFileAbsent,
  ArtefactMissing,
  ArtefactPathRefused,
  digestOf,
  digestToCid,
  FILE_NAME,
  InvalidDigest,
  type ArtefactStore,
  type Digest,
} from "../../../scripts/store/index.ts";
import { failure, files, noise } from "./fixtures.ts";

const MiB = 2 ** 20;

/**
 * What Kubo 0.40.1 printed for the same files: `ipfs add -r -Q`, once in a repository made with
 * `--profile unixfs-v1-2025` and once with `--cid-version 1 --raw-leaves --chunker size-1048576 --max-file-links 1024`.
 */
export const KUBO_VECTORS: readonly { name: string; cid: string; files: () => Map<string, Uint8Array> }[] = [
  { name: "one small file", cid: "bafybeiaaenmbjkl3xv45cjneyxde46n57xzh5zti7ovvkaofnj6mp5bibu", files: () => files({ [FILE_NAME]: "Chongwen" }) },
  { name: "an empty file", cid: "bafybeigalvxqcgqiogiv6bimmxedgxbhu7cikwhwha2c2iqzdbnabewjai", files: () => files({ empty: "" }) },
  {
    name: "folders, one byte more than a chunk, names beyond ASCII",
    cid: "bafybeib3g46vbnezng4cax6bytm57nb4m7kxemsyrzal2wydggbvr7fbku",
    files: () => files({ "manifest.json": "{}", "updates/10.bin": noise(MiB + 1), "updates/2.bin": noise(MiB), "书/a b.txt": "x" }),
  },
  { name: "a file of ten blocks", cid: "bafybeifdtqupwkrfrukfxhqmywga426z24fvous372j2slpn4ze3waysqq", files: () => files({ "model.bin": noise(9 * MiB + 5) }) },
];

/** What every store does, whatever keeps its blocks. `name` says which store; `open` gives it when the test runs. */
export function testStoreContract(name: string, open: () => ArtefactStore): void {
  describe(`${name}: what every store does`, () => {
    it("gives back what was put", async () => {
      const put = files({ "manifest.json": "{}", "updates/3.bin": noise(5000), "updates/deep/er.bin": noise(1), empty: "" });
      const digest = await open().putDirectory(put);
      const reader = await open().open(digest);
      assert.deepEqual(await reader.list(), [...put.keys()].sort());
      for (const [path, bytes] of put) assert.deepEqual(Buffer.from(await reader.read(path)), Buffer.from(bytes), path);
      assert.equal(reader.digest, digest);
    });

    it("gives back a file of 50 MB", async () => {
      const model = noise(50_000_000);
      const digest = await open().putFile(model);
      const bytes = await (await open().open(digest)).read(FILE_NAME);
      assert.equal(Buffer.compare(bytes, model), 0);
      const { ok, blocks, bytes: seen, files: count } = await open().verifyAll(digest);
      assert.deepEqual({ ok, blocks, seen, count }, { ok: true, blocks: 50, seen: 50_000_000, count: 1 });
    });

    it("gives the same digest whatever the order of the files", async () => {
      const put = files({ "b/2": "two", a: "a", "b/10": "ten", "a.b": "dot", "é": "accent", "b/é": "x" });
      const shuffled = new Map([...put].reverse());
      const digest = await open().putDirectory(put);
      assert.equal(await open().putDirectory(shuffled), digest);
      assert.equal(await digestOf(shuffled), digest);
    });

    for (const vector of KUBO_VECTORS) {
      it(`gives Kubo's identifier for ${vector.name}`, async () => {
        assert.equal(String(digestToCid(await open().putDirectory(vector.files()))), vector.cid);
      });
    }

    it("knows what it has", async () => {
      const put = files({ a: `only here: ${name}` });
      const digest = await open().putDirectory(put);
      assert.equal(await open().has(digest), true);
      assert.equal(await open().has(unknown), false);
      const error = await failure(ArtefactMissing, () => open().open(unknown, { label: "round 7 bundle" }));
      assert.match(error.message, /^round 7 bundle 0x00.* is not in the store \(block bafybei.*\)\.$/);
    });

    it("refuses a file that the artefact has not", async () => {
      const reader = await open().open(await open().putDirectory(files({ "updates/3.bin": "x" })));
      for (const path of ["updates", "updates/4.bin", "updates/3.bin/x", "toString", "__proto__"]) {
        await failure(ArtefactFileAbsent, () => reader.read(path));
      }
      await failure(ArtefactPathRefused, () => reader.read("../updates/3.bin"));
    });

    it("takes many puts of the same content at once", async () => {
      const put = files({ a: noise(3 * MiB, 9), "b/c": noise(100, 9) });
      const digests = await Promise.all(Array.from({ length: 8 }, () => open().putDirectory(put)));
      assert.equal(new Set(digests).size, 1);
      const { ok } = await open().verifyAll(digests[0]!);
      assert.equal(ok, true);
    });

    it("refuses what is no digest", async () => {
      for (const digest of ["", "0x", `0x${"0".repeat(63)}`, `0x${"g".repeat(64)}`, "bafybei"]) {
        await failure(InvalidDigest, async () => open().has(digest as Digest));
        await failure(InvalidDigest, async () => open().open(digest as Digest));
      }
    });
  });
}

const unknown: Digest = `0x${"0".repeat(64)}`;
