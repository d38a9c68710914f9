// Ponder itself, against a real ledger. Not part of `npm test`: it installs 211 MB and takes minutes. `.ci/run` runs it.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { after, before, describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { loadHistory } from "../../../frontend/src/chain/history-source.ts";
import { devAccount } from "../../../scripts/chain/dev-accounts.ts";
import {
  delegate, emptyFile, findPostgres, freePort, revokeInvitation, rpc, startIndexer, startLedger, startPostgres, untilEqual, witnessed, witnessing, type TestIndexer, type TestLedger, type TestPostgres,
} from "./harness.ts";

const { signal } = new AbortController();
const other = (i: number) => devAccount(i).address;

describe("the indexer of a real ledger", () => {
  let folder = "";
  let chainPort = 0;
  let port = 0;
  let ledger: TestLedger;
  let indexer: TestIndexer;
  let witness = "";

  before(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), "chongwen-indexer-"));
    witness = path.join(folder, "contacts");
    await emptyFile(witness);
    [chainPort, port] = [await freePort(), await freePort()];
    ledger = await startLedger(path.join(folder, "ws"), chainPort, 3);
    await revokeInvitation(ledger);
    indexer = await startIndexer(ledger.dir, port, witnessing(witness));
  });
  after(async () => {
    await indexer?.stop();
    await ledger?.close();
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  });

  it("holds every log of it as the chain does", async () => {
    const started = performance.now();
    const { entries } = await untilEqual(ledger, indexer);
    console.log(`cold start with ${entries.length} logs: ${((performance.now() - started) / 1_000).toFixed(1)} s`);
    assert.ok(entries.length > 100);
  });

  it("is believed by the page, after its check", async () => {
    const deployment = { ...ledger.deployment, services: { indexer: indexer.url } };
    const history = await loadHistory({ client: ledger.client, deployment, signal });
    assert.equal(history.fallback, undefined);
    assert.equal(history.source.kind, "indexer");
  });

  it("finds datasets, rounds, people and hashes, and answers GraphQL by POST only", async () => {
    const search = async (q: string): Promise<string[]> => {
      const { hits } = (await (await fetch(`${indexer.url}/search?q=${encodeURIComponent(q)}`)).json()) as { hits: { kind: string }[] };
      return hits.map(({ kind }) => kind);
    };
    assert.ok((await search("CC-BY")).includes("dataset"));
    assert.ok((await search("1")).includes("round"));
    assert.ok((await search(other(1))).includes("operator"));
    const { entries } = await loadHistory({ client: ledger.client, deployment: ledger.deployment, signal });
    assert.deepEqual(await search((entries.at(-1)?.transactionHash ?? "").slice(0, 14)), ["transaction"]);
    assert.deepEqual(await search("100%_nothing"), []);
    const query = JSON.stringify({ query: "{ rounds { items { number state } } claims { items { amount } } settlements { items { state } } }" });
    const response = await fetch(`${indexer.url}/graphql`, { method: "POST", headers: { "content-type": "application/json" }, body: query });
    const { data } = (await response.json()) as { data: { rounds: { items: { state: string }[] }; claims: { items: unknown[] } } };
    assert.deepEqual(data.rounds.items.map(({ state }) => state), ["Final", "Final", "Final"]);
    assert.ok(data.claims.items.length > 0);
    assert.equal((await fetch(`${indexer.url}/graphql`)).status, 404);
  });

  it("has a new event within moments", async () => {
    const delays: number[] = [];
    for (let i = 0; i < 5; i++) {
      const hash = await delegate(ledger, 40 + i, other(50));
      const mined = performance.now();
      for (;;) {
        const { hits } = (await (await fetch(`${indexer.url}/search?q=${hash}`)).json()) as { hits: unknown[] };
        if (hits.length > 0) break;
        await sleep(10);
        assert.ok(performance.now() - mined < 10_000, "ten seconds, and it has not come");
      }
      delays.push(performance.now() - mined);
    }
    console.log(`live latency: ${delays.map((ms) => ms.toFixed(0)).join(", ")} ms`);
    await untilEqual(ledger, indexer);
  });

  it("takes back what a reorganisation took back", async () => {
    for (const depth of [1, 6]) {
      const snapshot = await rpc(ledger.deployment.rpcUrl, "evm_snapshot");
      for (let i = 0; i < depth; i++) await delegate(ledger, 40 + i, other(51));
      const before = await untilEqual(ledger, indexer);
      await rpc(ledger.deployment.rpcUrl, "evm_revert", [snapshot]);
      for (let i = 0; i < depth + 1; i++) await delegate(ledger, 40 + i, other(52));
      const now = await untilEqual(ledger, indexer);
      assert.notEqual(now.entries.at(-1)?.blockHash, before.entries.at(-1)?.blockHash);
    }
  });

  it("goes on where it was after it was stopped, and after it was killed", async () => {
    await indexer.stop();
    await delegate(ledger, 45, other(53));
    indexer = await startIndexer(ledger.dir, port, witnessing(witness));
    await untilEqual(ledger, indexer);
    const [ponder] = spawnSync("pgrep", ["-f", `ponder.js start .*--port ${port} `], { encoding: "utf8" }).stdout.split("\n");
    assert.match(ponder ?? "", /^\d+$/);
    process.kill(Number(ponder), "SIGKILL");
    await delegate(ledger, 46, other(53));
    await untilEqual(ledger, indexer);
  });

  it("waits while its endpoint is away, and mixes nothing when another chain is there afterwards", async () => {
    const { dir } = ledger;
    await ledger.close();
    await sleep(4_000);
    assert.equal(indexer.child.exitCode, null);
    ledger = await startLedger(dir, chainPort, 0, 2);
    await delegate(ledger, 41, other(54));
    await untilEqual(ledger, indexer);
    assert.match(indexer.output(), /another one now/);
  });

  it("contacts nobody outside this machine", async () => {
    assert.deepEqual([...(await witnessed(witness))].filter((host) => !["127.0.0.1", "localhost", "::1"].includes(host)), []);
    assert.ok((await witnessed(witness)).has("127.0.0.1"));
    // The witness sees what it should: this would have been noted, and did not get out.
    spawnSync(process.execPath, ["-e", "fetch('https://telemetry.invalid').catch(() => {})"], { env: { ...process.env, ...witnessing(witness) } });
    assert.ok((await witnessed(witness)).has("telemetry.invalid"));
  });
});

