import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, it } from "node:test";
import { NextToLast } from "blockstore-fs/sharding";
import { CID } from "multiformats/cid";
import { create } from "multiformats/hashes/digest";
import { ArtefactMissing, createDiskStore, digestOf } from "../../../scripts/store/index.ts";
import { blockFiles, sha256, temporaryDir } from "./fixtures.ts";
import { victimFiles } from "./victim.ts";

const ROUNDS = 8;

describe("a put that is killed", () => {
  it("leaves a store in which put again succeeds and reads are right", { timeout: 120_000 }, async (t) => {
    const dir = await temporaryDir(t);
    const put = victimFiles();
    const digest = await digestOf(put);
    let interrupted = 0;
    for (let round = 0; round < ROUNDS; round++) {
      const store = join(dir, `${round}`);
      await killedPut(store, 4 * round);
      await checkWholeBlocks(store);
      const disk = createDiskStore(store);
      const { ok, findings } = await disk.verifyAll(digest);
      if (!ok) interrupted++;
      if (await disk.has(digest)) assert.equal(ok, true, "the root comes last");
      else assert.ok(findings[0] instanceof ArtefactMissing);

      assert.equal(await disk.putDirectory(put), digest);
      assert.equal((await disk.verifyAll(digest)).ok, true);
      const reader = await disk.open(digest);
      for (const [path, bytes] of put) assert.equal(Buffer.compare(await reader.read(path), bytes), 0, path);
    }
    t.diagnostic(`${interrupted} of ${ROUNDS} puts were killed midway`);
    assert.ok(interrupted >= ROUNDS / 3, `only ${interrupted} of ${ROUNDS} puts were killed midway`);
  });
});

/** Starts a put in another process and kills it some time after it began to write. */
async function killedPut(dir: string, afterMs: number): Promise<void> {
  const child = spawn(process.execPath, [join(import.meta.dirname, "victim.ts"), dir], { stdio: "ignore" });
  const exited = once(child, "exit");
  while (child.exitCode === null && (await readdir(join(dir, ".unfinished")).catch(() => [])).length === 0) await sleep(1);
  await sleep(afterMs);
  child.kill("SIGKILL");
  await exited;
}

/** Every block file is whole: its name is the hash of its bytes. */
async function checkWholeBlocks(dir: string): Promise<void> {
  for (const file of await blockFiles(dir).catch(() => [])) {
    const cid = CID.createV1(0x55, create(0x12, sha256(await readFile(file))));
    assert.ok(file.endsWith(new NextToLast().encode(cid).file), `${file} is not whole`);
  }
}
