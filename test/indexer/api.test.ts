// What the indexer answers, with a store that exists only here. Ponder itself is tested by test/indexer/ponder/, in .ci/run.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createApp, type LogRow, type Store } from "../../indexer/src/api/app.ts";
import { KINDS, parseQuery, pattern } from "../../indexer/src/api/search-query.ts";
import { clean } from "../../indexer/src/projections/text.ts";

const hash = (byte: string): string => `0x${byte.repeat(32)}`;
const rows: readonly LogRow[] = Array.from({ length: 700 }, (_, i) => ({
  blockNumber: Math.floor(i / 3), logIndex: i % 3, blockHash: hash("ab"), transactionHash: hash("cd"), address: "0xAB".padEnd(42, "0"), topics: i % 2 === 0 ? `${hash("01")},${hash("02")}` : "", data: "0x00",
}));

function memoryStore(more: Partial<Store> = {}): Store {
  return {
    progress: async () => 233,
    logs: async ({ from, to }, after, limit) =>
      rows
        .filter(({ blockNumber, logIndex }) => blockNumber >= from && blockNumber <= to && (after === undefined || blockNumber > (after[0] ?? 0) || (blockNumber === after[0] && logIndex > (after[1] ?? 0))))
        .slice(0, limit),
    blockHash: async () => undefined,
    search: async () => [],
    ...more,
  };
}

const chain = { head: async () => 240, block: async () => ({ hash: hash("EE"), timestamp: 5 }) };
const appWith = (more: Partial<Store> = {}, away = chain) => createApp({ chainId: 7, ledger: "0xAA", store: memoryStore(more), chain: away });

async function get(path: string, app = appWith()): Promise<{ status: number; body: Record<string, never> & { code?: string; logs?: unknown[][]; cursor?: string | null } }> {
  const response = await app.request(path);
  return { status: response.status, body: (await response.json()) as never };
}

describe("/status", () => {
  it("says chain, ledger, block with its hash, and lag", async () => {
    const { body } = await get("/status");
    assert.deepEqual(body, { chainId: 7, ledger: "0xaa", block: 233, blockHash: hash("ee"), timestamp: 5, headBlock: 240, lag: 7 });
  });
  it("gives the hash under which a block was indexed, not the one it has meanwhile", async () => {
    assert.equal((await get("/status", appWith({ blockHash: async () => hash("11") }))).body.blockHash, hash("11"));
  });
  it("is 503 with a reason while the past is being read, and when the chain is away", async () => {
    const starting = await get("/status", appWith({ progress: async () => undefined }));
    assert.deepEqual([starting.status, starting.body.code], [503, "indexer-starting"]);
    const away = await get("/status", appWith({}, { ...chain, head: () => Promise.reject(new Error("ECONNREFUSED")) }));
    assert.deepEqual([away.status, away.body.code], [503, "indexer-chain-away"]);
  });
});

describe("/logs", () => {
  it("gives every log once, in order, over pages of any size", async () => {
    for (const limit of [1, 249, 250, 251, 2_000]) {
      const seen: string[] = [];
      let cursor: string | null | undefined = "";
      while (typeof cursor === "string") {
        const { body } = await get(`/logs?from=10&to=60&limit=${limit}${cursor === "" ? "" : `&cursor=${cursor}`}`);
        seen.push(...(body.logs ?? []).map(([block, index]) => `${String(block)}/${String(index)}`));
        ({ cursor } = body);
      }
      assert.deepEqual(seen, rows.filter(({ blockNumber }) => blockNumber >= 10 && blockNumber <= 60).map(({ blockNumber, logIndex }) => `${blockNumber}/${logIndex}`), `limit ${limit}`);
    }
  });
  it("writes a log without topics as one", async () => {
    const { body } = await get("/logs?limit=2");
    assert.deepEqual(body.logs?.map((row) => row[5]), [[hash("01"), hash("02")], []]);
    assert.equal(body.logs?.[0]?.[4], "0xab".padEnd(42, "0"));
  });
  it("ends a page of long logs early", async () => {
    const long = `0x${"00".repeat(100_000)}`;
    const app = appWith({ logs: async (range, after, limit) => (await memoryStore().logs(range, after, limit)).map((row) => ({ ...row, data: long })) });
    const { body } = await get("/logs?limit=2000", app);
    assert.ok((body.logs?.length ?? 0) <= 250);
    assert.notEqual(body.cursor, null);
  });
});

