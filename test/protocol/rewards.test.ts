import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { encodeAbiParameters, getAddress, keccak256, toHex, type Address, type Hex } from "viem";
import {
  accumulate, buildRewardsTree, computeEntitlements, memberAt, memberCount, memberTotal, packMembers, packScores, rewardsLeaf, scoreSum, scoringRule, unpackScores, verifyClaim, ZERO_ADDRESS,
  type Member, type VaultDomain,
} from "../../protocol/index.ts";
import { createRandom } from "./support/random.ts";
import { withCode } from "./support/throws.ts";

const DOMAIN: VaultDomain = { chainId: 31_337, vault: "0xe7f1725E7734CE288F8367e1Bb143E90bb3F0512", federation: 3 };
const payee = (i: number): Address => getAddress(`0x${(i + 1).toString(16).padStart(40, "0")}`);
const ZERO: Hex = `0x${"00".repeat(32)}`;

describe("size-v1", () => {
  const rule = scoringRule(1);
  test("adds up effective weights by seat", () => {
    const rounds = [{ round: 1, seats: [0, 2, 3], weights: [10, 20, 0] }, { round: 2, seats: [2, 3], weights: [20, 5] }];
    assert.deepEqual(rule.score({ rounds, seatCount: 5 }), { seats: [10n, 0n, 40n, 5n, 0n], nobody: 0n });
  });
  test("no rounds, no scores; a dropped stranger is ignored, one with weight is refused", () => {
    assert.deepEqual(rule.score({ rounds: [], seatCount: 2 }), { seats: [0n, 0n], nobody: 0n });
    assert.deepEqual(rule.score({ rounds: [{ round: 1, seats: [9], weights: [0] }], seatCount: 1 }), { seats: [0n], nobody: 0n });
    assert.throws(() => rule.score({ rounds: [{ round: 4, seats: [9], weights: [1] }], seatCount: 9 }), withCode("out-of-range", /Round 4 .* seat 9/));
  });
  test("unknown rules are refused", () => assert.throws(() => scoringRule(2), withCode("rule-unknown", /Scoring rule 2/)));
});

describe("entitlements", () => {
  const three = [payee(0), payee(1), payee(2)];
  const all = (...seats: bigint[]) => ({ seats, nobody: 0n });
  test("are floors of the share; dust rolls over", () => {
    assert.deepEqual(computeEntitlements(100n, all(1n, 1n, 1n), three), { amounts: [33n, 33n, 33n], distributed: 99n, carry: 1n });
  });
  test("a declined share rolls over whole; the others get no more for it", () => {
    assert.deepEqual(computeEntitlements(90n, all(1n, 1n, 1n), [payee(0), ZERO_ADDRESS, payee(2)]), { amounts: [30n, 0n, 30n], distributed: 60n, carry: 30n });
  });
  test("nobody's score earns its part like any other, and nobody is paid it", () => {
    assert.deepEqual(computeEntitlements(100n, { seats: [1n, 2n, 0n], nobody: 7n }, three), { amounts: [10n, 20n, 0n], distributed: 30n, carry: 70n });
    assert.deepEqual(computeEntitlements(100n, { seats: [0n, 0n, 0n], nobody: 7n }, three), { amounts: [0n, 0n, 0n], distributed: 0n, carry: 100n });
    assert.deepEqual(computeEntitlements(100n, { seats: [], nobody: 1n }, []), { amounts: [], distributed: 0n, carry: 100n });
  });
  test("without any score everything rolls over", () => {
    assert.deepEqual(computeEntitlements(7n, all(0n, 0n, 0n), three), { amounts: [0n, 0n, 0n], distributed: 0n, carry: 7n });
    assert.deepEqual(computeEntitlements(7n, all(), []), { amounts: [], distributed: 0n, carry: 7n });
  });
  test("never exceed the pool, and each is within one unit of its share", () => {
    const random = createRandom(1);
    for (let trial = 0; trial < 200; trial++) {
      const scores = Array.from({ length: 1 + Math.floor(random() * 20) }, () => BigInt(Math.floor(random() * 65_536)));
      const pool = BigInt(Math.floor(random() * 2 ** 53)) * 10n ** 9n;
      const nobody = trial % 2 === 0 ? 0n : BigInt(Math.floor(random() * 200_000));
      const { amounts, distributed, carry } = computeEntitlements(pool, { seats: scores, nobody }, scores.map((_, i) => payee(i)));
      const sum = scores.reduce((a, b) => a + b, nobody);
      assert.equal(distributed + carry, pool);
      const rolled = sum === 0n ? pool : (pool * nobody) / sum;
      assert(carry >= rolled && carry <= rolled + BigInt(scores.length));
      amounts.forEach((amount, i) => assert(amount * sum <= pool * scores[i]! && (amount + 1n) * sum > pool * scores[i]! || sum === 0n));
    }
  });
  test("bad input", () => {
    assert.throws(() => computeEntitlements(1n, all(1n), []), withCode("length-mismatch"));
    assert.throws(() => computeEntitlements(-1n, all(1n), [payee(0)]), withCode("out-of-range"));
    assert.throws(() => computeEntitlements(2n ** 128n, all(1n), [payee(0)]), withCode("out-of-range"));
    assert.throws(() => computeEntitlements(1n, all(2n, -1n), [payee(0), payee(1)]), withCode("out-of-range"));
    assert.throws(() => computeEntitlements(1n, { seats: [2n], nobody: -1n }, [payee(0)]), withCode("out-of-range"));
  });
});

