import assert from "node:assert/strict";
import { readdir } from "node:fs/promises";
import { describe, it } from "node:test";
import {
  ArtefactPathRefused,
  ArtefactTooLarge,
  createDiskStore,
  digestOf,
  type ArtefactLimits,
} from "../../../scripts/store/index.ts";
import { failure, files, temporaryDir } from "./fixtures.ts";

const refused = {
  "an empty path": "",
  "an absolute path": "/etc/passwd",
  traversal: "../secret",
  "traversal within": "updates/../../secret",
  "a path that ends in traversal": "updates/..",
  "the folder itself": "./a",
  "an empty name": "updates//3.bin",
  "a slash at the end": "updates/",
  NUL: "a\0b",
  "a backslash": "updates\\3.bin",
  "a drive": "C:\\secret",
  "a line end": "a\nb",
  "an escape sequence": "a\u001b[2Jb",
  "a reversed name": "\u202enib.3",
  "half a surrogate pair": "a\ud800",
  "a name that is too long": "x".repeat(256),
  "a name that is too long in UTF-8": "书".repeat(86),
  "a path that is too long": Array.from({ length: 6 }, () => "x".repeat(200)).join("/"),
  "a path that is too deep": "a/b/c/d/e/f/g/h/i",
};

describe("the path of a file", () => {
  for (const [name, path] of Object.entries(refused)) {
    it(`may not be ${name}`, async (t) => {
      const dir = await temporaryDir(t);
      await failure(ArtefactPathRefused, () => createDiskStore(dir).putDirectory(files({ good: "x", [path]: "x" })));
      assert.deepEqual(await readdir(dir), [], "nothing was written");
    });
  }

  it("may be anything else", async (t) => {
    const store = createDiskStore(await temporaryDir(t));
    const put = files({ "..a": "1", "a..": "2", "...": "3", "a b": "4", "__proto__": "5", "书": "6", "C:": "7", "a/b/c/d/e/f/g/h": "8", "x%2e%2e": "9" });
    const reader = await store.open(await store.putDirectory(put));
    assert.deepEqual(await reader.list(), [...put.keys()].sort());
    for (const [path, bytes] of put) assert.deepEqual(Buffer.from(await reader.read(path)), bytes, path);
  });

  it("may not be that of a folder too", async (t) => {
    const store = createDiskStore(await temporaryDir(t));
    await failure(ArtefactPathRefused, () => store.putDirectory(files({ a: "x", "a/b": "y" })));
    await failure(ArtefactPathRefused, () => store.putDirectory(files({ "a/b/c": "x", "a/b": "y" })));
  });

  it("must be there: an artefact of no files is refused", async (t) => {
    const store = createDiskStore(await temporaryDir(t));
    await failure(ArtefactPathRefused, () => store.putDirectory(new Map()));
  });
});

describe("the size of an artefact", () => {
  const many = (count: number, name = (i: number) => `${i}`): Map<string, Uint8Array> =>
    files(Object.fromEntries(Array.from({ length: count }, (_, i) => [name(i), `${i}`])));

  const beyond: [string, Partial<ArtefactLimits>, Map<string, Uint8Array>, string][] = [
    ["a file too long", { fileBytes: 10 }, files({ a: "12345678901" }), "fileBytes"],
    ["files too long together", { totalBytes: 10 }, files({ a: "123456", b: "12345" }), "totalBytes"],
    ["too many files in a folder", {}, many(4097), "folderEntries"],
    ["too many folders in a folder", {}, many(4097, (i) => `${i}/x`), "folderEntries"],
    ["too many files in all", { entries: 100 }, many(100, (i) => `${i % 10}/${i}`), "entries"],
    ["a folder beyond one block", {}, many(1000, (i) => `${i}`.padEnd(220, "x")), "folderBlockBytes"],
  ];
  for (const [name, limits, put, limit] of beyond) {
    it(`is refused: ${name}`, async (t) => {
      const dir = await temporaryDir(t);
      const error = await failure(ArtefactTooLarge, () => createDiskStore(dir, { limits }).putDirectory(put));
      assert.equal(error.limit, limit);
      assert.deepEqual(await readdir(dir), [], "nothing was written");
    });
  }

  it("may reach the limit, and the folder stays one block", async (t) => {
    const store = createDiskStore(await temporaryDir(t));
    for (const put of [many(3700), many(820, (i) => `${i}`.padEnd(255, "x"))]) {
      const digest = await store.putDirectory(put);
      assert.equal((await (await store.open(digest)).list()).length, put.size);
      assert.equal(digest, await digestOf(put));
    }
  });
});
