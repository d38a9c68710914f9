import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { encodeAbiParameters, encodeEventTopics, getAddress } from "viem";
import type { Address } from "viem";
import { eventsIn } from "../../frontend/src/chain/events.ts";
import type { HistoryEntry } from "../../frontend/src/chain/history-entry.ts";
import { treasuryAbi } from "../../protocol/abi/index.ts";

const treasury = getAddress(`0x${"7".repeat(40)}`);
const other = getAddress(`0x${"8".repeat(40)}`);

function reserved(address: Address, federation: number, amount: bigint, logIndex: number): HistoryEntry {
  const topics = encodeEventTopics({ abi: treasuryAbi, eventName: "Reserved", args: { federation } });
  const data = encodeAbiParameters([{ type: "uint256" }], [amount]);
  const hash = `0x${"ab".repeat(32)}` as const;
  return { blockNumber: 5n, blockHash: hash, logIndex, transactionHash: hash, address: address.toLowerCase() as Address, topics: topics as HistoryEntry["topics"], data };
}

describe("events of the history", () => {
  const filter = { address: treasury, abi: treasuryAbi, eventName: "Reserved" } as const;
  it("are decoded in order, with where they stand", () => {
    const events = eventsIn([reserved(treasury, 1, 7n, 0), reserved(treasury, 2, 8n, 3)], filter);
    assert.deepEqual(events.map(({ args, logIndex, blockNumber }) => [args.federation, args.amount, logIndex, blockNumber]), [[1, 7n, 0, 5n], [2, 8n, 3, 5n]]);
  });
  it("of another contract, even of the same shape, are not taken for this one's", () => {
    assert.deepEqual(eventsIn([reserved(other, 1, 7n, 0)], filter), []);
  });
  it("of another name, or cut short, are left out", () => {
    assert.deepEqual(eventsIn([reserved(treasury, 1, 7n, 0)], { ...filter, eventName: "Credited" }), []);
    assert.deepEqual(eventsIn([{ ...reserved(treasury, 1, 7n, 0), data: "0x" }], filter), []);
  });
});
