// A service that is started on another chain, another contract or another past than it knows signs nothing and says why.
import assert from "node:assert/strict";
import { access, readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { after, before, describe, it } from "node:test";
import { keccak256, type Hex } from "viem";
import type { Deployment } from "../../../../protocol/deployment.ts";
import { ChongwenError } from "../../../../protocol/errors.ts";
import { devAccount } from "../../../../scripts/chain/dev-accounts.ts";
import { createCheckpoints } from "../../../../scripts/oracle/service/checkpoint.ts";
import { examineOracle } from "../../../../scripts/oracle/service/doctor.ts";
import { createLog } from "../../../../scripts/oracle/service/logs.ts";
import { observe } from "../../../../scripts/oracle/service/observe.ts";
import { parseOracleConfig, readOracleConfig } from "../../../../scripts/oracle/service/read-config.ts";
import { createSecrets } from "../../../../scripts/oracle/service/secrets.ts";
import { startOracleService } from "../../../../scripts/oracle/service/start.ts";
import { honest, startRpcProxy, type Fault, type RpcProxy } from "../../../support/rpc-proxy.ts";
import { makeBundle } from "../aggregator.ts";
import { handOver, reach, startOracleWorld, type OracleWorld } from "../support.ts";
import { writeConfig, writeDeployment } from "./process.ts";

const OTHER = `0x${"ab".repeat(32)}` as const;

describe("what an oracle's service checks before it begins", () => {
  let there: OracleWorld;
  let proxy: RpcProxy;
  before(async () => {
    there = await startOracleWorld();
    proxy = await startRpcProxy(there.world.kernel.rpcUrl);
  });
  after(async () => {
    await proxy.close();
    await there.close();
  });

  const rpc = async (method: string, ...params: unknown[]): Promise<unknown> => there.world.kernel.client.request({ method, params } as never);
  /** One by one: the chain's process ends when another request is answered while it mines several at a stroke. */
  async function mine(blocks: number): Promise<void> {
    for (let i = 0; i < blocks; i++) await rpc("evm_mine");
  }
  const file = (name: string) => path.join(there.world.dir, `${name}.json`);
  const checkpoints = (name: string, deployment: Partial<Deployment> = {}) => {
    const { kernel } = there.world;
    return createCheckpoints({ file: file(name), kernel: { ...kernel, deployment: { ...kernel.deployment, ...deployment } }, confirmations: 2, now: () => Date.now() / 1000 });
  };
  const refuses = (work: Promise<unknown>, code: string, about: RegExp) =>
    assert.rejects(work, (error: unknown) => error instanceof ChongwenError && error.code === code && about.test(error.message) && error.retryable === (code === "chain-behind"), `${code} ${about}`);
  /** Starts the service in this process. */
  const serve = async (changes: Parameters<typeof writeConfig>[2] = {}, deployment: Partial<Deployment> = {}) => {
    const described = await writeDeployment(file("deployment"), { ...there.world.kernel.deployment, ...deployment });
    const config = await readOracleConfig(await writeConfig(path.join(there.world.dir, "served"), described, { endpoints: { urls: [proxy.url] }, ...changes }));
    const secrets = createSecrets(() => undefined);
    const stop = new AbortController();
    const log = createLog({ level: "error", write: () => undefined, pretty: false, secrets });
    const service = await startOracleService({ config: parseOracleConfig(config), deployment: { ...there.world.kernel.deployment, ...deployment }, secrets, log, stop: stop.signal });
    await service.stop();
  };

  it("starts where everything is as it should be, and again", async () => {
    await serve();
    await serve();
    const kept = JSON.parse(await readFile(path.join(there.world.dir, "served", "state", "checkpoint.json"), "utf8")) as { ledger: string };
    assert.equal(kept.ledger, there.world.kernel.rounds.address);
  });

  it("attack: an endpoint of another chain", async () => {
    proxy.behave(((request, ask) => (request.method === "eth_chainId" ? Promise.resolve({ result: "0x1" }) : ask())) satisfies Fault);
    await refuses(serve(), "chain-mismatch", /has id 1; the ledger is on chain 31337/);
    proxy.behave(honest);
  });

  it("attack: other code at a contract's address, against the deployment file and against what was seen before", async () => {
    const { rounds } = there.world.kernel.deployment.contracts;
    const lie: Fault = async (request, ask) => (request.method === "eth_getCode" && String(request.params[0]).toLowerCase() === rounds.toLowerCase() ? { result: "0x6001" } : ask());
    proxy.behave(lie);
    await refuses(serve(), "code-changed", /\(rounds\) has the hash .*; the deployment file says/);
    await refuses(serve({}, { codeHashes: undefined }), "code-changed", /checkpoint\.json says/);
    proxy.behave(async (request, ask) => (request.method === "eth_getCode" && String(request.params[0]).toLowerCase() === there.world.kernel.operators.address.toLowerCase() ? { result: "0x" } : ask()));
    await refuses(serve(), "code-changed", /There is no contract at .* \(operators\)/);
    proxy.behave(honest);
    const { codeHashes } = there.world.kernel.deployment;
    assert.ok(codeHashes?.rounds);
    assert.equal(codeHashes.rounds, keccak256((await there.world.kernel.client.getCode({ address: rounds })) ?? "0x"));
    await refuses(serve({}, { codeHashes: { ...codeHashes, seats: OTHER } }), "code-changed", /\(seats\)/);
  });

  it("attack: a chain that contradicts the configuration's checkpoint", async () => {
    const { hash } = await there.world.kernel.client.getBlock({ blockNumber: 3n });
    await serve({ checkpoint: { block: { number: 3, hash } } });
    await refuses(serve({ checkpoint: { block: { number: 3, hash: OTHER } } }), "checkpoint-contradicted", /Block 3 has the hash .*; the configuration says 0xabab/);
    await refuses(serve({ checkpoint: { round: { federation: 1, round: 9, reportHash: OTHER } } }), "checkpoint-contradicted", /Round 9 of federation 1 has no report/);
  });

  it("waits for a chain that is shorter than what is known", async () => {
    const far = checkpoints("far");
    await refuses(far.verify({ block: { number: 1_000_000, hash: OTHER } }), "chain-behind", /at block \d+; the configuration knows block 1000000/);
  });

  it("starts on the checkpoint that it wrote itself when a round was final", async () => {
    const own = checkpoints("final");
    await own.verify(undefined);
    const { roundFinal } = observe({ log: createLog({ level: "error", write: () => undefined, pretty: false, secrets: createSecrets(() => undefined) }), metrics: {}, checkpoints: own, turned: () => undefined });
    const { hash } = await there.world.kernel.rounds.read.roundOf([1, 0]);
    roundFinal?.({ federation: 1, round: 0, reportHash: hash, earlier: true });
    await own.keep();
    await mine(3);
    await own.keep();
    assert.equal(own.lastFinal(1)?.round, 0);
    const next = checkpoints("final");
    await next.verify(undefined);
    assert.equal(next.lastFinal(1)?.round, 0);
  });

  it("refuses a folder of another ledger, and a damaged checkpoint", async () => {
    await checkpoints("own").verify(undefined);
    await refuses(checkpoints("own", { chainId: 5 }).verify(undefined), "checkpoint-contradicted", /is of the ledger .* on chain 31337/);
    for (const text of ["", "{", "null", "{}", '{"format":"chongwen-oracle-checkpoint"}']) {
      await writeFile(file("broken"), text);
      await refuses(checkpoints("broken").verify(undefined), "checkpoint-damaged", /broken\.json is not what this service wrote/);
    }
  });

  it("is looked at by doctor, which finds what is wrong, changes nothing and tells no secret", async () => {
    const described = await writeDeployment(file("examined"), there.world.kernel.deployment);
    const examine = async (changes: Parameters<typeof writeConfig>[2]) => {
      const findings = await examineOracle(await writeConfig(path.join(there.world.dir, "examined"), described, changes));
      assert.ok(!JSON.stringify(findings).includes("an-endpoint-key"));
      return { wrong: findings.filter(({ ok }) => !ok).map(({ what, detail }) => `${what}: ${detail}`), findings };
    };
    const well = await examine({ endpoints: { urls: [`${proxy.url}/v3/an-endpoint-key`] } });
    assert.deepEqual(well.wrong, []);
    assert.ok(well.findings.length >= 12);
    await assert.rejects(access(path.join(there.world.dir, "examined", "state")), "it makes no folder");

    const stranger = await examine({ operators: [{ account: "dev:30" }] });
    assert.match(stranger.wrong.join(), /operator's key: .* is no operator in epoch 1/);
    await rpc("hardhat_setBalance", devAccount(50).address, "0x1");
    assert.match((await examine({ payer: { account: "dev:50" } })).wrong.join(), /gas money: .* Send it coins/);
    const peer = { address: devAccount(2).address, url: "http://127.0.0.1:9/" };
    assert.match((await examine({ operators: [{ account: "dev:1" }], peers: { others: [peer] } })).wrong.join(), /operator 0x[0-9a-fA-F]{8}: Its service at 127\.0\.0\.1:9 does not answer/);
    const dead = await examine({ endpoints: { urls: [proxy.url, "http://127.0.0.1:9/v3/an-endpoint-key", "http://127.0.0.1:7/"], agree: 2 } });
    assert.match(dead.wrong.join(), /endpoint 127\.0\.0\.1:9: It does not answer/);
    assert.match((await examine({ monitor: { port: 0 }, listen: { port: Number(new URL(proxy.url).port) } })).wrong.join(), /intake's port: Port \d+ is taken/);
    proxy.behave(((request, ask) => (request.method === "eth_chainId" ? Promise.resolve({ result: "0x1" }) : ask())) satisfies Fault);
    assert.match((await examine({ endpoints: { urls: [proxy.url] } })).wrong.join(), /It serves chain 1, and the ledger is on chain 31337/);
    proxy.behave(honest);
    assert.match((await examine({ checkpoint: { block: { number: 3, hash: OTHER } }, endpoints: { urls: [proxy.url] } })).wrong.join(), /checkpoint: Block 3 has the hash/);
  });

  it("attack: a chain restored from before a final round, which was written down once it was deep", async () => {
    const oracle = await there.start();
    const open = await there.open(oracle.url);
    const snapshot = await rpc("evm_snapshot");
    const made = await makeBundle(open, await there.model(oracle.url, open.parent.round), there.sites);
    await handOver(oracle.url, made);
    const { reportHash } = await reach(oracle.url, made.digest, "reported", "refused");
    assert.ok(reportHash);
    await oracle.stop();

    const before = checkpoints("rounds");
    await before.verify(undefined);
    before.final({ federation: 1, round: open.round, reportHash: reportHash as Hex });
    await before.keep();
    assert.equal(before.lastFinal(1), null, "not before it is deep");
    await mine(2);
    await before.keep();
    assert.equal(before.lastFinal(1)?.round, open.round);
    await checkpoints("rounds").verify(undefined);

    // The chain forgets, and goes on otherwise.
    await rpc("evm_revert", snapshot);
    await refuses(checkpoints("rounds").verify(undefined), "chain-behind", /at block/);
    await mine(40);
    await refuses(checkpoints("rounds").verify(undefined), "checkpoint-contradicted", /Block \d+ has the hash/);
    // The same when the only thing it remembers is the round.
    const kept = JSON.parse(await readFile(file("rounds"), "utf8")) as { block: { number: number; hash: Hex } };
    kept.block = { number: 0, hash: (await there.world.kernel.client.getBlock({ blockNumber: 0n })).hash };
    await writeFile(file("rounds"), JSON.stringify(kept));
    await refuses(checkpoints("rounds").verify(undefined), "checkpoint-contradicted", /Round 1 of federation 1 has no report; .* says that it is final/);
    await rm(file("rounds"));
  });
});
