import assert from "node:assert/strict";
import { describe, test } from "node:test";
import hashtree from "@chainsafe/hashtree";
import type { Hex } from "viem";
import { toHex } from "../../../protocol/bytes.ts";
import { encodeAggregateProof, rankHints, trimOf, type AggregateProofInput } from "../../../protocol/faults/aggregate-proof.ts";
import { encodeRoundHeader } from "../../../protocol/faults/header.ts";
import { bytesOf, openChunk, openingBytes, packUints, updateRoot, type FederationConfig } from "../../../protocol/index.ts";
import { randomInt16, randomInt32 } from "../support/random.ts";
import { CONFIG } from "../support/round.ts";
import { withCode } from "../support/throws.ts";

const word = (byte: string): Hex => `0x${byte.repeat(32)}`;
const LANES = 128;
const LANE = 77;
const WEIGHTS = [10, 0, 30, 40, 50];
const UPDATES = WEIGHTS.map((_, i) => randomInt16(LANES, i));
const [BASE, MODEL] = [randomInt32(LANES, 20), randomInt32(LANES, 21)];

const INPUT: AggregateProofInput = {
  config: { ...CONFIG, depth: 1 },
  seal: { attempt: 1, seatsHash: word("a1"), normsHash: word("a2"), normTracesHash: word("a3"), signaturesHash: word("a4") },
  report: { metricsHash: word("b1"), excluded: 8n, artefact: word("b3") },
  parent: { sealHash: word("c1"), metricsHash: word("c2"), excluded: 3n, artefact: word("c4") },
  lane: LANE,
  weights: WEIGHTS,
  updates: UPDATES,
  base: BASE,
  model: MODEL,
};

const change = (fields: Partial<AggregateProofInput>, config: Partial<FederationConfig> = {}): AggregateProofInput => ({
  ...INPUT, ...fields, config: { ...INPUT.config, ...fields.config, ...config },
});

/** The parts of a proof by their lengths. */
function cut(proof: Uint8Array, ...lengths: number[]): Uint8Array[] {
  const parts: Uint8Array[] = [];
  let from = 0;
  for (const length of lengths) parts.push(proof.subarray(from, (from += length)));
  assert.equal(from, proof.length, "nothing is left");
  return parts;
}

