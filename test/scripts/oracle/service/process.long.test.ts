// The service as people run it: a process, a configuration file, signals.
import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { after, before, describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { writeKeystore } from "../../../../scripts/flower/keystore.ts";
import { devAccount } from "../../../../scripts/chain/dev-accounts.ts";
import type { OracleConfigInput } from "../../../../scripts/oracle/service/config.ts";
import { startRpcProxy, type RpcProxy } from "../../../support/rpc-proxy.ts";
import { makeBundle, type Made } from "../aggregator.ts";
import { handOver, reach, startOracleWorld, TOKEN, type OracleWorld } from "../support.ts";
import { spawnService, writeConfig, writeDeployment, type ServiceProcess } from "./process.ts";

const PASSWORD = "the keystore's password of a test";

describe("the oracle as a service", () => {
  let there: OracleWorld;
  let proxy: RpcProxy;
  let deployment: string;
  let secretFiles: { readonly tokenFile: string; readonly key: { readonly keystore: string; readonly passwordFile: string } };
  const running: ServiceProcess[] = [];
  before(async () => {
    there = await startOracleWorld();
    proxy = await startRpcProxy(there.world.kernel.rpcUrl);
    const at = (name: string) => path.join(there.world.dir, name);
    deployment = await writeDeployment(at("deployment.json"), there.world.kernel.deployment);
    secretFiles = { tokenFile: at("token"), key: { keystore: at("key.json"), passwordFile: at("password") } };
    await writeFile(secretFiles.tokenFile, `${TOKEN}\n`, { mode: 0o600 });
    await writeKeystore(secretFiles.key.keystore, devAccount(1), PASSWORD);
    await writeFile(secretFiles.key.passwordFile, `${PASSWORD}\n`, { mode: 0o600 });
  });
  after(async () => {
    for (const { child } of running) child.kill("SIGKILL");
    await proxy.close();
    await there.close();
  });

  const configure = (name: string, changes: Partial<OracleConfigInput> = {}) =>
    writeConfig(path.join(there.world.dir, name), deployment, {
      tokenFile: secretFiles.tokenFile, store: { dir: there.world.storeDir }, operators: [secretFiles.key, { account: "dev:2" }, { account: "dev:3" }, { account: "dev:4" }],
      endpoints: { urls: [`${proxy.url}/v3/an-endpoint-key?apikey=another-key`] }, ...changes,
    });
  const start = async (config: string) => {
    const service = spawnService(config);
    running.push(service);
    const { url, monitor } = await service.says("serving");
    return { service, url: String(url), monitor: String(monitor) };
  };
  const make = async (url: string): Promise<Made> => {
    const open = await there.open(url);
    return makeBundle(open, await there.model(url, open.parent.round), there.sites);
  };
  const seals = async (round: number) => {
    const { kernel, federation } = there.world;
    const range = { ...kernel.rounds, args: { federation, round }, fromBlock: 0n, strict: true } as const;
    const [sealed, reported] = await Promise.all([kernel.client.getContractEvents({ ...range, eventName: "RoundSealed" }), kernel.client.getContractEvents({ ...range, eventName: "RoundReported" })]);
    return [sealed.length, reported.length];
  };

  it("is told to stop in the middle of a round, ends with 0, and finishes it after the next start", async () => {
    const config = await configure("stopped", { limits: { pollMilliseconds: 100, confirmations: 1, graceSeconds: 2 } });
    const { service, url } = await start(config);
    const made = await make(url);
    // The seal is broadcast, and no block ever has it as far as the service can see.
    const sent = Promise.withResolvers<void>();
    proxy.behave((request, ask) => (request.method === "eth_sendRawTransaction" ? (sent.resolve(), ask()) : request.method === "eth_getTransactionReceipt" ? Promise.resolve({ result: null }) : ask()));
    assert.equal((await handOver(url, made)).status, 202);
    await sent.promise;
    service.child.kill("SIGTERM");
    assert.equal(await service.exited, 0, service.output());
    assert.deepEqual(await seals(1), [1, 0]);
    proxy.behave((_, ask) => ask());
    const again = await start(config);
    assert.equal((await reach(again.url, made.digest, "reported", "refused")).asHanded, true);
    assert.deepEqual(await seals(1), [1, 1]);
    again.service.child.kill("SIGINT");
    assert.equal(await again.service.exited, 0, again.service.output());
    for (const output of [service.output(), again.service.output()]) {
      for (const secret of [TOKEN, PASSWORD, "an-endpoint-key", "another-key"]) assert.ok(!output.includes(secret), `${secret} stands in the output:\n${output}`);
    }
  });

  it("refuses a second service in the same folder, and one with the same key in the same outbox", async () => {
    const config = await configure("twice");
    const { service } = await start(config);
    const second = spawnService(config);
    running.push(second);
    assert.equal(await second.exited, 1);
    assert.match(second.output(), /Another process sends transactions of|Another oracle works in/);
    service.child.kill("SIGTERM");
    assert.equal(await service.exited, 0);
  });

  it("ends at once at a second signal", async () => {
    const config = await configure("hurried", { limits: { pollMilliseconds: 100, confirmations: 1, graceSeconds: 600 } });
    const { service, url } = await start(config);
    const sent = Promise.withResolvers<void>();
    proxy.behave((request, ask) => (request.method === "eth_sendRawTransaction" ? (sent.resolve(), Promise.resolve("hang")) : ask()));
    await handOver(url, await make(url));
    await sent.promise;
    service.child.kill("SIGTERM");
    await service.says("stopping");
    await sleep(1_500);
    assert.equal(service.child.exitCode, null);
    service.child.kill("SIGTERM");
    assert.equal(await service.exited, 0);
    assert.match(service.output(), /ended at once/);
    proxy.behave((_, ask) => ask());
    assert.ok((await readFile(secretFiles.tokenFile, "utf8")).includes(TOKEN));
  });

  it("says at /ready that the chain is away, and when it is back; /health stays well", async () => {
    const { service, monitor } = await start(await configure("away"));
    const ready = async () => {
      const answer = await fetch(`${monitor}/ready`);
      return { status: answer.status, ...((await answer.json()) as { problems: { part: string; problem: string }[] }) };
    };
    const until = async (status: number) => {
      for (const end = Date.now() + 30_000; ; await sleep(100)) {
        const answer = await ready();
        if (answer.status === status) return answer;
        assert.ok(Date.now() < end, `/ready stays ${answer.status}: ${JSON.stringify(answer)}`);
      }
    };
    await until(200);
    proxy.behave(() => Promise.resolve(503));
    assert.deepEqual((await until(503)).problems, [{ part: "chain", problem: "The chain does not answer." }]);
    assert.equal((await fetch(`${monitor}/health`)).status, 200);
    proxy.behave((_, ask) => ask());
    await until(200);
    const metrics = await (await fetch(`${monitor}/metrics`)).text();
    assert.match(metrics, /^chongwen_oracle_ready 1$/m);
    assert.match(metrics, /^chongwen_oracle_endpoint_problems_total\{endpoint="127\.0\.0\.1:\d+",what="failed"\} [1-9]/m);
    assert.match(metrics, /^process_resident_memory_bytes /m);
    service.child.kill("SIGTERM");
    assert.equal(await service.exited, 0);
  });
});
