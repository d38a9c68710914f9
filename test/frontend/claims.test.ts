import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { getAddress, keccak256, zeroAddress } from "viem";
import type { Address } from "viem";
import { ARTEFACT_PATHS } from "../../frontend/src/chain/artefact-paths.ts";
import { balancesOf } from "../../frontend/src/claims/balances.ts";
import { dueOf, hasToken } from "../../frontend/src/claims/points.ts";
import type { Leaf } from "../../frontend/src/claims/balances.ts";
import { nextStep } from "../../frontend/src/claims/next-step.ts";
import { checkBreakdown, checkTable } from "../../frontend/src/claims/receipt.ts";
import { payeesOf } from "../../frontend/src/pages/card/payees.ts";
import type { FederationHistory } from "../../frontend/src/chain/book.ts";
import type { ContributorRecord } from "../../frontend/src/chain/contributors.ts";
import { MANIFEST } from "../../protocol/bundle/files.ts";
import { ROUND_FILES } from "../../protocol/bundle/round-manifest.ts";
import { SETTLEMENT_FILES } from "../../protocol/bundle/settlement-manifest.ts";
import { computeEntitlements } from "../../protocol/rewards/entitlements.ts";
import { packMembers } from "../../protocol/rewards/members.ts";
import { buildRewardsTree, verifyClaim } from "../../protocol/rewards/tree.ts";
import { packUints } from "../../protocol/columns.ts";

const account = (n: number): Address => getAddress(`0x${n.toString(16).padStart(40, "a")}`);
const [hospital, clinic] = [account(1), account(2)];
const chainId = 31_337;
const vault = account(9);
const domain = { chainId, vault, federation: 1 };

describe("balances", () => {
  const leaves: readonly Leaf[] = [
    { seat: 0, payee: hospital, cumulative: 100n },
    { seat: 2, payee: clinic, cumulative: 40n },
    { seat: 5, payee: hospital, cumulative: 30n },
  ];
  it("sum an institution's seats; claimable is what each was not yet paid", () => {
    const balances = balancesOf(hospital.toLowerCase(), leaves, new Map([[0, 60n], [5, 0n]]), undefined);
    assert.ok(balances);
    assert.deepEqual(
      balances.seats.map(({ seat, claimable }) => [seat, claimable]),
      [[0, 40n], [5, 30n]],
    );
    assert.deepEqual([balances.earned, balances.claimed, balances.claimable, balances.pending, balances.accrued], [130n, 60n, 70n, 0n, 130n]);
  });
  it("count what a settlement under way adds apart, new seats too", () => {
    const pending: readonly Leaf[] = [{ seat: 0, payee: hospital, cumulative: 150n }, { seat: 7, payee: hospital, cumulative: 5n }];
    const balances = balancesOf(hospital, leaves, new Map([[0, 0n], [5, 0n]]), pending);
    assert.ok(balances);
    assert.equal(balances.pending, 55n);
    assert.equal(balances.claimable, 130n);
    assert.equal(balances.accrued, 185n);
  });
  it("never turn negative", () => {
    assert.equal(balancesOf(hospital, leaves, new Map([[0, 400n], [5, 0n]]), undefined)?.claimable, 30n);
  });
  it("are unknown, not zero, while what a seat was paid is unknown", () => {
    assert.equal(balancesOf(hospital, leaves, new Map([[0, 0n]]), undefined), undefined);
    assert.equal(balancesOf(account(3), leaves, new Map(), undefined)?.earned, 0n);
  });
});

