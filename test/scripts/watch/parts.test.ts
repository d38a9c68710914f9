// The small parts of a watcher that need no chain.
import assert from "node:assert/strict";
import { appendFile, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { after, describe, it } from "node:test";
import { encodeFunctionData, HttpRequestError, RpcRequestError, type PublicClient } from "viem";
import { demandsAbi, roundsAbi } from "../../../protocol/abi/index.ts";
import { toHex } from "../../../protocol/bytes.ts";
import { ChongwenError } from "../../../protocol/errors.ts";
import { demandId, encodeAnswer } from "../../../protocol/faults/demand.ts";
import type { Kernel } from "../../../scripts/chain/kernel.ts";
import { devAccount } from "../../../scripts/chain/dev-accounts.ts";
import { callsIn } from "../../../scripts/watch/calldata.ts";
import { demandArgs, isCovered, readAnswers, readDemands } from "../../../scripts/watch/demands.ts";
import { openJournal } from "../../../scripts/watch/journal.ts";
import { readInParts } from "../../../scripts/watch/logs.ts";
import { createModelCache } from "../../../scripts/watch/models.ts";
import { createSender, GAS_CAP } from "../../../scripts/watch/sender.ts";
import { backOff } from "../../../scripts/watch/time.ts";
import { isEndpointFailure } from "../../../scripts/watch/watch.ts";
import { makeEvidence } from "../../protocol/faults/find-evidence.ts";

describe("a watcher's journal", async () => {
  const dir = await mkdtemp(path.join(os.tmpdir(), "chongwen-journal-"));
  after(() => rm(dir, { recursive: true, force: true }));

  it("remembers across runs, and passes over what it cannot read", async () => {
    const first = await openJournal(dir, "a");
    assert.equal(first.has("verified", "round 1/1/0 0x1"), false);
    await first.write({ event: "verified", subject: "round 1/1/0 0x1" });
    await first.write({ event: "committed", subject: "round 1/2/0 0x2", commitment: "0x3", block: 7 });
    await appendFile(first.file, 'null\n{"event":"verified"}\n\u0000\u0001\n{"event":"verified","subject":"torn');
    const second = await openJournal(dir, "a");
    assert.deepEqual([second.has("verified", "round 1/1/0 0x1"), second.has("committed", "round 1/2/0 0x2"), second.has("verified", "torn")], [true, true, false]);
    await second.write({ event: "verified", subject: "round 1/3/0 0x4" });
    assert.ok((await openJournal(dir, "a")).has("verified", "round 1/3/0 0x4"), "a torn line must not swallow the next one");
  });

  it("is for one ledger, and starts anew when it is gone", async () => {
    const journal = await openJournal(dir, "b");
    await journal.write({ event: "verified", subject: "x" });
    assert.equal((await openJournal(dir, "c")).has("verified", "x"), false);
    await rm(journal.file);
    assert.equal((await openJournal(dir, "b")).has("verified", "x"), false);
  });

  it("takes any file for a journal", async () => {
    await writeFile(path.join(dir, "d.jsonl"), Buffer.from([0xff, 0xfe, 0x00, 0x0a, 0x7b]));
    await (await openJournal(dir, "d")).write({ event: "verified", subject: "y" });
    assert.ok((await openJournal(dir, "d")).has("verified", "y"));
    assert.match(await readFile(path.join(dir, "d.jsonl"), "utf8"), /\n\{"event":"verified"/);
  });
});

describe("reading events", () => {
  const refusal = new RpcRequestError({ body: {}, url: "http://x", error: { code: -32_005, message: "more than 10 blocks" } });

  it("asks for halves of a range that is refused", async () => {
    const read = async ({ fromBlock, toBlock }: { fromBlock: bigint; toBlock: bigint }): Promise<bigint[]> => {
      if (toBlock - fromBlock >= 10n) throw refusal;
      return Array.from({ length: Number(toBlock - fromBlock) + 1 }, (_, i) => fromBlock + BigInt(i));
    };
    assert.deepEqual(await readInParts({ fromBlock: 3n, toBlock: 44n }, read), Array.from({ length: 42 }, (_, i) => BigInt(i + 3)));
  });

  it("gives up on one block that is refused, and on an endpoint that does not answer", async () => {
    await assert.rejects(readInParts({ fromBlock: 0n, toBlock: 3n }, () => Promise.reject(refusal)), refusal);
    let asked = 0;
    const away = new HttpRequestError({ url: "http://x" });
    await assert.rejects(readInParts({ fromBlock: 0n, toBlock: 1_000n }, () => (asked++, Promise.reject(away))), away);
    assert.equal(asked, 1);
    assert.deepEqual([isEndpointFailure(away), isEndpointFailure(refusal), isEndpointFailure(new Error("x"))], [true, false, false]);
  });
});

describe("finding a call in calldata", () => {
  const args = [1, { modelRoot: `0x${"01".repeat(32)}`, metricsHash: `0x${"02".repeat(32)}`, excluded: 3n, artefact: `0x${"04".repeat(32)}` }, { signers: 7, signatures: "0x1234" }] as const;
  const call = encodeFunctionData({ abi: roundsAbi, functionName: "report", args });

  it("finds it at the start, and inside of another contract's call", () => {
    assert.deepEqual(callsIn(call, roundsAbi, "report"), [args]);
    assert.deepEqual(callsIn(`0x12345678${"00".repeat(31)}20${call.slice(2)}${"00".repeat(9)}`, roundsAbi, "report"), [args]);
  });

  it("finds none where there is none, and none that cannot be read", () => {
    assert.deepEqual(callsIn("0x", roundsAbi, "report"), []);
    assert.deepEqual(callsIn(`${call.slice(0, 30)}` as `0x${string}`, roundsAbi, "report"), []);
    assert.deepEqual(callsIn(call, roundsAbi, "nothing"), []);
  });
});

describe("reading demands and answers", () => {
  it("takes of several calls in one transaction the one that the ledger accepted", async () => {
    const { round, files } = await makeEvidence();
    const onChain = { ledger: round, report: round.report!, parentRound: 0, reportedIn: 0n };
    const other = { ...onChain, report: { ...onChain.report, modelRoot: `0x${"99".repeat(32)}` as const } };
    const run = { first: 0, count: 16 };
    const depth = round.config.depth + 3;
    const callOf = (of: typeof onChain): string => encodeFunctionData({ abi: demandsAbi, functionName: "demand", args: demandArgs(of, { kind: "model", entry: 0 }, run, new Uint8Array()) as never }).slice(2);
    const key = { federation: 1, round: 1, attempt: 0, commitment: onChain.report.modelRoot, depth, ...run };
    const id = demandId(key);
    const bytes = new Uint8Array(512);
    bytes.set(files.model!);
    const answerOf = (file: Uint8Array): string =>
      encodeFunctionData({ abi: demandsAbi, functionName: "answer", args: [1, 1, 0, depth, run.first, run.count, toHex(encodeAnswer(file, depth, run))] }).slice(2);
    const inputs: Record<string, string> = { demanded: callOf(other) + callOf(onChain), answered: answerOf(bytes.toReversed()) + answerOf(bytes) };
    const kernel = {
      deployment: { fromBlock: 0n },
      demands: { abi: demandsAbi, address: devAccount(1).address },
      client: {
        getBlockNumber: async () => 1n,
        getTransaction: async ({ hash }: { hash: string }) => ({ input: `0x12345678${inputs[hash] ?? ""}` }),
        getContractEvents: async ({ eventName }: { eventName: string }) => [
          eventName === "DataDemanded"
            ? { transactionHash: "demanded", args: { id, input: { kind: 0, entry: 0, ...run }, attempt: 0, demander: devAccount(1).address } }
            : { transactionHash: "answered", args: { id } },
        ],
      },
    } as unknown as Kernel;
    const records = await readDemands(kernel, 1, 1);
    assert.deepEqual(records.map((record) => record.key), [key]);
    const { files: shown } = await readAnswers(kernel, records);
    assert.deepEqual([...shown], [[onChain.report.modelRoot, bytes]]);
  });
});

describe("a watcher's transactions", () => {
  /** A chain that takes everything and charges as told. */
  const chain = (over: object): PublicClient =>
    ({
      simulateContract: async () => ({}),
      estimateContractGas: async () => 100_000n,
      getBlock: async () => ({ baseFeePerGas: 10n }),
      estimateMaxPriorityFeePerGas: async () => 1n,
      ...over,
    }) as unknown as PublicClient;
  const call = { kind: "prove", address: devAccount(1).address, abi: roundsAbi, functionName: "void", args: [1, 1] };
  const codeOf = (error: unknown): string => (error instanceof ChongwenError ? error.code : String(error));

  it("never use more gas than a transaction may", async () => {
    const sender = createSender(chain({ estimateContractGas: async () => GAS_CAP + 1n }), "http://x", devAccount(1));
    await assert.rejects(sender.quote(call), (error) => codeOf(error) === "proof-too-large");
    const just = createSender(chain({ estimateContractGas: async () => GAS_CAP - 1n }), "http://x", devAccount(1));
    assert.equal((await just.quote(call)).gas, GAS_CAP);
  });

  it("never pay more for it than allowed", async () => {
    const allowed = createSender(chain({}), "http://x", devAccount(1), { maxGasPrice: 15n });
    const { gas, cost } = await allowed.quote(call);
    assert.equal(cost, 15n * gas);
    await assert.rejects(createSender(chain({}), "http://x", devAccount(1), { maxGasPrice: 9n }).quote(call), (error) => codeOf(error) === "gas-too-dear");
  });
});

describe("a watcher's memory", () => {
  it("keeps the models last used", () => {
    const cache = createModelCache(25);
    const roots = ["0x1", "0x2", "0x3"] as const;
    for (const root of roots) cache.keep(root, new Uint8Array(10));
    assert.deepEqual([...cache.entries()].map(([root]) => root), ["0x2", "0x3"]);
    cache.keep("0x4", new Uint8Array(100));
    assert.deepEqual([...cache.entries()].map(([root]) => root), ["0x4"]);
  });

  it("knows which chunks it was shown", () => {
    assert.equal(isCovered({ first: 5, count: 3 }, [{ first: 0, count: 8 }]), true);
    assert.equal(isCovered({ first: 5, count: 4 }, [{ first: 0, count: 8 }]), false);
  });

  it("waits longer after every failure, up to a minute", () => {
    assert.deepEqual([0, 1, 3, 9].map(backOff), [1_000, 2_000, 8_000, 60_000]);
  });
});
