import assert from "node:assert/strict";
import { describe, test } from "node:test";
import hashtree from "@chainsafe/hashtree";
import { toHex } from "../../../protocol/bytes.ts";
import { encodeRoundHeader } from "../../../protocol/faults/header.ts";
import { traceAt } from "../../../protocol/faults/norm-proof.ts";
import { encodeLastTensor, PART_HEIGHT, preparePosting, type PostingInput } from "../../../protocol/faults/posting.ts";
import { bytesOf, createModelSpec, hashTreeRoot, packHex, packUints, rootOfOpening, type Hex } from "../../../protocol/index.ts";
import { randomInt16 } from "../support/random.ts";
import { CONFIG } from "../support/round.ts";
import { withCode } from "../support/throws.ts";

const word = (byte: string): Hex => `0x${byte.repeat(32)}`;
const specOf = (lanes: number) => createModelSpec([{ name: "w", shape: [lanes - 2], fracBits: 8 }, { name: "b", shape: [2, 1], fracBits: 3 }]);
const inputOf = (lanes: number, depth: number): PostingInput => ({
  config: { ...CONFIG, depth },
  seal: { attempt: 1, seatsHash: word("a1"), normsHash: word("a2"), normTracesHash: word("a3"), signaturesHash: word("a4") },
  spec: specOf(lanes),
  weights: [10, 0, 30],
  norms: [1n, 2n, 3n],
  updateRoots: [word("c1"), word("c2"), word("c3")],
  traceRoots: [word("d1"), word("d2"), word("d3")],
  entry: 2,
  update: randomInt16(lanes, 5),
});
const FIXED = 361 + 74 * 3;

describe("posting a payload", () => {
  test("a small update is one part: header, columns, entry, part and the last tensor", () => {
    const input = inputOf(1_000, 4);
    const { count, at } = preparePosting(input);
    assert.equal(count, 1);
    const { proof, lanes } = at(0);
    assert.deepEqual(proof.subarray(0, 361), encodeRoundHeader({ ...input, report: null }));
    const columns = [packUints(input.weights, 2), packHex(input.updateRoots, 32), packUints(input.norms, 8), packHex(input.traceRoots, 32)];
    assert.deepEqual(proof.subarray(361, FIXED), Uint8Array.of(...columns.flatMap((column) => [...column])));
    assert.deepEqual([...proof.subarray(FIXED, FIXED + 3)], [2, 0, 0]);
    assert.deepEqual(proof.subarray(FIXED + 3), encodeLastTensor(input.spec));
    assert.deepEqual(lanes, bytesOf(input.update));
  });

  test("every part of a large one leads to both roots", () => {
    const lanes = 3 * 32_768 + 77;
    const input = inputOf(lanes, 11);
    const { count, at } = preparePosting(input, hashtree.hashInto);
    assert.equal(count, 4);
    const trace = traceAt(input.update, 11);
    const [updateRoot, traceRoot] = [hashTreeRoot(bytesOf(input.update), 13), hashTreeRoot(trace, 11)];
    for (let part = 0; part < count; part++) {
      const { proof, lanes } = at(part);
      assert.deepEqual([...proof.subarray(FIXED, FIXED + 3)], [2, 0, part]);
      const siblings = proof.subarray(FIXED + 3);
      assert.equal(siblings.length, 128 + (part === 3 ? encodeLastTensor(input.spec).length : 0));
      const node = hashTreeRoot(lanes, PART_HEIGHT);
      assert.deepEqual(rootOfOpening({ chunk: node, siblings: siblings.subarray(0, 64) }, part, 2), updateRoot);
      const traceNode = hashTreeRoot(trace.subarray(part * 2 ** 14, (part + 1) * 2 ** 14), PART_HEIGHT - 2);
      assert.deepEqual(rootOfOpening({ chunk: traceNode, siblings: siblings.subarray(64, 128) }, part, 2), traceRoot);
    }
    assert.deepEqual(preparePosting(input).at(2), at(2), "with the other hash function");
  });

  test("trailing zero bytes are left out, and a part of zeros is empty", () => {
    const update = new Int16Array(2 * 32_768);
    update[5] = 256;
    update[6] = 1;
    const { at } = preparePosting({ ...inputOf(update.length, 10), update });
    assert.deepEqual([at(0).lanes.length, at(1).lanes.length], [13, 0]);
  });

  test("the last tensor says where the model ends", () => {
    const opening = encodeLastTensor(specOf(1_000));
    assert.equal(opening.length, 44 + 32 + 8);
    assert.equal(toHex(opening.subarray(0, 3)), "0x000102");
    assert.equal(toHex(opening.subarray(-17)), "0x000000020000000100000000000003e603");
    const scalar = encodeLastTensor(createModelSpec([{ name: "s", shape: [], fracBits: 0 }]));
    assert.equal(scalar.length, 44);
  });

  test("what does not fit together is refused", () => {
    const input = inputOf(1_000, 4);
    for (const entry of [-1, 3, 0.5]) assert.throws(() => preparePosting({ ...input, entry }), withCode("out-of-range", /Entry/));
    for (const part of [-1, 1, 0.5]) assert.throws(() => preparePosting(input).at(part), withCode("out-of-range", /Part/));
    assert.throws(() => preparePosting({ ...input, norms: [1n] }), withCode("length-mismatch", /norms/));
    assert.throws(() => preparePosting({ ...input, updateRoots: [] }), withCode("length-mismatch", /updateRoots/));
    assert.throws(() => preparePosting({ ...input, traceRoots: [] }), withCode("length-mismatch", /traceRoots/));
    assert.throws(() => preparePosting({ ...input, update: input.update.subarray(1) }), withCode("length-mismatch", /999 lanes/));
    assert.throws(() => preparePosting({ ...input, config: { ...input.config, depth: 3 } }), withCode("out-of-range"));
  });
});
