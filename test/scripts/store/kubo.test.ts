import assert from "node:assert/strict";
import { readdir, readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { after, before, describe, it } from "node:test";
import { ArtefactMismatch, createDiskStore, createKuboStore, digestOf, digestToCid, StoreUnavailable, type Digest } from "../../../scripts/store/index.ts";
import { eraseKuboBlocks } from "../../../scripts/store/erase-kubo.ts";
import { KuboPins } from "../../../scripts/store/kubo-pins.ts";
import { collectKubo, ownerOf } from "../../../scripts/store/retention/collect-kubo.ts";
import { testStoreContract } from "./contract.ts";
import { failure, files, noise, temporaryDir } from "./fixtures.ts";
import { bundle, deployment, planOf, POLICY, seconds } from "./gc-world.ts";
import { startKubo, type KuboNode } from "./kubo-node.ts";

/*
 * Against a real node: CHONGWEN_KUBO names the program `ipfs`. `.ci/run` builds it where there is a Go toolchain (tools/ci/kubo.ts).
 */
const binary = process.env["CHONGWEN_KUBO"];
const DAY = 86_400;

if (binary === undefined || binary === "") {
  const reason = "NOT RUN against a real Kubo node: CHONGWEN_KUBO is not set";
  it("Kubo store: what every store does", { skip: reason }, () => undefined);
} else {
  const dirs: (() => unknown)[] = [];
  let node: KuboNode;
  let dir: string;
  before(async () => {
    dir = await temporaryDir({ after: (remove) => void dirs.push(remove as () => unknown) });
    node = await startKubo(binary, path.join(dir, "repo"));
  });
  after(async () => {
    await node.kill();
    for (const remove of dirs) await remove();
  });

  testStoreContract("Kubo store", () => createKuboStore({ url: node.url, offline: true }));

  describe("a real Kubo node", () => {
    const owner = ownerOf(deployment);
    const open = () => createKuboStore({ url: node.url, offline: true, owner });
    const pinned = async (digest: Digest) => (await new KuboPins({ url: node.url }).find(digestToCid(digest)))?.name;
    const collect = (kept: readonly Digest[], ended: readonly Digest[] = [], days = 8, dryRun = false) =>
      collectKubo({ connection: { url: node.url }, deployment, plan: planOf(kept, ended), policy: POLICY, stateDir: path.join(dir, `retention ${Math.random()}`), now: seconds() + days * DAY, dryRun });

    it("gives every artefact the digest that a folder gives it", async () => {
      const disk = createDiskStore(path.join(dir, "disk"));
      for (const put of [files({ a: "" }), bundle(1), files({ "深/い/名前": "x" }), new Map([["big", noise(5_300_000)]])]) assert.equal(await open().putDirectory(put), await disk.putDirectory(put));
    });

    it("gives a put up at its time limit", async () => {
      const store = createKuboStore({ url: node.url, putTimeoutMs: 1 });
      assert.equal((await failure(StoreUnavailable, () => store.putDirectory(files({ a: "a" })))).retryable, true);
    });

    it("pins under a name that says whose, of what and since when; unpins what nothing keeps, and keeps what is kept through a collection of its garbage", async () => {
      const [kept, gone] = [await open().putDirectory(bundle(11)), await open().putDirectory(bundle(12))];
      const name = await pinned(kept);
      assert.deepEqual([name?.owner, name?.digest, name?.part, Math.abs((name?.since ?? 0) - seconds()) < 60], [owner, kept, false, true]);
      assert.deepEqual((await collect([kept], [gone], 6)).unpinned, [], "too young");
      assert.deepEqual((await collect([kept], [gone], 8, true)).unpinned.map(({ digest }) => digest).includes(gone), true);
      assert.ok(await pinned(gone), "a dry run");
      assert.deepEqual((await collect([kept], [gone])).unpinned.find(({ digest }) => digest === gone)?.why, "a test that is over, until 1970-01-01");
      assert.equal(await pinned(gone), undefined);
      await node.ask("repo/gc");
      assert.deepEqual([(await open().verifyAll(kept)).ok, await open().has(gone)], [true, false]);
    });

    it("pins again what is kept, and says of what is not here", async () => {
      const kept = await open().putDirectory(bundle(13));
      await node.ask("pin/rm", { arg: String(digestToCid(kept)) });
      const elsewhere: Digest = `0x${"ab".repeat(32)}`;
      const { pinned: again, absent } = await collect([kept, elsewhere]);
      assert.deepEqual([again, absent], [[kept], [elsewhere]]);
      assert.equal((await pinned(kept))?.owner, owner);
    });

    it("attack: pins of others, by hand, of another ledger or without a name, are neither renamed nor taken away", async () => {
      const names: [string, Digest][] = [];
      for (const [i, name] of ["", "thesis", "chongwen:1-0x22 whole", ownerOf({ ...deployment, chainId: 5 })].entries()) {
        const put = files({ [`theirs-${i}`]: name });
        const digest = await digestOf(put);
        await createKuboStore({ url: node.url }).putDirectory(put);
        const cid = String(digestToCid(digest));
        await node.ask("pin/rm", { arg: cid });
        await node.ask("pin/add", name === "" ? { arg: cid } : { arg: cid, name });
        // We put it as well: the pin stays theirs.
        assert.equal(await open().putDirectory(put), digest);
        names.push([name, digest]);
      }
      const byHand = await createKuboStore({ url: node.url }).putFile(Buffer.from("a card that was published by hand"));
      await open().putFile(Buffer.from("a card that was published by hand"));
      await collect([], names.map(([, digest]) => digest));
      for (const [name, digest] of names) {
        const answer = JSON.parse(await node.ask("pin/ls", { arg: String(digestToCid(digest)), names: "true", type: "recursive" })) as { Keys: Record<string, { Name?: string }> };
        assert.equal(Object.values(answer.Keys)[0]?.Name ?? "", name);
      }
      assert.equal((await pinned(byHand))?.owner, "chongwen");
    });

    it("erases an artefact: our pin and the blocks, but none that another artefact holds", async () => {
      const [gone, kept] = [await open().putDirectory(bundle(14)), await open().putDirectory(bundle(15))];
      assert.deepEqual(await eraseKuboBlocks({ connection: { url: node.url }, digest: gone, evenIfShared: false, dryRun: true }), { removed: 8, shared: 0 });
      assert.deepEqual(await eraseKuboBlocks({ connection: { url: node.url }, digest: gone, evenIfShared: false, dryRun: false }), { removed: 7, shared: 1 });
      assert.deepEqual([await open().has(gone), await pinned(gone), (await open().verifyAll(kept)).ok], [false, undefined, true]);
      const theirs = await open().putFile(Buffer.from("pinned by somebody"));
      await node.ask("pin/add", { arg: String(digestToCid(theirs)), name: "somebody" });
      assert.deepEqual(await eraseKuboBlocks({ connection: { url: node.url }, digest: theirs, evenIfShared: false, dryRun: false }), { removed: 0, shared: 2 });
      assert.deepEqual(await eraseKuboBlocks({ connection: { url: node.url }, digest: theirs, evenIfShared: true, dryRun: false }), { removed: 2, shared: 0 });
    });

    it("erases one payload, and keeps the rest of the bundle through a collection of its garbage", async () => {
      const put = bundle(16);
      put.set("updates/17.bin", noise(1_500_000, 171));
      const digest = await open().putDirectory(put);
      assert.deepEqual(await eraseKuboBlocks({ connection: { url: node.url }, digest, file: "updates/17.bin", evenIfShared: false, dryRun: false }), { removed: 2, shared: 0 });
      assert.deepEqual((await collect([digest])).unpinned.filter((entry) => entry.digest === digest), []);
      await node.ask("repo/gc");
      const { findings } = await open().verifyAll(digest);
      assert.deepEqual([...new Set(findings.map((finding) => `${finding.code} ${"place" in finding ? (finding.place as { path: string }).path : ""}`))], ["artefact-missing updates/17.bin"]);
      assert.deepEqual(await eraseKuboBlocks({ connection: { url: node.url }, digest, file: "updates/16.bin", evenIfShared: false, dryRun: false }), { removed: 1, shared: 0 });
      // Once nothing keeps the bundle, its parts go as well.
      await collect([], [digest]);
      await node.ask("repo/gc");
      assert.equal(await open().has(digest), false);
    });

    it("attack: a block changed on its disk is a mismatch, named by its file", async () => {
      const content = noise(3_000, 991);
      const digest = await open().putDirectory(new Map([["updates/3.bin", content]]));
      const blocks = path.join(node.repo, "blocks");
      for (const name of await readdir(blocks, { recursive: true })) {
        const file = path.join(blocks, name);
        if (!name.endsWith(".data") || !(await readFile(file)).equals(content)) continue;
        const changed = Buffer.from(content);
        changed[5] = (changed[5] ?? 0) ^ 1;
        await writeFile(file, changed);
      }
      const error = await failure(ArtefactMismatch, async () => (await open().open(digest)).read("updates/3.bin"));
      assert.equal(error.place.path, "updates/3.bin");
    });

    it("killed in the middle of a put is unavailable, and worth a retry; what was put before is whole", async () => {
      const before = await open().putDirectory(bundle(20));
      const large = new Map([["model.bin", noise(60_000_000, 5)]]);
      const blocks = async () => (await readdir(path.join(node.repo, "blocks"), { recursive: true })).length;
      const [earlier, store] = [await blocks(), open()];
      const putting = failure(StoreUnavailable, () => store.putDirectory(large));
      while ((await blocks()) < earlier + 3) await sleep(1);
      await node.kill();
      assert.equal((await putting).retryable, true);
      assert.equal((await failure(StoreUnavailable, () => open().has(before))).retryable, true);
      assert.equal((await failure(StoreUnavailable, () => collect([before]))).retryable, true);
      await rm(path.join(node.repo, "repo.lock"), { force: true });
      node = await node.restart();
      const digest = await open().putDirectory(large);
      assert.deepEqual([(await open().verifyAll(digest)).ok, (await open().verifyAll(before)).ok], [true, true]);
    });
  });
}
