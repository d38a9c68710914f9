// Garbage collection on a real disk, while others write. Killed wherever it can be: gc-kill.long.test.ts.
import assert from "node:assert/strict";
import { utimesSync } from "node:fs";
import { mkdir, readdir, readFile, rm, symlink, utimes, writeFile } from "node:fs/promises";
import path from "node:path";
import { describe, it } from "node:test";
import { exporter } from "ipfs-unixfs-exporter";
import { createDiskStore, digestToCid, type Digest } from "../../../scripts/store/index.ts";
import { DiskBlocks } from "../../../scripts/store/disk-blocks.ts";
import { eraseBlocks } from "../../../scripts/store/erase.ts";
import { mark } from "../../../scripts/store/retention/mark.ts";
import { HostileDag } from "./dag.ts";
import { blockFiles, noise, temporaryDir } from "./fixtures.ts";
import { age, ageQuarantine, bundle, collect, deploymentAt, isWhole, planOf, quarantined, stored } from "./gc-world.ts";
import { openPins } from "../../../scripts/store/retention/pins.ts";
import { noteLedger } from "../../../scripts/store/retention/memory.ts";

describe("garbage collection", () => {
  it("puts what nothing keeps into quarantine, and leaves a block that something kept shares", async (t) => {
    const { dir, store, kept, gone } = await stored(t);
    const { released, swept } = await collect(dir, planOf([kept], [gone]));
    assert.deepEqual(released, [{ digest: gone, why: "a test that is over, until 1970-01-01" }]);
    // Of the other bundle: root, folder, list, three parts of the model, its update. The shared labels stay.
    assert.deepEqual([swept.swept.blocks, swept.kept.blocks, await quarantined(store)], [7, 8, 7]);
    assert.equal(await isWhole(dir, kept), true);
    assert.equal(await isWhole(dir, gone), true, "still readable while in quarantine");
    const log = (await readFile(path.join(dir, "retention", "log.jsonl"), "utf8")).trim().split("\n").map((line) => JSON.parse(line) as { event: string; released?: unknown });
    assert.deepEqual(log.map(({ event }) => event), ["sweep", "swept"]);
    assert.deepEqual(log[0]?.released, released);
  });

  it("removes for good after the quarantine, and not before", async (t) => {
    const { dir, store, kept, gone } = await stored(t);
    await collect(dir, planOf([kept], [gone]));
    assert.equal((await collect(dir, planOf([kept], [gone]))).swept.purged.blocks, 0);
    await ageQuarantine(store, 31);
    const { released, swept } = await collect(dir, planOf([kept], [gone]));
    assert.deepEqual([released, swept.purged.blocks, await quarantined(store)], [[], 7, 0]);
    assert.deepEqual([await isWhole(dir, kept), await isWhole(dir, gone)], [true, false]);
  });

  it("removes at once when told to", async (t) => {
    const { dir, store, kept, gone } = await stored(t);
    const { swept } = await collect(dir, planOf([kept], [gone]), { quarantineDays: 0 });
    assert.deepEqual([swept.purged.blocks, await quarantined(store), (await blockFiles(store)).length], [7, 0, 8]);
  });

  it("takes back from quarantine what is kept again", async (t) => {
    const { dir, store, kept, gone } = await stored(t);
    await collect(dir, planOf([kept], [gone]));
    const { swept } = await collect(dir, planOf([kept, gone]));
    assert.deepEqual([swept.restored.blocks, await quarantined(store)], [7, 0]);
    assert.equal(await isWhole(dir, gone), true);
  });

  it("moves and removes nothing in a dry run, and says the same", async (t) => {
    const { dir, store, kept, gone } = await stored(t);
    const before = await blockFiles(store);
    const dry = await collect(dir, planOf([kept], [gone]), {}, { dryRun: true });
    assert.deepEqual(await readdir(dir), ["store"]);
    assert.deepEqual(await blockFiles(store), before);
    const real = await collect(dir, planOf([kept], [gone]));
    assert.deepEqual([dry.released, dry.swept.swept], [real.released, real.swept.swept]);
  });

  it("leaves what was just put, although nothing names it yet", async (t) => {
    const { dir, store, kept } = await stored(t);
    const young = await createDiskStore(store).putDirectory(bundle(3));
    const { swept } = await collect(dir, planOf([kept]), { quarantineDays: 0 });
    assert.equal(swept.young.blocks, 7);
    assert.equal(await isWhole(dir, young), true);
  });

  it("leaves an old artefact that is put again just before", async (t) => {
    const { dir, store, kept, gone } = await stored(t);
    await createDiskStore(store).putDirectory(bundle(2));
    await collect(dir, planOf([kept]), { quarantineDays: 0 });
    assert.equal(await isWhole(dir, gone), true);
  });

  for (const point of ["gc:marked", "gc:sweeping", "gc:moved", "gc:swept", "gc:purging"]) {
    it(`loses nothing of an artefact that is put while it runs (${point})`, async (t) => {
      const { dir, store, kept, gone } = await stored(t);
      const puts: Promise<Digest>[] = [];
      await collect(dir, planOf([kept]), { quarantineDays: point === "gc:purging" ? 0 : 30 }, {
        reached: (at) => {
          if (at === point && puts.length === 0) puts.push(createDiskStore(store).putDirectory(bundle(2)));
        },
      });
      assert.deepEqual(await Promise.all(puts), [gone]);
      assert.equal(await isWhole(dir, gone), true);
      // And a later one, which knows it by then, brings it back whole.
      await collect(dir, planOf([kept, gone]), { quarantineDays: 0 });
      assert.equal(await isWhole(dir, gone), true);
    });
  }

  it("gives back a block that was made young after it had been looked at", async (t) => {
    const { dir, store, kept, gone } = await stored(t);
    const old = await blockFiles(store);
    let once = false;
    const { swept } = await collect(dir, planOf([kept], [gone]), { quarantineDays: 0 }, {
      reached: (at) => {
        if (at !== "gc:sweeping" || once) return;
        once = true;
        for (const file of old) utimesSync(file, new Date(), new Date());
      },
    });
    assert.deepEqual([once, swept.swept.blocks, await quarantined(store)], [true, 0, 0]);
    assert.equal(await isWhole(dir, gone), true);
  });

  it("loses nothing when many put while several collect", async (t) => {
    const { dir, store, kept } = await stored(t);
    const disk = createDiskStore(store);
    for (let turn = 0; turn < 6; turn++) {
      await age(store);
      const [digest] = await Promise.all([disk.putDirectory(bundle(2)), collect(dir, planOf([kept])), collect(dir, planOf([kept])), disk.putDirectory(bundle(2))]);
      assert.equal(await isWhole(dir, digest), true, `turn ${turn}`);
      assert.equal(await isWhole(dir, kept), true);
    }
  });

  it("sweeps nothing while a folder of something kept is lost", async (t) => {
    const { dir, store, kept, gone } = await stored(t);
    const blocks = new DiskBlocks(store);
    const before = (await blockFiles(store)).length;
    const folder = await lostFolder(blocks, kept);
    await rm(folder);
    await assert.rejects(collect(dir, planOf([kept], [gone])), { code: "store-damaged" });
    assert.equal((await blockFiles(store)).length, before - 1);
    await writeFile(folder, noise(50));
    await assert.rejects(collect(dir, planOf([kept], [gone])), { code: "store-damaged" });
    await collect(dir, planOf([kept], [gone]), {}, { despiteDamage: true });
  });

  it("goes on when something kept is not here at all, and says so", async (t) => {
    const { dir, kept } = await stored(t);
    const elsewhere: Digest = `0x${"ab".repeat(32)}`;
    assert.deepEqual((await collect(dir, planOf([kept, elsewhere]))).absent, [elsewhere]);
  });
});

