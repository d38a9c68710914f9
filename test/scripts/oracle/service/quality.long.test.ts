// A service that settles by quality, as people run it: terms, points and holdouts by its configuration, and killed between proposing and paying.
import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import path from "node:path";
import { after, before, describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { auditLedger } from "../../../../protocol/audit/audit.ts";
import { memberAt, SETTLEMENT_FILES, unpackScores } from "../../../../protocol/index.ts";
import { readFacts } from "../../../../protocol/ledger/read-facts.ts";
import { nativeHashPairs } from "../../../../scripts/store/hash-pairs.ts";
import { makeBundle } from "../aggregator.ts";
import { handFiles, learned } from "../quality-files.ts";
import { handOver, reach, startOracleWorld, TOKEN, type OracleWorld } from "../support.ts";
import { spawnService, writeConfig, writeDeployment, type ServiceProcess } from "./process.ts";

describe("a service whose federation is paid by quality", () => {
  let there: OracleWorld;
  let config: string;
  const running: ServiceProcess[] = [];
  before(async () => {
    there = await startOracleWorld({}, { windows: 1 });
    const { dir, storeDir, kernel } = there.world;
    const tokenFile = path.join(dir, "token");
    await writeFile(tokenFile, `${TOKEN}\n`, { mode: 0o600 });
    const folders = await handFiles(there.world, path.join(dir, "handed"));
    config = await writeConfig(path.join(dir, "paid"), await writeDeployment(path.join(dir, "deployment.json"), kernel.deployment), { tokenFile, store: { dir: storeDir }, quality: [folders] });
  });
  after(async () => {
    for (const { child } of running) child.kill("SIGKILL");
    await there.close();
  });

  async function start(): Promise<{ readonly service: ServiceProcess; readonly url: string }> {
    const service = spawnService(config, [], { launched: false });
    running.push(service);
    return { service, url: String((await service.says("serving"))["url"]) };
  }
  const account = async () => there.world.kernel.settlement.read.accountOf([there.world.federation]);
  async function until(holds: (account: Awaited<ReturnType<typeof there.world.kernel.settlement.read.accountOf>>) => boolean, service: ServiceProcess): Promise<void> {
    for (const end = Date.now() + 60_000; !holds(await account()); await sleep(100)) assert.ok(Date.now() < end, service.output());
  }

  it("proposes what its files and the ledger give, opens the holdout, and once it is back from a kill makes it final; whoever audits finds nothing", async () => {
    const { world } = there;
    const first = await start();
    const open = await there.open(first.url);
    const base = await there.model(first.url, open.parent.round);
    const made = await makeBundle(open, base, there.sites, { change: learned(world, base, open.round) });
    assert.equal((await handOver(first.url, made)).status, 202);
    assert.equal((await reach(first.url, made.digest, "reported", "refused")).asHanded, true);
    await world.jump(2_100);
    await until(({ proposedThrough }) => proposedThrough >= 1, first.service);
    first.service.child.kill("SIGKILL");
    await first.service.exited;
    await world.jump(2_100);
    const second = await start();
    await until(({ settledThrough }) => settledThrough >= 1, second.service);
    second.service.child.kill("SIGTERM");
    assert.equal(await second.service.exited, 0, second.service.output());

    const { kernel, federation, store } = world;
    const range = { ...kernel.settlement, args: { federation }, fromBlock: 0n, strict: true } as const;
    assert.equal((await kernel.client.getContractEvents({ ...range, eventName: "SettlementProposed" })).length, 1);
    const facts = await readFacts(kernel, federation);
    assert.deepEqual((await auditLedger({ facts, store, hashPairs: nativeHashPairs })).findings, []);
    const [settlement] = facts.settlements;
    assert.ok(settlement);
    const bundle = await store.open(settlement.artefact);
    assert.ok((await bundle.list()).includes("holdout.bin"), "no holdout was opened");
    const { seats } = unpackScores(await bundle.read(SETTLEMENT_FILES.scores));
    const members = await bundle.read(SETTLEMENT_FILES.members);
    assert.ok(seats.filter((score) => score > 0n).length >= 3 && seats.every((score, seat) => score === 0n || (memberAt(members, seat)?.cumulative ?? 0n) > 0n), String(seats));
    for (const { service } of [first, second]) assert.doesNotMatch(service.output(), /"level":"(warn|error|fatal)"/);
  });
});