describe("the indexer with PostgreSQL", { skip: findPostgres() === undefined ? "ABSENT: no PostgreSQL on this machine (set CHONGWEN_POSTGRES_BIN)" : false }, () => {
  let folder = "";
  let ledger: TestLedger;
  let postgres: TestPostgres;
  let indexer: TestIndexer;

  before(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), "chongwen-indexer-pg-"));
    postgres = await startPostgres(findPostgres() ?? "");
    ledger = await startLedger(path.join(folder, "ws"), await freePort(), 0);
  });
  after(async () => {
    await indexer?.stop();
    await ledger?.close();
    await postgres?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  it("holds every log, takes back a reorganisation, resumes, and drops another chain's", async () => {
    const port = await freePort();
    const chainPort = Number(new URL(ledger.deployment.rpcUrl).port);
    const env = { CHONGWEN_DATABASE_URL: postgres.url };
    indexer = await startIndexer(ledger.dir, port, env);
    await untilEqual(ledger, indexer);
    assert.match(indexer.output(), /from PostgreSQL/);

    const snapshot = await rpc(ledger.deployment.rpcUrl, "evm_snapshot");
    await delegate(ledger, 40, other(51));
    await untilEqual(ledger, indexer);
    await rpc(ledger.deployment.rpcUrl, "evm_revert", [snapshot]);
    await delegate(ledger, 41, other(52));
    await untilEqual(ledger, indexer);

    await indexer.stop();
    await delegate(ledger, 42, other(53));
    indexer = await startIndexer(ledger.dir, port, env);
    await untilEqual(ledger, indexer);
    assert.doesNotMatch(indexer.output(), /another one now/);

    await indexer.stop();
    await ledger.close();
    ledger = await startLedger(ledger.dir, chainPort, 0, 3);
    indexer = await startIndexer(ledger.dir, port, env);
    await untilEqual(ledger, indexer);
    assert.match(indexer.output(), /another one now/);
  });
});
