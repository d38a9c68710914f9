/** What goes wrong around a watcher: it is killed, it is not alone, its endpoint goes away, the chain takes blocks back, money and time run out. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { appendFile, readFile } from "node:fs/promises";
import { createServer, request, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, before, describe, it } from "node:test";
import { zeroHash } from "viem";
import { generatePrivateKey, privateKeyToAccount } from "viem/accounts";
import { toHex } from "../../../protocol/bytes.ts";
import { preparePosting } from "../../../protocol/faults/posting.ts";
import { updatePath } from "../../../protocol/index.ts";
import { connectKernel } from "../../../scripts/chain/kernel.ts";
import { devAccount } from "../../../scripts/chain/dev-accounts.ts";
import { watch as watchCommand, type WatchCommandOptions } from "../../../scripts/commands/watch.ts";
import { openWorkspace } from "../../../scripts/federation/workspace.ts";
import { memoryJournal, openJournal } from "../../../scripts/watch/journal.ts";
import { pursue } from "../../../scripts/watch/pursue.ts";
import { readRound } from "../../../scripts/watch/read-round.ts";
import { readSubjects } from "../../../scripts/watch/subject.ts";
import { createSender } from "../../../scripts/watch/sender.ts";
import { createDiskStore } from "../../../scripts/store/index.ts";
import { limitsFor } from "../../../scripts/watch/fetch.ts";
import { ANSWER_WINDOW, type Log, type SealedSet, type World } from "./world.ts";

let errors = 0;
/** A wrong aggregate that was not reported before: a commitment is to a proof, which would be the same. */
const wrongModel = () => ({ model: (model: Int32Array) => void (model[5] = (model[5] ?? 0) + ++errors) });

async function until<Value>(what: string, look: () => Promise<Value | null> | Value | null): Promise<Value> {
  for (const end = Date.now() + 40_000; Date.now() < end; await sleep(50)) {
    const value = await look();
    if (value !== null) return value;
  }
  return assert.fail(`Waited in vain for ${what}.`);
}

