// Voting power as a sum, ballots as letters, tallies as the governor counts them.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Address } from "viem";
import { hashTypedData, recoverTypedDataAddress } from "viem";
import { generatePrivateKey, privateKeyToAccount } from "viem/accounts";
import { ballotTypedData, readBallot, writeBallot } from "../../../protocol/governance/ballot.ts";
import { blockAtTime, delegatesOf, holdersAt, sourcesOf, sumOf, type PowerEvent } from "../../../protocol/governance/power.ts";
import { proposalId } from "../../../protocol/governance/proposals.ts";
import { countTally } from "../../../protocol/governance/states.ts";

const at = (n: number): Address => `0x${n.toString(16).padStart(40, "0")}`;
const [ZERO, A, B, C] = [at(0), at(10), at(11), at(12)];
const events: readonly PowerEvent[] = [
  { kind: "transfer", from: ZERO, to: A, amount: 100n, block: 1n, logIndex: 0 },
  { kind: "transfer", from: ZERO, to: B, amount: 40n, block: 1n, logIndex: 1 },
  { kind: "delegate", delegator: A, to: A, block: 2n, logIndex: 0 },
  { kind: "delegate", delegator: B, to: A, block: 3n, logIndex: 0 },
  { kind: "transfer", from: A, to: C, amount: 30n, block: 3n, logIndex: 1 },
  { kind: "delegate", delegator: B, to: ZERO, block: 4n, logIndex: 0 },
];

describe("voting power", () => {
  it("is the sum of what is the account's own and what others lent it, block by block", () => {
    const sums = [1n, 2n, 3n, 4n].map((block) => sumOf(sourcesOf(holdersAt(events, block), A)));
    assert.deepEqual(sums, [0n, 100n, 110n, 70n]);
    assert.deepEqual(sourcesOf(holdersAt(events, 3n), A), [{ from: A, own: true, amount: 70n }, { from: B, own: false, amount: 40n }]);
  });

  it("counts nothing that nobody delegated, and follows the order of logs within a block", () => {
    assert.deepEqual(sourcesOf(holdersAt(events, 4n), C), []);
    assert.equal(sumOf(sourcesOf(holdersAt([...events].reverse(), 3n), A)), 110n);
    assert.deepEqual(delegatesOf(holdersAt(events, 3n)), [{ delegate: A, votes: 110n, delegators: 1 }]);
  });

  it("finds the block of a moment", async () => {
    const times = [10n, 12n, 12n, 15n, 20n];
    const find = (timestamp: bigint) => blockAtTime(timestamp, { first: 0n, last: 4n }, async (block) => times[Number(block)] ?? 0n);
    assert.deepEqual(await Promise.all([10n, 11n, 12n, 14n, 15n, 99n].map(find)), [0n, 0n, 2n, 2n, 3n, 4n]);
  });
});

describe("a tally", () => {
  it("counts for and abstain towards the quorum, and needs more for than against", () => {
    assert.deepEqual(countTally({ for: 3n, against: 100n, abstain: 1n }, 4n), { present: 4n, quorumReached: true, majority: false, missing: 0n });
    assert.deepEqual(countTally({ for: 3n, against: 3n, abstain: 0n }, 4n), { present: 3n, quorumReached: false, majority: false, missing: 1n });
  });
});

describe("a signed ballot", () => {
  const place = { chainId: 31_337, governor: at(77) };
  const account = privateKeyToAccount(generatePrivateKey());
  const ballot = { proposalId: 2n ** 255n + 1n, support: 1, voter: account.address, nonce: 4n, reason: "因为 <b>" };

  it("travels as text and still has its voter's signature", async () => {
    const signature = await account.signTypedData(ballotTypedData(place, ballot));
    const read = readBallot(writeBallot({ ...place, ...ballot, signature }));
    assert.ok(read !== undefined);
    assert.equal(await recoverTypedDataAddress({ ...ballotTypedData(place, read), signature: read.signature }), account.address);
  });

  it("differs in every field that is signed, chain and governor included", () => {
    const hash = (changed: Partial<typeof ballot & typeof place>): string => hashTypedData(ballotTypedData({ ...place, ...changed }, { ...ballot, ...changed }));
    const all = [{}, { proposalId: 1n }, { support: 0 }, { voter: A }, { nonce: 5n }, { reason: "" }, { chainId: 1 }, { governor: A }].map(hash);
    assert.equal(new Set(all).size, all.length);
  });

  it("is refused when anything about its form is wrong", () => {
    const good = JSON.parse(writeBallot({ ...place, ...ballot, signature: "0x1234" })) as Record<string, unknown>;
    assert.ok(readBallot(JSON.stringify(good)) !== undefined);
    for (const bad of [{ support: 3 }, { voter: "0x12" }, { proposalId: "-1" }, { signature: "0x" }, { format: "x" }, { extra: 1 }, { chainId: 0 }]) {
      assert.equal(readBallot(JSON.stringify({ ...good, ...bad })), undefined, JSON.stringify(bad));
    }
    assert.equal(readBallot("nonsense"), undefined);
  });
});

describe("a proposal's id", () => {
  it("is the hash of its calls and text", () => {
    const calls = [{ target: A, value: 0n, data: "0x1234" }] as const;
    const ids = [proposalId(calls, "x"), proposalId(calls, "y"), proposalId([{ ...calls[0], value: 1n }], "x"), proposalId([{ ...calls[0], data: "0x1235" }], "x")];
    assert.equal(new Set(ids).size, 4);
  });
});