describe("balances in points", () => {
  const whole = 10n ** 18n;
  const leaves: readonly Leaf[] = [{ seat: 0, payee: hospital, cumulative: 100n * whole + 1n }, { seat: 5, payee: hospital, cumulative: 31n }];
  const pending: readonly Leaf[] = [{ seat: 0, payee: hospital, cumulative: 150n * whole }, { seat: 7, payee: hospital, cumulative: 5n * whole }];
  const claimed = new Map([[0, 0n], [5, 0n]]);
  it("without a token are points, of which nothing can be claimed", () => {
    const balances = balancesOf(hospital, leaves, claimed, pending, { rate: 0n });
    assert.ok(balances);
    assert.deepEqual([balances.earned, balances.claimable, balances.claimed, balances.accrued], [100n * whole + 32n, 0n, 0n, 155n * whole + 31n]);
    assert.deepEqual(nextStep(hospital, balances, hospital, { rate: 0n }), { kind: "none", reason: "no-token" });
    const nothing = balancesOf(clinic, leaves, new Map(), undefined, { rate: 0n });
    assert.deepEqual(nothing && nextStep(clinic, nothing, clinic, { rate: 0n }), { kind: "none", reason: "nothing-earned" });
  });
  it("with one are what the vault pays, seat by seat, and claims still prove points", () => {
    const rate = whole / 3n;
    const balances = balancesOf(hospital, leaves, new Map([[0, 40n * whole], [5, 0n]]), pending, { rate });
    assert.ok(balances);
    const worth = (points: bigint): bigint => (points * rate) / whole;
    assert.deepEqual(balances.seats.map((seat) => seat.claimable), [worth(100n * whole + 1n) - worth(40n * whole), worth(31n)]);
    assert.deepEqual([balances.claimed, balances.earned], [worth(40n * whole), worth(100n * whole + 1n) + worth(31n)]);
    assert.equal(balances.pending, worth(150n * whole) - worth(100n * whole + 1n) + worth(5n * whole));
    assert.deepEqual(balances.seats.map((seat) => seat.cumulative), leaves.map((leaf) => leaf.cumulative));
    const step = nextStep(hospital, balances, hospital, { rate });
    assert.deepEqual(step.kind === "claim" && step.seats.map(({ seat }) => seat), [0, 5]);
    assert.equal(dueOf(5n, 5n, { rate }), 0n);
    assert.deepEqual([hasToken(undefined), hasToken({ rate }), hasToken({ rate: 0n })], [true, true, false]);
  });
});

describe("the next step", () => {
  const balances = (claimable: bigint, earned: bigint, pending = 0n) => ({
    seats: [{ seat: 0, cumulative: earned, earned, claimed: earned - claimable, claimable }, { seat: 5, cumulative: 1n, earned: 1n, claimed: 1n, claimable: 0n }],
    earned, claimable, pending, claimed: earned - claimable, accrued: earned + pending,
  });
  it("is a reason when a claim would pay nothing", () => {
    assert.deepEqual(nextStep(hospital, balances(0n, 9n, 4n), hospital), { kind: "none", reason: "all-claimed" });
    assert.deepEqual(nextStep(hospital, balances(0n, 0n, 4n), hospital), { kind: "none", reason: "still-pending" });
    assert.deepEqual(nextStep(hospital, balances(0n, 0n), undefined), { kind: "none", reason: "nothing-earned" });
  });
  it("is a claim for those who have yet to connect, and none for another account", () => {
    assert.equal(nextStep(hospital, balances(9n, 9n), undefined).kind, "claim");
    assert.equal(nextStep(hospital, balances(9n, 9n), clinic).kind, "other-account");
  });
  it("is a claim of exactly the seats that pay", () => {
    const step = nextStep(hospital, balances(9n, 9n), hospital);
    assert.deepEqual(step.kind === "claim" && step.seats.map(({ seat }) => seat), [0]);
  });
});

