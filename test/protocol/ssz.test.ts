import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { UintBigintType, UintNumberType, VectorBasicType } from "@chainsafe/ssz";
import hashtree from "@chainsafe/hashtree";
import {
  bytesOf, commitUpdate, generalisedIndex, hashTreeRoot, MODEL_LANES, modelRoot, normTrace, openChunk, openingBytes, rootOfOpening, UPDATE_LANES, updateRoot,
  vectorShape, verifyOpening, zeroHash,
} from "../../protocol/index.ts";
import { normSqOf } from "../../protocol/norm-trace.ts";
import { randomInt16, randomInt32 } from "./support/random.ts";
import { withCode } from "./support/throws.ts";

const native = hashtree.hashInto;
const hex = (bytes: Uint8Array) => `0x${Buffer.from(bytes).toString("hex")}`;
const SIZES = [1, 15, 16, 17, 63, 64, 65, 1_000, 99_999];

describe("roots equal those of @chainsafe/ssz", () => {
  for (const n of SIZES) {
    const { padded } = vectorShape(n);
    const update = randomInt16(n, n);
    test(`Vector[uint16, ${padded}] of ${n} lanes`, () => {
      const lanes = [...new Uint16Array(update.buffer), ...new Array<number>(padded - n).fill(0)];
      const expected = hex(new VectorBasicType(new UintNumberType(2), padded).hashTreeRoot(lanes));
      assert.equal(updateRoot(update), expected);
      assert.equal(updateRoot(update, native), expected);
    });
    test(`Vector[uint32, ${padded}] of ${n} lanes`, () => {
      const model = randomInt32(n, n);
      const lanes = [...new Uint32Array(model.buffer), ...new Array<number>(padded - n).fill(0)];
      const expected = hex(new VectorBasicType(new UintNumberType(4), padded).hashTreeRoot(lanes));
      assert.equal(modelRoot(model), expected);
      assert.equal(modelRoot(model, native), expected);
    });
    test(`Vector[uint64, ${padded / 16}], the norm trace of ${n} lanes`, () => {
      const { normSq, trace, root } = normTrace(update);
      const sums: bigint[] = [];
      let sum = 0n;
      for (let j = 0; j < padded / 16; j++) {
        for (let x = 16 * j; x < Math.min(16 * (j + 1), n); x++) sum += BigInt(update[x]!) ** 2n;
        sums.push(sum);
      }
      assert.equal(normSq, sum);
      assert.equal(normSqOf(update), sum);
      assert.deepEqual([...new BigUint64Array(trace.buffer)], sums);
      assert.equal(root, hex(new VectorBasicType(new UintBigintType(8), padded / 16).hashTreeRoot(sums)));
      assert.equal(normTrace(update, native).root, root);
    });
  }
});

test("the norm carries beyond 32 and beyond 53 bits", () => {
  const lowest = new Int16Array(2 ** 23 + 1).fill(-32_768);
  const { normSq, trace } = normTrace(lowest, native);
  assert.equal(normSq, (2n ** 23n + 1n) << 30n);
  assert.equal(normSqOf(lowest), normSq);
  const view = new DataView(trace.buffer);
  assert.equal(view.getBigUint64(0, true), 2n ** 34n);
  assert.equal(view.getBigUint64(8 * (2 ** 19 - 1), true), 2n ** 53n);
  assert.equal(view.getBigUint64(trace.length - 8, true), normSq);
});

test("a sum of exactly 2^32 is carried", () => {
  const { normSq, trace } = normTrace(new Int16Array(20).fill(-32_768, 0, 4));
  assert.equal(normSq, 2n ** 32n);
  assert.deepEqual([...new BigUint64Array(trace.buffer)], [2n ** 32n, 2n ** 32n, 2n ** 32n, 2n ** 32n]);
});

test("vectorShape pads to the smallest 64·2^d", () => {
  assert.deepEqual([1, 64, 65, 128, 129].map((n) => vectorShape(n).padded), [64, 64, 128, 128, 256]);
});

test("commitUpdate is the three computed fields", () => {
  const update = randomInt16(100, 5);
  const { normSq, root } = normTrace(update);
  assert.deepEqual(commitUpdate(update), { updateRoot: updateRoot(update), normSq, normTraceRoot: root });
});

test("a root does not depend on where the bytes lie in their buffer", () => {
  const update = randomInt16(100, 5);
  const shifted = new Int16Array(new ArrayBuffer(2 * 103), 6, 100);
  shifted.set(update);
  assert.equal(updateRoot(shifted), updateRoot(update));
  assert.equal(updateRoot(shifted, native), updateRoot(update));
});

