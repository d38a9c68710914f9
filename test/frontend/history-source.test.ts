import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, it } from "node:test";
import { fingerprint } from "../../frontend/src/chain/history-entry.ts";
import type { HistoryEntry } from "../../frontend/src/chain/history-entry.ts";
import { pickSamples } from "../../frontend/src/chain/history-check.ts";
import { type History, loadHistory } from "../../frontend/src/chain/history-source.ts";
import { addressAt, FakeChain, fakeDeployment, startFakeIndexer, VAULT, type FakeIndexer } from "./fake-ledger.ts";

const { signal } = new AbortController();

function assertIsHistoryOf(chain: FakeChain, history: History): void {
  assert.deepEqual(history.entries.map(fingerprint), chain.logs().map(fingerprint));
  assert.equal(history.through, BigInt(chain.head));
}

describe("the history read from the chain", () => {
  let chain = new FakeChain(0);
  let client = chain.client();
  const load = (previous?: History): Promise<History> => loadHistory({ client, deployment: fakeDeployment(), previous, signal });

  beforeEach(() => {
    chain = new FakeChain(200);
    client = chain.client();
  });

  it("holds every event, those of a vault in the block that opened it too", async () => {
    const history = await load();
    assertIsHistoryOf(chain, history);
    assert.deepEqual(history.source, { kind: "chain" });
    assert.equal(history.fallback, undefined);
  });

  it("is the same through an endpoint that limits ranges, and costs few refusals", async () => {
    chain.limits.range = 9n;
    assertIsHistoryOf(chain, await load());
    const asked = chain.calls.filter((method) => method === "eth_getLogs").length;
    assert.ok(asked < 200 / 8 + 60, `${asked} questions`);
  });

  it("is the same through an endpoint that limits how much it answers", async () => {
    chain.limits.results = 7;
    assertIsHistoryOf(chain, await load());
  });

  it("has each log once when the endpoint repeats the newest block's", async () => {
    chain.limits.repeats = true;
    assertIsHistoryOf(chain, await load());
  });

  it("fails when even one block is refused, rather than leave it out", async () => {
    chain.limits.results = 0;
    await assert.rejects(load(), /too many results/);
  });

  it("fails at once when the endpoint does not answer", async () => {
    chain.limits.down = true;
    await assert.rejects(load());
  });

  it("goes on from the last block", async () => {
    const before = await load();
    chain.seal(500);
    chain.mine(3);
    chain.calls.length = 0;
    const after = await load(before);
    assertIsHistoryOf(chain, after);
    assert.equal(chain.calls.filter((method) => method === "eth_getLogs").length, 1);
  });

  it("is the very same array when nothing happened", async () => {
    const before = await load();
    chain.mine(1);
    assert.equal((await load(before)).entries, before.entries);
  });

  for (const depth of [1, 2, 31, 150]) {
    it(`forgets what a reorganisation of ${depth} took away, and learns what took its place`, async () => {
      const before = await load();
      chain.reorganise(depth);
      for (let i = 0; i < depth + 2; i++) chain.seal(1000 + i);
      const after = await load(before);
      assertIsHistoryOf(chain, after);
      assert.notDeepEqual(after.entries.map(fingerprint), before.entries.map(fingerprint));
    });
  }

  it("follows a chain that became shorter", async () => {
    const before = await load();
    chain.reorganise(40);
    assertIsHistoryOf(chain, await load(before));
  });

  it("starts anew on another chain", async () => {
    const before = await load();
    chain.reorganise(chain.head + 1);
    chain.mine(250);
    assertIsHistoryOf(chain, await load(before));
  });

  it("stops when told to", async () => {
    await assert.rejects(loadHistory({ client, deployment: fakeDeployment(), signal: AbortSignal.abort() }), { name: "AbortError" });
  });
});

