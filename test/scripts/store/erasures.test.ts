import assert from "node:assert/strict";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { after, before, describe, it } from "node:test";
import { erasureOf } from "../../../protocol/audit/erasure.ts";
import { contractNames, deploymentSchema } from "../../../protocol/deployment.ts";
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