describe("the proof of a wrong aggregate", () => {
  test("is header, parent, lane, weights, updates, base and model", () => {
    const parts = cut(encodeAggregateProof(INPUT), 361, 128, 4, 10, 128, 32, 128, 32, 128, 160, 160);
    const [header, parent, lane, weights, first, dropped, third, excluded, fifth, base, model] = parts;
    assert.deepEqual(header, encodeRoundHeader(INPUT));
    assert.equal(toHex(parent!), `0x${"c1".repeat(32)}${"c2".repeat(32)}${"00".repeat(31)}03${"c4".repeat(32)}`);
    assert.equal(toHex(lane!), "0x0000004d");
    assert.deepEqual(weights, packUints(WEIGHTS, 2));
    [first, third, fifth].forEach((part, k) => assert.deepEqual(part, openingBytes(openChunk(bytesOf(UPDATES[2 * k]!), 3, 4))));
    assert.equal(toHex(dropped!), updateRoot(UPDATES[1]!));
    assert.equal(toHex(excluded!), updateRoot(UPDATES[3]!));
    assert.deepEqual(base, openingBytes(openChunk(bytesOf(BASE), 4, 9)));
    assert.deepEqual(model, openingBytes(openChunk(bytesOf(MODEL), 4, 9)));
  });

  test("without base it has neither parent nor base", () => {
    const proof = encodeAggregateProof(change({ parent: null, base: null }, { hasBase: false }));
    cut(proof, 361, 4, 10, 3 * 128 + 2 * 32, 160);
    assert.throws(() => encodeAggregateProof(change({ parent: null })), withCode("column-invalid", /with base has a parent/));
    assert.throws(() => encodeAggregateProof(change({ base: null })), withCode("column-invalid"));
    assert.throws(() => encodeAggregateProof(change({ base: null }, { hasBase: false })), withCode("column-invalid", /without base has no parent/));
    assert.throws(() => encodeAggregateProof(change({ parent: null }, { hasBase: false })), withCode("column-invalid"));
  });

  test("norm clip adds the norms, order statistics the values at their ends", () => {
    const norms = [1n, 2n, 3n, 4n, 2n ** 64n - 1n];
    const clipped = cut(encodeAggregateProof(change({ norms }, { ruleId: 2, ruleParam: 9n })), 361, 128, 4, 10, 40, 3 * 128 + 2 * 32, 160, 160);
    assert.deepEqual(clipped[4], packUints(norms, 8));
    const kept = [0, 2, 4].map((i) => UPDATES[i]![LANE]!).sort((a, b) => a - b);
    for (const [ruleId, ruleParam, lowest, highest] of [[3, 1n, kept[1]!, kept[1]!], [3, 0n, kept[0]!, kept[2]!], [4, 0n, kept[1]!, kept[1]!]] as const) {
      const trimmed = cut(encodeAggregateProof(change({}, { ruleId, ruleParam })), 361, 128, 4, 4, 10, 3 * 128 + 2 * 32, 160, 160);
      assert.deepEqual(trimmed[3], packUints([lowest & 0xffff, highest & 0xffff], 2));
    }
    assert(kept[0]! < 0, "one of them is negative");
  });

  test("vectors, their openings, roots of what does not count and another hash function make the same proof", () => {
    const opened = {
      updates: UPDATES.map((update) => openChunk(bytesOf(update), 3, 4)), base: openChunk(bytesOf(BASE), 4, 9), model: openChunk(bytesOf(MODEL), 4, 9),
    };
    const expected = encodeAggregateProof(INPUT);
    assert.deepEqual(encodeAggregateProof({ ...INPUT, ...opened }), expected);
    const roots = { updates: UPDATES.map((update, i) => (i === 1 || i === 3 ? updateRoot(update) : update)) };
    assert.deepEqual(encodeAggregateProof({ ...INPUT, ...roots }), expected);
    assert.deepEqual(encodeAggregateProof(INPUT, hashtree.hashInto), expected);
  });

  test("a chunk in the middle of a buffer is read where it is", () => {
    const { chunk, siblings } = openChunk(bytesOf(UPDATES[0]!), 3, 4);
    const buffer = new Uint8Array(100);
    buffer.set(chunk, 7);
    const shifted = { chunk: buffer.subarray(7, 39), siblings };
    const config = { ruleId: 3, ruleParam: 0n };
    assert.deepEqual(encodeAggregateProof(change({ updates: [shifted, ...UPDATES.slice(1)] }, config)), encodeAggregateProof(change({}, config)));
  });

  test("what cannot be proven is refused with its reason", () => {
    const { chunk, siblings } = openChunk(bytesOf(UPDATES[0]!), 3, 4);
    const first = (update: AggregateProofInput["updates"][number]) => ({ updates: [update, ...UPDATES.slice(1)] });
    const refused: [AggregateProofInput, Parameters<typeof withCode>[0], RegExp][] = [
      [change({}, { elementWidth: 4 }), "unsupported", /4 bytes a lane/],
      [change({}, { ruleId: 5 }), "rule-unknown", /rule 5/],
      [change({}, { ruleId: 0 }), "rule-unknown", /rule 0/],
      [change({}, { ruleId: 3, ruleParam: 2n }), "too-few-updates", /3 updates .* trim 2/],
      [change({ weights: [0, 0, 0, 0, 0] }, { ruleId: 4 }), "too-few-updates", /0 updates/],
      [change({ lane: 128 }), "out-of-range", /Lane 128 is not in 0\.\.127/],
      [change({ lane: -1 }), "out-of-range", /Lane -1/],
      [change({ lane: 0.5 }), "out-of-range", /Lane 0.5/],
      [change({ weights: [1, 2] }), "length-mismatch", /5 updates for 2 weights/],
      [change({}, { ruleId: 2, ruleParam: 9n }), "length-mismatch", /0 norms for 5 weights/],
      [change(first(updateRoot(UPDATES[0]!))), "column-invalid", /Entry 0 counts/],
      [change(first({ chunk, siblings: siblings.subarray(32) })), "length-mismatch", /depth 3/],
      [change(first({ chunk: chunk.subarray(1), siblings })), "length-mismatch", /depth 3/],
      [change({ model: { chunk, siblings } }), "length-mismatch", /depth 4/],
      [change({ base: { chunk, siblings } }), "length-mismatch", /depth 4/],
      [change({ weights: [65_536, 0, 1, 1, 1] }), "out-of-range", /65536/],
      [change(first(randomInt16(129, 1))), "out-of-range", /do not fit/],
    ];
    for (const [input, code, message] of refused) assert.throws(() => encodeAggregateProof(input), withCode(code, message));
  });
});

describe("the values at the ends of an order statistic", () => {
  test("are those at rank t from below and from above", () => {
    assert.deepEqual(rankHints([5, -3, 9, 0, 7], 1), { lowest: 0, highest: 7 });
    assert.deepEqual(rankHints([5, -3, 9, 0, 7], 2), { lowest: 5, highest: 5 });
    assert.deepEqual(rankHints([4, 4, 4, 1], 1), { lowest: 4, highest: 4 });
    assert.deepEqual(rankHints([-32_768], 0), { lowest: -32_768, highest: -32_768 });
    assert.deepEqual(rankHints([10, 9, 100], 0), { lowest: 9, highest: 100 });
    for (const [values, trim] of [[[], 0], [[1, 2], 1], [[1, 2, 3], 2]] as const) assert.throws(() => rankHints(values, trim), withCode("too-few-updates"));
  });

  test("depend on how many the rule drops", () => {
    assert.deepEqual([1, 2, 3, 4, 5, 6].map((count) => trimOf({ ruleId: 4, ruleParam: 0n }, count)), [0, 0, 1, 1, 2, 2]);
    assert.equal(trimOf({ ruleId: 3, ruleParam: 4n }, 20), 4);
    assert.equal(trimOf({ ruleId: 1, ruleParam: 0n }, 20), null);
    assert.equal(trimOf({ ruleId: 2, ruleParam: 7n }, 20), null);
  });
});
