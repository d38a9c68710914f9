import assert from "node:assert/strict";
import { describe, test } from "node:test";
import hashtree from "@chainsafe/hashtree";
import { encodeAbiParameters, encodeFunctionData, keccak256, parseAbi } from "viem/utils";
import type { Hex } from "../../../protocol/bytes.ts";
import { bytesOf, columnHash, hashTreeRoot, packUints, zeroHash } from "../../../protocol/index.ts";
import { toHex } from "../../../protocol/bytes.ts";
import {
  chunksOf, COLUMN, columnChunks, decodeAnswer, demandDeposit, demandedDepth, demandId, encodeAnswer, encodeDemand, encodeReportProof, MAX_DEMANDED_CHUNKS,
  placeAnswer,
  type DemandKey, type ReportedRound,
} from "../../../protocol/faults/demand.ts";
import { encodeRoundHeader, HEADER_BYTES } from "../../../protocol/faults/header.ts";
import { randomInt16 } from "../support/random.ts";
import { SAMPLES } from "../support/structs.ts";
import { withCode } from "../support/throws.ts";

const ABI = parseAbi(["function answer(uint32 federation,uint32 round,uint8 attempt,uint8 depth,uint32 first,uint16 count,bytes data)"]);
const word = (byte: string): Hex => `0x${byte.repeat(32)}`;
const KEY: DemandKey = { federation: 1, round: 2, attempt: 3, commitment: word("04"), depth: 5, first: 6, count: 7 };
const ROUND: ReportedRound = {
  config: SAMPLES.FederationConfig,
  seal: SAMPLES.Seal,
  report: SAMPLES.Report,
  parentReportHash: word("a1"),
  modelRoot: word("a2"),
  updateRoots: Uint8Array.from({ length: 96 }, (_, i) => i),
  normTraces: Uint8Array.from({ length: 96 }, (_, i) => 255 - i),
  weights: packUints([10, 0, 15], 2),
};

const callOf = ({ federation, round, attempt, depth, first, count }: DemandKey, data: Uint8Array): Hex =>
  encodeFunctionData({ abi: ABI, args: [federation, round, attempt, depth, first, count, toHex(data)] });

describe("demands", () => {
  test("a proof is the header, the parent, the model, and what its kind needs", () => {
    const common = Buffer.concat([encodeRoundHeader(ROUND), Buffer.alloc(32, 0xa1), Buffer.alloc(32, 0xa2)]);
    const hashOf = (column: Uint8Array) => Buffer.from(columnHash(column).slice(2), "hex");
    const plain = Buffer.concat([common, hashOf(ROUND.updateRoots), hashOf(ROUND.weights)]);
    assert.equal(plain.length, HEADER_BYTES + 128);
    assert.deepEqual(Buffer.from(encodeReportProof(ROUND)), plain);
    for (const kind of ["model", "norms", "normTraces", "signatures"] as const) assert.deepEqual(Buffer.from(encodeDemand(ROUND, kind)), plain);
    assert.deepEqual(Buffer.from(encodeDemand(ROUND, "update")), Buffer.concat([common, ROUND.weights, ROUND.updateRoots]));
    assert.deepEqual(Buffer.from(encodeDemand(ROUND, "trace")), Buffer.concat([common, ROUND.weights, hashOf(ROUND.updateRoots), ROUND.normTraces]));
  });

  test("an id is the hash of its key, each field a word", () => {
    const types = ["uint32", "uint32", "uint8", "bytes32", "uint8", "uint32", "uint16"].map((type) => ({ type }));
    assert.equal(demandId(KEY), keccak256(encodeAbiParameters(types, [1, 2, 3, KEY.commitment, 5, 6, 7])));
    const others = { federation: 9, round: 9, attempt: 9, commitment: word("09"), depth: 9, first: 9, count: 9 };
    const changes: Partial<DemandKey>[] = Object.entries(others).map(([name, value]) => ({ [name]: value }));
    assert.equal(new Set([KEY, ...changes.map((change) => ({ ...KEY, ...change }))].map(demandId)).size, 8);
    for (const change of [{ federation: 2 ** 32 }, { round: -1 }, { attempt: 256 }, { depth: 256 }, { first: 0.5 }, { count: 65_536 }]) {
      assert.throws(() => demandId({ ...KEY, ...change }), withCode("out-of-range", new RegExp(Object.keys(change)[0]!)));
    }
    assert.throws(() => demandId({ ...KEY, commitment: "0x04" }), withCode("column-invalid"));
  });

  test("runs cover exactly the chunks of a range of bytes", () => {
    assert.deepEqual(chunksOf(0, 1), [{ first: 0, count: 1 }]);
    assert.deepEqual(chunksOf(0, 32), [{ first: 0, count: 1 }]);
    assert.deepEqual(chunksOf(31, 33), [{ first: 0, count: 2 }]);
    assert.deepEqual(chunksOf(32, 33), [{ first: 1, count: 1 }]);
    const most = 32 * MAX_DEMANDED_CHUNKS;
    assert.deepEqual(chunksOf(64, 64 + most), [{ first: 2, count: 2048 }]);
    assert.deepEqual(chunksOf(64, 65 + most), [{ first: 2, count: 2048 }, { first: 2050, count: 1 }]);
    assert.deepEqual(chunksOf(5, 3 * most - 40).map(({ count }) => count), [2048, 2048, 2047]);
    for (const [from, to] of [[0, 0], [5, 5], [6, 5], [-1, 5], [0.5, 5], [0, Infinity], [NaN, 1]] as const) {
      assert.throws(() => chunksOf(from, to), withCode("out-of-range"));
    }
  });

  test("a column's bond is for its bytes over 32, rounded up", () => {
    assert.deepEqual([1, 4, 5, 256].map((entries) => columnChunks("norms", entries)), [1, 1, 2, 64]);
    assert.deepEqual([1, 256].map((entries) => columnChunks("normTraces", entries)), [1, 256]);
    assert.deepEqual([1, 256].map((entries) => columnChunks("signatures", entries)), [2, 512]);
  });

  test("deposits double from a number of holds on", () => {
    assert.deepEqual([0, 3, 4, 5, 9].map((holds) => demandDeposit(7n, holds, 4)), [7n, 7n, 14n, 28n, 448n]);
  });

  test("depths follow the configuration's", () => {
    assert.deepEqual((["model", "update", "trace"] as const).map((kind) => demandedDepth(kind, 19)), [22, 21, 19]);
  });
});

