// A federation that begins without a token, over the real kernel: rounds, a settlement and a record in points; then the token, and everybody is paid for all of it.
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { encodeFunctionData, type Hex } from "viem";
import { auditPayments } from "../../../protocol/audit/settlements.ts";
import { withinScope } from "../../../protocol/ledger/scope.ts";
import { accumulate, memberAt, pointsWorth } from "../../../protocol/index.ts";
import { readFacts } from "../../../protocol/ledger/read-facts.ts";
import { claimAll } from "../../../scripts/federation/claim-all.ts";
import { finaliseSettlement } from "../../../scripts/operator/settle.ts";
import { startWorld, type World } from "../watch/world.ts";

const RATE = 10n ** 17n / 3n;

describe("a federation without a token", () => {
  let world: World;
  let members: Uint8Array;
  before(async () => {
    world = await startWorld({ reserve: 0n });
    const sealed = await world.seal(await world.contribute());
    await world.report(sealed);
    const lastRound = await world.finaliseAll();
    const { kernel, federation } = world;
    const weights = await Promise.all(sealed.entries.map(async ({ seat }) => (await kernel.seats.read.laneOf([federation, seat])).weight));
    await world.settle(lastRound, [{ round: lastRound, seats: sealed.entries.map(({ seat }) => seat), weights }]);
    await world.jump(2_001);
    await finaliseSettlement(world.setting, federation);
    const facts = await readFacts(kernel, federation);
    const [settlement] = facts.settlements;
    assert.ok(settlement);
    const sum = weights.reduce((a, b) => a + b, 0);
    const amounts = settlement.payees.map((_, seat) => (settlement.pool * BigInt(weights[seat] ?? 0)) / BigInt(sum));
    members = accumulate(new Uint8Array(), amounts, settlement.payees);
  });
  after(() => world.close());

  const audited = async (): Promise<{ entry: string; wrong: boolean }[]> => {
    const compared: { entry: string; wrong: boolean }[] = [];
    const facts = await readFacts(world.kernel, world.federation);
    const same = (entry: string, _: string, __: string, expected: unknown, actual: unknown): void => void compared.push({ entry, wrong: expected !== actual });
    auditPayments({ facts, book: { same, dependsOn: () => assert.fail() }, within: withinScope({}, facts.settlements) } as unknown as Parameters<typeof auditPayments>[0], members);
    return compared;
  };

  it("is settled in points, which nobody can claim and nothing was reserved for", async () => {
    const { kernel, federation, setting } = world;
    const facts = await readFacts(kernel, federation);
    assert.deepEqual(facts.points, { rate: 0n, payments: [] });
    assert.ok(facts.credited > 0n);
    assert.deepEqual([await kernel.treasury.read.reservedOf([federation]), await kernel.token.read.balanceOf([facts.vault])], [0n, 0n]);
    await assert.rejects(claimAll(setting, members, 1));
  });

  it("pays for all of it once governance attaches the token", async () => {
    const { kernel, federation, setting, rpc } = world;
    const timelock = kernel.timelock.address;
    await rpc("hardhat_impersonateAccount", timelock);
    await rpc("hardhat_setBalance", timelock, "0x56bc75e2d63100000");
    const data: Hex = encodeFunctionData({ abi: kernel.treasury.abi, functionName: "attachToken", args: [federation, RATE] });
    await rpc("eth_sendTransaction", { from: timelock, to: kernel.treasury.address, data });
    await world.mine();
    const claims = await claimAll(setting, members, setting.hospitals.length);
    assert.ok(claims.length > 2);
    const { points, claims: made, vault } = await readFacts(kernel, federation);
    assert.equal(points?.rate, RATE);
    assert.equal(made.length, claims.length);
    for (const { seat, account } of claims) {
      const earned = memberAt(members, seat)?.cumulative ?? 0n;
      assert.ok((await kernel.token.read.balanceOf([account])) >= pointsWorth(earned, RATE));
      assert.deepEqual(points?.payments.find(({ index }) => index === seat), { index: seat, points: earned, paid: pointsWorth(earned, RATE) });
    }
    assert.ok((await kernel.token.read.balanceOf([vault])) < BigInt(claims.length), "less than a unit a seat is left");
    const compared = await audited();
    assert.ok(compared.length > 2 * claims.length);
    assert.deepEqual(compared.filter(({ wrong }) => wrong), []);
  });
});
