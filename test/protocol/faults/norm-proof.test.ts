import assert from "node:assert/strict";
import { describe, test } from "node:test";
import hashtree from "@chainsafe/hashtree";
import { toHex } from "../../../protocol/bytes.ts";
import { encodeRoundHeader } from "../../../protocol/faults/header.ts";
import {
  encodeNormBoundProof, encodeNormStepProof, encodeNormTotalProof, findNormStep, traceAt, type NormBoundProofInput, type NormStepProofInput, type NormTotalProofInput,
} from "../../../protocol/faults/norm-proof.ts";
import { bytesOf, normTrace, openChunk, openingBytes, packHex, packUints, type Hex } from "../../../protocol/index.ts";
import { randomInt16 } from "../support/random.ts";
import { CONFIG } from "../support/round.ts";
import { withCode } from "../support/throws.ts";

const word = (byte: string): Hex => `0x${byte.repeat(32)}`;
const DEPTH = 2;
const UPDATE = randomInt16(230, 3);
const TRACE = traceAt(UPDATE, DEPTH);
const STATEMENTS = {
  config: { ...CONFIG, depth: DEPTH },
  seal: { attempt: 1, seatsHash: word("a1"), normsHash: word("a2"), normTracesHash: word("a3"), signaturesHash: word("a4") },
  report: { metricsHash: word("b1"), excluded: 8n, artefact: word("b3") },
};
const COLUMNS = {
  weights: [10, 0, 30], norms: [1n, 2n, 3n], updateRoots: [word("c1"), word("c2"), word("c3")], traceRoots: [word("d1"), word("d2"), word("d3")],
  updateRootsHash: word("e1"), weightsHash: word("e2"), modelRoot: word("e3"),
};
const BOUND: NormBoundProofInput = { ...STATEMENTS, ...COLUMNS, entry: 2 };
const STEP: NormStepProofInput = { ...STATEMENTS, ...COLUMNS, entry: 2, update: UPDATE, trace: TRACE, chunk: 5 };
const TOTAL: NormTotalProofInput = { ...STATEMENTS, ...COLUMNS, entry: 1, trace: TRACE };

/** The parts of a proof by their lengths. */
function cut(proof: Uint8Array, ...lengths: number[]): Uint8Array[] {
  const parts: Uint8Array[] = [];
  let from = 0;
  for (const length of lengths) parts.push(proof.subarray(from, (from += length)));
  assert.equal(from, proof.length, "nothing is left");
  return parts;
}

