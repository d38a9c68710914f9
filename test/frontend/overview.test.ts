// What changed since the last visit, and what a visit is.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { zeroAddress } from "viem";
import type { FederationHistory } from "../../frontend/src/chain/book.ts";
import { changesSince } from "../../frontend/src/pages/overview/changes.ts";
import { noteVisit } from "../../frontend/src/pages/overview/visit.ts";
import type { Deployment } from "../../protocol/deployment.ts";

function memoryShelf() {
  const items = new Map<string, string>();
  return { items, getItem: (key: string) => items.get(key) ?? null, setItem: (key: string, value: string) => void items.set(key, value), removeItem: (key: string) => void items.delete(key) };
}

const HOUR = 3600;

describe("a visit", () => {
  it("is the first one, then reaches back to where the one before it ended", () => {
    const shelf = memoryShelf();
    assert.equal(noteVisit(shelf, "a", 100n, 0).since, undefined);
    assert.equal(noteVisit(shelf, "a", 120n, HOUR).since, 100n);
    assert.equal(noteVisit(shelf, "a", 150n, 3 * HOUR).since, 120n);
  });
  it("goes on through a reload and through blocks that come meanwhile", () => {
    const shelf = memoryShelf();
    noteVisit(shelf, "a", 100n, 0);
    for (const [block, minute] of [[120n, 60], [121n, 65], [140n, 80]] as const) assert.equal(noteVisit(shelf, "a", block, minute * 60).since, 100n);
    assert.equal(noteVisit(shelf, "a", 141n, 5 * HOUR).since, 140n);
  });
  it("begins anew on another ledger, and on a chain that is shorter than what was seen", () => {
    const shelf = memoryShelf();
    noteVisit(shelf, "a", 100n, 0);
    assert.equal(noteVisit(shelf, "b", 100n, HOUR).since, undefined);
    assert.equal(noteVisit(shelf, "a", 20n, 2 * HOUR).since, undefined);
  });
  it("attack: what is stored is anything at all", () => {
    for (const stored of ["", "{", "null", "[]", '{"through":"-1","at":0,"before":null}', '{"through":"1e9","at":0,"before":null}', '{"through":"9","at":"x","before":null}']) {
      const shelf = memoryShelf();
      shelf.items.set("chongwen.visit.a", stored);
      assert.equal(noteVisit(shelf, "a", 10n, HOUR).since, undefined, stored);
    }
  });
});

describe("changes", () => {
  const at = (blockNumber: bigint) => ({ blockNumber, blockHash: "0x", logIndex: 0, transactionHash: "0x" }) as const;
  const report = (block: bigint) => ({ ...at(block), reportHash: "0x01" });
  const history = {
    federation: 1,
    configs: [at(1n)],
    rounds: [
      { round: 1, seals: [], reports: [report(5n)], finalised: at(10n), voided: undefined },
      { round: 2, seals: [], reports: [report(11n)], finalised: at(20n), voided: undefined },
      { round: 3, seals: [], reports: [report(21n)], finalised: undefined, voided: undefined },
      { round: 4, seals: [], reports: [], finalised: undefined, voided: at(22n) },
    ],
    settlements: [
      { index: 1, proposed: at(12n), finalised: { ...at(18n), carry: 0n }, distributed: 7n },
      { index: 2, proposed: at(23n), finalised: undefined, distributed: 9n },
    ],
    claims: [{ ...at(9n), amount: 1n }, { ...at(24n), amount: 2n }, { ...at(25n), amount: 3n }],
    seats: [{ ...at(2n), seat: 0 }],
  } as unknown as FederationHistory;
  const kinds = (since: bigint) => changesSince([], [history], { contracts: { rounds: zeroAddress, datasets: zeroAddress, governor: zeroAddress } } as unknown as Deployment, since);

  it("are those after the block, grouped, none twice", () => {
    assert.deepEqual(kinds(15n), [
      { kind: "rounds-final", federation: 1, rounds: [2] },
      { kind: "rounds-reported", federation: 1, rounds: [3] },
      { kind: "rounds-void", federation: 1, rounds: [4] },
      { kind: "settlements-final", federation: 1, settlements: [1], distributed: 7n },
      { kind: "settlement-proposed", federation: 1, settlements: [2] },
      { kind: "claims", federation: 1, count: 2, amount: 5n },
    ]);
  });
  it("are none after the last block, and all from the beginning", () => {
    assert.deepEqual(kinds(25n), []);
    assert.deepEqual(kinds(0n).map(({ kind }) => kind), ["federation", "rounds-final", "rounds-reported", "rounds-void", "settlements-final", "settlement-proposed", "claims", "seats"]);
  });
});