describe("the column of scores", () => {
  const most = 2n ** 64n - 1n;
  test("has every seat's, then nobody's", () => {
    for (const scores of [{ seats: [], nobody: 0n }, { seats: [1n, 2n], nobody: 3n }, { seats: [most], nobody: most }]) {
      const column = packScores(scores);
      assert.equal(column.length, 8 * (scores.seats.length + 1));
      assert.deepEqual(unpackScores(column), scores);
    }
    assert.equal(toHex(packScores({ seats: [1n], nobody: 2n })), "0x00000000000000010000000000000002");
    assert.equal(scoreSum({ seats: [1n, 2n], nobody: 4n }), 7n);
  });
  test("is refused without nobody's, cut, or with a score that does not fit", () => {
    assert.throws(() => unpackScores(new Uint8Array(0)), withCode("column-invalid", /nobody/));
    assert.throws(() => unpackScores(new Uint8Array(9)), withCode("column-invalid"));
    for (const scores of [{ seats: [most + 1n], nobody: 0n }, { seats: [], nobody: most + 1n }, { seats: [], nobody: -1n }]) {
      assert.throws(() => packScores(scores), withCode("out-of-range"));
    }
  });
});

describe("the member table", () => {
  test("accumulates, grows, and follows the payee of now", () => {
    const first = accumulate(new Uint8Array(0), [5n, 0n], [payee(0), payee(1)]);
    const second = accumulate(first, [1n, 2n, 3n], [payee(9), payee(1), payee(2)]);
    assert.equal(memberAt(first, 1), null, "nothing earned is absent");
    assert.deepEqual([0, 1, 2].map((i) => memberAt(second, i)), [{ payee: payee(9), cumulative: 6n }, { payee: payee(1), cumulative: 2n }, { payee: payee(2), cumulative: 3n }]);
    assert.equal(memberTotal(second), 11n);
    assert.equal(memberCount(second), 3);
    assert.equal(memberAt(second, 3), null);
  });
  test("declining now keeps what was earned with the payee it was earned for", () => {
    const first = accumulate(new Uint8Array(0), [5n], [payee(0)]);
    assert.deepEqual(memberAt(accumulate(first, [0n], [ZERO_ADDRESS]), 0), { payee: payee(0), cumulative: 5n });
    assert.equal(memberAt(accumulate(new Uint8Array(0), [0n], [ZERO_ADDRESS]), 0), null);
    assert.throws(() => accumulate(first, [1n], [ZERO_ADDRESS]), withCode("out-of-range", /Seat 0 declines/));
  });
  test("bad input", () => {
    const two = accumulate(new Uint8Array(0), [5n, 5n], [payee(0), payee(1)]);
    assert.throws(() => accumulate(two, [1n], [payee(0)]), withCode("length-mismatch"), "members never vanish");
    assert.throws(() => accumulate(two, [1n, 1n], [payee(0)]), withCode("length-mismatch"));
    assert.throws(() => memberCount(new Uint8Array(35)), withCode("column-invalid"));
    assert.throws(() => packMembers([{ payee: payee(0), cumulative: 2n ** 128n }]), withCode("out-of-range"));
  });
});

