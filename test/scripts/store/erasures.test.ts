import assert from "node:assert/strict";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { after, before, describe, it } from "node:test";
import { erasureOf } from "../../../protocol/audit/erasure.ts";
import { contractNames, deploymentSchema } from "../../../protocol/deployment.ts";
import type { Peer } from "../../../scripts/oracle/peers/client.ts";
import { createLibrary } from "../../../scripts/oracle/peers/library.ts";
import { createApp } from "../../../scripts/serve/server.ts";
import { createDiskStore, readErasures, withErasures, type ArtefactStore, type Digest } from "../../../scripts/store/index.ts";

const gone: Digest = `0x${"ab".repeat(32)}`;
const statement = { format: "chongwen-erasure", version: 1, artefact: gone, erasedAt: 1_700_000_000, basis: "consent withdrawn", statedBy: "Hospital C" };

describe("what was erased", () => {
  let dir: string;
  let store: ArtefactStore;
  let kept: Digest;
  before(async () => {
    dir = await mkdtemp(path.join(os.tmpdir(), "chongwen-erased-"));
    await mkdir(path.join(dir, "erased"));
    await writeFile(path.join(dir, "erased", `${gone}.json`), JSON.stringify(statement));
    const disk = createDiskStore(path.join(dir, "store"));
    kept = await disk.putFile(Uint8Array.of(1, 2, 3));
    await writeFile(path.join(dir, "erased", `${kept}.json`), JSON.stringify({ ...statement, artefact: kept }));
    store = withErasures(disk, readErasures(path.join(dir, "erased")));
  });
  after(() => rm(dir, { recursive: true, force: true }));

  it("is called erased when it is missing and a statement says so", async () => {
    await assert.rejects(store.open(gone), { code: "artefact-erased" });
    await assert.rejects(store.verifyAll(gone), { code: "artefact-erased" });
  });

  it("stays missing without a statement", async () => {
    await assert.rejects(store.open(`0x${"cd".repeat(32)}`), { code: "artefact-missing" });
  });

  it("is read and checked when it is there, whatever a statement claims", async () => {
    assert.deepEqual([...(await (await store.open(kept)).read("content"))], [1, 2, 3]);
    assert.equal((await store.verifyAll(kept)).ok, true);
  });

  it("attack: what was erased is not stored again, whole or in part, by whoever still has it", async () => {
    const files = new Map([["updates/1.bin", Uint8Array.of(7)], ["updates/2.bin", Uint8Array.of(8)]]);
    const erased = path.join(dir, "refusing");
    const disk = createDiskStore(path.join(dir, "store"));
    const refusing = withErasures(disk, readErasures(erased));
    const digest = await refusing.putDirectory(files);
    const single = await refusing.putFile(Uint8Array.of(9));
    await mkdir(erased);
    await writeFile(path.join(erased, `${digest}.updates-1.bin.json`), JSON.stringify({ ...statement, artefact: digest, path: "updates/1.bin" }));
    await writeFile(path.join(erased, `${single}.json`), JSON.stringify({ ...statement, artefact: single }));
    await assert.rejects(refusing.putDirectory(files), { code: "artefact-stays-erased", retryable: false, message: /updates\/1\.bin was erased here on 2023-11-14 \(consent withdrawn\)/ });
    await assert.rejects(refusing.putFile(Uint8Array.of(9)), { code: "artefact-stays-erased" });
    // Other files, and the rest of it in another artefact, are no business of the statement.
    files.delete("updates/1.bin");
    assert.equal((await refusing.verifyAll(await refusing.putDirectory(files))).ok, true);
    await assert.rejects(refusing.putDirectory(new Map([["../x", Uint8Array.of(1)]])), { code: "artefact-path-refused" });
    // A statement that cannot be looked for is not taken for none.
    await assert.rejects(withErasures(disk, readErasures(path.join(erased, `${single}.json`))).putFile(Uint8Array.of(3)), { code: "store-unavailable" });
  });

  it("attack: nobody is asked for what was erased here, however often it is wanted", async () => {
    const asked: Digest[] = [];
    const peer: Peer = {
      address: `0x${"11".repeat(20)}`, ask: () => assert.fail(), bundles: async () => [], announce: async () => undefined,
      files: async (digest) => (asked.push(digest), ["content"]),
      async *file() {
        yield Uint8Array.of(1);
      },
    };
    const library = createLibrary({ store, peers: [peer], dir: path.join(dir, "fetching"), most: async () => 100, within: 1_000, signal: new AbortController().signal });
    await assert.rejects(library.open(gone), { code: "artefact-erased" });
    await assert.rejects(library.bring(gone, peer.address), { code: "artefact-erased" });
    assert.deepEqual(asked, []);
    await assert.rejects(library.bring(`0x${"cd".repeat(32)}`, null), { code: "artefact-missing" });
    assert.equal(asked.length, 1);
  });

  it("is no statement about another artefact, with surplus fields or of another format", () => {
    assert.notEqual(erasureOf(statement, gone), null);
    for (const wrong of [{ ...statement, artefact: kept }, { ...statement, patient: "name" }, { ...statement, format: "x" }, { ...statement, erasedAt: -1 }, null, "gone"]) {
      assert.equal(erasureOf(wrong, gone), null);
    }
  });

  it("is served as 410 Gone with the statement, and what nobody has as 404", async () => {
    const contracts = Object.fromEntries(contractNames.map((name) => [name, `0x${"11".repeat(20)}`]));
    const deployment = deploymentSchema.parse({ format: "chongwen-deployment", version: 1, chainId: 31_337, rpcUrl: "http://127.0.0.1:8545", fromBlock: "0", contracts });
    const app = createApp({ dist: dir, deployment, store: createDiskStore(path.join(dir, "store")), erasures: readErasures(path.join(dir, "erased")) });
    const answer = await app.request(`/artefacts/${gone}/manifest.json`);
    assert.deepEqual([answer.status, await answer.json()], [410, statement]);
    assert.equal((await app.request(`/artefacts/0x${"cd".repeat(32)}/manifest.json`)).status, 404);
    assert.equal((await app.request(`/artefacts/${kept}/content`)).status, 200);
    const link = await app.request("/verify/round/3?k=2");
    assert.deepEqual([link.status, link.headers.get("location")], [302, "../#/round/3?k=2"]);
    const policy = (await app.request("/verify/")).headers.get("content-security-policy") ?? "";
    assert.match(policy, /worker-src blob:/);
    assert.doesNotMatch((await app.request("/")).headers.get("content-security-policy") ?? "", /connect-src[^;]*https:/);
  });
});
