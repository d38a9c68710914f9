// docs/runbooks/incidents.md, carried out on a real chain with the real commands and calls. Each step is named as there.
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import type { HDAccount } from "viem/accounts";
import { createDomain } from "../../../protocol/index.ts";
import { governedCall } from "../../../protocol/governance/actions.ts";
import type { ProposalCall } from "../../../protocol/governance/decode.ts";
import { readOpenRound } from "../../../scripts/ledger/open-round.ts";
import { devAccount } from "../../../scripts/chain/dev-accounts.ts";
import { signStruct } from "../../../scripts/chain/sign.ts";
import type { Call } from "../../../scripts/chain/transactor.ts";
import { audit } from "../../../scripts/commands/audit.ts";
import { freeze, hold, lift, showCouncil } from "../../../scripts/commands/council.ts";
import { erase } from "../../../scripts/commands/erase.ts";
import { showRounds } from "../../../scripts/commands/round.ts";
import { openWorkspace } from "../../../scripts/federation/workspace.ts";
import { execute, propose, queue } from "../../../scripts/governance/proposal.ts";
import { collectQuorum } from "../../../scripts/operator/quorum.ts";
import type { Operator } from "../../../scripts/operator/quorum.ts";
import { makeBundle } from "../oracle/aggregator.ts";
import { handOver, reach, startOracleWorld, statusOf, type OracleWorld } from "../oracle/support.ts";
import type { Contributed, World } from "../watch/world.ts";

const COUNCIL = "dev:5";
const MEMBERS = [6, 7, 8];
const ROTATION_DELAY = 10_000;
const WINDOW = 2_000;

