// What an operator checks before it signs a seal: all that a verifier could prove against it.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { zeroHash } from "viem";
import { privateKeyToAccount } from "viem/accounts";
import { createDomain, type Contribution, type Entry } from "../../../protocol/index.ts";
import { privatise } from "../../../protocol/privacy/privatise.ts";
import { contribute } from "../../../scripts/site/contribute.ts";
import type { Kernel } from "../../../scripts/chain/kernel.ts";
import type { OpenRound } from "../../../scripts/ledger/open-round.ts";
import { readPostedPayloads } from "../../../scripts/ledger/posted-payloads.ts";
import { checkEntries } from "../../../scripts/operator/seal-round.ts";
import { nativeHashPairs } from "../../../scripts/store/hash-pairs.ts";
import { seededBytes } from "../../protocol/support/bytes.ts";
import { withCode } from "../../protocol/support/throws.ts";

const LEDGER = "0x00000000000000000000000000000000000000aa";
const key = (n: number) => privateKeyToAccount(`0x${n.toString(16).padStart(64, "0")}`);
const [present, former] = [key(7), key(8)];
const context = { federation: 1, round: 3, parentReportHash: zeroHash, configHash: zeroHash };
const open: OpenRound = { context, attempt: 0, parentRound: 2, forceUntil: 0 };
const update = Int16Array.from({ length: 40 }, (_, i) => i);

interface Ledger {
  readonly exempt: boolean;
  readonly dataset?: number;
  readonly rhoPerRound: number;
  readonly normSqBound: bigint;
  readonly forced: readonly { readonly contribution: Contribution; readonly signature: Entry["signature"] }[];
}

/** As much of a kernel as is read here: seat 5 of contributor 1, whose present key is `present`. */
function kernelOf({ exempt, dataset = 9, rhoPerRound, normSqBound, forced }: Ledger): Kernel {
  const logs: Record<string, unknown[]> = {
    FederationCreated: [{ args: { configHash: zeroHash, config: { rhoPerRound, normSqBound } } }],
    FederationReconfigured: [],
    ContributionForced: forced.map((args) => ({ args: { seat: args.contribution.seat, ...args } })),
  };
  const fake = {
    deployment: { chainId: 31_337, fromBlock: 0n, contracts: { rounds: LEDGER } },
    rounds: { address: LEDGER },
    client: {
      getBlock: async () => await Promise.resolve({ timestamp: 1_000n }),
      getContractEvents: async ({ eventName }: { eventName: string }) => await Promise.resolve(logs[eventName]),
    },
    seats: { read: { seatOf: async () => await Promise.resolve({ contributor: 1, dataset }) } },
    contributors: { read: { keyAt: async () => await Promise.resolve(present.address) } },
    datasets: { read: { termsOf: async ([id]: readonly [number]) => (id === 0 ? await Promise.reject(new Error("DatasetsUnknown")) : await Promise.resolve({ exempt })) } },
  };
  return fake as unknown as Kernel;
}

const ledger: Ledger = { exempt: false, rhoPerRound: 10, normSqBound: 0n, forced: [] };
/** As a site would: what is charged a budget has noise in it. */
const noised = privatise(update, { clip: 1n, sigmaSquared: { numerator: 50_000_000n, denominator: 1n }, unit: "site" }, seededBytes(1));
const entryBy = async (signer = present, rho = 10) =>
  await contribute({ signer, domain: createDomain(31_337, LEDGER), context, seat: 5, rho, update: rho === 0 ? update : noised, hashPairs: nativeHashPairs });

describe("an operator that is asked to seal", () => {
  it("signs for an entry by the seat's key, with the round's cost and a norm within the bound", async () => {
    await checkEntries(kernelOf(ledger), open, [await entryBy()]);
    await checkEntries(kernelOf({ ...ledger, exempt: true }), open, [await entryBy(present, 0)]);
    const { normSq } = await entryBy();
    await checkEntries(kernelOf({ ...ledger, normSqBound: normSq }), open, [await entryBy()]);
  });

  it("is not stopped by an entry of a support seat, which has no dataset to ask", async () => {
    const support = { ...ledger, exempt: true, dataset: 0 };
    await checkEntries(kernelOf(support), open, [await entryBy()]);
    await assert.rejects(checkEntries(kernelOf(support), open, [await entryBy(former)]), withCode("signature-invalid"));
    await assert.rejects(checkEntries(kernelOf(support), open, [await entryBy(present, 0)]), withCode("out-of-range"));
  });

  it("refuses another key", async () => {
    await assert.rejects(checkEntries(kernelOf(ledger), open, [await entryBy(former)]), withCode("signature-invalid"));
  });

  it("takes what was forced in with the key of then, and only for that seat and parent", async () => {
    const { seat, updateRoot, normSq, normTraceRoot, rho, signature } = await entryBy(former);
    const contribution = { ...context, seat, updateRoot, normSq, normTraceRoot, rho };
    await checkEntries(kernelOf({ ...ledger, forced: [{ contribution, signature }] }), open, [await entryBy(former)]);
    for (const change of [{ seat: 6 }, { parentReportHash: `0x${"11".repeat(32)}` as const }]) {
      const other = { contribution: { ...contribution, ...change }, signature };
      await assert.rejects(checkEntries(kernelOf({ ...ledger, forced: [other] }), open, [await entryBy(former)]), withCode("signature-invalid"));
    }
  });

  it("refuses a cost that the round does not charge: a verifier would convict it", async () => {
    await assert.rejects(checkEntries(kernelOf(ledger), open, [await entryBy(present, 0)]), withCode("out-of-range"));
    await assert.rejects(checkEntries(kernelOf({ ...ledger, exempt: true }), open, [await entryBy(present, 10)]), withCode("out-of-range"));
  });

  it("refuses a norm above the bound", async () => {
    const entry = await entryBy();
    await assert.rejects(checkEntries(kernelOf({ ...ledger, normSqBound: entry.normSq - 1n }), open, [entry]), withCode("out-of-range"));
  });
});

describe("payloads that were posted on chain", () => {
  const hex = (...bytes: number[]) => `0x${Buffer.from(bytes).toString("hex")}`;
  const kernel = (posted: bigint, logs: readonly object[]) =>
    ({
      deployment: { fromBlock: 0n },
      rounds: { read: { roundOf: async () => await Promise.resolve({ hash: zeroHash }), postedOf: async () => await Promise.resolve(posted) } },
      postings: {},
      client: { getContractEvents: async () => await Promise.resolve(logs.map((args) => ({ args }))) },
    }) as unknown as Kernel;

  it("are put together from their parts, zeros behind them included", async () => {
    const parts = [{ entry: 2n, part: 0n, lanes: hex(1, 0, 255, 255) }, { entry: 2n, part: 1n, lanes: hex(7) }];
    const found = await readPostedPayloads(kernel(4n, parts), 1, 3, 40_000);
    const lanes = found.get(2);
    assert.deepEqual([found.size, lanes?.length, lanes?.[0], lanes?.[1], lanes?.[2], lanes?.[32_768]], [1, 40_000, 1, -1, 0, 7]);
  });

  it("count only when they are complete", async () => {
    assert.equal((await readPostedPayloads(kernel(0n, [{ entry: 2n, part: 0n, lanes: hex(1) }]), 1, 3, 40)).size, 0);
    assert.equal((await readPostedPayloads(kernel(1n, [{ entry: 2n, part: 0n, lanes: hex(1) }]), 1, 3, 40)).size, 0);
  });
});
