// Vectors of scores, entitlements, the member table and the cumulative tree.
import type { Address } from "viem";
import { getAddress, toHex } from "viem";

import {
  accumulate, buildRewardsTree, computeEntitlements, memberAt, packScores, rewardsLeaf, scoringRule, ZERO_ADDRESS,
} from "../../protocol/index.ts";
import type { VaultDomain } from "../../protocol/index.ts";

const DOMAIN: VaultDomain = { chainId: 31_337, vault: "0xe7f1725E7734CE288F8367e1Bb143E90bb3F0512", federation: 3 };

function payee(i: number): Address {
  return i % 7 === 3 ? ZERO_ADDRESS : getAddress(toHex(BigInt(i + 1) * 0x1234_5678_9abcn, { size: 20 }));
}

/** @param nobody Score that is no seat's; `size-v1` gives it none, another rule may. */
async function caseOf(seatCount: number, pool: bigint, previous: Uint8Array, nobody = 0n) {
  const seats = Array.from({ length: seatCount }, (_, i) => i);
  const rounds = [1, 2].map((round) => ({ round, seats, weights: seats.map((seat) => (seat % 5 === 4 && round === 2 ? 0 : 1 + ((seat * 37) % 11))) }));
  const payees = seats.map(payee);
  const scores = { ...scoringRule(1).score({ rounds, seatCount }), nobody };
  const { amounts, distributed, carry } = computeEntitlements(pool, scores, payees);
  const table = accumulate(previous, amounts, payees);
  const tree = await buildRewardsTree(DOMAIN, table);
  const leaves = seats.flatMap((index) => {
    const member = memberAt(table, index);
    return member === null ? [] : [{ index, ...member, leaf: rewardsLeaf(DOMAIN, index, member.payee, member.cumulative), proof: tree.proofFor(index) }];
  });
  return {
    table,
    vector: {
      scoringId: 1, rounds, pool, payees, previous: toHex(previous), scores: scores.seats, nobody, scoresColumn: toHex(packScores(scores)), amounts, distributed, carry, members: toHex(table), depth: tree.depth, root: tree.root, leaves,
    },
  };
}

export async function rewardsVectors() {
  const empty = new Uint8Array(0);
  const first = await caseOf(5, 1_000n * 10n ** 18n + 1n, empty);
  const cases = [await caseOf(1, 10n, empty), await caseOf(2, 10n, empty), first, await caseOf(9, 777n * 10n ** 18n, first.table), await caseOf(16, 1n, empty), await caseOf(6, 777n * 10n ** 18n, empty, 123n)];
  return { domain: DOMAIN, cases: cases.map(({ vector }) => vector) };
}
