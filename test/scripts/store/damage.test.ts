import assert from "node:assert/strict";
import { appendFile, readFile, rm, truncate, writeFile } from "node:fs/promises";
import { describe, it, type TestContext } from "node:test";
import {
  ArtefactError,
  ArtefactMismatch,
  ArtefactMissing,
  createDiskStore,
  type ArtefactStore,
  type Digest,
} from "../../../scripts/store/index.ts";
import { blockFiles, brief, failure, files, noise, temporaryDir } from "./fixtures.ts";

const MiB = 2 ** 20;

/** Every file has content of its own, so every block belongs to one path. */
const small = (): Map<string, Uint8Array> =>
  files({
    "manifest.json": '{"round":3}',
    "updates/1.bin": noise(40, 1),
    "updates/3.bin": noise(41, 2),
    "updates/late/5.bin": noise(42, 3),
  });
const smallPlaces = ["(root)", "manifest.json", "updates", "updates/1.bin", "updates/3.bin", "updates/late", "updates/late/5.bin"];

const large = (): Map<string, Uint8Array> => new Map([...small(), ["model.bin", noise(3 * MiB + 17, 4)]]);
const modelPlaces = ["model.bin", "model.bin@0", "model.bin@1048576", "model.bin@2097152", "model.bin@3145728"];
const largePlaces = [...smallPlaces, ...modelPlaces].sort();

describe("one flipped byte", () => {
  it("is found at every byte of every block, and named by its path", async (t) => {
    assert.deepEqual(await flipEach(await stored(t, small()), 1), smallPlaces);
  });

  it("is found in each block of a file of several", async (t) => {
    assert.deepEqual(await flipEach(await stored(t, large()), 16), largePlaces);
  });

  it("makes a reader of that file fail, and of no other", async (t) => {
    const wanted = large();
    const { store, digest, blocks } = await stored(t, wanted);
    for (const file of blocks) {
      const bytes = await readFile(file);
      const damaged = Uint8Array.from(bytes);
      damaged[bytes.length >> 1]! ^= 0x80;
      await writeFile(file, damaged);
      const [finding] = (await store.verifyAll(digest)).findings;
      assert(finding instanceof ArtefactMismatch);
      const { path } = finding.place;
      for (const [name, expected] of wanted) {
        if (name === path || name.startsWith(`${path}/`) || path === "") {
          const error = await failure(ArtefactMismatch, async () => (await store.open(digest, { label: "round 3 bundle" })).read(name));
          assert.equal(error.place.path, path);
          assert.ok(error.message.startsWith(`round 3 bundle ${digest}${path === "" ? "" : ` ${path}`} `), error.message);
          assert.ok(error.message.includes(file), error.message);
        } else {
          assert.equal(Buffer.compare(await (await store.open(digest)).read(name), expected), 0);
        }
      }
      await writeFile(file, bytes);
    }
  });
});

