// What is kept, read from a real ledger: rounds under way, final, overturned and void, settlements, cards; and the commands on it.
import assert from "node:assert/strict";
import { cp, readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { after, before, describe, it } from "node:test";
import { erase } from "../../../scripts/commands/erase.ts";
import { collectGarbage, listStore, pinArtefact, unpinArtefact, verifyStore } from "../../../scripts/commands/store.ts";
import { openWorkspace } from "../../../scripts/federation/workspace.ts";
import { createDiskStore, readErasures, withErasures, type Digest } from "../../../scripts/store/index.ts";
import { blockKey } from "../../../scripts/store/retention/mark.ts";
import { digestToCid } from "../../../scripts/store/cid.ts";
import { readNamed } from "../../../scripts/store/retention/read-named.ts";
import { endOf, retained } from "../../../scripts/store/retention/retained.ts";
import { DEFAULT_RETENTION, type RetentionPolicy } from "../../../scripts/store/retention/policy.ts";
import { openArtefacts, upkeep } from "../../../scripts/oracle/service/upkeep.ts";
import { startOracleWorld, handOver, reach, type OracleWorld } from "../oracle/support.ts";
import { makeBundle } from "../oracle/aggregator.ts";
import { age } from "../store/gc-world.ts";

const DAY = 86_400;

describe("what is kept of a ledger", () => {
  let there: OracleWorld;
  let dir: string;
  const bundles: Digest[] = [];
  before(async () => {
    there = await startOracleWorld();
    ({ dir } = there.world);
    const { kernel } = there.world;
    await writeFile(path.join(dir, "deployment.json"), JSON.stringify(kernel.deployment, (_, value: unknown) => (typeof value === "bigint" ? value.toString() : value)));
    const oracle = await there.start();
    for (let round = 1; round <= 3; round++) {
      const open = await there.open(oracle.url);
      const made = await makeBundle(open, await there.model(oracle.url, open.parent.round), there.sites);
      await handOver(oracle.url, made);
      bundles.push((await reach(oracle.url, made.digest, "reported")).artefact as Digest);
    }
    await oracle.stop();
  });
  after(() => there.close());

  const keptAt = async (now: number, policy: Partial<RetentionPolicy> = {}) =>
    retained({ named: await readNamed(there.world.kernel), pins: [], pending: [], erased: new Set() }, { ...DEFAULT_RETENTION, ...policy }, now);
  const rpc = () => ({ dir, rpc: there.world.url, json: true });
  const output = () => {
    const texts: string[] = [];
    return { texts, streams: { out: { write: (text: string) => texts.push(text) }, err: { write: () => undefined } } };
  };
  const said = async <Data>(run: (streams: ReturnType<typeof output>["streams"]) => Promise<number>): Promise<{ code: number; data: Data }> => {
    const { texts, streams } = output();
    const code = await run(streams);
    return { code, data: (JSON.parse(texts.join("")) as { data: Data }).data };
  };

  it("is all that is reported and not final, its parents, the genesis and the cards", async () => {
    const kept = await keptAt(4e9);
    const { federations: [federation], cards } = await readNamed(there.world.kernel);
    assert.ok(federation);
    assert.deepEqual(federation.reports.map(({ artefact }) => artefact), bundles);
    assert.deepEqual([...kept.keys()].sort(), [...new Set([federation.genesis, ...bundles, ...cards.map(({ card }) => card)])].sort());
    for (const reasons of kept.values()) assert.equal(endOf(reasons), null);
    const [first] = bundles;
    assert.ok(first);
    assert.deepEqual(kept.get(first)?.map(({ kind }) => kind), ["round", "parent"]);
  });

  it("is, once final and settled, kept for its days; the tip and the table that pays as long as there is nothing newer", async () => {
    await there.world.jump(2_001);
    const oracle = await there.start({ dir: path.join(dir, "settling") });
    const { kernel, federation } = there.world;
    for (let i = 0; i < 200 && (await kernel.settlement.read.accountOf([federation])).state === 0; i++) await sleep(100);
    await there.world.jump(2_001);
    for (let i = 0; i < 200 && (await kernel.settlement.read.accountOf([federation])).settledThrough === 0; i++) await sleep(100);
    await oracle.stop();
    const account = await kernel.settlement.read.accountOf([federation]);
    assert.ok(account.settledThrough > 0, "settled");
    const named = await readNamed(kernel);
    const [found] = named.federations;
    assert.ok(found);
    const [first = "0x", second = "0x", last = "0x"] = bundles;
    const settledFirst = account.settledThrough;
    const kept = await keptAt(0);
    const end = endOf(kept.get(first) ?? []);
    const finalAt = found.rounds[0]?.finalAt ?? 0;
    assert.ok(settledFirst >= 1 && finalAt > 0);
    assert.equal(end, finalAt + DEFAULT_RETENTION.experimentalDays * DAY);
    assert.equal(endOf(kept.get(last) ?? []), null, "the tip");
    const much = await keptAt(4e9);
    assert.deepEqual([much.has(first), much.has(last)], [false, true]);
    const paid = found.settlements.findLast(({ state }) => state === "Final");
    assert.ok(paid && much.has(paid.artefact));
    const promoted = await keptAt(4e9, { stable: [{ federation, round: 2, promotedAt: "2096-01-01" }] });
    assert.deepEqual([promoted.has(first), promoted.has(second)], [true, true], "evidence of a model in use");
  });

  it("is what a service leaves in its store when it sweeps by itself, in a folder that the commands understand", async () => {
    const own = path.join(dir, "service");
    const folder = path.join(own, "store");
    const { kernel } = there.world;
    await cp(path.join(dir, "store"), folder, { recursive: true });
    const config = { dir: own, store: { dir: folder }, retention: { ...DEFAULT_RETENTION, quarantineDays: 0 } };
    const store = await openArtefacts(config, kernel.deployment);
    const orphan = await store.putFile(Buffer.from("what nothing names"));
    await age(folder, 30);
    const stop = new AbortController();
    const lines: string[] = [];
    const note = (line: string): void => {
      lines.push(line);
      stop.abort();
    };
    await upkeep({ kernel, config, said: (what, message) => note(`${message} ${what["purged"]}`), warn: note, now: () => Date.now() / 1000, signal: stop.signal, first: 0 });
    assert.match(lines.join(), /^store swept [2-9]\d*$/);
    assert.deepEqual([await store.has(orphan), ...(await Promise.all(bundles.map((digest) => store.has(digest))))], [false, true, true, true]);
    const listed = await said<{ kept: { here: boolean }[] }>((streams) => listStore({ dir: own, rpc: there.world.url, json: true }, streams));
    assert.ok(listed.data.kept.length > 3 && listed.data.kept.every(({ here }) => here));
    await upkeep({ kernel, config: { ...config, retention: { ...DEFAULT_RETENTION, sweepHours: 0 } }, said: () => assert.fail("swept"), warn: assert.fail, now: () => 0, signal: new AbortController().signal, first: 0 });
  });

  it("is what the commands say, sweep, verify and erase", async () => {
    const storeDir = path.join(dir, "store");
    const disk = createDiskStore(storeDir);
    const orphan = await disk.putFile(Buffer.from("what nothing names"));
    const thesis = await disk.putFile(Buffer.from("what a thesis cites"));
    await pinArtefact(thesis, { dir, json: true, why: "cited in a thesis" }, openWorkspace(dir), output().streams);
    await age(storeDir, 30);

    const listed = await said<{ kept: { digest: Digest; here: boolean; reasons: { why: string }[] }[]; usage: Record<string, { blocks: number }> }>((streams) => listStore(rpc(), streams));
    assert.ok(listed.data.kept.every(({ here }) => here));
    assert.deepEqual(listed.data.kept.find(({ digest }) => digest === thesis)?.reasons.map(({ why }) => why), ["cited in a thesis"]);
    assert.ok((listed.data.usage["unnamed"]?.blocks ?? 0) >= 2);

    const collecting = { dryRun: false, now: true, acceptForgotten: false, despiteDamage: false };
    await collectGarbage({ ...rpc(), ...collecting }, output().streams);
    assert.deepEqual([await disk.has(orphan), await disk.has(thesis)], [false, true]);
    for (const digest of bundles) assert.equal((await disk.verifyAll(digest)).ok, true);
    assert.equal((await said((streams) => verifyStore(rpc(), streams))).code, 0);

    // A flipped bit is found, and fetched again from a copy.
    const copy = path.join(dir, "copy");
    await cp(storeDir, copy, { recursive: true });
    const [, second = "0x", last = "0x"] = bundles;
    const key = blockKey(digestToCid(last));
    await writeFile(path.join(storeDir, key.slice(-2), `${key}.data`), "damaged");
    assert.equal((await said((streams) => verifyStore(rpc(), streams))).code, 3);
    await rm(path.join(storeDir, key.slice(-2), `${key}.data`));
    assert.equal((await said((streams) => verifyStore(rpc(), streams))).code, 5);
    const repaired = await said<{ counts: { repaired: number } }>((streams) => verifyStore({ ...rpc(), from: copy }, streams));
    assert.deepEqual([repaired.code, repaired.data.counts.repaired], [0, 1]);

    // An erasure prevails over everything that would keep it: over a pin, over a repair, over whoever still has the files.
    await pinArtefact(second, { dir, json: true, why: "wanted for ever" }, openWorkspace(dir), output().streams);
    const reader = await disk.open(second);
    const files = new Map<string, Uint8Array>();
    for (const file of await reader.list()) files.set(file, await reader.read(file));
    await erase(second, { ...rpc(), federation: there.world.federation, account: "dev:0", basis: "consent withdrawn", statedBy: "a test", evenIfShared: false, dryRun: false }, output().streams);
    const store = withErasures(disk, readErasures(path.join(dir, "erased")));
    await assert.rejects(store.putDirectory(files), { code: "artefact-stays-erased", retryable: false });
    const after = await said<{ kept: { digest: Digest }[]; erased: { artefact: Digest; basis: string }[] }>((streams) => listStore(rpc(), streams));
    assert.equal(after.data.kept.some(({ digest }) => digest === second), false);
    assert.deepEqual(after.data.erased.map(({ artefact, basis }) => [artefact, basis]), [[second, "consent withdrawn"]]);
    await verifyStore({ ...rpc(), from: copy }, output().streams);
    assert.equal(await disk.has(second), false);
    await assert.rejects(store.open(second), { code: "artefact-erased" });
    // What it left behind goes with the next sweep; other rounds stay whole.
    await age(storeDir, 30);
    await collectGarbage({ ...rpc(), ...collecting }, output().streams);
    assert.equal((await disk.verifyAll(last)).ok, true);
    await unpinArtefact(thesis, { dir, json: true }, openWorkspace(dir), output().streams);
    await collectGarbage({ ...rpc(), ...collecting }, output().streams);
    assert.equal(await disk.has(thesis), false);
    const log = await readFile(path.join(dir, "retention", "log.jsonl"), "utf8");
    assert.ok(log.split("\n").length > 4);
  });
});
