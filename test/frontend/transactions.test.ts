import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { getAddress } from "viem";
import type { Hex } from "viem";
import { loadTransactions, saveTransactions, withChange, withSent } from "../../frontend/src/tx/store.ts";
import type { SentTransaction, Shelf } from "../../frontend/src/tx/store.ts";

const hash = (n: number): Hex => `0x${n.toString(16).padStart(64, "0")}`;
const account = getAddress(`0x${"1".padStart(40, "a")}`);

function transaction(n: number, change: Partial<SentTransaction> = {}): SentTransaction {
  return { key: `vote:${n}`, label: `Vote ${n}`, hash: hash(n), chainId: 31_337, account, sentAt: 1_700_000_000_000 + n, state: "pending", ...change };
}

function memoryShelf(): Shelf {
  const kept = new Map<string, string>();
  return { getItem: (key) => kept.get(key) ?? null, setItem: (key, value) => void kept.set(key, value), removeItem: (key) => void kept.delete(key) };
}

describe("transactions that were sent", () => {
  it("survive a reload as they were", () => {
    const shelf = memoryShelf();
    const all = [transaction(2), transaction(1, { state: "failed", problem: "cancelled" })];
    saveTransactions(shelf, all);
    assert.deepEqual(loadTransactions(shelf), all);
  });
  it("are dropped one by one when what is stored is damaged or of another making", () => {
    const shelf = memoryShelf();
    for (const text of ["{", "null", "7", '{"hash":"0x12"}', "[null,1,{}]"]) {
      shelf.setItem("chongwen.transactions", text);
      assert.deepEqual(loadTransactions(shelf), []);
    }
    const spoilt = [{ hash: "0x12" }, { chainId: 1.5 }, { account: "me" }, { state: "lost" }, { problem: "<img>" }, { label: 7 }, { sentAt: "now" }];
    shelf.setItem("chongwen.transactions", JSON.stringify([...spoilt.map((part) => ({ ...transaction(1), ...part })), transaction(3)]));
    assert.deepEqual(loadTransactions(shelf).map(({ key }) => key), ["vote:3"]);
  });
  it("follow a replacement by its new hash", () => {
    const [changed] = withChange([transaction(1)], hash(1), { hash: hash(9), repriced: true });
    assert.deepEqual(changed, transaction(1, { hash: hash(9), repriced: true }));
    assert.deepEqual(withChange([transaction(1)], hash(2), { state: "done" }), [transaction(1)]);
  });
  it("sent again under the same key take the place of what has ended, never of what is under way", () => {
    const ended = transaction(1, { state: "failed" });
    assert.deepEqual(withSent([ended], transaction(1, { hash: hash(5) })).map((sent) => sent.hash), [hash(5)]);
    assert.deepEqual(withSent([transaction(1)], transaction(1, { hash: hash(5) })).map((sent) => sent.hash), [hash(5), hash(1)]);
  });
  it("are kept to a number, but never dropped while under way", () => {
    let all: readonly SentTransaction[] = [transaction(0)];
    for (let n = 1; n < 60; n++) all = withSent(all, transaction(n, { state: "done" }));
    assert.ok(all.length <= 31);
    assert.ok(all.some(({ key }) => key === "vote:0"));
  });
});