describe("drills of the runbook of incidents", () => {
  let there: OracleWorld;
  let world: World;
  let dir: string;
  let reasonFile: string;

  before(async () => {
    there = await startOracleWorld();
    world = there.world;
    dir = path.join(world.dir, "workspace-of-drills");
    await mkdir(dir);
    const workspace = openWorkspace(dir);
    await workspace.saveDeployment(world.kernel.deployment);
    reasonFile = path.join(world.dir, "reason.txt");
    await writeFile(reasonFile, "A drill.");
  });
  after(() => there.close());

  const options = () => ({ dir, federation: world.federation, json: true, account: COUNCIL });
  /** Runs a command; what it said, and its exit code. */
  async function command(run: (streams: { out: { write(text: string): unknown }; err: { write(text: string): unknown } }) => Promise<number>) {
    const said: string[] = [];
    const write = (text: string) => said.push(text);
    const code = await run({ out: { write }, err: { write } });
    return { code, said: said.join("") };
  }
  const send = async (account: HDAccount, call: Omit<Call<never, never>, "kind"> | object) => world.setting.transactor.send(account, { kind: "drill", ...(call as object) } as never);
  const hospital = (i: number) => {
    const found = world.setting.hospitals[i];
    assert.ok(found);
    return found;
  };
  const eligible = async (seat: number, round: number) => (await world.kernel.seats.read.eligibility([world.federation, round, seat, 0])) === 0;

  /** What all sites sign that may take part now. */
  async function contributed(): Promise<Contributed> {
    const { entries, updates } = await world.contribute();
    const open = await readOpenRound(world.kernel, world.federation);
    assert.ok(open);
    const may = await Promise.all(entries.map(async ({ seat }) => eligible(seat, open.context.round)));
    const kept = entries.filter((_, i) => may[i]);
    return { entries: kept, updates: new Map([...updates].filter(([seat]) => kept.some((entry) => entry.seat === seat))) };
  }

  /** The whole way of a vote, with the chain's clock moved. */
  async function enact(...calls: readonly ProposalCall[]): Promise<void> {
    const { kernel, setting: { transactor } } = world;
    const proposal = await propose(kernel, transactor, devAccount(6), calls, "A drill.");
    await world.jump(3);
    for (const member of MEMBERS) await send(devAccount(member), { ...kernel.governor, functionName: "castVoteWithReason", args: [proposal.id, 1, ""] });
    await world.jump(20);
    await queue(kernel, transactor, devAccount(6), proposal);
    await world.jump(5);
    await execute(kernel, transactor, devAccount(6), proposal);
  }
  const governed = ((...args: Parameters<typeof governedCall>) => governedCall(...args)) as typeof governedCall;

  it("a patient is recognised", { timeout: 300_000 }, async () => {
    const { kernel, federation } = world;
    const oracle = await there.start();
    const open = await there.open(oracle.url);
    const made = await makeBundle(open, await there.model(oracle.url, 0), there.sites, {});
    await handOver(oracle.url, made);
    assert.equal((await reach(oracle.url, made.digest, "reported", "refused")).state, "reported");
    const { seat, keys, registration: { dataset } } = hospital(3);
    assert.ok(seat !== null);

    // R1: frozen at once, and everybody can read it.
    assert.equal((await command((s) => freeze({ ...options(), reasonFile }, s))).code, 0);
    assert.match((await command((s) => showCouncil(options(), s))).said, /"frozenUntil": ?\d/);
    assert.match((await command((s) => showRounds(undefined, { ...options(), json: false }, s))).said, /FROZEN/);
    const next = await makeBundle(made.next, made.model, there.sites, { seed: 3 });
    await handOver(oracle.url, next);
    await waitFor(async () => (await statusOf(oracle.url, next.digest)).problem?.code === "federation-frozen");
    // R2: the dataset is held, wherever it is used.
    assert.equal((await command((s) => hold({ ...options(), dataset }, s))).code, 0);
    assert.equal(await eligible(seat, 2), false);
    // R3: consent is withdrawn for ever, in the freeze as ever.
    await send(keys.officers[0], { ...kernel.datasets, functionName: "withdraw", args: [dataset] });
    assert.equal((await kernel.datasets.read.datasetOf([dataset])).status, 4);
    // R4, R5: what was published from it is destroyed, and an audit says so.
    await oracle.stop();
    const store = world.storeDir;
    const erased = await command((s) => erase(undefined, { ...options(), store, round: 1, seat, basis: "consent withdrawn", statedBy: "Operator A", evenIfShared: true, dryRun: false, account: "dev:1" }, s));
    assert.equal(erased.code, 0);
    const audited = await command((s) => audit({ ...options(), store, offline: false, round: 1 }, s));
    assert.match(audited.said, /erased/);
    assert.notEqual(audited.code, 3, audited.said);
    // R6: the ledger says of the dataset what it was used for, and that it is retired. R7 is a letter.
    const grants = await kernel.client.getContractEvents({ ...kernel.seats, eventName: "SeatGranted", args: { federation }, fromBlock: 0n, strict: true });
    assert.ok(grants.some(({ args }) => args.dataset === dataset && args.seat === seat));
    // R8: lifted; the federation goes on without the dataset, and the waiting bundle with it.
    assert.equal((await command((s) => lift(options(), s))).code, 0);
    const again = await there.start();
    const went = await reach(again.url, next.digest, "reported", "refused");
    assert.equal(went.state, "reported", JSON.stringify(went.problem));
    assert.equal((await world.state(2)).accepted, there.sites.length - 1);
    await again.stop();
  });

  it("a site's signing key is stolen", { timeout: 300_000 }, async () => {
    const { kernel, federation } = world;
    const { seat, keys, registration: { contributor } } = hospital(0);
    assert.ok(seat !== null);
    const payee = await kernel.contributors.read.payeeOf([contributor]);
    const thief = devAccount(90);
    // The thief uses the key, and wants the pay: K1, two events show it.
    await world.rpc("hardhat_setBalance", keys.signer.address, "0x56bc75e2d63100000");
    await send(keys.signer, { ...kernel.contributors, functionName: "changePayee", args: [contributor, thief.address] });
    const set = await world.seal(await contributed());
    assert.equal((await kernel.contributors.read.pendingPayeeOf([contributor])).payee, thief.address);

    // K2: suspended at once; the change of payee is gone.
    await send(keys.officers[0], { ...kernel.contributors, functionName: "suspend", args: [contributor] });
    assert.notEqual((await kernel.contributors.read.pendingPayeeOf([contributor])).payee, thief.address);
    // K3: what was sealed with it is not reported, and sealed again without it.
    await assert.rejects(world.report(set), /RoundsConsentChanged/);
    await send(world.setting.relayer as HDAccount, { ...kernel.rounds, functionName: "reopen", args: [federation] });
    const rest = await contributed();
    assert.ok(rest.entries.every((entry) => entry.seat !== seat));
    await world.report(await world.seal(rest));
    // K4, K5: two officers, a new key, the delay.
    const key = devAccount(91);
    const domain = createDomain(kernel.deployment.chainId, kernel.contributors.address);
    const proof = await signStruct(key, domain, "KeySuccession", { contributor, key: key.address });
    for (const officer of keys.officers) await send(officer, { ...kernel.contributors, functionName: "recoverKey", args: [contributor, key.address, proof] });
    await assert.rejects(send(thief, { ...kernel.contributors, functionName: "completeRotation", args: [contributor] }));
    await world.jump(ROTATION_DELAY + 1);
    await send(devAccount(9), { ...kernel.contributors, functionName: "completeRotation", args: [contributor] });
    assert.equal((await kernel.contributors.read.contributorOf([contributor])).key, key.address);
    // K6: back by a vote. Its pay was never in reach.
    await enact(governed(kernel.deployment, "contributors", "reinstate", [contributor]));
    const { context } = (await readOpenRound(kernel, federation)) ?? {};
    assert.equal(await eligible(seat, context?.round ?? 0), true);
    assert.equal(await kernel.contributors.read.payeeOf([contributor]), payee);
    // For the drills that follow, the site signs with its new key.
    (keys as { signer: HDAccount }).signer = key;
  });

  it("a model is poisoned", { timeout: 300_000 }, async () => {
    const { kernel, federation, setting } = world;
    await world.finaliseAll();
    const clean = Number((await kernel.rounds.read.headOf([federation])).tip);
    const bad = await world.report(await world.seal(await contributed()), { model: (model) => void (model[0] = 1_000_000) });
    // P1: the council's second freeze of this federation has to wait for the rest after the first.
    await assert.rejects(command((s) => freeze({ ...options(), reasonFile }, s)), /FreezesResting/);
    await world.jump(125 * 6_000);
    // By then the report's own window is over, and nobody made it final: the freeze gives it a whole one.
    assert.equal((await command((s) => freeze({ ...options(), reasonFile }, s))).code, 0);
    await assert.rejects(send(devAccount(9), { ...kernel.rounds, functionName: "finalise", args: [federation, bad.round] }), /RoundsWindowOpen/);
    // P2: it is disproven in the freeze, and reported again after it.
    const watcher = world.watcher();
    await watcher.done;
    const after_ = await world.state(bad.round);
    assert.deepEqual([after_.name, after_.attempt], ["Sealed", 1], watcher.log.warnings.join("; "));
    // P3: whoever sent the bad update is stopped by its officer, in the freeze.
    const { registration: { contributor }, keys } = hospital(1);
    await send(keys.officers[0], { ...kernel.contributors, functionName: "suspend", args: [contributor] });
    // P4: nothing of this federation waits for approval; the command shows what waits.
    assert.equal((await command((s) => showRounds(bad.round, options(), s))).code, 0);
    // P5: another line begins with the last clean model.
    const reports = await kernel.client.getContractEvents({ ...kernel.rounds, eventName: "RoundReported", args: { federation, round: clean }, fromBlock: 0n, strict: true });
    const report = reports.at(-1)?.args.report;
    assert.ok(report);
    await enact(governed(kernel.deployment, "rounds", "createFederation", [setting.config, report.modelRoot, report.artefact]));
    const created = await kernel.client.getContractEvents({ ...kernel.rounds, eventName: "FederationCreated", fromBlock: 0n, strict: true });
    assert.equal(created.at(-1)?.args.modelRoot, report.modelRoot);
    assert.equal(await kernel.rounds.read.frozenUntil([created.at(-1)?.args.federation ?? 0]), 0);
    // P6: the freeze ends; the suspension sends the round back, and it goes on without that site.
    assert.equal((await command((s) => lift(options(), s))).code, 0);
    await send(devAccount(9), { ...kernel.rounds, functionName: "reopen", args: [federation] });
    const redone = await world.seal(await contributed());
    await world.report(redone);
    await world.jump(WINDOW + 1);
    await send(devAccount(9), { ...kernel.rounds, functionName: "finalise", args: [federation, bad.round] });
    assert.equal((await world.state(bad.round)).name, "Final");
  });

  it("a quorum is lost", { timeout: 300_000 }, async () => {
    const { kernel, federation, setting } = world;
    const set = await world.seal(await contributed());
    const left = setting.operators.slice(2);
    const mutable = setting as { operators: readonly Operator[] };
    mutable.operators = left;
    // L1: two of four, and three must sign.
    await assert.rejects(world.report(set));
    // L2: a sealed round becomes void in time, and costs nobody a stake.
    const stake = async () => Promise.all([1, 2, 3, 4].map(async (i) => (await kernel.operators.read.operatorOf([devAccount(i).address])).stake));
    const before_ = await stake();
    await world.giveUp(set.round);
    assert.equal((await world.state(set.round)).name, "Void");
    assert.deepEqual(await stake(), before_);
    // L3: only a round that was overturned is reported by one party; this one is void.
    await assert.rejects(send(devAccount(9), { ...kernel.loneReports, functionName: "report", args: [federation, { modelRoot: set.seal.seatsHash, metricsHash: set.seal.seatsHash, excluded: 0n, artefact: set.seal.seatsHash }] }), /RoundsWrongState/);
    // L4: two replacements, of organisations that exist.
    const fresh = [devAccount(7), devAccount(8)];
    const organisations = [hospital(0), hospital(1)].map(({ registration }) => registration.organisation);
    await enact(...fresh.map((key, i) => governed(kernel.deployment, "operators", "admit", [key.address, organisations[i] ?? 0])));
    // L5: they bond.
    const { threshold, roundUnits, settlementUnits } = setting.manifest.operators;
    const bond = setting.manifest.kernel.bondPerUnit * BigInt(roundUnits + settlementUnits);
    for (const key of fresh) {
      await send(key, { ...kernel.token, functionName: "approve", args: [kernel.operators.address, bond] });
      await send(key, { ...kernel.operators, functionName: "bond", args: [bond] });
    }
    // L6: an epoch of those who are left and the new ones. Who was slashed in the drill before has bonded again by then.
    for (const i of [3, 4]) {
      const account = devAccount(i);
      await send(account, { ...kernel.token, functionName: "approve", args: [kernel.operators.address, bond / 10n] });
      await send(account, { ...kernel.operators, functionName: "bond", args: [bond / 10n] });
    }
    const set4 = [devAccount(3), devAccount(4), ...fresh].toSorted((a, b) => (BigInt(a.address) < BigInt(b.address) ? -1 : 1));
    await enact(governed(kernel.deployment, "operators", "formEpoch", [set4.map(({ address }) => address), threshold, roundUnits, settlementUnits]));
    // L7: the new signers seal and report the open round; those who left sign nothing any more.
    mutable.operators = [devAccount(1), devAccount(2)].map((account) => ({ account }));
    await assert.rejects(collectQuorum(kernel, setting.operators, { domain: createDomain(kernel.deployment.chainId, kernel.rounds.address), name: "Seal", value: set.seal }, async () => undefined));
    mutable.operators = set4.map((account) => ({ account }));
    const goesOn = await world.seal(await contributed());
    assert.notEqual(goesOn.round, set.round);
    await world.report(goesOn);
    assert.equal((await world.state(goesOn.round)).name, "Reported");
  });
});

async function waitFor(holds: () => Promise<boolean>): Promise<void> {
  for (const end = Date.now() + 20_000; !(await holds()); await new Promise((resolve) => setTimeout(resolve, 50))) {
    if (Date.now() > end) throw new Error("It did not come.");
  }
}