describe("the rewards table", () => {
  const members = packMembers([
    { payee: hospital, cumulative: 100n },
    { payee: zeroAddress, cumulative: 0n },
    { payee: clinic, cumulative: 7n },
  ]);
  it("counts when it leads to the root on chain, and proves each seat", async () => {
    const { root } = await buildRewardsTree(domain, members);
    const check = await checkTable(domain, members, root);
    assert.ok(check.kind === "verified");
    assert.equal(check.table.seatCount, 3);
    assert.deepEqual(check.table.leaves, [{ seat: 0, payee: hospital, cumulative: 100n }, { seat: 2, payee: clinic, cumulative: 7n }]);
    assert.ok(verifyClaim(root, domain, { index: 2, payee: clinic, cumulative: 7n, proof: check.table.proofFor(2) }));
  });
  it("is refused when any byte differs", async () => {
    const { root } = await buildRewardsTree(domain, members);
    for (let i = 0; i < members.length; i++) {
      const flipped = members.slice();
      flipped[i]! ^= 1;
      const check = await checkTable(domain, flipped, root);
      // A payee on a seat that earned nothing changes no leaf.
      const harmless = i >= 36 && i < 56;
      assert.equal(check.kind, harmless ? "verified" : "mismatch", `byte ${i}`);
    }
  });
  it("of another federation, vault or chain is refused", async () => {
    const { root } = await buildRewardsTree(domain, members);
    for (const other of [{ ...domain, federation: 2 }, { ...domain, chainId: 1 }, { ...domain, vault: clinic }]) {
      assert.equal((await checkTable(other, members, root)).kind, "mismatch");
    }
  });
  it("of a broken length is told from a wrong one", async () => {
    assert.equal((await checkTable(domain, members.subarray(1), `0x${"00".repeat(32)}`)).kind, "invalid");
  });
});

describe("why an amount", () => {
  const scores = [25n, 0n, 61n];
  const pool = 3000n * 10n ** 18n;
  const { amounts } = computeEntitlements(pool, { seats: scores, nobody: 14n }, [hospital, clinic, clinic]);
  const scoresColumn = packUints([...scores, 14n], 8);
  const entitlementsColumn = packUints(amounts, 12);
  const statement = { pool, scoresHash: keccak256(scoresColumn), entitlementsHash: keccak256(entitlementsColumn) };
  it("is recomputed from the signed scores", () => {
    assert.deepEqual(checkBreakdown(statement, scoresColumn, entitlementsColumn), { scores, nobody: 14n, amounts, scoreSum: 100n });
  });
  it("is not shown when a column is another one, or the amounts do not follow", () => {
    assert.equal(checkBreakdown(statement, packUints([26n, 0n, 61n, 14n], 8), entitlementsColumn), undefined);
    for (const other of [scores, [...scores, 14n, 0n], [...scores, 15n], []]) {
      const column = packUints(other, 8);
      assert.equal(checkBreakdown({ ...statement, scoresHash: keccak256(column) }, column, entitlementsColumn), undefined, `${other}`);
    }
    // A score passed off as nobody's: without the last seat's, which declines, every amount still follows.
    const [short, whole] = [packUints([25n, 75n], 8), packUints([25n, 0n, 75n], 8)];
    const declined = packUints([(pool * 25n) / 100n, 0n], 12);
    const about = { pool, entitlementsHash: keccak256(declined) };
    assert.equal(checkBreakdown({ ...about, scoresHash: keccak256(short) }, short, declined), undefined);
    assert.notEqual(checkBreakdown({ ...about, scoresHash: keccak256(whole) }, whole, declined), undefined);
    const generous = packUints(amounts.map((amount) => amount + 1n), 12);
    assert.equal(checkBreakdown({ ...statement, entitlementsHash: keccak256(generous) }, scoresColumn, generous), undefined);
    assert.equal(checkBreakdown({ ...statement, pool: pool - 1n }, scoresColumn, entitlementsColumn), undefined);
  });
});

describe("payees", () => {
  const record = (contributor: number, payee: Address): [number, ContributorRecord] => [
    contributor,
    { contributor, organisation: 1, key: account(50 + contributor), payee, suspended: false, pendingPayee: undefined },
  ];
  it("are those of now, with all their seats; who declined is none", () => {
    const seats = [0, 1, 5, 6].map((seat, i) => ({ seat, contributor: i + 1 }));
    const contributors = new Map([record(1, hospital), record(2, clinic), record(3, hospital), record(4, zeroAddress)]);
    assert.deepEqual(payeesOf([{ seats } as unknown as FederationHistory], contributors), [
      { payee: hospital, seats: [0, 5] },
      { payee: clinic, seats: [1] },
    ]);
  });
});

describe("names of files", () => {
  it("are those of the bundle format", () => {
    const { members, scores, entitlements } = SETTLEMENT_FILES;
    const { metrics, seats, weights } = ROUND_FILES;
    assert.deepEqual(ARTEFACT_PATHS, { manifest: MANIFEST, metrics, members, scores, entitlements, seats, weights });
  });
});
