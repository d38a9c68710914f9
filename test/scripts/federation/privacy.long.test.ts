// Privacy mode A on a real chain: budgets are charged at the seal, and a seat without one is dropped.
import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { after, before, describe, it } from "node:test";
import { parseEventLogs } from "viem";
import { auditLedger } from "../../../protocol/audit/audit.ts";
import { readFacts } from "../../../protocol/ledger/read-facts.ts";
import { rhoOf, varianceFor } from "../../../protocol/privacy/privatise.ts";
import { startDevnet } from "../../../scripts/chain/devnet.ts";
import { readManifest } from "../../../scripts/chain/manifest.ts";
import { DERMATOLOGY_PATH, loadTable } from "../../../scripts/data/index.ts";
import { runRound, type RoundOutcome } from "../../../scripts/federation/run-round.ts";
import { createSetting, type Setting } from "../../../scripts/federation/setting.ts";
import { silentProgress } from "../../../scripts/output/progress.ts";
import { nativeHashPairs } from "../../../scripts/store/hash-pairs.ts";
import { createDiskStore } from "../../../scripts/store/index.ts";
import { seededBytes } from "../../protocol/support/bytes.ts";

const root = path.resolve(import.meta.dirname, "..", "..", "..");
const RHO = 1_000_000;
const CLIP = 4_000n;
/** Hospital 0 can pay for one round, the others for three. */
const budgetOf = (hospital: number): number => (hospital === 0 ? RHO : 3 * RHO);

describe("a federation with a privacy budget", () => {
  let setting: Setting;
  let dir: string;
  let close: () => Promise<void>;
  const outcomes: RoundOutcome[] = [];

  before(async () => {
    dir = await mkdtemp(path.join(os.tmpdir(), "chongwen-privacy-"));
    const devnet = await startDevnet(0);
    close = () => devnet.close();
    const manifest = await readManifest(path.join(root, "deploy", "manifests", "local.json"));
    const federation = { ...manifest.federation, forceWindow: 0 };
    setting = await createSetting({
      rpcUrl: devnet.url, manifest: { ...manifest, federation }, store: createDiskStore(dir), table: loadTable(DERMATOLOGY_PATH), seed: 1, progress: silentProgress,
      privacy: { noise: { clip: CLIP, sigmaSquared: varianceFor(BigInt(RHO), CLIP, "site"), unit: "site" }, rhoPerRound: RHO, cap: 3 * RHO, budget: budgetOf, random: seededBytes("e2e") },
    });
    let { model } = setting;
    for (let i = 0; i < 2; i++) {
      outcomes.push(await runRound(setting, model));
      model = outcomes[i]?.model ?? model;
    }
  });
  after(async () => {
    await close();
    await rm(dir, { recursive: true, force: true });
  });

  const remaining = async (seat: number): Promise<number> => (await setting.kernel.seats.read.laneOf([setting.federation, seat])).remaining;

  it("charges every seat what the round costs, at the seal", async () => {
    assert.equal(await remaining(0), 0);
    for (const seat of [1, 2, 3, 4]) assert.equal(await remaining(seat), RHO, `seat ${seat} paid for two of three rounds`);
    assert((outcomes[0]?.weights ?? []).every((weight) => weight > 0));
  });

  it("drops the seat whose budget is exhausted, with that reason, and goes on without it", async () => {
    const { kernel } = setting;
    const logs = await kernel.client.getLogs({ address: kernel.seats.address, fromBlock: 0n, toBlock: "latest" });
    const dropped = parseEventLogs({ abi: kernel.seats.abi, logs, eventName: "EntryDropped" }).map(({ args }) => args);
    const BUDGET_EXHAUSTED = 6;
    assert.deepEqual(dropped.map(({ round, seat, reason }) => ({ round, seat, reason })), [{ round: 2, seat: 0, reason: BUDGET_EXHAUSTED }]);
    assert.deepEqual(outcomes[1]?.weights.map((weight) => weight > 0), [false, true, true, true, true]);
  });

  it("publishes what was committed to, noise and all: anybody recomputes it", async () => {
    const facts = await readFacts(setting.kernel, setting.federation);
    const { ok, findings } = await auditLedger({ facts, store: setting.store, hashPairs: nativeHashPairs });
    assert(ok, JSON.stringify(findings));
    assert(rhoOf(setting.privacy?.noise ?? assert.fail()) <= BigInt(RHO));
  });

  it("attack_siteWithoutNoiseTakesPart", async () => {
    const quiet = { ...setting, privacy: { ...(setting.privacy ?? assert.fail()), noise: { clip: CLIP, sigmaSquared: { numerator: 1n, denominator: 1n }, unit: "site" as const } } };
    await assert.rejects(runRound(quiet, outcomes[1]?.model ?? setting.model), { code: "noise-uncovered" });
  });
});