describe("the history read from an indexer", () => {
  let chain = new FakeChain(0);
  let client = chain.client();
  let indexer: FakeIndexer;
  const load = (previous?: History): Promise<History> =>
    loadHistory({ client, deployment: fakeDeployment(indexer.url), previous, signal, secondLookMs: 0 });

  beforeEach(async () => {
    chain = new FakeChain(200);
    client = chain.client();
    indexer = await startFakeIndexer(chain);
    indexer.lies.pageSize = 50;
  });
  afterEach(() => indexer.close());

  it("is the chain's, and says how much of it was compared", async () => {
    const history = await load();
    assertIsHistoryOf(chain, history);
    assert.deepEqual(history.source, { kind: "indexer", lag: 0n, checked: "191/191" });
    assert.equal(history.fallback, undefined);
  });

  it("is filled up from the chain when the indexer lags a little", async () => {
    indexer.lies.block = () => chain.head - 20;
    const history = await load();
    assertIsHistoryOf(chain, history);
    assert.deepEqual(history.source, { kind: "indexer", lag: 20n, checked: "171/171" });
  });

  it("comes from the chain when the indexer is far behind", async () => {
    indexer.lies.block = () => chain.head - 150;
    const history = await load();
    assertIsHistoryOf(chain, history);
    assert.deepEqual([history.source.kind, history.fallback?.reason], ["chain", "behind"]);
  });

  it("comes from the chain when the indexer is gone, still starting, or talks nonsense", async () => {
    indexer.lies.raw = { status: 503, body: '{"code":"indexer-starting","message":"It reads the past.","fix":"Wait."}' };
    assert.deepEqual((await load()).fallback, { reason: "behind", detail: "It reads the past." });
    for (const raw of [{ status: 500, body: "<html>" }, { status: 200, body: "{}" }, { status: 200, body: "[[[" }]) {
      indexer.lies.raw = raw;
      assert.equal((await load()).fallback?.reason, "gone");
    }
    await indexer.close();
    const history = await load();
    assert.equal(history.fallback?.reason, "gone");
    assertIsHistoryOf(chain, history);
  });

  it("comes from the chain when the indexer drowns the page, or never ends", async () => {
    const status = async (): Promise<Record<string, unknown>> => (await (await fetch(`${indexer.url}/status`)).json()) as Record<string, unknown>;
    const honest = await status();
    for (const page of [{ logs: [], cursor: "again" }, { logs: Array.from({ length: 2_001 }, () => []), cursor: null }, { logs: [], cursor: null, filler: "x".repeat(33 << 20) }]) {
      indexer.lies.raw = { status: 200, body: JSON.stringify({ ...honest, ...page }) };
      const history = await load();
      assert.equal(history.fallback?.reason, "gone");
      assertIsHistoryOf(chain, history);
    }
  });

  it("goes over to the chain when the indexer goes, and keeps what was checked", async () => {
    const before = await load();
    await indexer.close();
    chain.seal(500);
    const after = await load(before);
    assertIsHistoryOf(chain, after);
    assert.deepEqual([after.source.kind, after.fallback?.reason], ["chain", "gone"]);
  });

  it("says the present lag later on", async () => {
    const before = await load();
    const stuckAt = chain.head;
    indexer.lies.block = () => stuckAt;
    chain.mine(5);
    assert.deepEqual((await load(before)).source, { kind: "indexer", lag: 5n, checked: "191/191" });
  });

  it("gives no false alarm when the chain changed its mind between two questions", async () => {
    let asked = 0;
    indexer.lies.status = (status) => (asked++ === 0 ? { ...status, blockHash: `0x${"ab".repeat(32)}` } : status);
    assert.equal((await load()).source.kind, "indexer");
  });

  const changed = (change: (log: HistoryEntry) => HistoryEntry, at = 60) => (logs: HistoryEntry[]): HistoryEntry[] => logs.map((log, i) => (i === at ? change(log) : log));
  const lies: Record<string, (indexer: FakeIndexer, chain: FakeChain) => void> = {
    "leaves a log out": ({ lies }) => void (lies.logs = (logs) => logs.toSpliced(60, 1)),
    "leaves the newest log out": ({ lies }) => void (lies.logs = (logs) => logs.slice(0, -1)),
    "leaves everything out": ({ lies }) => void (lies.logs = () => []),
    "changes a byte of the data": ({ lies }) => void (lies.logs = changed((log) => ({ ...log, data: log.data.replace(/.$/, "f") as HistoryEntry["data"] }))),
    "changes a topic": ({ lies }) => void (lies.logs = changed((log) => ({ ...log, topics: log.topics.with(1, `0x${"00".repeat(31)}09`) }))),
    "changes a transaction's hash": ({ lies }) => void (lies.logs = changed((log) => ({ ...log, transactionHash: `0x${"ee".repeat(32)}` }))),
    "gives another contract's name to a log": ({ lies }) => void (lies.logs = changed((log) => ({ ...log, address: addressAt(3) }))),
    "invents a log": ({ lies }) => void (lies.logs = (logs) => logs.toSpliced(60, 0, { ...logs[60]!, logIndex: 0 }).map((log, i) => (i === 61 ? { ...log, logIndex: 1 } : log))),
    "invents a contract of ours": ({ lies }) => void (lies.logs = changed((log) => ({ ...log, address: addressAt(77) }))),
    "gives logs in another order": ({ lies }) => void (lies.logs = (logs) => logs.toReversed()),
    "gives logs of blocks nobody asked for": ({ lies }) => void (lies.logs = changed((log) => ({ ...log, blockNumber: 10_000n }), 190)),
    "hides a vault": ({ lies }) => void (lies.logs = (logs) => logs.filter(({ address }) => address !== addressAt(901) && address !== fakeDeployment().contracts.treasury)),
    "names a stale block": ({ lies }, chain) => {
      const stale = chain.hashOf(chain.head);
      chain.reorganise(1);
      chain.mine(1);
      lies.status = (status) => ({ ...status, blockHash: stale });
    },
    "is on another chain": ({ lies }) => void (lies.status = (status) => ({ ...status, chainId: 1 })),
    "is on another ledger": ({ lies }) => void (lies.status = (status) => ({ ...status, ledger: addressAt(500) })),
  };
  for (const [what, lie] of Object.entries(lies)) {
    it(`is the chain's all the same when the indexer ${what}`, async () => {
      lie(indexer, chain);
      const history = await load();
      assertIsHistoryOf(chain, history);
      assert.deepEqual([history.source.kind, history.fallback?.reason], ["chain", "lied"]);
      // A liar is not believed again because it has stopped lying.
      for (const key of ["logs", "status"] as const) delete indexer.lies[key];
      chain.mine(1);
      assert.equal((await load(history)).fallback?.reason, "lied");
    });
  }
});