describe("the cumulative tree", () => {
  const membersOf = (n: number): Member[] => Array.from({ length: n }, (_, i) => ({ payee: payee(i), cumulative: i % 4 === 2 ? 0n : BigInt(i + 1) * 10n ** 18n }));

  /** The drawing in IRewardsVault.sol, by recursion. */
  function drawnRoot(members: readonly Member[]): Hex {
    const width = 2 ** (members.length < 2 ? 0 : Math.ceil(Math.log2(members.length)));
    const node = (from: number, to: number): Hex => {
      if (to - from === 1) {
        const member = members[from];
        if (member === undefined || member.cumulative === 0n) return ZERO;
        return keccak256(encodeAbiParameters(
          [{ type: "uint256" }, { type: "address" }, { type: "uint32" }, { type: "uint32" }, { type: "address" }, { type: "uint256" }],
          [31_337n, DOMAIN.vault, 3, from, member.payee, member.cumulative],
        ));
      }
      const middle = (from + to) / 2;
      return keccak256(`${node(from, middle)}${node(middle, to).slice(2)}`);
    };
    return node(0, width);
  }

  for (const n of [0, 1, 2, 3, 4, 5, 8, 9, 100]) {
    test(`of ${n}: root as drawn, and every claim proves`, async () => {
      const members = membersOf(n);
      const tree = await buildRewardsTree(DOMAIN, packMembers(members));
      assert.equal(tree.root, drawnRoot(members));
      assert.equal(tree.depth, n < 2 ? 0 : Math.ceil(Math.log2(n)));
      for (const [index, { payee, cumulative }] of members.entries()) {
        const proof = tree.proofFor(index);
        assert.equal(proof.length, tree.depth);
        assert.equal(verifyClaim(tree.root, DOMAIN, { index, payee, cumulative, proof }), cumulative > 0n, "an empty leaf cannot be claimed");
      }
    });
  }

  test("one leaf is its own root", async () => {
    const [member] = membersOf(1);
    const tree = await buildRewardsTree(DOMAIN, packMembers([member!]));
    assert.equal(tree.root, rewardsLeaf(DOMAIN, 0, member!.payee, member!.cumulative));
  });

  test("no other index, payee, amount, vault, chain, federation or proof is accepted", async () => {
    const members = membersOf(9);
    const tree = await buildRewardsTree(DOMAIN, packMembers(members));
    const good = { index: 4, ...members[4]!, proof: tree.proofFor(4) };
    assert(verifyClaim(tree.root, DOMAIN, good));
    for (const index of [-1, 0, 5, 20, 4 + 16, 4.5, 2 ** 32 + 4]) assert(!verifyClaim(tree.root, DOMAIN, { ...good, index }));
    for (const cumulative of [0n, -1n, good.cumulative - 1n, good.cumulative + 1n]) assert(!verifyClaim(tree.root, DOMAIN, { ...good, cumulative }));
    assert(!verifyClaim(tree.root, DOMAIN, { ...good, payee: payee(5) }));
    assert(!verifyClaim(tree.root, DOMAIN, { ...good, payee: ZERO_ADDRESS }));
    assert(!verifyClaim(tree.root, { ...DOMAIN, chainId: 1 }, good));
    assert(!verifyClaim(tree.root, { ...DOMAIN, federation: 4 }, good));
    assert(!verifyClaim(tree.root, { ...DOMAIN, vault: payee(77) }, good));
    assert(!verifyClaim(ZERO, DOMAIN, good));
    for (let k = 0; k < good.proof.length; k++) assert(!verifyClaim(tree.root, DOMAIN, { ...good, proof: good.proof.with(k, ZERO.replace("0x00", "0x01") as Hex) }));
    assert(!verifyClaim(tree.root, DOMAIN, { ...good, proof: good.proof.slice(1) }));
    assert(!verifyClaim(tree.root, DOMAIN, { ...good, proof: [...good.proof, ZERO] }));
  });

  test("a leaf without a payee cannot be claimed, should a quorum ever make one", async () => {
    const tree = await buildRewardsTree(DOMAIN, packMembers([{ payee: ZERO_ADDRESS, cumulative: 5n }]));
    assert.equal(tree.root, rewardsLeaf(DOMAIN, 0, ZERO_ADDRESS, 5n));
    assert(!verifyClaim(tree.root, DOMAIN, { index: 0, payee: ZERO_ADDRESS, cumulative: 5n, proof: [] }));
  });

  test("an index beyond 16 bits and an amount of 128 bits are in their leaf", async () => {
    const table = new Uint8Array(36 * 65_540);
    const member = { payee: payee(3), cumulative: 2n ** 128n - 1n };
    table.set(packMembers([member]), 36 * 65_537);
    const tree = await buildRewardsTree(DOMAIN, table);
    assert(verifyClaim(tree.root, DOMAIN, { index: 65_537, ...member, proof: tree.proofFor(65_537) }));
  });

  test("bad input", async () => {
    const tree = await buildRewardsTree(DOMAIN, packMembers(membersOf(3)));
    for (const index of [-1, 3, 1.5]) assert.throws(() => tree.proofFor(index), withCode("out-of-range"));
    await assert.rejects(buildRewardsTree(DOMAIN, new Uint8Array(37)), withCode("column-invalid"));
    await assert.rejects(buildRewardsTree(DOMAIN, new Uint8Array(36 * (2 ** 24 + 1))), withCode("out-of-range"));
  });
});
