// A round that does not go straight from its bundle to finality: somebody withdraws, a report is overturned, a key is replaced, the disk is full. It is recorded once, with what then is true.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdir, mkdtemp, rm, statfs, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { after, afterEach, before, describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { privateKeyToAccount } from "viem/accounts";
import { auditLedger } from "../../../protocol/audit/audit.ts";
import { createDomain, createSeal, packSealColumns, readRoundManifest } from "../../../protocol/index.ts";
import { readFacts } from "../../../protocol/ledger/read-facts.ts";
import type { Transactor } from "../../../scripts/chain/transactor.ts";
import { signStruct } from "../../../scripts/chain/sign.ts";
import { nativeHashPairs } from "../../../scripts/store/hash-pairs.ts";
import { makeBundle, type Made } from "./aggregator.ts";
import { handOver, reach, startOracleWorld, statusOf, type OracleWorld } from "./support.ts";

describe("a round with a detour", () => {
  let there: OracleWorld;
  before(async () => {
    there = await startOracleWorld();
  });
  after(() => there?.close());
  const running: (() => Promise<void>)[] = [];
  afterEach(() => Promise.all(running.splice(0).map((stop) => stop().catch(() => undefined))));
  const start = async (changes: Parameters<OracleWorld["start"]>[0] = {}) => {
    const oracle = await there.start(changes);
    running.push(oracle.stop);
    return oracle;
  };

  const counts = async (round: number) => {
    const { kernel, federation } = there.world;
    const range = { ...kernel.rounds, args: { federation, round }, fromBlock: 0n, strict: true } as const;
    const [sealed, reported] = await Promise.all([kernel.client.getContractEvents({ ...range, eventName: "RoundSealed" }), kernel.client.getContractEvents({ ...range, eventName: "RoundReported" })]);
    return [sealed.length, reported.length];
  };
  /** Does something the first time that a transaction of a kind is about to be sent. */
  const justBefore = (kind: string, event: () => Promise<void>): Transactor => {
    const { transactor } = there.parameters;
    let happened = false;
    return {
      ...transactor,
      async send(account, call) {
        if (call.kind === kind && !happened) {
          happened = true;
          await event();
        }
        return transactor.send(account, call);
      },
    };
  };
  const handed = async (url: string): Promise<Made> => {
    const open = await there.open(url);
    const made = await makeBundle(open, await there.model(url, open.parent.round), there.sites);
    assert.equal((await handOver(url, made)).status, 202);
    return made;
  };

  it("is reported again, with the model that was handed over, when operators signed another report and it was overturned", async () => {
    const { world } = there;
    // The same operators sign a wrong model first, of the very seal that the oracle made.
    const transactor = justBefore("report", async () => {
      const columns = packSealColumns(made.entries);
      const seal = createSeal({ federation: world.federation, round: 1, parentReportHash: open.parent.reportHash, configHash: open.configHash }, 0, columns);
      await world.report({ round: 1, entries: made.entries, updates: made.updates, columns, seal }, { model: (model) => { model[3] = (model[3] ?? 0) + 1; } });
    });
    const oracle = await start({ transactor });
    const open = await there.open(oracle.url);
    const made = await makeBundle(open, await there.model(oracle.url, 0), there.sites);
    assert.equal((await handOver(oracle.url, made)).status, 202);
    const wrong = await reach(oracle.url, made.digest, "reported", "refused");
    assert.deepEqual([wrong.state, wrong.asHanded], ["reported", false]);
    await world.watcher().done;
    for (const until = Date.now() + 20_000; (await counts(1))[1] !== 2; await sleep(100)) assert.ok(Date.now() < until, JSON.stringify(await statusOf(oracle.url, made.digest)));
    const right = await reach(oracle.url, made.digest, "reported");
    // Another attempt is another report, of the very same model.
    assert.deepEqual([right.asHanded, right.problem], [false, null]);
    assert.notEqual(right.artefact, wrong.artefact);
    assert.deepEqual(await counts(1), [1, 2]);
    assert.deepEqual(await there.model(oracle.url, 1), made.model);
  });

  it("goes on without who withdrew between seal and report, sealed again from the same bundle", async () => {
    const { kernel, setting, store } = there.world;
    const hospital = setting.hospitals.find(({ seat }) => seat === 4);
    assert.ok(hospital);
    const { dataset } = await kernel.seats.read.seatOf([there.world.federation, 4]);
    const oracle = await start({ transactor: justBefore("report", async () => {
      await setting.transactor.send(hospital.keys.officers[0], { kind: "dataset.withdraw", ...kernel.datasets, functionName: "withdraw", args: [dataset] });
    }) });
    const made = await handed(oracle.url);
    const { round } = made.report;
    const status = await reach(oracle.url, made.digest, "reported", "refused");
    assert.deepEqual([status.state, status.asHanded, status.problem?.code], ["reported", false, "entry-dropped"], status.problem?.message);
    assert.match(status.problem?.message ?? "", /Seat 4/);
    assert.deepEqual(await counts(round), [2, 1]);
    const manifest = await readRoundManifest(await store.open(status.artefact ?? "0x"));
    assert.deepEqual(manifest.entries.map(({ seat }) => seat), [0, 1, 2, 3]);
  });

  it("leaves out who signed with a key that was replaced before the seal", async () => {
    const { kernel, setting, federation } = there.world;
    const { contributor } = await kernel.seats.read.seatOf([federation, 3]);
    const [site, successor] = [there.sites.find(({ seat }) => seat === 3), privateKeyToAccount(`0x${"63".repeat(32)}`)];
    assert.ok(site);
    const oracle = await start();
    const open = await there.open(oracle.url);
    const sites = there.sites.filter(({ seat }) => seat < 4);
    const made = await makeBundle(open, await there.model(oracle.url, open.parent.round), sites);
    const { contributors } = kernel;
    const proof = await signStruct(successor, createDomain(kernel.deployment.chainId, contributors.address), "KeySuccession", { contributor, key: successor.address });
    await setting.transactor.send(site.signer, { kind: "rotate", ...contributors, functionName: "rotateKey", args: [contributor, successor.address, proof] });
    await there.world.jump(10_001);
    await setting.transactor.send(setting.relayer, { kind: "rotated", ...contributors, functionName: "completeRotation", args: [contributor] });
    await handOver(oracle.url, made);
    const status = await reach(oracle.url, made.digest, "reported", "refused");
    assert.deepEqual([status.state, status.asHanded, status.problem?.code], ["reported", false, "entry-dropped"], status.problem?.message);
    assert.match(status.problem?.message ?? "", /seat 3 is signed by .* not by its key/);
    // With the new key it takes part again.
    const next = await there.open(oracle.url);
    const whole = await makeBundle(next, await there.model(oracle.url, next.parent.round), sites.map((one) => (one.seat === 3 ? { seat: 3, signer: successor } : one)));
    await handOver(oracle.url, whole);
    assert.equal((await reach(oracle.url, whole.digest, "reported", "refused")).asHanded, true);
  });

  it("waits while the disk is full, wherever it fills, and is recorded once when there is room", async (context) => {
    const dir = await mkdtemp(path.join(os.tmpdir(), "chongwen-full-"));
    if (process.platform !== "linux" || spawnSync("mount", ["-t", "tmpfs", "-o", "size=1m", "tmpfs", dir]).status !== 0) {
      await rm(dir, { recursive: true, force: true });
      return context.skip("no small file system can be mounted here");
    }
    const filler = path.join(dir, "filler");
    const fill = async (left: number): Promise<void> => {
      await rm(filler, { force: true });
      const { bavail, bsize } = await statfs(dir);
      await writeFile(filler, new Uint8Array(Math.max(0, bavail * bsize - left)));
    };
    try {
      await mkdir(path.join(dir, "oracle"));
      const oracle = await start({ dir: path.join(dir, "oracle") });
      const open = await there.open(oracle.url);
      const made = await makeBundle(open, await there.model(oracle.url, open.parent.round), there.sites.slice(0, 3));
      const answers = new Set<string>();
      for (let left = 0; left <= 20; left++) {
        await fill(left * 4_096);
        const { status, code } = await handOver(oracle.url, made);
        answers.add(`${status} ${code}`);
        if (status === 202) break;
        assert.ok(["507 disk-full", "503 disk-failing"].includes(`${status} ${code}`), `${left}: ${status} ${code}`);
      }
      await rm(filler);
      assert.equal((await handOver(oracle.url, made)).status, 202);
      const status = await reach(oracle.url, made.digest, "reported", "refused");
      assert.deepEqual([status.state, (await counts(open.round))], ["reported", [1, 1]], [...answers].join());
      assert.ok(answers.has("507 disk-full"));
      await oracle.stop();
    } finally {
      spawnSync("umount", ["-l", dir]);
      await rm(dir, { recursive: true, force: true });
    }
  });

  it("leaves a record that audits", async () => {
    const { kernel, federation, store } = there.world;
    const audit = await auditLedger({ facts: await readFacts(kernel, federation), store, hashPairs: nativeHashPairs });
    assert.deepEqual(audit.findings, []);
  });
});
