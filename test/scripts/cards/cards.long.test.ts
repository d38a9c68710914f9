// From a card of the Hub to a model card, over a real chain: import, propose, vote, train, describe; then withdraw, and describe again.
import assert from "node:assert/strict";
import { cp, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { after, before, describe, it } from "node:test";
import { encodeFunctionData } from "viem";
import { readReadme } from "../../../protocol/cards/front-matter.ts";
import { readFacts } from "../../../protocol/ledger/read-facts.ts";
import { varianceFor } from "../../../protocol/privacy/privatise.ts";
import { startDevnet } from "../../../scripts/chain/devnet.ts";
import { readManifest } from "../../../scripts/chain/manifest.ts";
import { castVote, enact, proposeAction } from "../../../scripts/commands/dataset.ts";
import { importCard, type ImportCardOptions } from "../../../scripts/commands/import-card.ts";
import { exportModelCard } from "../../../scripts/commands/model-card.ts";
import { DERMATOLOGY_PATH, loadTable } from "../../../scripts/data/index.ts";
import { runRound } from "../../../scripts/federation/run-round.ts";
import { createSetting, type Setting } from "../../../scripts/federation/setting.ts";
import { openWorkspace } from "../../../scripts/federation/workspace.ts";
import { silentProgress } from "../../../scripts/output/progress.ts";
import { createDiskStore } from "../../../scripts/store/index.ts";
import { seededBytes } from "../../protocol/support/bytes.ts";
import { README, SAID } from "../../protocol/cards/hub-card.ts";

const root = path.resolve(import.meta.dirname, "..", "..", "..");
const RHO = 1_000_000;

interface Ran<Data> {
  readonly code: number;
  readonly out: string;
  readonly err: string;
  readonly data: Data;
}

/** A command as a shell sees it. */
async function ran<Data>(command: (streams: { out: { write(text: string): void }; err: { write(text: string): void } }) => Promise<number>): Promise<Ran<Data>> {
  let [out, err] = ["", ""];
  const code = await command({ out: { write: (text) => void (out += text) }, err: { write: (text) => void (err += text) } });
  return { code, out, err, data: (out.startsWith("{") ? (JSON.parse(out) as { data: Data }).data : undefined) as Data };
}

describe("cards of the Hub, in and out", () => {
  let setting: Setting;
  let dir: string;
  let readme: string;
  let second: Int32Array;
  let close: () => Promise<void>;
  let rpc: (method: string, ...params: unknown[]) => Promise<unknown>;
  const on = () => ({ dir, federation: setting.federation, json: true });
  const { institution, legalBasis, ethicsApproval, ethicsExpiry, consentVersion, unit, source } = SAID;
  const said = { institution, legalBasis, ethicsApproval, ethicsExpiry, consentVersion, unit, source, privacyCap: 3 * RHO, records: 60 };
  const importing = (options: Partial<ImportCardOptions>) => ran<{ dataset: number; digest: string; nonCommercial: boolean; terms: { licence: string } | null }>((streams) => importCard(readme, { dir, json: true, dryRun: false, ...said, ...options }, streams));
  interface Exported { card: string; licence: string; verified: boolean; withdrawn: number[]; datasets: number[] }
  const exported = (options: { round?: number; dir?: string; store?: string } = {}) => ran<Exported>((streams) => exportModelCard({ ...on(), delta: "1e-5", ...options }, streams));

  before(async () => {
    dir = await mkdtemp(path.join(os.tmpdir(), "chongwen-cards-"));
    readme = path.join(dir, "README.md");
    await writeFile(readme, README);
    const devnet = await startDevnet(0);
    close = () => devnet.close();
    const manifest = await readManifest(path.join(root, "deploy", "manifests", "local.json"));
    setting = await createSetting({
      rpcUrl: devnet.url, manifest: { ...manifest, federation: { ...manifest.federation, forceWindow: 0 } }, store: createDiskStore(openWorkspace(dir).storeDir), table: loadTable(DERMATOLOGY_PATH), seed: 1, progress: silentProgress,
      privacy: { noise: { clip: 4_000n, sigmaSquared: varianceFor(BigInt(RHO), 4_000n, "site"), unit: "site" }, rhoPerRound: RHO, cap: 3 * RHO, budget: () => 3 * RHO, random: seededBytes("cards") },
    });
    await openWorkspace(dir).saveDeployment(setting.kernel.deployment);
    const { client } = setting.kernel;
    rpc = (method, ...params) => (client as unknown as { request(call: { method: string; params: unknown[] }): Promise<unknown> }).request({ method, params });
  });
  after(async () => {
    await close();
    await rm(dir, { recursive: true, force: true });
  });

  it("import a card, put it to the vote, train on it, and find its licence in the model's card", async () => {
    const hospital = setting.hospitals.at(-1) ?? assert.fail();
    const { organisation, contributor } = hospital.registration;
    const first = await runRound(setting, setting.model);

    await assert.rejects(exported(), /no final model/);

    const unsaid = await importing({ legalBasis: undefined, organisation, account: "dev:35", dryRun: true });
    assert.deepEqual([unsaid.code, unsaid.data.terms], [0, null]);
    await assert.rejects(importing({ legalBasis: undefined, organisation, account: "dev:35" }), { code: "card-incomplete" });
    await assert.rejects(importing({ organisation }), { code: "signature-needed" });
    await assert.rejects(importing({ organisation, account: "dev:30" }), /DatasetsNotCustodian/);
    const before = await setting.kernel.datasets.read.datasetCount();
    assert.equal((await importing({ organisation, dryRun: true })).data.dataset, undefined);
    assert.equal(await setting.kernel.datasets.read.datasetCount(), before);

    const { data: imported } = await importing({ organisation, account: "dev:35" });
    assert.deepEqual([imported.dataset, imported.nonCommercial], [before + 1, true]);
    const terms = await setting.kernel.datasets.read.termsOf([imported.dataset]);
    assert.deepEqual([terms.card, terms.licence, terms.records, terms.legalBasis, terms.exempt], [imported.digest, "CC-BY-NC-4.0", 60, legalBasis, false]);

    const { data: proposed } = await ran<{ proposal: string }>((streams) => proposeAction({ ...on(), dataset: imported.dataset, action: "approve", seatFor: contributor, budget: 2 * RHO, reason: "", account: "dev:6" }, streams));
    for (const account of ["dev:6", "dev:7"]) await ran((streams) => castVote(BigInt(proposed.proposal), { ...on(), support: "for", reason: "", account }, streams));
    await rpc("evm_increaseTime", 20);
    await rpc("evm_mine");
    const seat = await setting.kernel.seats.read.seatCount([setting.federation]);
    await ran((streams) => enact(BigInt(proposed.proposal), { ...on(), account: "dev:8" }, streams));

    const hospitals = [...setting.hospitals.slice(0, -1), { ...hospital, registration: { ...hospital.registration, dataset: imported.dataset }, seat }];
    second = (await runRound({ ...setting, hospitals }, first.model)).model;
    const { code, data, err } = await exported({ round: 2 });
    assert.equal(code, 0, err);
    assert.deepEqual([data.licence, data.verified, data.datasets.includes(imported.dataset)], ["cc-by-nc-4.0", true, true]);
    const { front, body } = readReadme(new TextEncoder().encode(data.card));
    assert.equal(front.get("license"), "cc-by-nc-4.0");
    assert.deepEqual(front.get("datasets"), ["example/ham"]);
    for (const expected of ["`CC-BY-NC-4.0`", "`Example Hospital`", "`HAM10000 (thumbnails)`", "**NOT FINAL.**", "0.002000000", "Research use only"]) assert.ok(body.includes(expected), expected);
    // The model before has none of it.
    const { data: parent } = await exported({ round: 1 });
    assert.deepEqual([parent.licence, parent.datasets.includes(imported.dataset)], ["cc-by-4.0", false]);
  });

  it("the same ledger gives the same card, however many blocks go by", async () => {
    const first = await exported({ round: 2 });
    for (let i = 0; i < 3; i++) await rpc("evm_mine");
    assert.equal((await exported({ round: 2 })).data.card, first.data.card);
  });

  it("describes the newest final model unless it is asked for another that exists", async () => {
    assert.equal((await exported()).data.card, (await exported({ round: 1 })).data.card);
    await assert.rejects(exported({ round: 9 }), /has no round 9/);
  });

  /** The file of a store that holds these bytes. */
  async function blockWith(store: string, bytes: Uint8Array): Promise<string> {
    for (const file of await readdir(store, { recursive: true, withFileTypes: true })) {
      const name = path.join(file.parentPath, file.name);
      if (file.isFile() && (await readFile(name)).includes(Buffer.from(bytes))) return name;
    }
    return assert.fail("no such block");
  }
  const artefactOf = async (round: number) => (await readFacts(setting.kernel, setting.federation, { round })).rounds[round - 1]?.report?.artefact ?? assert.fail();

  it("says what it could not read of an earlier round, and names no licence then", async () => {
    const copy = path.join(dir, "older");
    await cp(openWorkspace(dir).storeDir, copy, { recursive: true });
    const manifest = await (await createDiskStore(copy).open(await artefactOf(1))).read("manifest.json");
    await rm(await blockWith(copy, manifest));
    const { code, data, err } = await exported({ round: 2, store: copy });
    assert.equal(code, 0, err);
    assert.deepEqual([data.verified, data.licence], [true, "other"]);
    assert.match(data.card, /Part of the lineage could not be read/);
    assert.match(data.card, /\| 1 \| Final \| not read \|/);
  });

  it("attack: a model that does not follow from its updates is not described; one that cannot be checked says so first", async () => {
    const copy = path.join(dir, "copy");
    await cp(openWorkspace(dir).storeDir, copy, { recursive: true });
    const update = (await (await createDiskStore(copy).open(await artefactOf(2))).read("updates/0.bin")).slice(0, 24);
    const held = await blockWith(copy, update);
    const whole = await readFile(held);
    const bent = Buffer.from(whole);
    const at = bent.indexOf(Buffer.from(update));
    bent[at] = (bent[at] ?? 0) ^ 1;
    await writeFile(held, bent);
    const wrong = await exported({ round: 2, store: copy });
    assert.deepEqual([wrong.code, wrong.data.card, wrong.data.verified], [3, undefined, false]);
    await rm(held);
    const unsure = await exported({ round: 2, store: copy });
    assert.equal(unsure.code, 5, unsure.err);
    assert.match(unsure.data.card, /NOT VERIFIED/);
    assert.doesNotMatch(unsure.data.card, /model-index/);
    await rm(copy, { recursive: true });
    await assert.rejects(exported({ round: 2, store: copy }), { code: "model-unreadable" });
  });

  it("counts every version of the terms that was in force at a seal", async () => {
    const { kernel, transactor, hospitals, federation } = setting;
    const [officer] = hospitals[0]?.keys.officers ?? assert.fail();
    const terms = { ...(await kernel.datasets.read.termsOf([1])), licence: "CC-BY-SA-4.0", consentVersion: 7 };
    await transactor.send(officer, { kind: "dataset.amend", ...kernel.datasets, functionName: "proposeAmendment", args: [1, terms] });
    // As governance would, after its vote.
    const timelock = kernel.timelock.address;
    await rpc("hardhat_impersonateAccount", timelock);
    await rpc("hardhat_setBalance", timelock, "0x56bc75e2d63100000");
    const data = [
      { to: kernel.datasets.address, data: encodeFunctionData({ abi: kernel.datasets.abi, functionName: "amend", args: [1, terms] }) },
      { to: kernel.seats.address, data: encodeFunctionData({ abi: kernel.seats.abi, functionName: "renew", args: [federation, 0, 0] }) },
    ];
    for (const call of data) await rpc("eth_sendTransaction", { from: timelock, ...call });
    await rpc("evm_mine");
    await runRound(setting, second);
    const { data: exportedNow } = await exported({ round: 3 });
    assert.deepEqual(exportedNow.licence, "other");
    for (const licence of ["CC-BY-4.0", "CC-BY-NC-4.0", "CC-BY-SA-4.0"]) assert.ok(exportedNow.card.includes(`- \`${licence}\``), licence);
    assert.match(exportedNow.card, /\| 1 \| organisation \d+ \| Approved; used under consent form 1, 7 \|/);
    assert.doesNotMatch((await exported({ round: 2 })).data.card, /CC-BY-SA/);
  });

  it("a withdrawal stands at the top of every model that learnt from it, and of no other", async () => {
    const { kernel, transactor, hospitals } = setting;
    const dataset = await kernel.datasets.read.datasetCount();
    const [officer] = hospitals.at(-1)?.keys.officers ?? assert.fail();
    await transactor.send(officer, { kind: "dataset.withdraw", ...kernel.datasets, functionName: "withdraw", args: [dataset] });
    const { data } = await exported({ round: 2 });
    assert.deepEqual(data.withdrawn, [dataset]);
    assert.match(data.card, /CONSENT WITHDRAWN\*\* for dataset 7/);
    assert.match(data.card, /dataset 7 was withdrawn; its records took part in round 2/);
    assert.doesNotMatch((await exported({ round: 1 })).data.card, /WITHDRAWN/);
  });
});