describe("malformed questions", () => {
  const bad = [
    "/logs?limit=0", "/logs?limit=2001", "/logs?limit=1e3", "/logs?limit=-1", "/logs?from=-1", "/logs?from=1.5", "/logs?from=0x10", "/logs?to=99999999999999999999",
    "/logs?from=9&to=8", "/logs?cursor=1", "/logs?cursor=1-2-3", "/logs?cursor=1;drop%20table%20log", "/search", "/search?q=", "/search?q=a", "/search?q=0x12", "/search?q=0x",
    `/search?q=${"a".repeat(121)}`, `/search?q=0x${"a".repeat(65)}`, "/search?q=abc&limit=51", "/search?q=abc&kinds=tables", "/search?q=abc&kinds=",
  ];
  for (const path of bad) {
    it(`${path.slice(0, 60)} is 400 with what to do`, async () => {
      const { status, body } = await get(path);
      assert.equal(status, 400);
      assert.deepEqual(Object.keys(body), ["code", "message", "fix"]);
    });
  }
  it("reach no store", async () => {
    const app = appWith({ logs: () => assert.fail(), search: () => assert.fail() });
    for (const path of bad) await app.request(path);
  });
  it("of another place are 404, of a failing store 500 without its secrets", async () => {
    assert.equal((await get("/etc/passwd")).status, 404);
    const { error } = console;
    console.error = () => undefined;
    try {
      const { status, body } = await get("/search?q=abc", appWith({ search: () => Promise.reject(new Error("password=hunter2")) }));
      assert.equal(status, 500);
      assert.doesNotMatch(JSON.stringify(body), /hunter2/);
    } finally {
      console.error = error;
    }
  });
});

describe("a search", () => {
  it("knows addresses, prefixes of hashes, numbers and text", () => {
    const address = `0x${"Ab".repeat(20)}`;
    assert.deepEqual(parseQuery(address), { form: "address", address: address.toLowerCase() });
    assert.deepEqual(parseQuery(" 0xABCDEF "), { form: "hash", prefix: "0xabcdef" });
    assert.deepEqual(parseQuery("#12"), { form: "number", number: 12 });
    assert.deepEqual(parseQuery("同意"), { form: "text", text: "同意" });
    assert.equal(parseQuery("0xabcde"), undefined);
    assert.equal(parseQuery("数"), undefined);
  });
  it("takes no pattern from the reader", () => assert.equal(pattern(String.raw`50%_\ `), String.raw`%50\%\_\\ %`));
  it("says that there is more, and gives no more than asked", async () => {
    const search: Store["search"] = async (_, kinds, limit) => {
      assert.deepEqual(kinds, ["dataset"]);
      return Array.from({ length: limit }, (_, i) => ({ kind: "dataset" as const, id: String(i), title: "" }));
    };
    const { body } = await get("/search?q=abc&limit=3&kinds=dataset", appWith({ search }));
    assert.deepEqual([(body.hits as unknown as unknown[]).length, body.more], [3, true]);
  });
  it("has kinds without repetition", () => assert.equal(new Set(KINDS).size, KINDS.length));
});

describe("text from the chain", () => {
  it("that no database takes does not stop the indexer: poisoned event", () => {
    assert.equal(clean("a\0b"), "a\u{fffd}b");
    assert.equal(clean("\ud800").isWellFormed(), true);
    assert.ok(clean("x".repeat(1_000_000)).length <= 20_000);
  });
});
