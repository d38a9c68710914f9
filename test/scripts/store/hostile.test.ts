import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { CID } from "multiformats/cid";
import { create } from "multiformats/hashes/digest";
import {
  ArtefactMalformed,
  ArtefactMismatch,
  ArtefactTooLarge,
  cidToDigest,
  type ArtefactLimits,
  type Digest,
} from "../../../scripts/store/index.ts";
import { DAG_PB, HostileDag, RAW, TYPE } from "./dag.ts";
import { failure, noise, sha256 } from "./fixtures.ts";

/** Artefacts whose every hash is right, published by someone who means harm or uses other tools. */
const malformed: Record<string, (dag: HostileDag) => Digest> = {
  "a root that is no protobuf": (dag) => cidToDigest(dag.block(DAG_PB, noise(100))),
  "a root without UnixFS": (dag) => cidToDigest(dag.block(DAG_PB, new Uint8Array(0))),
  "a root of an unknown type": (dag) => cidToDigest(dag.node(99, [])),
  "a root that is a file": (dag) => cidToDigest(dag.file([], Buffer.from("x"))),
  "a root that is a symlink": (dag) => cidToDigest(dag.node(TYPE.symlink, [], [], Buffer.from("/etc/passwd"))),
  "a root that is metadata": (dag) => cidToDigest(dag.node(TYPE.metadata, [])),
  "a sharded directory": (dag) => cidToDigest(dag.node(TYPE.shard, [])),
  "a symlink inside": (dag) => dag.digest([["a", dag.node(TYPE.symlink, [], [], Buffer.from("/etc/passwd"))]]),
  "a node that is no protobuf inside": (dag) => dag.digest([["a", dag.block(DAG_PB, noise(50))]]),
  "traversal": (dag) => dag.digest([["..", dag.leaf("x")]]),
  "a slash in a name": (dag) => dag.digest([["../../etc/passwd", dag.leaf("x")]]),
  "a control character in a name": (dag) => dag.digest([["a\u001b[2J", dag.leaf("x")]]),
  "a one-byte control sequence in a name": (dag) => dag.digest([["a\u009b2J", dag.leaf("x")]]),
  "a reversed name": (dag) => dag.digest([["\u202enib.3", dag.leaf("x")]]),
  "an empty name": (dag) => dag.digest([["", dag.leaf("x")]]),
  "no name": (dag) => cidToDigest(dag.node(TYPE.directory, [{ cid: dag.leaf("x") }])),
  "two entries of one name": (dag) => dag.digest([["a", dag.leaf("x")], ["a", dag.leaf("y")]]),
  "another codec": (dag) => dag.digest([["a", dag.block(0x71, Uint8Array.of(0xa0))]]),
  "a version 0 identifier": (dag) => dag.digest([["a", dag.file([], Buffer.from("x")).toV0()]]),
  "an identity hash": (dag) => dag.digest([["a", CID.createV1(RAW, create(0, Buffer.from("inline")))]]),
  "a shortened hash": (dag) => dag.digest([["a", CID.createV1(RAW, create(0x12, sha256(Buffer.from("x")).subarray(0, 4)))]]),
  "another hash function": (dag) => dag.digest([["a", CID.createV1(RAW, create(0x1b, sha256(Buffer.from("x"))))]]),
  "a part shorter than stated": (dag) => dag.digest([["a", dag.file([[dag.leaf("x"), 2]])]]),
  "a part longer than stated": (dag) => dag.digest([["a", dag.file([[dag.leaf("xyz"), 2]])]]),
  "an empty part": (dag) => dag.digest([["a", dag.file([[dag.leaf(""), 0]])]]),
  "a size without a part": (dag) => dag.digest([["a", dag.node(TYPE.file, [{ cid: dag.leaf("x") }], [1, 1])]]),
  "a part without a size": (dag) =>
    dag.digest([["a", dag.node(TYPE.file, [{ cid: dag.leaf("x") }, { cid: dag.leaf("y") }], [1])]]),
  "a folder inside a file": (dag) => dag.digest([["a", dag.file([[dag.folder([]), 1]])]]),
  "a file tree too deep": (dag) => {
    let node = dag.leaf("x");
    for (let level = 0; level < 5; level++) node = dag.file([[node, 1]]);
    return dag.digest([["a", node]]);
  },
};

