import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { getAddress, type Address } from "viem";
import { toHex, type Hex } from "../../../protocol/bytes.ts";
import { encodeRewardsProof, findRewardsFault, type ProposedSettlement, type RewardsFacts } from "../../../protocol/faults/rewards-proof.ts";
import { buildRewardsTree, columnHash, computeSettlement, memberAt, packMembers, packUints, ZERO_ADDRESS } from "../../../protocol/index.ts";
import { withCode } from "../support/throws.ts";

const payee = (i: number): Address => getAddress(`0x${(i + 16).toString(16).padStart(40, "0")}`);
const word = (byte: string): Hex => `0x${byte.repeat(32)}`;
const DOMAIN = { chainId: 31_337, vault: payee(100), federation: 2 };
const POOL = 1_000_003n;
const PAYEES = [payee(0), ZERO_ADDRESS, payee(2)];
const PREVIOUS = packMembers([{ payee: payee(0), cumulative: 5n }, { payee: payee(9), cumulative: 7n }]);
const FACTS: RewardsFacts = { domain: DOMAIN, pool: POOL, payees: PAYEES, previousMembers: PREVIOUS };

/** A right settlement of three seats, the second of which declines. */
async function right() {
  const scored = [{ round: 4, seats: [0, 1, 2], weights: [10, 20, 30] }];
  const computed = await computeSettlement({ domain: DOMAIN, scoringId: 1, pool: POOL, scored, payees: PAYEES, previousMembers: PREVIOUS });
  const { columns, scoresHash, entitlementsHash, tree, distributed, total } = computed;
  const statement = {
    federation: 2, index: 3, attempt: 0, firstRound: 3, lastRound: 5, lastReportHash: word("a1"), scoresHash, entitlementsHash, rewardsRoot: tree.root, distributed, total,
    artefact: word("a2"),
  };
  const settlement: ProposedSettlement = { statement, finalRound: 4, scores: columns.scores, entitlements: columns.entitlements };
  return { settlement, computed };
}

/** With other amounts, signed as if they were right. */
function withAmounts({ settlement }: Awaited<ReturnType<typeof right>>, amounts: readonly bigint[]): ProposedSettlement {
  const entitlements = packUints(amounts, 12);
  return { ...settlement, entitlements, statement: { ...settlement.statement, entitlementsHash: columnHash(entitlements) } };
}

describe("a proof", () => {
  test("is laid out as the verifier reads it", async () => {
    const { settlement, computed } = await right();
    const { statement } = settlement;
    const hex = (value: bigint | number, bytes: number) => value.toString(16).padStart(2 * bytes, "0");
    const opened = [
      hex(3, 4), hex(5, 4), "a1".repeat(32), statement.rewardsRoot.slice(2), hex(statement.distributed, 16), hex(statement.total, 16), "a2".repeat(32),
      hex(4, 4), hex(3, 2), ...[10, 20, 30, 0].map((score) => hex(score, 8)), ...computed.amounts.map((amount) => hex(amount, 12)),
    ].join("");
    assert.equal(toHex(encodeRewardsProof(settlement, { kind: "entitlement", seat: 2 })), `0x${opened}000002`);
    assert.equal(toHex(encodeRewardsProof(settlement, { kind: "table", previousMembers: PREVIOUS })), `0x${opened}010002${toHex(PREVIOUS).slice(2)}`);
    assert.equal(toHex(encodeRewardsProof(settlement, { kind: "table", previousMembers: new Uint8Array() })), `0x${opened}010000`);
  });

  test("needs the columns that the statement was signed over", async () => {
    const { settlement } = await right();
    const fault = { kind: "entitlement", seat: 0 } as const;
    assert.throws(() => encodeRewardsProof({ ...settlement, scores: packUints([10, 20, 31, 0], 8) }, fault), withCode("column-invalid"));
    assert.throws(() => encodeRewardsProof({ ...settlement, entitlements: settlement.entitlements.subarray(12) }, fault), withCode("column-invalid"));
    assert.throws(() => encodeRewardsProof(settlement, { kind: "entitlement", seat: 65_536 }), withCode("out-of-range"));
    assert.throws(() => encodeRewardsProof(settlement, { kind: "table", previousMembers: new Uint8Array(35) }), withCode("column-invalid"));
  });
});

describe("what is wrong", () => {
  test("nothing, when it was computed as the protocol says", async () => {
    assert.equal(await findRewardsFault((await right()).settlement, FACTS), null);
  });

  test("the first entitlement that is not the share, or is paid to a seat that declines", async () => {
    const sound = await right();
    const { amounts } = sound.computed;
    assert.deepEqual(await findRewardsFault(withAmounts(sound, amounts.with(2, amounts[2]! + 1n)), FACTS), { kind: "entitlement", seat: 2 });
    assert.deepEqual(await findRewardsFault(withAmounts(sound, amounts.with(1, (POOL * 20n) / 60n)), FACTS), { kind: "entitlement", seat: 1 });
    assert.deepEqual(await findRewardsFault(sound.settlement, { ...FACTS, pool: POOL + 60n }), { kind: "entitlement", seat: 0 });
  });

  test("the tree, when a leaf, a payee or the table before is another", async () => {
    const { settlement, computed } = await right();
    const table = { kind: "table", previousMembers: PREVIOUS };
    const members = computed.columns.members.slice();
    members[35]! ^= 1;
    const { root } = await buildRewardsTree(DOMAIN, members);
    assert.deepEqual(await findRewardsFault({ ...settlement, statement: { ...settlement.statement, rewardsRoot: root } }, FACTS), table);
    assert.deepEqual(await findRewardsFault(settlement, { ...FACTS, payees: PAYEES.with(2, payee(3)) }), table);
    const other = packMembers([memberAt(PREVIOUS, 0)!]);
    assert.deepEqual(await findRewardsFault(settlement, { ...FACTS, previousMembers: other }), { kind: "table", previousMembers: other });
  });

  test("the table, when a member that has earned something is left out; absent ones at its end say nothing", async () => {
    const { settlement } = await right();
    const [first, second] = [memberAt(PREVIOUS, 0)!, memberAt(PREVIOUS, 1)!];
    const absent = { payee: ZERO_ADDRESS, cumulative: 0n };
    assert.equal(await findRewardsFault(settlement, { ...FACTS, previousMembers: packMembers([first, second, absent, absent]) }), null);
    const longer = packMembers([first, second, absent, first]);
    assert.deepEqual(await findRewardsFault(settlement, { ...FACTS, previousMembers: longer }), { kind: "table", previousMembers: longer });
  });

  test("cannot be told from payees of another number of seats", async () => {
    await assert.rejects(findRewardsFault((await right()).settlement, { ...FACTS, payees: PAYEES.slice(1) }), withCode("length-mismatch"));
  });
});