describe("answers", () => {
  // 301 lanes end in the middle of chunk 18 of 32.
  const [file, depth] = [bytesOf(randomInt16(301, 4)), 5];
  const commitment = toHex(hashTreeRoot(file, depth));

  test("a lost file is put together again from the answers to its demands", () => {
    const restored = new Uint8Array(file.length);
    for (const run of [...chunksOf(0, 100), ...chunksOf(100, 590), ...chunksOf(590, file.length)]) {
      const key = { ...KEY, commitment, depth, ...run };
      for (const hashPairs of [undefined, hashtree.hashInto]) {
        const answer = decodeAnswer(callOf(key, encodeAnswer(file, depth, run, hashPairs)), hashPairs);
        assert.deepEqual(answer.key, key);
        placeAnswer(restored, answer);
      }
    }
    assert.deepEqual(restored, file);
  });

  test("padding that an answer brings along is left out", () => {
    const run = { first: 18, count: 3 };
    const answer = decodeAnswer(callOf({ ...KEY, depth, ...run }, encodeAnswer(file, depth, run)));
    assert.deepEqual(answer.bytes.subarray(32), new Uint8Array(64));
    const restored = new Uint8Array(file.length);
    placeAnswer(restored, answer);
    assert.deepEqual(restored.subarray(18 * 32), file.subarray(18 * 32));
    const padding = decodeAnswer(callOf({ ...KEY, depth, first: 31, count: 1 }, encodeAnswer(file, depth, { first: 31, count: 1 })));
    assert.deepEqual(padding.bytes, zeroHash(0));
    assert.throws(() => placeAnswer(restored, padding), withCode("out-of-range", /Chunk 31/));
  });

  test("a column is its own answer, and has no place in a file", () => {
    const column = packUints([1n, 2n, 3n], 8);
    const answer = decodeAnswer(callOf({ ...KEY, depth: 0, ...COLUMN }, encodeAnswer(column, 0, COLUMN)));
    assert.deepEqual(answer, { key: { ...KEY, commitment: columnHash(column), depth: 0, ...COLUMN }, bytes: column });
    assert.throws(() => placeAnswer(new Uint8Array(64), answer), withCode("out-of-range"));
  });

  test("a changed answer implies another demand", () => {
    const run = { first: 3, count: 6 };
    const data = encodeAnswer(file, depth, run);
    data[17]! ^= 1;
    assert.notEqual(decodeAnswer(callOf({ ...KEY, depth, ...run }, data)).key.commitment, commitment);
  });

  test("what is no answer is refused", () => {
    const run = { first: 3, count: 6 };
    const call = callOf({ ...KEY, depth, ...run }, encodeAnswer(file, depth, run));
    for (const wrong of ["0x", "0x12345678", `0x00000000${call.slice(10)}`, call.slice(0, -64)] as Hex[]) {
      assert.throws(() => decodeAnswer(wrong), withCode("column-invalid", /Not a call/));
    }
    for (const change of [{ depth: 4 }, { first: 4 }, { count: 5 }, { depth: 255 }, { first: 2 ** 32 - 1 }]) {
      assert.throws(() => decodeAnswer(callOf({ ...KEY, depth, ...run, ...change }, encodeAnswer(file, depth, run))), withCode("column-invalid", /no opening/));
    }
    assert.throws(() => encodeAnswer(file, depth, { first: 31, count: 2 }), withCode("out-of-range"));
  });
});
