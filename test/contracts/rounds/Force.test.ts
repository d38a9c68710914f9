import { expect } from "chai";
import { ethers as E } from "ethers";

import type { Hex } from "../../../protocol/bytes.ts";
import type { Contribution } from "../../../protocol/index.ts";
import { fresh, type Driver } from "./driver.ts";
import { refused } from "./refused.ts";
import { CONFIG, Drop, Fault, mined, must, NORM_BOUND, ROTATION_DELAY, SEATS, State, walletOf } from "./world.ts";

const SIX = [...SEATS.exempt, ...SEATS.budgeted];

describe("Rounds: forceInclude", () => {
  let d: Driver;
  beforeEach(async () => {
    d = await fresh();
  });

  const contribution = async (seat: number, change: Partial<Contribution> = {}) => d.contribution(seat, await d.openRound(), change);
  const force = (c: Contribution, signature: Hex = d.sign(c)) => d.kernel.rounds.connect(d.kernel.outsider).forceInclude(c, signature);
  /** Seals the given seats, those of the forced contributions with what was forced. */
  const sealWith = async (seats: readonly number[], forced: readonly Contribution[]) => {
    const open = await d.openRound();
    return await d.sealEntries(seats.map((seat) => d.entry(seat, open, forced.find((each) => each.seat === seat) ?? {})));
  };
  const refuseSeal = async (seats: readonly number[], seat: number) => {
    await d.untilSealable();
    const open = await d.openRound();
    await refused(d.sendSeal(d.prepareSeal(open, d.entries(seats, open))), d.kernel.rounds, "RoundsForcedMissing", seat);
  };

  it("test_forceInclude_relayedByAnyone_succeeds", async () => {
    const c = await contribution(2);
    await expect(force(c)).to.emit(d.kernel.rounds, "ContributionForced").withArgs(1, 1, 2, Object.values(c), d.sign(c));
    expect((await d.head()).forced).to.equal(1n);
  });

  it("test_forceInclude_65ByteSignature_succeeds", async () => {
    const c = await contribution(2);
    const digest = await d.kernel.rounds.contributionDigest(c);
    await mined(force(c, d.key(2).signingKey.sign(digest).serialized as Hex));
    expect((await d.head()).forced).to.equal(1n);
  });

  it("test_seal_withForcedEntries_succeeds", async () => {
    const forced = [await d.force(2), await d.force(0), await d.force(5)];
    const { receipt } = await sealWith(SIX, forced);
    expect(d.dropped(receipt)).to.deep.equal([]);
    // What the next round owes is counted anew.
    await d.report();
    expect((await d.head()).forced).to.equal(0n);
  });

  it("test_seal_forcedSeatMissing_reverts", async () => {
    await d.force(5);
    await refuseSeal([0, 1, 2, 3], 5);
  });

  it("test_seal_forcedWithOtherRoot_reverts", async () => {
    await d.force(5);
    await refuseSeal(SIX, 5);
  });

  it("test_seal_forcedSeatStoppedSince_succeeds", async () => {
    // It must be in, and is dropped with its reason.
    const forced = await d.force(SEATS.other);
    await d.withdrawConsent();
    await refuseSeal(SIX, SEATS.other);
    const { receipt } = await sealWith([...SIX, SEATS.other], [forced]);
    expect(d.dropped(receipt)).to.deep.equal([[SEATS.other, Drop.DatasetStopped]]);
  });

  it("test_seal_equalRootOfForcedEntry_succeeds", async () => {
    // Whoever copies a forced root is dropped; the forced entry is not.
    const forced = await d.force(2);
    const { receipt } = await sealWith(SIX, [forced, { ...forced, seat: 4 }]);
    expect(d.dropped(receipt)).to.deep.equal([[4, Drop.DuplicateRoot]]);
  });

  it("test_forceInclude_twice_reverts", async () => {
    await d.force(2);
    await refused(force(await contribution(2)), d.kernel.rounds, "RoundsForcedTwice", 2);
  });

  it("test_forceInclude_rootAlreadyForced_reverts", async () => {
    const { updateRoot } = await d.force(2);
    await refused(force(await contribution(3, { updateRoot })), d.kernel.rounds, "RoundsForcedRootTaken", updateRoot);
  });

  it("test_forceInclude_atTheDeadline_reverts", async () => {
    const { forceUntil } = await d.head();
    const [early, late] = [await contribution(2), await contribution(3)];
    await d.at(forceUntil - 1n);
    await mined(force(early));
    await d.at(forceUntil);
    await refused(force(late), d.kernel.rounds, "RoundsForceWindowClosed", forceUntil);
  });

  it("test_forceInclude_whileSealed_reverts", async () => {
    const c = await contribution(2);
    await d.seal();
    await refused(force(c), d.kernel.rounds, "RoundsWrongState", 1, 1, State.Sealed);
  });

  it("test_forceInclude_unknownFederation_reverts", async () => {
    await refused(force({ ...(await contribution(2)), federation: 9 }), d.kernel.rounds, "RoundsUnknownFederation", 9);
  });

  it("test_forceInclude_otherRoundParentOrConfig_reverts", async () => {
    const { rounds } = d.kernel;
    for (const [field, value] of [["round", 2], ["round", 0], ["parentReportHash", d.bytes32()], ["configHash", d.bytes32()]] as const) {
      await refused(force(await contribution(2, { [field]: value })), rounds, "RoundsBadContribution", field);
    }
  });

  it("test_forceInclude_staleParent_reverts", async () => {
    const stale = await contribution(2);
    await d.runRound();
    await refused(force(stale), d.kernel.rounds, "RoundsBadContribution", "round");
    await refused(force({ ...stale, round: 2 }), d.kernel.rounds, "RoundsBadContribution", "parentReportHash");
  });

  it("test_forceInclude_signedForAnotherFederation_reverts", async () => {
    // Same seat, key, round and configuration; the parents differ, and so does what was signed.
    const c = await contribution(2);
    const signature = d.sign(c);
    const other = await d.openRound(2);
    await refused(force({ ...c, federation: 2 }, signature), d.kernel.rounds, "RoundsBadContribution", "parentReportHash");
    const { parentReportHash } = other;
    await refused(force({ ...c, federation: 2, parentReportHash }, signature), d.kernel.rounds, "RoundsBadContributionSignature", 2, d.key(2).address);
  });

  it("test_forceInclude_ethicsExpired_reverts", async () => {
    await d.expireEthics(SEATS.other);
    await d.kernel.rounds.reconfigure(1, { ...CONFIG, settleEvery: 2 });
    await refused(force(await contribution(SEATS.other)), d.kernel.rounds, "RoundsSeatNotEligible", SEATS.other, Drop.EthicsExpired);
  });

  it("test_forceInclude_wrongRho_reverts", async () => {
    for (const [seat, rho] of [[2, 9], [2, 0], [2, 11], [0, 10]] as const) {
      await refused(force(await contribution(seat, { rho })), d.kernel.rounds, "RoundsBadContribution", "rho");
    }
  });

  it("test_forceInclude_normAboveBound_reverts", async () => {
    await refused(force(await contribution(2, { normSq: NORM_BOUND + 1n })), d.kernel.rounds, "RoundsBadContribution", "normSq");
    await mined(force(await contribution(2, { normSq: NORM_BOUND })));
  });

  it("test_forceInclude_wrongSignature_reverts", async () => {
    const { rounds } = d.kernel;
    const c = await contribution(2);
    const expected = d.key(2).address;
    const good = d.sign(c);
    const bad: Hex[] = [
      d.sign(c, d.key(3)),
      d.sign(c, walletOf("stranger")),
      d.sign({ ...c, normSq: 1n }),
      d.sign(c, d.key(2), { ...d.kernel.domain, chainId: 1 }),
      d.sign(c, d.key(2), { ...d.kernel.domain, verifyingContract: (await d.kernel.seats.getAddress()) as Hex }),
      "0x",
      `${good}00`,
      `${good}0000`,
      good.slice(0, -2) as Hex,
      `0x${"00".repeat(64)}`,
      `0x${"ff".repeat(65)}`,
    ];
    for (const signature of bad) await refused(force(c, signature), rounds, "RoundsBadContributionSignature", 2, expected);
  });

  it("test_forceInclude_highSSignature_reverts", async () => {
    const c = await contribution(2);
    const { r, s, v } = d.key(2).signingKey.sign(await d.kernel.rounds.contributionDigest(c));
    const order = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;
    const forged = E.concat([r, E.toBeHex(order - BigInt(s), 32), E.toBeHex(v === 27 ? 28 : 27, 1)]) as Hex;
    await refused(force(c, forged), d.kernel.rounds, "RoundsBadContributionSignature", 2, d.key(2).address);
  });

  it("test_forceInclude_signedByRetiredKey_reverts", async () => {
    const { contributors, helpers, ethers, rounds } = d.kernel;
    const next = walletOf("next key");
    const digest = E.TypedDataEncoder.hash(
      { ...d.kernel.domain, verifyingContract: await contributors.getAddress() },
      { KeySuccession: [{ name: "contributor", type: "uint32" }, { name: "key", type: "address" }] },
      { contributor: 3, key: next.address },
    );
    await helpers.setBalance(d.key(2).address, 10n ** 18n);
    await contributors.connect(d.key(2).connect(ethers.provider)).rotateKey(3, next.address, next.signingKey.sign(digest).serialized);
    await helpers.time.increase(ROTATION_DELAY);
    await contributors.completeRotation(3);
    await d.runRound([0, 1, 3]);
    const c = await contribution(2);
    await refused(force(c), rounds, "RoundsBadContributionSignature", 2, next.address);
    await mined(force(c, d.sign(c, next)));
  });

  it("test_forceInclude_notEligible_reverts", async () => {
    const { rounds, seats, contributors, officers } = d.kernel;
    await seats.revoke(1, 4);
    await contributors.connect(must(officers[0])).suspend(4);
    await d.withdrawConsent();
    for (const [seat, reason] of [[8, Drop.UnknownSeat], [4, Drop.Revoked], [3, Drop.ContributorSuspended], [SEATS.other, Drop.DatasetStopped]] as const) {
      await refused(force({ ...(await contribution(2)), seat }, "0x"), rounds, "RoundsSeatNotEligible", seat, reason);
    }
  });

  it("test_forceInclude_budgetExhausted_reverts", async () => {
    for (let i = 0; i < 2; ++i) await d.runRound([0, 1, 2, SEATS.short]);
    await refused(force(await contribution(SEATS.short)), d.kernel.rounds, "RoundsSeatNotEligible", SEATS.short, Drop.BudgetExhausted);
  });

  it("test_seal_forcedOntoReplacedParent_succeeds", async () => {
    // What was forced onto a report that was overturned is not owed to its successor.
    await d.runRound();
    await d.force(5);
    await d.overturn(1);
    await d.report();
    expect((await d.head()).forced).to.equal(0n);
    const again = await d.force(2);
    await sealWith([0, 1, 2, 3], [again]);
    expect(await d.state(2)).to.equal(State.Sealed);
  });

  it("test_seal_forcedBeforeSealWasOverturned_reverts", async () => {
    // The round is the same and so is its parent: what was forced in stays in, and more can be.
    const forced = await d.force(5);
    await sealWith(SIX, [forced]);
    await d.overturn(1, Fault.Seal);
    const more = await d.force(SEATS.other);
    await refused(force(await contribution(5)), d.kernel.rounds, "RoundsForcedTwice", 5);
    await refuseSeal([0, 1, 2, 3, SEATS.other], 5);
    await d.untilSealable();
    await sealWith([...SIX, SEATS.other], [forced, more]);
    expect(await d.state(1)).to.equal(State.Sealed);
  });

  it("test_seal_forcedIntoVoidedRound_succeeds", async () => {
    const forced = await d.force(5);
    await sealWith(SIX, [forced]);
    await d.untilDeadline(1);
    await d.kernel.rounds.void(1, 1);
    await d.seal([0, 1, 2, 3]);
    expect(await d.state(2)).to.equal(State.Sealed);
  });

  it("test_forceInclude_everySeat_succeeds", async () => {
    const forced = [];
    for (const seat of [0, 1, 2, 3, 4, 5, 6, 7]) forced.push(await d.force(seat));
    await sealWith([0, 1, 2, 3, 4, 5, 6, 7], forced);
    expect((await d.round(1)).accepted).to.equal(8n);
  });
});