describe("proofs about a norm", () => {
  test("bound is header, kind, hashes, entry and norms; without a report it has no model root", () => {
    const [header, kind, roots, weights, model, entry, norms] = cut(encodeNormBoundProof(BOUND), 361, 1, 32, 32, 32, 1, 24);
    assert.deepEqual(header, encodeRoundHeader(BOUND));
    assert.deepEqual([...kind!, ...entry!], [0, 2]);
    assert.deepEqual([toHex(roots!), toHex(weights!), toHex(model!)], [word("e1"), word("e2"), word("e3")]);
    assert.deepEqual(norms, packUints([1n, 2n, 3n], 8));
    const sealed = { ...BOUND, report: null, modelRoot: null };
    const [without, , , , last] = cut(encodeNormBoundProof(sealed), 361, 1, 32, 32, 25);
    assert.deepEqual(without, encodeRoundHeader(sealed));
    assert.deepEqual(last, Uint8Array.of(2, ...packUints([1n, 2n, 3n], 8)));
  });

  test("step is header, kind, model, columns, entry, chunk and two openings", () => {
    const parts = cut(encodeNormStepProof(STEP), 361, 1, 32, 6, 96, 96, 1, 4, 160, 96);
    const [header, kind, model, weights, roots, traces, entry, chunk, update, trace] = parts;
    assert.deepEqual(header, encodeRoundHeader(STEP));
    assert.deepEqual([...kind!, ...entry!, ...chunk!], [1, 2, 0, 0, 0, 5]);
    assert.equal(toHex(model!), word("e3"));
    assert.deepEqual([weights, roots, traces], [packUints(COLUMNS.weights, 2), packHex(COLUMNS.updateRoots, 32), packHex(COLUMNS.traceRoots, 32)]);
    assert.deepEqual(update, openingBytes(openChunk(bytesOf(UPDATE), DEPTH + 2, 5)));
    assert.deepEqual(trace, openingBytes(openChunk(TRACE, DEPTH, 1)));
  });

  test("a step into another chunk of the trace opens the one before too, but the first", () => {
    for (const chunk of [4, 8, 12]) {
      const parts = cut(encodeNormStepProof({ ...STEP, chunk }), 361 + 1 + 32 + 198 + 5, 160, 96, 96);
      assert.deepEqual(parts[2], openingBytes(openChunk(TRACE, DEPTH, chunk / 4)));
      assert.deepEqual(parts[3], openingBytes(openChunk(TRACE, DEPTH, chunk / 4 - 1)));
    }
    for (const chunk of [0, 1, 15]) cut(encodeNormStepProof({ ...STEP, chunk }), 361 + 1 + 32 + 198 + 5, 160, 96);
  });

  test("total is header, kind, model, hash, columns, entry and the last chunk", () => {
    const [header, kind, model, roots, weights, norms, traces, entry, trace] = cut(encodeNormTotalProof(TOTAL), 361, 1, 32, 32, 6, 24, 96, 1, 96);
    assert.deepEqual(header, encodeRoundHeader(TOTAL));
    assert.deepEqual([...kind!, ...entry!], [2, 1]);
    assert.deepEqual([toHex(model!), toHex(roots!)], [word("e3"), word("e1")]);
    assert.deepEqual([weights, norms, traces], [packUints(COLUMNS.weights, 2), packUints(COLUMNS.norms, 8), packHex(COLUMNS.traceRoots, 32)]);
    assert.deepEqual(trace, openingBytes(openChunk(TRACE, DEPTH, 3)));
  });

  test("a native hash function gives the same bytes", () => {
    assert.deepEqual(encodeNormStepProof(STEP, hashtree.hashInto), encodeNormStepProof(STEP));
    assert.deepEqual(encodeNormTotalProof(TOTAL, hashtree.hashInto), encodeNormTotalProof(TOTAL));
  });

  test("what does not fit together is refused", () => {
    for (const entry of [-1, 3, 1.5]) {
      assert.throws(() => encodeNormBoundProof({ ...BOUND, entry }), withCode("out-of-range"));
      assert.throws(() => encodeNormStepProof({ ...STEP, entry }), withCode("out-of-range"));
      assert.throws(() => encodeNormTotalProof({ ...TOTAL, entry }), withCode("out-of-range"));
    }
    for (const chunk of [-1, 16, 0.5]) assert.throws(() => encodeNormStepProof({ ...STEP, chunk }), withCode("out-of-range"));
    assert.throws(() => encodeNormBoundProof({ ...BOUND, modelRoot: null }), withCode("column-invalid"));
    assert.throws(() => encodeNormBoundProof({ ...BOUND, report: null }), withCode("column-invalid"));
    const short = [word("01")];
    assert.throws(() => encodeNormStepProof({ ...STEP, updateRoots: short }), withCode("length-mismatch", /update roots/));
    assert.throws(() => encodeNormStepProof({ ...STEP, traceRoots: short }), withCode("length-mismatch", /norm traces/));
    assert.throws(() => encodeNormTotalProof({ ...TOTAL, traceRoots: short }), withCode("length-mismatch", /norm traces/));
    assert.throws(() => encodeNormTotalProof({ ...TOTAL, norms: [1n] }), withCode("length-mismatch", /norms/));
    for (const trace of [TRACE.subarray(8), traceAt(UPDATE, DEPTH + 1)]) {
      assert.throws(() => encodeNormStepProof({ ...STEP, trace }), withCode("length-mismatch", /norm trace at depth/));
      assert.throws(() => encodeNormTotalProof({ ...TOTAL, trace }), withCode("length-mismatch", /norm trace at depth/));
    }
  });
});

describe("traces", () => {
  test("at the smallest depth it is the committed one; deeper, it stays at its last value", () => {
    const { trace } = normTrace(UPDATE);
    assert.deepEqual(traceAt(UPDATE, DEPTH), trace);
    const deeper = traceAt(UPDATE, DEPTH + 1);
    assert.deepEqual(deeper.subarray(0, trace.length), trace);
    for (let at = trace.length; at < deeper.length; at += 8) assert.deepEqual(deeper.subarray(at, at + 8), trace.subarray(-8));
    assert.throws(() => traceAt(UPDATE, DEPTH - 1), withCode("out-of-range"));
  });

  test("the first wrong step is found, wherever it is", () => {
    assert.equal(findNormStep(UPDATE, TRACE), null);
    assert.equal(findNormStep(UPDATE, traceAt(UPDATE, DEPTH + 1)), null, "padding of the trace");
    for (let index = 0; index < 16; index++) {
      const trace = TRACE.slice();
      trace[8 * index]! ^= 1;
      assert.equal(findNormStep(UPDATE, trace), index);
    }
    const longer = new Int16Array(256);
    longer.set(UPDATE);
    longer[255] = -1;
    assert.equal(findNormStep(longer, TRACE), 15, "a lane behind the model");
    assert.equal(findNormStep(new Int16Array(64).fill(-32_768), traceAt(new Int16Array(64).fill(-32_768), 0)), null);
  });
});
