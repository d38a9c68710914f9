// A watcher of settlements by quality on the real kernel: an honest one, then one whose quorum moves a score.
import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { after, before, describe, it } from "node:test";
import { toHex } from "../../../protocol/bytes.ts";
import { accumulate, buildRewardsTree, buildSettlementBundle, columnHash, COLUMN_WIDTHS, computeEntitlements, createDomain, memberTotal, packScores, packUints, type Scores } from "../../../protocol/index.ts";
import { settledRounds } from "../../../protocol/ledger/expectations.ts";
import { readFacts } from "../../../protocol/ledger/read-facts.ts";
import { readPayees } from "../../../protocol/ledger/read-settlements.ts";
import { waitUntil } from "../../../scripts/chain/clock.ts";
import { startDevnet } from "../../../scripts/chain/devnet.ts";
import { readManifest } from "../../../scripts/chain/manifest.ts";
import { DERMATOLOGY_PATH, loadTable } from "../../../scripts/data/index.ts";
import { runRound, type RoundOutcome } from "../../../scripts/federation/run-round.ts";
import { createSetting, type Setting } from "../../../scripts/federation/setting.ts";
import { finaliseRound } from "../../../scripts/operator/finalise.ts";
import { collectQuorum } from "../../../scripts/operator/quorum.ts";
import { finaliseSettlement, proposeSettlement } from "../../../scripts/operator/settle.ts";
import { collectQuality } from "../../../scripts/operator/settle-quality.ts";
import { silentProgress } from "../../../scripts/output/progress.ts";
import { createDiskStore } from "../../../scripts/store/index.ts";
import { nativeHashPairs } from "../../../scripts/store/hash-pairs.ts";
import { limitsFor } from "../../../scripts/watch/fetch.ts";
import { memoryJournal } from "../../../scripts/watch/journal.ts";
import type { CheckLine } from "../../../scripts/watch/observer.ts";
import { watch } from "../../../scripts/watch/watch.ts";

const root = path.resolve(import.meta.dirname, "..", "..", "..");

describe("a watcher on a ledger that pays by quality", { timeout: 200_000 }, () => {
  let setting: Setting;
  let dir: string;
  let close: () => Promise<void>;
  let model: Int32Array;
  let members: Uint8Array = new Uint8Array();

  before(async () => {
    dir = await mkdtemp(path.join(os.tmpdir(), "chongwen-watch-quality-"));
    const devnet = await startDevnet(0);
    close = () => devnet.close();
    const manifest = await readManifest(path.join(root, "deploy", "manifests", "local.json"));
    const federation = { ...manifest.federation, forceWindow: 0, settleEvery: 1 };
    setting = await createSetting({ rpcUrl: devnet.url, manifest: { ...manifest, federation }, store: createDiskStore(dir), table: loadTable(DERMATOLOGY_PATH), seed: 1, progress: silentProgress, windows: 2 });
    ({ model } = setting);
  });
  after(async () => {
    await close();
    await rm(dir, { recursive: true, force: true });
  });

  async function finalRound(): Promise<RoundOutcome> {
    const outcome = await runRound(setting, model);
    ({ model } = outcome);
    await finaliseRound(setting, setting.federation, outcome.round);
    return outcome;
  }

  async function look(storeDir = dir): Promise<CheckLine[]> {
    const checks: CheckLine[] = [];
    const nothing = (): void => undefined;
    await watch({
      kernel: setting.kernel, federation: setting.federation, once: true, signal: new AbortController().signal, hashPairs: nativeHashPairs, journal: memoryJournal(),
      storeOf: (fileBytes) => createDiskStore(storeDir, { limits: limitsFor(fileBytes) }), observer: { checked: (line) => void checks.push(line), acted: nothing, warned: nothing, ended: nothing },
      sender: null, demands: null, patience: null, answers: "no",
    });
    return checks;
  }

  /** Proposes what a quorum signs without a look: the scores that are due with a change, and everything that follows from them. @returns What is due. */
  async function proposeOtherwise(round: RoundOutcome, change: (due: Scores) => Scores): Promise<Scores> {
    const { kernel, federation, store, quality, operators, transactor, relayer } = setting;
    const { settlement, deployment } = kernel;
    const facts = await readFacts(kernel, federation);
    const account = await settlement.read.accountOf([federation]);
    const [pool] = await settlement.read.poolThrough([federation, round.round]);
    const { deadline, hash } = await kernel.rounds.read.roundOf([federation, round.round]);
    await waitUntil(kernel.client, deadline + 1);
    const [payees, before] = [await readPayees(kernel, federation, hash), facts.settlements.at(-1) ?? assert.fail()];
    const previous = { index: before.index, artefact: before.artefact };
    const question = { federation, index: account.nextIndex, firstRound: round.round, lastRound: round.round, lastReportHash: hash };
    const collected = await collectQuality(kernel, quality ?? assert.fail(), { facts, store, question, previous, scored: [round] });
    const domain = { chainId: deployment.chainId, vault: facts.vault, federation };
    const bundle = await buildSettlementBundle({
      domain, settlement: settlement.address, index: account.nextIndex, attempt: account.attempt, rounds: settledRounds(facts, round.round, round.round), previous, scoringId: 2, pool,
      scored: [round], payees, previousMembers: members, quality: collected.quality, holdout: collected.holdout,
    });
    const scores = change(bundle.computed.scores);
    const { amounts, distributed } = computeEntitlements(pool, scores, payees);
    const table = accumulate(members, amounts, payees);
    const columns = [packScores(scores), packUints(amounts, COLUMN_WIDTHS.entitlements)] as const;
    const value = {
      ...bundle.statement, artefact: await store.putDirectory(bundle.files), scoresHash: columnHash(columns[0]), entitlementsHash: columnHash(columns[1]),
      rewardsRoot: (await buildRewardsTree(domain, table)).root, distributed, total: memberTotal(table),
    };
    const quorum = await collectQuorum(kernel, operators, { domain: createDomain(deployment.chainId, settlement.address), name: "SettlementStatement", value }, async () => undefined);
    await transactor.send(relayer, { kind: "propose", ...settlement, functionName: "propose", args: [value, toHex(columns[0]), toHex(columns[1]), quorum] });
    return bundle.computed.scores;
  }

  it("verifies an honest settlement; without its files it says which scores it could not recompute, and why", async () => {
    const round = await finalRound();
    const { federation, config, store, quality } = setting;
    members = await proposeSettlement(setting, { federation, lastRound: round.round, scoringId: config.scoringId, store, scored: [round], previousMembers: members, quality });
    const [line] = await look();
    assert.deepEqual([line?.subject, line?.result, line?.problems], ["settlement 1", "verified", []]);
    const [blind] = await look(path.join(dir, "empty"));
    assert.deepEqual([blind?.result, blind?.reason], ["missing", "not available: scores"]);
    assert.match(blind?.problems.find(({ file }) => file === "scores")?.why ?? "", /\S/);
    await finaliseSettlement(setting, federation);
  });

  it("names whose score a quorum moved, what was due and what it says; reputation and holdouts carry over", async () => {
    const due = await proposeOtherwise(await finalRound(), ({ seats, nobody }) => ({ seats: seats.map((score, seat) => (seat === 1 ? score + 1n : score)), nobody: nobody - 1n }));
    const [line] = await look();
    assert.deepEqual([line?.result, line?.where], ["unprovable", "scores: seat 1"]);
    assert.equal(line?.reason, `seat 1 scored ${due.seats[1]} in the rounds covered; the settlement says ${(due.seats[1] ?? 0n) + 1n}; no verifier judges this: ask for arbitration`);
  });
});