describe("attacks on garbage collection", () => {
  it("attack: an endpoint that forgets artefacts which the ledger named sweeps nothing", async (t) => {
    const { dir, store, kept, gone } = await stored(t);
    await collect(dir, planOf([kept, gone]));
    await age(store);
    await assert.rejects(collect(dir, planOf([kept])), { code: "ledger-forgot", retryable: true });
    assert.equal(await quarantined(store), 0);
    await collect(dir, planOf([kept]), {}, { acceptForgotten: true });
    assert.equal(await quarantined(store), 7);
  });

  it("attack: a store that another ledger uses is not swept", async (t) => {
    const { dir, store, kept } = await stored(t);
    await noteLedger(store, deploymentAt(`0x${"22".repeat(20)}`));
    await assert.rejects(collect(dir, planOf([kept])), { code: "store-shared" });
    assert.equal(await quarantined(store), 0);
  });

  it("attack: links and foreign files in the store are neither followed nor touched", async (t) => {
    const { dir, store, kept } = await stored(t);
    const outside = path.join(dir, "outside");
    const [block] = await blockFiles(store);
    assert.ok(block);
    const name = path.basename(block);
    await mkdir(path.join(outside, "ZZ"), { recursive: true });
    await writeFile(path.join(outside, "ZZ", name), "precious");
    await symlink(path.join(outside, "ZZ"), path.join(store, "ZZ"));
    const shard = path.join(store, "AA");
    await mkdir(shard, { recursive: true });
    await symlink(path.join(outside, "ZZ", name), path.join(shard, `${"A".repeat(50)}AA.data`));
    const foreign = [path.join(store, "notes.txt"), path.join(shard, "notes.data"), path.join(shard, name), path.join(store, "lost+found")];
    for (const file of foreign) await writeFile(file, "mine");
    const old = new Date(0);
    for (const file of [...foreign, path.join(outside, "ZZ", name)]) await utimes(file, old, old);
    await collect(dir, planOf([kept]), { quarantineDays: 0, graceDays: 0 });
    for (const file of foreign) assert.equal(await readFile(file, "utf8"), "mine", file);
    assert.equal(await readFile(path.join(outside, "ZZ", name), "utf8"), "precious");
    assert.equal(await isWhole(dir, kept), true);
    await rm(path.join(store, ".quarantine"), { recursive: true });
    await symlink(outside, path.join(store, ".quarantine"));
    await assert.rejects(collect(dir, planOf([kept])), { code: "store-unavailable" });
    assert.deepEqual(await readdir(outside), ["ZZ"]);
  });

  it("attack: a digest on the ledger that stands for a giant of repeated folders costs what the store holds of it", async () => {
    const dag = new HostileDag();
    let folder = dag.folder([["leaf", dag.leaf("x")]]);
    for (let level = 0; level < 60; level++) folder = dag.folder([["a", folder], ["b", folder], ["c", folder]]);
    let reads = 0;
    const source = { name: "hostile", locate: String, hasBlock: async () => true, getBlock: async (cid: { toString(): string }) => (reads++, dag.blocks.get(String(cid))) };
    const { blocks, malformed } = await mark(source, [dag.digest([["deep", folder]])]);
    assert.deepEqual([reads, blocks.size, malformed], [62, 63, []]);
  });

  it("attack: what is named and is no artefact keeps no more than its root", async () => {
    const dag = new HostileDag();
    const file = dag.leaf("not a folder");
    const source = { name: "hostile", locate: String, hasBlock: async () => true, getBlock: async () => Buffer.from("not a folder") };
    const digest: Digest = `0x${Buffer.from(file.multihash.digest).toString("hex")}`;
    const { blocks, malformed } = await mark(source, [digest]);
    assert.deepEqual([blocks.size, malformed], [1, [digest]]);
  });

  it("attack: a pin that was cut short stops everything, since it may be the only reason", async (t) => {
    const dir = await temporaryDir(t);
    const pins = openPins(dir);
    const digest: Digest = `0x${"cd".repeat(32)}`;
    await pins.add({ digest, why: "a thesis", until: 4_000_000_000 });
    assert.deepEqual(await pins.list(), [{ digest, why: "a thesis", until: 4_000_000_000 }]);
    await writeFile(path.join(dir, `${digest}.json`), '{"digest":');
    await assert.rejects(pins.list(), { code: "pin-damaged" });
  });

  it("attack: an erased artefact does not survive in quarantine, and keeps nothing there alive", async (t) => {
    const { dir, store, kept, gone } = await stored(t);
    await collect(dir, planOf([kept], [gone]));
    const { removed } = await eraseBlocks({ dir: store, digest: gone, evenIfShared: false, dryRun: false });
    assert.equal(removed, 7);
    assert.deepEqual([await quarantined(store), await createDiskStore(store).has(gone)], [0, false]);
    assert.equal(await isWhole(dir, kept), true);
  });
});

/** The block file of the folder `updates` of a bundle. */
async function lostFolder(blocks: DiskBlocks, digest: Digest): Promise<string> {
  const root = digestToCid(digest);
  const entry = await exporter(root, { async *get() { yield (await blocks.getBlock(root, 2 ** 21)) ?? new Uint8Array(); } });
  const link = entry.type === "directory" ? entry.node.Links.find(({ Name }) => Name === "updates") : undefined;
  assert.ok(link);
  return blocks.locate(link.Hash);
}

