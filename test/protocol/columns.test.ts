import assert from "node:assert/strict";
import { test } from "node:test";
import { keccak256, type Hex } from "viem";
import {
  columnHash, COLUMN_WIDTHS, createSeal, effectiveWeights, excludedBitmap, isExcluded, packHex, packSealColumns, packUints, rootOrder, unpackHex, unpackNumbers,
  unpackUints,
} from "../../protocol/index.ts";
import { makeRound } from "./support/round.ts";
import { createRandom } from "./support/random.ts";
import { withCode } from "./support/throws.ts";

test("unsigned integers are packed big-endian at fixed width", () => {
  assert.deepEqual([...packUints([1, 0x01020304], 4)], [0, 0, 0, 1, 1, 2, 3, 4]);
  assert.deepEqual([...packUints([258], 2)], [1, 2]);
  assert.deepEqual([...packUints([2n ** 96n - 1n], 12)], new Array<number>(12).fill(255));
  assert.deepEqual(packUints([], 4), new Uint8Array(0));
});

test("every width goes there and back, at its ends too", () => {
  for (const width of Object.values(COLUMN_WIDTHS)) {
    const values = [0n, 1n, 255n, 256n % (1n << BigInt(8 * width)), (1n << BigInt(8 * width)) - 1n];
    assert.deepEqual(unpackUints(packUints(values, width), width), values);
    assert.throws(() => packUints([1n << BigInt(8 * width)], width), withCode("out-of-range"));
  }
  assert.deepEqual(unpackNumbers(packUints([7, 2 ** 32 - 1], 4), 4), [7, 2 ** 32 - 1]);
});

test("what is no unsigned integer of the width is refused, and named", () => {
  for (const bad of [-1, 1.5, NaN, 2 ** 53, -1n]) assert.throws(() => packUints([0, bad], 8), withCode("out-of-range", /Item 1 .*64 bits/));
});

test("partial items and wrong hex lengths are refused", () => {
  assert.throws(() => unpackUints(new Uint8Array(7), 4), withCode("column-invalid", /7 bytes is not whole items of 4/));
  assert.throws(() => unpackHex(new Uint8Array(33), 32), withCode("column-invalid"));
  assert.throws(() => packHex(["0x1234"], 32), withCode("column-invalid"));
  assert.throws(() => packHex([`0x${"gg".repeat(32)}`], 32), withCode("column-invalid"));
  const hex: Hex[] = [`0x${"ab".repeat(32)}`, `0x${"01".repeat(32)}`];
  assert.deepEqual(unpackHex(packHex(hex, 32), 32), hex);
});

test("a column's hash is its keccak-256", () => {
  assert.equal(columnHash(Uint8Array.of(1, 2, 3)), keccak256("0x010203"));
});

test("rootOrder sorts by (root, index) and shows equal roots side by side", () => {
  const root = (byte: number): Hex => `0x${byte.toString(16).padStart(2, "0").repeat(32)}`;
  assert.deepEqual([...rootOrder([root(9), root(3), root(9), root(1), root(3)])], [3, 1, 4, 0, 2]);
  const random = createRandom(4);
  const roots = Array.from({ length: 256 }, () => root(Math.floor(random() * 40)));
  const order = [...rootOrder(roots)];
  assert.equal(new Set(order).size, 256);
  for (let k = 1; k < 256; k++) {
    const [a, b] = [roots[order[k - 1]!]!, roots[order[k]!]!];
    assert(a < b || (a === b && order[k - 1]! < order[k]!));
  }
  assert.deepEqual([...rootOrder([`0x${"AB".repeat(32)}`, `0x${"aa".repeat(32)}`])], [1, 0], "letter case does not count");
  assert.throws(() => rootOrder(new Array<Hex>(257).fill(root(1))), withCode("out-of-range", /257/));
});

test("exclusions are a bitmap by entry, and take the weight away", () => {
  const bitmap = excludedBitmap([0, 3, 255]);
  assert.equal(bitmap, 1n + 8n + 2n ** 255n);
  assert.deepEqual([0, 1, 3, 255].map((i) => isExcluded(bitmap, i)), [true, false, true, true]);
  assert.deepEqual(effectiveWeights([5, 6, 7, 8], bitmap), [0, 6, 7, 0]);
});

test("packSealColumns wants 1 to 256 entries with ascending seats, and createSeal hashes every column", async () => {
  const { input, bundle } = await makeRound();
  const columns = packSealColumns(input.entries);
  assert.deepEqual(unpackNumbers(columns.seats, 4), [2, 3, 5, 7, 11]);
  const seal = createSeal({ federation: 1, round: 1, parentReportHash: input.parent.reportHash, configHash: bundle.seal.configHash }, 0, columns);
  assert.deepEqual(seal, bundle.seal);
  assert.equal(new Set(Object.values(seal)).size, 9, "federation and round are 1; all hashes differ");
  assert.throws(() => packSealColumns([]), withCode("column-invalid"));
  assert.throws(() => packSealColumns(new Array(257).fill(input.entries[0]!)), withCode("column-invalid", /257/));
  assert.throws(() => packSealColumns(input.entries.toReversed()), withCode("column-invalid", /entry 1 is seat 7 after seat 11/));
  assert.throws(() => packSealColumns([input.entries[0]!, input.entries[0]!]), withCode("column-invalid"));
});
