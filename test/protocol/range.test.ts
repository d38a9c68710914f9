import assert from "node:assert/strict";
import { describe, test } from "node:test";
import hashtree from "@chainsafe/hashtree";
import { bytesOf, hashTreeRoot, openChunk, openingBytes, zeroHash } from "../../protocol/index.ts";
import { equalBytes } from "../../protocol/bytes.ts";
import { openRange, rootOfRange } from "../../protocol/ssz/range.ts";
import { createRandom, randomInt16 } from "./support/random.ts";
import { withCode } from "./support/throws.ts";

const CHUNK = 32;

describe("openings of runs", () => {
  // 301 lanes end in the middle of chunk 18 of 32: whole, partial and zero chunks.
  const [bytes, depth] = [bytesOf(randomInt16(301, 4)), 5];
  const root = hashTreeRoot(bytes, depth);
  const runs = Array.from({ length: 32 }, (_, first) => Array.from({ length: 32 - first }, (_, i) => ({ first, count: i + 1 }))).flat();

  test("every run of a tree opens to its root, with its chunks in front", () => {
    const padded = new Uint8Array(CHUNK * 32);
    padded.set(bytes);
    for (const { first, count } of runs) {
      const opening = openRange(bytes, depth, first, count);
      assert.deepEqual(rootOfRange(opening, depth, first, count), root, `${count} from ${first}`);
      assert.deepEqual(opening.subarray(0, CHUNK * count), padded.subarray(CHUNK * first, CHUNK * (first + count)));
    }
  });

  test("a native hash function gives the same bytes", () => {
    for (const { first, count } of runs.filter((_, i) => i % 17 === 0)) {
      const opening = openRange(bytes, depth, first, count, hashtree.hashInto);
      assert.deepEqual(opening, openRange(bytes, depth, first, count));
      assert.deepEqual(rootOfRange(opening, depth, first, count, hashtree.hashInto), root);
    }
  });

  test("a run of one chunk is an opening of that chunk", () => {
    for (let index = 0; index < 32; index++) {
      assert.deepEqual(openRange(bytes, depth, index, 1), openingBytes(openChunk(bytes, depth, index)));
    }
  });

  test("the whole vector needs no sibling, and a single chunk is its own root", () => {
    assert.equal(openRange(bytes, depth, 0, 32).length, CHUNK * 32);
    assert.deepEqual(openRange(Uint8Array.of(7), 0, 0, 1), Uint8Array.of(7, ...new Array<number>(31).fill(0)));
    assert.deepEqual(rootOfRange(zeroHash(0), 0, 0, 1), zeroHash(0));
  });

  test("an opening deep in an almost empty tree costs nothing and holds", () => {
    const opening = openRange(Uint8Array.of(1), 36, 2 ** 35 - 1, 2);
    assert.deepEqual(rootOfRange(opening, 36, 2 ** 35 - 1, 2), hashTreeRoot(Uint8Array.of(1), 36));
  });

  test("any changed bit implies another root", () => {
    const opening = openRange(bytes, depth, 3, 6);
    for (let bit = 0; bit < opening.length * 8; bit += 5) {
      opening[bit >> 3]! ^= 1 << (bit & 7);
      assert.notDeepEqual(rootOfRange(opening, depth, 3, 6), root, `bit ${bit}`);
      opening[bit >> 3]! ^= 1 << (bit & 7);
    }
  });

  test("read as another run it is refused, implies another root, or shows what does stand there", () => {
    const chunks = openRange(bytes, depth, 0, 32);
    const random = createRandom(8);
    let shown = 0;
    for (let i = 0; i < 2_000; i++) {
      const [run, other] = [runs[Math.floor(random() * runs.length)]!, runs[Math.floor(random() * runs.length)]!];
      if (run === other) continue;
      const opening = openRange(bytes, depth, run.first, run.count);
      const implied = rootOfRange(opening, depth, other.first, other.count);
      if (implied === null || !equalBytes(implied, root)) continue;
      // Chunk 0 with chunk 1 as its sibling is also the opening of both.
      assert.deepEqual(opening.subarray(0, CHUNK * other.count), chunks.subarray(CHUNK * other.first, CHUNK * (other.first + other.count)));
      shown++;
    }
    assert(shown > 0);
  });

  test("any other length is refused", () => {
    const opening = openRange(bytes, depth, 3, 6);
    for (const wrong of [opening.subarray(1), opening.subarray(CHUNK), new Uint8Array([...opening, 0]), new Uint8Array(opening.length + CHUNK), new Uint8Array(0)]) {
      assert.equal(rootOfRange(wrong, depth, 3, 6), null);
    }
  });

  test("what is no run of the tree is an error, and implies no root", () => {
    const opening = openRange(bytes, depth, 0, 1);
    for (const [first, count] of [[0, 0], [-1, 2], [0, 33], [32, 1], [31, 2], [0.5, 1], [0, 1.5], [NaN, 1], [0, Infinity]] as const) {
      assert.throws(() => openRange(bytes, depth, first, count), withCode("out-of-range"), `${count} from ${first}`);
      assert.equal(rootOfRange(opening, depth, first, count), null, `${count} from ${first}`);
    }
    for (const wrong of [-1, 4, 6, NaN]) assert.equal(rootOfRange(opening, wrong, 0, 1), null);
    for (const [wrong, words] of [[1.5, 3], [37, 38], [-1, 1]] as const) assert.equal(rootOfRange(new Uint8Array(CHUNK * words), wrong, 0, 1), null);
    assert.throws(() => openRange(bytes, 37, 0, 1), withCode("out-of-range"));
    assert.throws(() => openRange(bytes, 4, 0, 1), withCode("out-of-range", /602 bytes do not fit 16 chunks/));
  });
});