describe("a damaged store", () => {
  it("names each deleted block as missing, which is not a mismatch", async (t) => {
    const { store, digest, blocks } = await stored(t, large());
    const seen: string[] = [];
    for (const file of blocks) {
      const bytes = await readFile(file);
      await rm(file);
      const { findings } = await store.verifyAll(digest);
      assert.equal(findings.length, 1);
      assert.ok(findings[0] instanceof ArtefactMissing);
      seen.push(brief(findings[0]).replace("artefact-missing ", ""));
      await writeFile(file, bytes);
    }
    assert.deepEqual(seen.sort(), largePlaces);
  });

  for (const [name, damage] of [
    ["emptied", (file: string) => truncate(file, 0)],
    ["cut short", async (file: string) => truncate(file, (await readFile(file)).length - 1)],
    ["lengthened", (file: string) => appendFile(file, "\0")],
    ["lengthened beyond any block", (file: string) => appendFile(file, noise(3 * MiB))],
  ] as const) {
    it(`finds each block that was ${name}`, async (t) => {
      const { store, digest, blocks } = await stored(t, large());
      for (const file of blocks) {
        const bytes = await readFile(file);
        await damage(file);
        const { findings } = await store.verifyAll(digest);
        assert.equal(findings.length, 1);
        assert.ok(findings[0] instanceof ArtefactMismatch);
        await writeFile(file, bytes);
      }
    });
  }

  it("is not taken into memory: a block file of a terabyte", { skip: process.platform === "win32" && "no sparse files" }, async (t) => {
    const { store, digest, blocks } = await stored(t, small());
    await truncate(blocks[0]!, 2 ** 40);
    const { findings } = await store.verifyAll(digest);
    assert.ok(findings[0] instanceof ArtefactMismatch);
  });

  it("lists all faults at once, the same block under each path it belongs to", async (t) => {
    const dir = await temporaryDir(t);
    const store = createDiskStore(dir);
    const same = noise(2 * MiB, 5);
    const digest = await store.putDirectory(files({ "a.bin": same, "copies/b.bin": same, "c.bin": "c", "d.bin": "d" }));
    const leaf = await blockOf(dir, same.subarray(MiB));
    await writeFile(leaf, "no");
    await rm(await blockOf(dir, Buffer.from("c")));
    const { findings, complete, files: count } = await store.verifyAll(digest);
    assert.deepEqual(findings.map(brief), [
      "artefact-mismatch a.bin@1048576",
      "artefact-missing c.bin",
      "artefact-mismatch copies/b.bin@1048576",
    ]);
    assert.deepEqual({ complete, count }, { complete: true, count: 3 });
  });

  it("is not read: a block swapped for another whole block is a mismatch", async (t) => {
    const dir = await temporaryDir(t);
    const store = createDiskStore(dir);
    const digest = await store.putDirectory(files({ a: "alpha", b: "bravo" }));
    await writeFile(await blockOf(dir, Buffer.from("alpha")), "bravo");
    const error = await failure(ArtefactError, async () => (await store.open(digest)).read("a"));
    assert.equal(brief(error), "artefact-mismatch a");
    assert.equal(error.retryable, false);
  });
});

interface Stored {
  readonly store: ArtefactStore;
  readonly digest: Digest;
  readonly blocks: readonly string[];
}

async function stored(t: Pick<TestContext, "after">, put: Map<string, Uint8Array>): Promise<Stored> {
  const dir = await temporaryDir(t);
  const store = createDiskStore(dir);
  return { store, digest: await store.putDirectory(put), blocks: await blockFiles(dir) };
}

/** Flips a bit in each block, in every byte or in as many places, one at a time. Returns what was named, in order. */
async function flipEach({ store, digest, blocks }: Stored, samples: number): Promise<string[]> {
  const named: string[] = [];
  for (const file of blocks) {
    const bytes = await readFile(file);
    const places = new Set<string>();
    for (let i = 0; i < bytes.length; i += samples === 1 ? 1 : Math.ceil(bytes.length / samples)) {
      const damaged = Uint8Array.from(bytes);
      damaged[i]! ^= 1 << (i % 8);
      await writeFile(file, damaged);
      const { ok, complete, findings } = await store.verifyAll(digest);
      assert.deepEqual({ ok, complete, count: findings.length }, { ok: false, complete: true, count: 1 });
      const [finding] = findings;
      assert.ok(finding instanceof ArtefactMismatch);
      assert.equal(finding.place.source, file);
      places.add(brief(finding).replace("artefact-mismatch ", ""));
    }
    assert.equal(places.size, 1, [...places].join(" and "));
    named.push(...places);
    await writeFile(file, bytes);
  }
  assert.equal((await store.verifyAll(digest)).ok, true);
  return named.sort();
}

async function blockOf(dir: string, content: Uint8Array): Promise<string> {
  for (const file of await blockFiles(dir)) if ((await readFile(file)).equals(content)) return file;
  return assert.fail("no such block");
}