describe("an indexer of a history too long to be compared whole", () => {
  const chain = new FakeChain(6_000);
  // The draws that look least: always the very beginning, and the newest.
  const random = (): number => 0;
  const read = async (lies: FakeIndexer["lies"]): Promise<History> => {
    const indexer = await startFakeIndexer(chain);
    Object.assign(indexer.lies, lies);
    const history = await loadHistory({ client: chain.client(), deployment: fakeDeployment(indexer.url), signal, random, secondLookMs: 0 });
    await indexer.close();
    return history;
  };
  const without = (at: number) => (logs: HistoryEntry[]): HistoryEntry[] => logs.toSpliced(at, 1);

  it("is read again in part only", async () => {
    const { source } = await read({});
    const [compared = 0, all = 0] = source.kind === "indexer" ? source.checked.split("/").map(Number) : [];
    assert.equal(all, chain.logs().length);
    assert.ok(compared > 100 && compared < all / 2, `${compared}`);
  });

  const hidden: Record<string, readonly [RegExp, (logs: HistoryEntry[]) => HistoryEntry[]]> = {
    federation: [/^number of federations: the chain says 1, the indexer 0/, without(0)],
    organisation: [/^number of organisations/, without(1)],
    contributor: [/^number of contributors/, without(2)],
    dataset: [/^number of datasets/, without(3)],
    seat: [/^seats of federation 1/, without(4)],
    "last round": [/^last round of federation 1/, (logs) => logs.filter(({ blockNumber }) => blockNumber < 5_990n)],
    vault: [/^vault of federation 1/, (logs) => logs.filter(({ address }) => address !== VAULT && address !== fakeDeployment().contracts.treasury)],
  };
  for (const [what, [detail, logs]] of Object.entries(hidden)) {
    it(`cannot hide a ${what}: the contracts count them`, async () => {
      const { fallback } = await read({ logs });
      assert.equal(fallback?.reason, "lied");
      assert.match(fallback.detail, detail);
    });
  }

  it("cannot let a stranger speak, nor turn the order round", async () => {
    const strange = await read({ logs: (logs) => logs.map((log, i) => (i === 3_000 ? { ...log, address: addressAt(77) } : log)) });
    assert.match(strange.fallback?.detail ?? "", /^who speaks for this ledger/);
    const turned = await read({ logs: (logs) => logs.with(3_000, logs[3_001]!).with(3_001, logs[3_000]!) });
    assert.match(turned.fallback?.detail ?? "", /^order of its logs/);
  });

  it("can leave out one log where nobody looks: what is acted on is read from the chain itself", async () => {
    const { source, entries } = await read({ logs: without(4_000) });
    assert.equal(source.kind, "indexer");
    assert.equal(entries.length, chain.logs().length - 1);
  });
});