/** An endpoint in front of the chain that can be taken away. */
async function startProxy(target: string): Promise<{ readonly url: string; up: boolean; close(): Promise<unknown> }> {
  const proxy = { url: "", up: true, close: () => new Promise((resolve) => server.close(resolve).closeAllConnections()) };
  const server: Server = createServer((incoming, answer) => {
    if (!proxy.up) return void incoming.socket.destroy();
    const { method = "POST", headers } = incoming;
    const passed = request(target, { method, headers }, (response) => {
      answer.writeHead(response.statusCode ?? 502, response.headers);
      response.pipe(answer);
    });
    passed.on("error", () => answer.destroy());
    incoming.pipe(passed);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  proxy.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return proxy;
}

export const describeWatchers = (worldOf: () => World): unknown => describe("goes on", () => {
  let world: World;
  let sealed: SealedSet;
  const acted = (log: Log): string[] => log.actions.map(({ action }) => action);
  /** As `until`, while blocks come as on any chain. */
  const untilBlocks = <Value>(what: string, look: () => Promise<Value | null> | Value | null): Promise<Value> =>
    until(what, async () => {
      await world.mine();
      return look();
    });
  const isOverturned = async (): Promise<true | null> => ((await world.state(sealed.round)).name === "Sealed" ? true : null);

  before(async () => {
    world = worldOf();
    sealed = await world.seal(await world.contribute());
  });

  afterEach(() => world.calm());

  it("when it is killed between a commitment and its proof, and its journal is torn", async (test) => {
    await world.report(sealed, wrongModel());
    await openWorkspace(world.dir).saveDeployment({ ...world.kernel.deployment, rpcUrl: world.url });
    const victim = spawn(process.execPath, [path.join(import.meta.dirname, "victim.ts"), world.dir], { stdio: "ignore" });
    test.after(() => victim.kill("SIGKILL"));
    const dead = new Promise((resolve) => victim.once("exit", resolve));
    const file = path.join(world.dir, "watch", `${world.kernel.deployment.chainId}-${world.kernel.rounds.address.slice(2, 10).toLowerCase()}.jsonl`);
    // No block comes: so it waits, committed, and cannot prove.
    await until("the commitment", async () => ((await readFile(file, "utf8").catch(() => "")).includes('"committed"') ? true : null));
    victim.kill("SIGKILL");
    await dead;
    await appendFile(file, '{"event":"verified","subj');
    assert.equal((await world.state(sealed.round)).name, "Reported");

    await world.mine();
    const second = world.watcher({ journal: await openJournal(path.dirname(file), path.basename(file, ".jsonl")) });
    await second.done;
    assert.deepEqual(acted(second.log).slice(0, 1), ["proven"], "it must use the commitment that was made");
    assert.ok(await isOverturned());
    const lines = (await readFile(file, "utf8")).trim().split("\n");
    assert.deepEqual(lines.slice(0, 2).map((line) => line.slice(0, 20)), ['{"event":"committed"', '{"event":"verified",']);
    assert.equal((JSON.parse(lines[2] ?? "") as { event: string }).event, "proven");
  });

  it("when others watch too: one of them proves, and nobody fails", async () => {
    await world.report(sealed, wrongModel());
    const watchers = [world.watcher({ once: false }), world.watcher({ once: false, account: devAccount(63) }), world.watcher({ once: false })];
    await untilBlocks("all to see it proven", () => (watchers.every(({ log }) => log.fates.length > 0) ? true : null));
    await Promise.all(watchers.map(({ stop }) => stop()));
    assert.equal(watchers.filter(({ log }) => acted(log).includes("proven")).length, 1);
    for (const { log } of watchers) assert.match(log.fates[0] ?? "", /: overturned$/);
  });

  it("when the chain takes its commitment back", async () => {
    await world.report(sealed, wrongModel());
    const before = await world.rpc("evm_snapshot");
    const { log, stop } = world.watcher({ once: false, quiet: true });
    await until("the commitment", () => (log.actions.length > 0 ? true : null));
    await world.rpc("evm_revert", before);
    await world.mine();
    await until("another commitment", () => (log.actions.length > 1 ? true : null));
    await world.mine();
    await until("the fault to be proven", isOverturned);
    await stop();
    assert.deepEqual(acted(log).slice(0, 3), ["committed", "committed", "proven"]);
  });

  it("when its commitment has become too old", async () => {
    await world.report(sealed, wrongModel());
    const { log, stop } = world.watcher({ once: false, quiet: true });
    await until("the commitment", () => (log.actions.length > 0 ? true : null));
    await stop();
    await world.rpc("hardhat_mine", "0x12c");
    const again = world.watcher();
    await again.done;
    assert.deepEqual(acted(again.log).slice(0, 2), ["committed", "proven"]);
  });

  it("when its endpoint is away for a while", async (test) => {
    const proxy = await startProxy(world.url);
    test.after(() => proxy.close());
    const kernel = await connectKernel(world.kernel.deployment, proxy.url);
    proxy.up = false;
    const { log, stop } = world.watcher({ once: false, kernel, sender: createSender(kernel.client, proxy.url, devAccount(62)) });
    await until("a warning", () => log.warnings.find((warning) => warning.startsWith("endpoint:")) ?? null);
    await world.report(sealed, wrongModel());
    proxy.up = true;
    await untilBlocks("the fault to be proven", isOverturned);
    await stop();
    assert.ok(acted(log).includes("proven"));
  });

  it("without sending anything when it has no account, or too little money, or gas is too dear", async () => {
    await world.report(sealed, wrongModel());
    const { client } = world;
    const poor = privateKeyToAccount(generatePrivateKey());
    const senders = { none: null, poor: createSender(client, world.url, poor), thrifty: createSender(client, world.url, devAccount(62), { maxGasPrice: 1n }) };
    const warnings: Record<string, string> = {};
    for (const [name, sender] of Object.entries(senders)) {
      const { log, done } = world.watcher({ sender });
      await done;
      assert.deepEqual([log.checks[0]?.result, log.actions], ["fault", []]);
      warnings[name] = log.warnings.join();
    }
    assert.equal(warnings["none"], "");
    assert.match(warnings["poor"] ?? "", /has 0 wei/);
    assert.match(warnings["thrifty"] ?? "", /gas costs .* gwei, and 0\.000000001 is the most allowed/);
  });

  it("without a proof that the verifier does not accept, and without one that comes too late", async () => {
    const subject = (await readSubjects(world.kernel, world.federation)).find(({ target }) => target === sealed.round);
    assert.ok(subject !== undefined);
    const warnings: string[] = [];
    const context = {
      kernel: world.kernel, sender: createSender(world.client, world.url, devAccount(62)), journal: memoryJournal(), signal: new AbortController().signal,
      observer: { checked: () => undefined, acted: () => assert.fail("something was sent"), warned: (_: string, message: string) => void warnings.push(message), ended: () => undefined },
    };
    const fault = { name: "aggregate", verifier: "aggregateVerifier", liable: "reporters", reason: "", where: "", proof: new Uint8Array(400) } as const;
    assert.equal(await pursue(context, subject, fault), "refused");
    assert.match(warnings.join(), /^the verifier does not accept the proof: RoundHeader|AggregateVerifier/);
    assert.equal(await pursue(context, { ...subject, hash: zeroHash }, fault), "lost");
    assert.equal(warnings.length, 1);
  });

  it("not with what an endpoint leaves out", async () => {
    const { kernel, client } = world;
    /** The same endpoint, with some of its answers changed. */
    const tampered = (change: object): typeof kernel => ({ ...kernel, client: new Proxy(client, { get: (target, name) => Reflect.get(change, name) ?? Reflect.get(target, name) }) });
    const without = (eventName: string): object => ({
      getContractEvents: async (parameters: { eventName?: string }) => (parameters.eventName === eventName ? [] : client.getContractEvents(parameters as never)),
    });
    const read = (change: object): Promise<unknown> => readRound(tampered(change), world.federation, sealed.round);
    await readRound(kernel, world.federation, sealed.round);
    for (const change of [without("RoundReported"), without("RoundSealed"), without("SeatGranted"), without("FederationCreated"), { getTransaction: async () => ({ input: "0x" }) }]) {
      await assert.rejects(read(change), { code: "chain-incomplete", retryable: true });
    }
  });

  const command = (options: Partial<WatchCommandOptions> = {}): WatchCommandOptions => ({
    dir: world.dir, rpc: world.url, federation: 1, json: true, once: true, demand: true, answer: true, answerAtALoss: false, maxDemands: 16, maxBond: "1", ...options,
  });

  /** Runs the command, in this process. */
  async function run(options: Partial<WatchCommandOptions>): Promise<{ readonly code: number; readonly out: string; readonly err: string }> {
    const [out, err]: [string[], string[]] = [[], []];
    const code = await watchCommand(command(options), { out: { write: (text) => out.push(text) }, err: { write: (text) => err.push(text) } }, new AbortController().signal);
    return { code, out: out.join(""), err: err.join("") };
  }

  it("and says so in one JSON envelope, with an exit code", async () => {
    const { code, out, err } = await run({});
    const { success, data } = JSON.parse(out) as { success: boolean; data: { checks: { subject: string; result: string }[]; actions: unknown[] } };
    assert.deepEqual([code, success, data.checks.at(-1)?.result, data.actions, err], [3, false, "fault", [], ""]);
    const text = await run({ json: false });
    assert.match(text.out, /✗ round \d+ \(attempt \d+\) 0x[0-9a-f]{8}…: FAULT: aggregate: lane 5 .* · fetched in \d+\.\d\d s, recomputed in \d+\.\d\d s\n/);
    assert.match(text.out, /1 with a fault, 0 not verified; 0 transactions sent\.\n$/);
  });

  it("not beyond a deadline: what cannot be finished is not begun", async () => {
    const { deadline } = await world.state(sealed.round);
    await world.jump(deadline - Number((await world.client.getBlock()).timestamp) - 1);
    const { log, done } = world.watcher();
    await done;
    assert.deepEqual([log.checks[0]?.result, log.actions], ["fault", []]);
    assert.match(log.warnings.join(), /too late: a commitment and a proof do not fit before the deadline/);
  });

  it("with a payload that was posted on chain, when the store lacks it", async () => {
    sealed = await world.seal(await world.contribute());
    const { setting, kernel, federation, config } = world;
    const { entries, updates, seal, round } = sealed;
    const [first] = entries;
    assert.ok(first !== undefined);
    const weights = await Promise.all(entries.map(async ({ seat }) => (await kernel.seats.read.laneOf([federation, seat])).weight));
    const posting = preparePosting({
      config, seal, spec: setting.modelSpec, weights, updateRoots: entries.map(({ updateRoot }) => updateRoot), norms: entries.map(({ normSq }) => normSq),
      traceRoots: entries.map(({ normTraceRoot }) => normTraceRoot), entry: 0, update: updates.get(first.seat) ?? new Int16Array(),
    });
    const { proof, lanes } = posting.at(0);
    await setting.transactor.send(setting.relayer, { kind: "post", ...kernel.postings, functionName: "post", args: [federation, round, toHex(proof), toHex(lanes)] });
    await world.report(sealed, { without: [updatePath(first.seat)] });
    const { log, done } = world.watcher();
    await done;
    const line = log.checks.find(({ subject }) => subject === `round ${round}`);
    assert.deepEqual([line?.result, line?.problems.map(({ file }) => file)], ["verified", []]);
    await world.finaliseAll();
  });

  describe("with data that is withheld", () => {
    before(async () => {
      sealed = await world.seal(await world.contribute());
      await world.report(sealed);
    });
    const nothing = (): { storeOf: (fileBytes: number) => ReturnType<typeof createDiskStore> } => ({
      storeOf: (fileBytes) => createDiskStore(path.join(world.dir, "empty"), { limits: limitsFor(fileBytes) }),
    });

    const baseFee = async (wei: bigint): Promise<void> => {
      await world.rpc("hardhat_setNextBlockBaseFeePerGas", `0x${wei.toString(16)}`);
      await world.mine();
    };
    const answerWhileDear = async (answers: "paid" | "at-a-loss"): Promise<string[]> => {
      await baseFee(10n ** 13n);
      const { log, done } = world.watcher({ account: devAccount(63), answers });
      await done;
      return acted(log);
    };

    it("says what is missing, and why, when it may not demand", async () => {
      const { code, out } = await run({ store: path.join(world.dir, "empty"), account: "dev:62", demand: false });
      const { data } = JSON.parse(out) as { data: { checks: { subject: string; result: string; problems: { file: string; code: string }[] }[]; actions: unknown[] } };
      const { result, problems } = data.checks.find(({ subject }) => subject === `round ${sealed.round}`) ?? assert.fail(out);
      assert.deepEqual([code, result, data.actions], [5, "missing", []]);
      assert.ok(problems.some(({ file, code }) => file === "model.bin" && code === "artefact-missing"));
    });

    it("demands no more than it is allowed to", async () => {
      const { log, done } = world.watcher({ ...nothing(), demands: { mostDemands: 2, mostBond: 10n ** 18n } });
      await done;
      assert.deepEqual(acted(log), ["demanded", "demanded"]);
      assert.match(log.warnings.join(), /the limit of 2 demands/);
    });

    it("demands the rest, has it shown by whoever has it, and checks the round with what was shown", async () => {
      const asking = world.watcher({ ...nothing(), once: false });
      await untilBlocks("the demands", () => (acted(asking.log).length >= 6 ? true : null));
      assert.deepEqual(await answerWhileDear("paid"), [], "the bond would not pay for the gas");
      await baseFee(1n);
      const balance = await world.client.getBalance({ address: devAccount(63).address });
      const answering = world.watcher({ once: false, account: devAccount(63) });
      await untilBlocks("the answers", async () => ((await world.state(sealed.round)).holds === 0 ? true : null));
      // Metrics and the parent's model are not demanded: everything else was shown.
      const rest = "not available: model.bin of the parent round, metrics.json";
      await untilBlocks("the round to be checked", () => (asking.log.checks.some(({ subject, reason }) => subject === `round ${sealed.round}` && reason === rest) ? true : null));
      await Promise.all([asking.stop(), answering.stop()]);
      assert.deepEqual([...new Set(acted(answering.log))], ["answered"]);
      assert.ok((await world.client.getBalance({ address: devAccount(63).address })) > balance, "bonds pay for the gas");
    });

    it("answers at a loss when it is told to", async () => {
      sealed = await world.seal(await world.contribute());
      await world.report(sealed);
      await world.watcher(nothing()).done;
      assert.ok((await answerWhileDear("at-a-loss")).includes("answered"));
      assert.equal((await world.state(sealed.round)).holds, 0);
      await baseFee(1n);
    });

    it("ends demands that nobody answered: the report is overturned, and deposits come back", async () => {
      sealed = await world.seal(await world.contribute());
      await world.report(sealed, { published: false });
      const asking = world.watcher({ once: false });
      await untilBlocks("the demands", () => (acted(asking.log).length >= 6 ? true : null));
      await world.jump(ANSWER_WINDOW);
      await untilBlocks("the end of the report", isOverturned);
      await untilBlocks("deposits", async () => ((await world.client.getBalance({ address: world.kernel.demands.address })) === 0n ? true : null));
      await asking.stop();
      assert.ok(acted(asking.log).includes("expired") && acted(asking.log).includes("refunded") && acted(asking.log).includes("collect"));
    });

    it("does not demand when no answer would fit before the deadline", async () => {
      await world.report(sealed, { published: false });
      const { deadline } = await world.state(sealed.round);
      await world.jump(deadline - Number((await world.client.getBlock()).timestamp) - ANSWER_WINDOW);
      const { log, done } = world.watcher();
      await done;
      assert.deepEqual(acted(log), []);
      assert.match(log.warnings.join(), /too late to demand/);
    });
  });
});
