// What a search finds in a settlement, from evidence in memory.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { zeroHash, type Address } from "viem";
import { findSettlementFault, type LedgerSettlement } from "../../../protocol/faults/find-settlement-fault.ts";
import type { FaultSearch } from "../../../protocol/faults/find-evidence.ts";
import { buildRewardsTree, columnHash, COLUMN_WIDTHS, computeSettlement, packMembers, packScores, packUints, type Scores, type SettlementInput, type SettlementStatement } from "../../../protocol/index.ts";

const address = (n: number): Address => `0x${n.toString(16).padStart(40, "0")}`;
const PAYEES = [address(1), address(2), address(0), address(4)] as const;
const VAULT = { chainId: 31_337, vault: address(77), federation: 1 };
const BEFORE = packMembers([{ payee: address(1), cumulative: 5n }, { payee: address(9), cumulative: 0n }, { payee: address(3), cumulative: 7n }]);
const POOL = 1_000n;

/** Settles two rounds, rightly, and lets a test spoil what is proposed. */
async function makeSettlement(change: { amounts?: (due: bigint[]) => bigint[]; scores?: (due: Scores) => Scores; table?: Uint8Array } = {}): Promise<LedgerSettlement> {
  const input: SettlementInput = {
    domain: VAULT, scoringId: 1, pool: POOL, payees: PAYEES, previousMembers: BEFORE,
    scored: [{ round: 1, seats: [0, 1, 2], weights: [10, 20, 30] }, { round: 2, seats: [0, 3], weights: [10, 5] }],
  };
  const right = await computeSettlement(input);
  const scores = packScores(change.scores?.(right.scores) ?? right.scores);
  const amounts = change.amounts?.([...right.amounts]) ?? right.amounts;
  const entitlements = packUints(amounts, COLUMN_WIDTHS.entitlements);
  const rewardsRoot = change.table === undefined ? right.tree.root : (await buildRewardsTree(VAULT, change.table)).root;
  const statement: SettlementStatement = {
    federation: 1, index: 2, attempt: 0, firstRound: 1, lastRound: 2, lastReportHash: zeroHash, scoresHash: columnHash(scores), entitlementsHash: columnHash(entitlements),
    rewardsRoot, distributed: right.distributed, total: right.total, artefact: zeroHash,
  };
  return {
    domain: VAULT, statement, pool: POOL, finalRound: 2, scores, entitlements, payees: PAYEES, previousRoot: (await buildRewardsTree(VAULT, BEFORE)).root,
    dueScores: right.scores,
  };
}

const names = (found: FaultSearch): unknown => (found.kind === "fault" ? [found.fault.name, found.fault.where] : found.kind === "missing" ? found.items.map(({ file }) => file) : found.kind);

describe("the search for faults of a settlement", () => {
  it("finds nothing in a right one, whichever table is offered first", async () => {
    const settlement = await makeSettlement();
    assert.equal(names(await findSettlementFault(settlement, [BEFORE])), "none");
    assert.equal(names(await findSettlementFault(settlement, [new Uint8Array(5), BEFORE.slice(36), BEFORE])), "none");
  });

  it("finds the first amount that the scores do not give, declined ones too, without the table before", async () => {
    const stolen = await makeSettlement({ amounts: (due) => due.map((amount, seat) => (seat === 1 ? amount - 1n : seat === 3 ? amount + 1n : amount)) });
    assert.deepEqual(names(await findSettlementFault(stolen, [])), ["entitlement", "seat 1"]);
    const declined = await makeSettlement({ amounts: (due) => due.with(2, 1n) });
    assert.deepEqual(names(await findSettlementFault(declined, [BEFORE])), ["entitlement", "seat 2"]);
  });

  it("finds a table that is not the one before with these amounts", async () => {
    const wrong = await makeSettlement({ table: packMembers([{ payee: address(66), cumulative: 9n }]) });
    assert.deepEqual(names(await findSettlementFault(wrong, [BEFORE])), ["rewards-table", "rewards root"]);
  });

  it("cannot judge a table without the one before", async () => {
    const wrong = await makeSettlement({ table: new Uint8Array(36) });
    for (const tables of [[], [new Uint8Array(36)], [Uint8Array.of(1)]]) assert.deepEqual(names(await findSettlementFault(wrong, tables)), ["members.bin"]);
  });

  it("sees scores that the rounds do not give, which nobody can prove", async () => {
    const settlement = await makeSettlement();
    const due = (...seats: bigint[]): Scores => ({ seats, nobody: 0n });
    const found = await findSettlementFault({ ...settlement, dueScores: due(20n, 20n, 30n, 6n) }, [BEFORE]);
    assert.deepEqual(found, { kind: "unprovable", reason: "seat 3 scored 6 in the rounds covered; the settlement says 5", where: "scores: seat 3" });
    assert.equal((await findSettlementFault({ ...settlement, dueScores: due(20n, 20n, 30n, 5n, 1n) }, [BEFORE])).kind, "unprovable");
    assert.equal((await findSettlementFault({ ...settlement, dueScores: due(20n, 20n, 30n, 5n, 0n) }, [BEFORE])).kind, "none");
  });

  it("sees score that nobody was given, and takes it into every share", async () => {
    // Half of the pool kept from everybody: each amount follows from the scores proposed, which do not follow from the rounds.
    const scores = (due: Scores): Scores => ({ ...due, nobody: 75n });
    const kept = await makeSettlement({ scores, amounts: (due) => due.map((amount) => amount / 2n) });
    assert.deepEqual(await findSettlementFault(kept, []), { kind: "unprovable", reason: "nobody scored 0 in the rounds covered; the settlement says 75", where: "scores: nobody" });
    assert.deepEqual(names(await findSettlementFault(await makeSettlement({ scores }), [BEFORE])), ["entitlement", "seat 0"]);
  });

  it("test_search_seatGrantedAfterTheReport_disprovesNothing", async () => {
    // The columns end with the last seat that was there at the report; the rules, asked now, know one more, which has no weight.
    const settlement = await makeSettlement();
    assert.equal(names(await findSettlementFault({ ...settlement, dueScores: { seats: [20n, 20n, 30n, 5n, 0n], nobody: 0n } }, [BEFORE])), "none");
  });

  it("says when the scores could not be recomputed", async () => {
    assert.deepEqual(names(await findSettlementFault({ ...(await makeSettlement()), dueScores: null }, [BEFORE])), ["scores"]);
  });
});