describe("an artefact that is none", () => {
  for (const [name, build] of Object.entries(malformed)) {
    it(`is told from a damaged one: ${name}`, async () => {
      const dag = new HostileDag();
      const digest = build(dag);
      const { ok, findings } = await dag.store().verifyAll(digest);
      assert.equal(ok, false);
      assert.equal(findings.length, 1);
      assert.ok(findings[0] instanceof ArtefactMalformed, String(findings[0]));
      const error = await failure(ArtefactMalformed, async () => {
        const reader = await dag.store().open(digest);
        for (const path of await reader.list()) await reader.read(path);
      });
      assert.equal(error.message, findings[0].message);
      assert.ok(!/[\p{Cc}\p{Bidi_Control}]/u.test(error.message), "what it says is safe to print");
    });
  }
});

describe("a block one byte longer than any may be", () => {
  it("is refused, though its hash is right", async () => {
    const dag = new HostileDag();
    const digest = dag.digest([["a", dag.leaf(noise(2 ** 21 + 1))]]);
    assert.match((await failure(ArtefactMismatch, async () => (await dag.store().open(digest)).read("a"))).message, /longer than 2097152/);
    const largest = dag.digest([["a", dag.leaf(noise(2 ** 21))]]);
    assert.equal((await dag.store().verifyAll(largest)).ok, true);
  });
});

const kB = 1000;
const bombs: [string, Partial<ArtefactLimits>, string, (dag: HostileDag) => Digest][] = [
  ["a file of one leaf repeated", {}, "fileBytes", (dag) => {
    const leaf = dag.leaf(noise(1000 * kB));
    const inner = dag.file(Array.from({ length: 500 }, () => [leaf, 1000 * kB] as const));
    return dag.digest([["a", dag.file(Array.from({ length: 500 }, () => [inner, 500_000 * kB] as const))]]);
  }],
  ["one large file under many names", {}, "totalBytes", (dag) => {
    const file = dag.file(Array.from({ length: 100 }, () => [dag.leaf(noise(1000 * kB)), 1000 * kB] as const));
    return dag.digest(Array.from({ length: 4000 }, (_, i) => [`${i}`, file] as const));
  }],
  ["folders that hold each other's copies", {}, "entries", (dag) => {
    let folder = dag.folder([["x", dag.leaf("x")]]);
    for (let level = 0; level < 6; level++) {
      const inner = folder;
      folder = dag.folder(Array.from({ length: 50 }, (_, i) => [`${i}`, inner] as const));
    }
    return cidToDigest(folder);
  }],
  ["a folder of too many entries", {}, "folderEntries", (dag) =>
    dag.digest(Array.from({ length: 4097 }, (_, i) => [`${i}`, dag.leaf("x")] as const))],
  ["folders without end", {}, "depth", (dag) => {
    let folder = dag.folder([["x", dag.leaf("x")]]);
    for (let level = 0; level < 8; level++) folder = dag.folder([["x", folder]]);
    return cidToDigest(folder);
  }],
  ["leaves of one byte", { blocks: 500 }, "blocks", (dag) =>
    dag.digest([["a", dag.file(Array.from({ length: 1000 }, () => [dag.leaf("x"), 1] as const))]])],
  ["a size beyond all limits", {}, "fileBytes", (dag) => dag.digest([["a", dag.file([[dag.leaf("x"), 2 ** 50]])]])],
];

describe("an artefact larger than it looks", () => {
  for (const [name, limits, limit, build] of bombs) {
    it(`is given up at a limit: ${name}`, { timeout: 10_000 }, async () => {
      const dag = new HostileDag();
      const store = dag.store({ totalBytes: 2 ** 30, ...limits });
      const digest = build(dag);
      const { ok, complete, findings } = await store.verifyAll(digest);
      const [finding] = findings;
      assert.ok(finding instanceof ArtefactTooLarge, String(finding));
      assert.deepEqual({ ok, complete, count: findings.length, limit: finding.limit }, { ok: false, complete: false, count: 1, limit });
      if (limit === "totalBytes") return; // A reader reads one file at a time.
      await failure(ArtefactTooLarge, async () => {
        const reader = await store.open(digest);
        for (const path of await reader.list()) await reader.read(path);
      });
    });
  }
});
