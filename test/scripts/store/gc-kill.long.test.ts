import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { cp, mkdir, readdir, utimes, writeFile } from "node:fs/promises";
import path from "node:path";
import { describe, it } from "node:test";
import type { CID } from "multiformats/cid";
import { importFiles } from "../../../scripts/store/import.ts";
import type { Digest } from "../../../scripts/store/index.ts";
import { digestToCid } from "../../../scripts/store/cid.ts";
import { DiskBlocks } from "../../../scripts/store/disk-blocks.ts";
import { blockKey, mark } from "../../../scripts/store/retention/mark.ts";
import { blockFiles, temporaryDir } from "./fixtures.ts";
import { ageQuarantine, collect, isWhole, planOf, quarantined, stored } from "./gc-world.ts";

/** Days of quarantine, where the process dies, and the how manieth time it comes there. */
const KILLS = [
  ["30", "gc:marked", 1], ["30", "gc:logged", 1], ["30", "gc:sweeping", 1], ["30", "gc:sweeping", 7], ["30", "gc:moved", 1], ["30", "gc:moved", 7], ["30", "gc:swept", 4],
  ["0", "gc:swept", 7], ["0", "gc:purging", 1], ["0", "gc:purging", 7], ["0", "gc:purged", 2], ["30", "gc:done", 1],
] as const;

describe("garbage collection that is killed", () => {
  it("killed at any point leaves every artefact whole that is kept, and goes on the next time", async (t) => {
    const { dir, kept, gone } = await stored(t);
    await collect(dir, planOf([kept, gone]));
    for (const [days, point, time] of KILLS) {
      const copy = path.join(dir, "copies", `${point.slice(3)}-${time}-${days}`);
      await cp(path.join(dir, "store"), path.join(copy, "store"), { recursive: true, preserveTimestamps: true });
      const { signal } = spawnSync(process.execPath, [path.join(import.meta.dirname, "gc-world.ts"), copy, kept, days, point, String(time)], { stdio: "inherit" });
      assert.equal(signal, "SIGKILL", point);
      assert.equal(await isWhole(copy, kept), true, point);
      await collect(copy, planOf([kept]), { quarantineDays: 0 });
      assert.equal(await isWhole(copy, kept), true, point);
      await ageQuarantine(path.join(copy, "store"), 31);
      await collect(copy, planOf([kept]), { quarantineDays: 0 });
      assert.deepEqual([(await blockFiles(path.join(copy, "store"))).length, await quarantined(path.join(copy, "store"))], [8, 0], point);
    }
  });

  it("killed while it takes back from quarantine, goes on taking back", async (t) => {
    const { dir, kept, gone } = await stored(t);
    await collect(dir, planOf([kept], [gone]));
    for (const time of [1, 3, 7]) {
      const copy = path.join(dir, "copies", `${time}`);
      for (const part of ["store", "retention"]) await cp(path.join(dir, part), path.join(copy, part), { recursive: true, preserveTimestamps: true });
      const { signal } = spawnSync(process.execPath, [path.join(import.meta.dirname, "gc-world.ts"), copy, `${kept},${gone}`, "0", "gc:restored", String(time)], { stdio: "inherit" });
      assert.equal(signal, "SIGKILL");
      assert.deepEqual([await isWhole(copy, kept), await isWhole(copy, gone)], [true, true]);
      await collect(copy, planOf([kept, gone]), { quarantineDays: 0 });
      assert.deepEqual([await isWhole(copy, gone), await quarantined(path.join(copy, "store"))], [true, 0]);
    }
  });

  it("marks and sweeps 20,000 blocks in time and memory that a service can spare", async (t) => {
    const dir = await temporaryDir(t);
    const store = path.join(dir, "store");
    // Cut fine, so that the blocks are many: 5 artefacts of 4,000 files.
    // Without flushing each, which is not what is measured.
    const blocks = new DiskBlocks(store);
    const sink = {
      async put(cid: CID, bytes: Uint8Array): Promise<void> {
        await mkdir(path.dirname(blocks.locate(cid)), { recursive: true });
        await writeFile(blocks.locate(cid), bytes);
      },
    };
    const digests: Digest[] = [];
    const started = performance.now();
    for (let artefact = 0; artefact < 5; artefact++) {
      const many = new Map(Array.from({ length: 4_000 }, (_, i) => [`${Math.floor(i / 100)}/${i}`, Buffer.from(`${artefact} ${i}`)] as const));
      digests.push(await importFiles(many, sink));
    }
    const made = performance.now();
    const before = process.memoryUsage().rss;
    const { blocks: found } = await mark(blocks, digests);
    const marked = performance.now();
    assert.equal(found.size, 5 * (4_000 + 40 + 1));
    assert.ok(digests.every((digest) => found.has(blockKey(digestToCid(digest)))));
    const then = new Date(Date.now() - 30 * 86_400_000);
    for (const shard of await readdir(store)) {
      for (const file of shard.startsWith(".") ? [] : await readdir(path.join(store, shard))) await utimes(path.join(store, shard, file), then, then);
    }
    const old = performance.now();
    const { swept } = await collect(dir, planOf(digests.slice(0, 4), digests.slice(4)));
    const over = performance.now();
    assert.deepEqual([swept.kept.blocks, swept.swept.blocks], [4 * 4_041, 4_041]);
    const grown = (process.memoryUsage().rss - before) / 2 ** 20;
    t.diagnostic(`put ${((made - started) / 1000).toFixed(1)} s, marked ${((marked - made) / 1000).toFixed(1)} s, collected ${((over - old) / 1000).toFixed(1)} s, ${grown.toFixed(0)} MiB more`);
    assert.ok(grown < 200, `${grown} MiB`);
  });
});