describe("the samples of a long history", () => {
  const entry = (i: number): HistoryEntry => ({
    blockNumber: BigInt(i) * 50n, blockHash: "0x", logIndex: 0, transactionHash: "0x", address: addressAt(0), topics: [], data: "0x",
  });
  const entries = Array.from({ length: 10_000 }, (_, i) => entry(i));
  const span = { from: 0n, to: 500_000n };

  it("hold the newest logs always, lie inside, do not overlap, and stay small", () => {
    for (let seed = 0; seed < 200; seed++) {
      const spans = pickSamples(entries, span, () => ((seed * 7919) % 1000) / 1000);
      assert.equal(spans.at(-1)?.to, span.to);
      assert.ok((spans.at(-1)?.from ?? span.to) <= 9_990n * 50n);
      let blocks = 0n;
      for (const [i, { from, to }] of spans.entries()) {
        assert.ok(from >= span.from && to <= span.to && from <= to);
        if (i > 0) assert.ok(from > (spans[i - 1]?.to ?? 0n));
        blocks += to - from + 1n;
      }
      assert.ok(blocks <= 9n * 2_001n, `${blocks} blocks`);
    }
  });

  it("are the whole of a short one, silence included", () => {
    assert.deepEqual(pickSamples(entries.slice(0, 10), { from: 0n, to: 1_000n }, Math.random), [{ from: 0n, to: 1_000n }]);
  });

  it("find one omission in a thousand logs about as often as they say", () => {
    let state = 1;
    const random = (): number => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
    const thousand = entries.slice(0, 1_000);
    let [found, compared] = [0, 0];
    for (let i = 0; i < 400; i++) {
      const missing = BigInt(Math.floor(random() * 1_000)) * 50n;
      const given = thousand.filter(({ blockNumber }) => blockNumber !== missing);
      const spans = pickSamples(given, { from: 0n, to: 50_000n }, random);
      if (spans.some(({ from, to }) => from <= missing && missing <= to)) found += 1;
      compared += given.filter(({ blockNumber }) => spans.some(({ from, to }) => from <= blockNumber && blockNumber <= to)).length / 999;
    }
    assert.ok(Math.abs(found / 400 - compared / 400) < 0.08, `found ${found / 400}, read again ${compared / 400}`);
  });
});
