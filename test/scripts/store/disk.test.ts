import assert from "node:assert/strict";
import { chmod, mkdir, mkdtemp, open, readdir, rm, truncate, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { createDiskStore, StoreUnavailable, type ArtefactStore } from "../../../scripts/store/index.ts";
import { testStoreContract } from "./contract.ts";
import { blockFiles, failure, files, noise, temporaryDir } from "./fixtures.ts";

let dir = "";
let store: ArtefactStore;
before(async () => {
  dir = await mkdtemp(join(tmpdir(), "store-test-"));
  store = createDiskStore(join(dir, "not", "made", "yet"));
});
after(() => rm(dir, { recursive: true, force: true }));

testStoreContract("disk store", () => store);

describe("disk store", () => {
  it("puts back what was damaged, cut short or deleted", async (t) => {
    const dir = await temporaryDir(t);
    const store = createDiskStore(dir);
    const put = files({ a: noise(3 * 2 ** 20), b: "b", "c/d": "d" });
    const digest = await store.putDirectory(put);
    for (const [index, file] of (await blockFiles(dir)).entries()) {
      if (index % 3 === 0) await rm(file);
      else if (index % 3 === 1) await truncate(file, 1);
      else await flip(file);
    }
    assert.equal((await store.verifyAll(digest)).ok, false);
    assert.equal(await store.putDirectory(put), digest);
    assert.equal((await store.verifyAll(digest)).ok, true);
  });

  it("shows whole blocks to readers while the same blocks are put", async (t) => {
    const dir = await temporaryDir(t);
    const put = files({ a: noise(4 * 2 ** 20) });
    const digest = await createDiskStore(dir).putDirectory(put);
    const state = { writing: true };
    const writers = Promise.all(
      Array.from({ length: 3 }, async () => {
        const store = createDiskStore(dir);
        for (let i = 0; i < 15; i++) {
          const [file] = await blockFiles(dir);
          await flip(file!).catch(() => undefined);
          await store.putDirectory(put);
        }
      }),
    ).finally(() => (state.writing = false));
    while (state.writing) {
      const { findings } = await createDiskStore(dir).verifyAll(digest);
      for (const finding of findings) assert.equal(finding.code, "artefact-mismatch", finding.message);
    }
    await writers;
    await createDiskStore(dir).putDirectory(put);
    assert.equal((await createDiskStore(dir).verifyAll(digest)).ok, true);
  });

  it("removes what a put killed long ago left, and nothing younger", async (t) => {
    const dir = await temporaryDir(t);
    await mkdir(join(dir, ".unfinished"));
    await writeFile(join(dir, ".unfinished", "old"), "half a block");
    await writeFile(join(dir, ".unfinished", "young"), "half a block");
    await utimes(join(dir, ".unfinished", "old"), new Date(0), new Date(0));
    await createDiskStore(dir).putDirectory(files({ a: "a" }));
    assert.deepEqual(await readdir(join(dir, ".unfinished")), ["young"]);
  });

  it("says that the disk failed, not that an artefact is missing", async (t) => {
    const dir = await temporaryDir(t);
    const store = createDiskStore(dir);
    const put = files({ a: "a" });
    const digest = await store.putDirectory(put);
    for (const file of await blockFiles(dir)) {
      await rm(file);
      await mkdir(file);
    }
    const read = await failure(StoreUnavailable, () => store.open(digest));
    assert.equal(read.retryable, true);
    await failure(StoreUnavailable, () => store.verifyAll(digest));
    await failure(StoreUnavailable, () => store.putDirectory(put));
    assert.deepEqual(await readdir(join(dir, ".unfinished")), [], "a failed put cleans up");
    assert.equal(await store.has(digest), false);
  });

  it("tells that it may not write", { skip: process.getuid?.() === 0 && "runs as root, whom nothing is forbidden" }, async (t) => {
    const dir = await temporaryDir(t);
    await chmod(dir, 0o500);
    const error = await failure(StoreUnavailable, () => createDiskStore(dir).putFile(noise(10)));
    assert.match(error.fix, /right to read and write/);
  });
});

async function flip(file: string): Promise<void> {
  const handle = await open(file, "r+");
  try {
    const byte = new Uint8Array(1);
    await handle.read(byte, 0, 1, 0);
    byte[0]! ^= 1;
    await handle.write(byte, 0, 1, 0);
  } finally {
    await handle.close();
  }
}
