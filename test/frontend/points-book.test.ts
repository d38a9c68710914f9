// A federation in points, as the history tells it.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { encodeAbiParameters, encodeEventTopics, getAddress, zeroHash } from "viem";
import type { Abi, AbiEvent, Address } from "viem";
import { readBook } from "../../frontend/src/chain/book.ts";
import type { HistoryEntry } from "../../frontend/src/chain/history-entry.ts";
import { pointsVaultAbi, roundsAbi, treasuryAbi } from "../../protocol/abi/index.ts";
import type { Deployment } from "../../protocol/deployment.ts";
import { nothingDue } from "../../scripts/commands/claim.ts";
import { CONFIG } from "../protocol/support/round.ts";

const account = (n: number): Address => getAddress(`0x${n.toString(16).padStart(40, "c")}`);
const [rounds, treasury, vault, payee] = [account(1), account(2), account(3), account(4)];
const contracts = { rounds, treasury, seats: account(5), settlement: account(6) } as unknown as Deployment["contracts"];

/** Each entry stands in a transaction of its own. */
function entry(address: Address, abi: Abi, eventName: string, args: Readonly<Record<string, unknown>>, block: number): HistoryEntry {
  const event = abi.find((item): item is AbiEvent => item.type === "event" && item.name === eventName);
  assert.ok(event);
  const data = event.inputs.filter(({ indexed }) => indexed !== true);
  const hash = `0x${block.toString(16).padStart(64, "0")}` as const;
  return {
    blockNumber: BigInt(block), blockHash: hash, logIndex: 0, transactionHash: hash, address: address.toLowerCase() as Address,
    topics: encodeEventTopics({ abi: [event], args }) as HistoryEntry["topics"],
    data: encodeAbiParameters(data, data.map(({ name }) => args[name ?? ""])),
  };
}

const created = (federation: number) =>
  entry(rounds, roundsAbi, "FederationCreated", { federation, configHash: zeroHash, config: CONFIG, genesisHash: zeroHash, modelRoot: zeroHash, artefact: zeroHash }, federation);
const opened = entry(treasury, treasuryAbi, "VaultOpened", { federation: 1, vault }, 11);
const inPoints = entry(treasury, treasuryAbi, "PointsOpened", { federation: 1 }, 11);
const attached = entry(treasury, treasuryAbi, "TokenAttached", { federation: 1, rate: 5n, amount: 9n }, 12);
const claimed = (cumulative: bigint, paid: bigint, block: number) => [
  entry(vault, pointsVaultAbi, "Claimed", { index: 3, payee, recipient: payee, amount: cumulative, cumulative }, block),
  entry(vault, pointsVaultAbi, "PointsPaid", { index: 3, recipient: payee, points: cumulative, paid }, block),
];

describe("a federation that earns points", () => {
  it("is known from the history, and so is its rate", () => {
    const pointsOf = (entries: readonly HistoryEntry[]) => readBook([created(1), created(2), ...entries], { contracts } as Deployment).map(({ points }) => points);
    assert.deepEqual(pointsOf([opened]), [undefined, undefined]);
    assert.deepEqual(pointsOf([opened, inPoints]), [{ rate: 0n }, undefined]);
    assert.deepEqual(pointsOf([opened, inPoints, attached]), [{ rate: 5n }, undefined]);
  });

  it("was paid what its claims of points came to", () => {
    const [federation] = readBook([created(1), opened, inPoints, attached, ...claimed(700n, 7n, 13), ...claimed(900n, 2n, 14)], { contracts } as Deployment);
    assert.deepEqual(federation?.claims.map(({ amount, cumulative }) => [amount, cumulative]), [[7n, 700n], [2n, 900n]]);
  });
});

describe("a claim on the command line that would pay nothing", () => {
  it("says points, no token, and that they stay", () => {
    const whole = 10n ** 18n;
    assert.match(nothingDue(3, 12n * whole, 0n, { rate: 0n, payments: [] }), /^Seat 3 has earned 12 points, and no token is attached to them yet\. They stay/);
    assert.match(nothingDue(3, 12n * whole, 12n * whole, { rate: 5n, payments: [] }), /paid for all 12 points/);
    assert.equal(nothingDue(3, 12n * whole, 12n * whole, null), "Seat 3 has been paid all 12 SHU that it earned");
  });
});
