// An oracle that looks again only where something moved, and misses nothing by it.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Hex } from "viem";
import { createStill } from "../../../scripts/oracle/still.ts";
import { ALONE, type Turns } from "../../../scripts/oracle/turns.ts";

function world(turns: Turns = ALONE) {
  let [head, changes, looks]: [Hex, number, number] = ["0x01", 0, 0];
  let find: () => boolean | Promise<boolean> = () => false;
  const still = createStill({ head: async () => Promise.resolve(head), changes: () => changes, turns });
  const look = async (times = 1): Promise<number> => {
    const before = looks;
    for (let i = 0; i < times; i++) await still.unlessStill("a bundle", async () => (looks++, find())).catch(() => undefined);
    return looks - before;
  };
  return { still, look, block: (hash: Hex) => void (head = hash), change: () => void changes++, finds: (found: typeof find) => void (find = found) };
}

describe("looking only where something moved", () => {
  it("looks once at a head, again at the next one, at another branch of the same height, and when the journal changed", async () => {
    const { look, block, change } = world();
    assert.equal(await look(5), 1);
    block("0x02");
    assert.equal(await look(5), 1);
    block("0x01");
    assert.equal(await look(5), 1);
    change();
    assert.equal(await look(5), 1);
  });

  it("looks again after something moved, after a failure, and as long as another operator's turn is waited for", async () => {
    const moving = world();
    moving.finds(() => true);
    assert.equal(await moving.look(3), 3);
    moving.finds(() => Promise.reject(new Error("no endpoint answers")));
    assert.equal(await moving.look(3), 3);

    const waiting = world({ due: async () => Promise.resolve(false) });
    waiting.finds(async () => waiting.still.turns.due("a seal", 1));
    assert.equal(await waiting.look(3), 3);
  });

  it("does not count a block for looked at that came while it looked", async () => {
    const { look, block, finds } = world();
    finds(() => (block("0x03"), false));
    await look();
    assert.equal(await look(), 1);
  });

  it("looks again by itself after a while, whatever it may have missed, and keeps bundles apart", async () => {
    const { look, still } = world();
    await look();
    assert.equal(await look(120), 1);
    let other = 0;
    await still.unlessStill("another bundle", async () => Promise.resolve((other++, false)));
    assert.equal(other, 1);
  });
});