describe("openings", () => {
  const update = randomInt16(1_000, 9);
  const bytes = bytesOf(update);
  const depth = vectorShape(1_000).updateDepth;
  const root = hashTreeRoot(bytes, depth);

  test("every chunk opens, padding included, and shows its lanes", () => {
    for (let index = 0; index < 2 ** depth; index++) {
      const { chunk, siblings } = openChunk(bytes, depth, index);
      assert(verifyOpening(root, chunk, siblings, index, depth));
      const lanes = Array.from({ length: 16 }, (_, lane) => update[16 * index + lane] ?? 0);
      assert.deepEqual([...new Int16Array(chunk.buffer, chunk.byteOffset, 16)], lanes);
    }
  });

  test("any flipped bit is refused", () => {
    const { chunk, siblings } = openChunk(bytes, depth, 3);
    for (const part of [chunk, siblings, root]) {
      for (let bit = 0; bit < part.length * 8; bit++) {
        part[bit >> 3]! ^= 1 << (bit & 7);
        assert(!verifyOpening(root, chunk, siblings, 3, depth), `bit ${bit}`);
        part[bit >> 3]! ^= 1 << (bit & 7);
      }
    }
    assert(verifyOpening(root, chunk, siblings, 3, depth));
  });

  test("any other index, depth or length is refused", () => {
    const { chunk, siblings } = openChunk(bytes, depth, 3);
    for (let index = -1; index <= 2 ** depth; index++) assert.equal(verifyOpening(root, chunk, siblings, index, depth), index === 3);
    for (const index of [3 + 2 ** depth, 3.5, NaN, Infinity]) assert(!verifyOpening(root, chunk, siblings, index, depth));
    for (const wrong of [-1, 0, depth - 1, depth + 1, 37, NaN]) assert(!verifyOpening(root, chunk, siblings, 3, wrong));
    assert(!verifyOpening(root, chunk.subarray(1), siblings, 3, depth));
    assert(!verifyOpening(root, new Uint8Array([...chunk, 0]), siblings, 3, depth));
    assert(!verifyOpening(root, chunk, siblings.subarray(32), 3, depth));
    assert(!verifyOpening(root, chunk, siblings.subarray(1), 3, depth));
    assert(!verifyOpening(root, chunk, new Uint8Array(siblings.length + 32), 3, depth));
    assert(!verifyOpening(root, chunk, new Uint8Array([...siblings, ...siblings.subarray(0, 32)]), 3, depth), "more siblings than the depth");
    assert(!verifyOpening(root.subarray(1), chunk, siblings, 3, depth));
    assert(!verifyOpening(new Uint8Array([...root, 0]), chunk, siblings, 3, depth));
  });

  test("an inner node offered as a chunk is refused: the depth is fixed", () => {
    const parent = rootOfOpening({ chunk: openChunk(bytes, depth, 4).chunk, siblings: openChunk(bytes, depth, 4).siblings.slice(0, 32) }, 0, 1)!;
    const above = openChunk(bytes, depth, 4).siblings.slice(32);
    assert(!verifyOpening(root, parent, above, 2, depth));
    assert(verifyOpening(root, parent, above, 2, depth - 1), "it is a node of the tree, one level up");
  });

  test("openingBytes is the chunk, then the siblings from the bottom up", () => {
    const opening = openChunk(bytes, depth, 0);
    const flat = openingBytes(opening);
    assert.equal(flat.length, 32 * (1 + depth));
    assert.deepEqual(flat.subarray(32, 64), openChunk(bytes, depth, 1).chunk);
  });

  test("a single chunk is its own root, and an empty vector is a zero subtree", () => {
    assert.deepEqual(hashTreeRoot(Uint8Array.of(7), 0), Uint8Array.of(7, ...new Array<number>(31).fill(0)));
    assert.deepEqual(hashTreeRoot(new Uint8Array(0), 5), zeroHash(5));
  });

  test("what does not fit is an error", () => {
    assert.throws(() => hashTreeRoot(new Uint8Array(65), 1), withCode("out-of-range", /65 bytes do not fit 2 chunks/));
    assert.throws(() => hashTreeRoot(new Uint8Array(1), 37), withCode("out-of-range"));
    assert.throws(() => hashTreeRoot(new Uint8Array(1), 1.5), withCode("out-of-range"));
    assert.throws(() => openChunk(bytes, depth, 2 ** depth), withCode("out-of-range"));
    assert.throws(() => openChunk(bytes, depth, -1), withCode("out-of-range"));
    for (const n of [0, -1, 1.5, 2 ** 31 + 1, NaN]) assert.throws(() => vectorShape(n), withCode("out-of-range"));
  });
});

test("generalised indices are 2^(d+2) + ⌊x/16⌋ and 2^(d+3) + ⌊x/8⌋", () => {
  const { updateDepth, modelDepth, traceDepth } = vectorShape(1_000);
  assert.deepEqual([updateDepth, modelDepth, traceDepth], [6, 7, 4]);
  assert.equal(generalisedIndex(999, UPDATE_LANES, updateDepth), 64n + 62n);
  assert.equal(generalisedIndex(999, MODEL_LANES, modelDepth), 128n + 124n);
  assert.throws(() => generalisedIndex(1024, UPDATE_LANES, updateDepth), withCode("out-of-range"));
});
