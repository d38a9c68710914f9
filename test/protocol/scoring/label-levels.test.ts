import assert from "node:assert/strict";
import { test } from "node:test";
import { mapReader } from "../../../protocol/index.ts";
import { labelLevelsOf, readLabelLevels } from "../../../protocol/scoring/label-levels.ts";
import { word } from "./support.ts";

const card = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value));

test("a card's levels count when they add up to the registered records; anything else is unverified", () => {
  assert.deepEqual(labelLevelsOf(card({ labelLevels: [1, 0, 9] }), 10), [1, 0, 9]);
  for (const broken of [{}, { labelLevels: [] }, { labelLevels: [1, 0, 10] }, { labelLevels: [-1, 11] }, { labelLevels: [0.5, 9.5] }, { labelLevels: "10" }, { labelLevels: new Array(17).fill(0) }]) {
    assert.deepEqual(labelLevelsOf(card(broken), 10), [10], JSON.stringify(broken));
  }
  assert.deepEqual(labelLevelsOf(new Uint8Array([0xff, 0x00]), 10), [10]);
});

test("a support seat has no dataset, hence no card to read", async () => {
  const open = async () => mapReader(new Map([["content", card({ labelLevels: [0, 10] })]]));
  assert.deepEqual(await readLabelLevels(open, { card: word(1), records: 10, dataset: 3 }), [0, 10]);
  assert.deepEqual(await readLabelLevels(() => assert.fail("opened"), { card: word(0), records: 0, dataset: 0 }), []);
});
