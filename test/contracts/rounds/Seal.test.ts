import { expect } from "chai";
import { ethers as E } from "ethers";

import type { Hex } from "../../../protocol/bytes.ts";
import { columnHash, packHex, packUints, rootOrder } from "../../../protocol/index.ts";
import { fresh, type Driver, type PreparedSeal } from "./driver.ts";
import { refused } from "./refused.ts";
import { ALL_SEATS, DATASETS, Drop, mined, must, RHO, ROUND_UNITS, SEATS, State } from "./world.ts";

const SIX = [...SEATS.exempt, ...SEATS.budgeted];

describe("Rounds: seal", () => {
  let d: Driver;
  beforeEach(async () => {
    d = await fresh();
  });

  const prepared = async (seats: readonly number[] = SIX) => {
    await d.untilSealable();
    const open = await d.openRound();
    return d.prepareSeal(open, d.entries(seats, open));
  };
  /** Columns that the protocol library refuses to make. */
  const withColumns = (sent: PreparedSeal, change: Partial<PreparedSeal["input"]>): PreparedSeal => {
    const input = { ...sent.input, ...change };
    return { ...sent, input, seal: { ...sent.seal, seatsHash: E.keccak256(input.seats) as Hex, updateRootsHash: E.keccak256(input.updateRoots) as Hex } };
  };
  const remaining = async (seat: number) => (await d.kernel.seats.laneOf(1, seat)).remaining;

  it("test_seal_firstRound_succeeds", async () => {
    const { rounds } = d.kernel;
    const before = await remaining(2);
    const sent = await prepared();
    const call = d.sendSeal(sent);
    const receipt = await mined(call);
    const round = await d.round(1);
    expect(round.state).to.equal(State.Sealed);
    expect([round.attempt, round.parentRound, round.parentAttempt, round.consentEpoch]).to.deep.equal([0n, 0n, 0n, 0n]);
    expect([round.entries, round.accepted, round.sealers, round.reporters]).to.deep.equal([6n, 6n, 7n, 0n]);
    expect([round.sealEpoch, round.reportEpoch, round.holds]).to.deep.equal([1n, 0n, 0n]);
    expect(round.deadline).to.equal(BigInt((await d.now()) + 600));
    const weightsHash = columnHash(packUints(await d.weights(sent, receipt), 2));
    await expect(call).to.emit(rounds, "RoundSealed").withArgs(1, 1, 0, 0, round.hash, weightsHash, 7);
    expect(await d.live()).to.equal(2n);
    const head = await d.head();
    expect([head.last, head.tip]).to.deep.equal([1n, 1n]);
    expect(await remaining(2)).to.equal(before - BigInt(RHO));
    expect((await d.kernel.seats.laneOf(1, 0)).lastRound).to.equal(0n);
  });

  it("test_seal_unknownFederation_reverts", async () => {
    const sent = await prepared();
    for (const federation of [0, 3]) {
      const other = { ...sent, seal: { ...sent.seal, federation } };
      await refused(d.sendSeal(other), d.kernel.rounds, "RoundsUnknownFederation", federation);
    }
  });

  it("test_seal_oneSecondBeforeForceWindowEnds_reverts", async () => {
    const open = await d.openRound();
    const sent = d.prepareSeal(open, d.entries(SIX, open));
    const { forceUntil } = await d.head();
    await d.at(forceUntil - 1n);
    await refused(d.sendSeal(sent), d.kernel.rounds, "RoundsForceWindowOpen", forceUntil);
    await d.at(forceUntil);
    await mined(d.sendSeal(sent));
    expect(await d.state(1)).to.equal(State.Sealed);
  });

  it("test_seal_whileSealed_reverts", async () => {
    const { seal, input } = await d.seal();
    await refused(d.kernel.rounds.seal(1, input, d.sealQuorum(seal)), d.kernel.rounds, "RoundsWrongState", 1, 1, State.Sealed);
  });

  it("test_seal_tooFewSignatures_reverts", async () => {
    const sent = await prepared();
    await refused(d.sendSeal(sent, d.sealQuorum(sent.seal, [0, 1])), d.kernel.operators, "OperatorsNoQuorum", 2, 3);
    await refused(d.sendSeal(sent, { signers: 0, signatures: "0x" }), d.kernel.operators, "OperatorsNoQuorum", 0, 3);
  });

  it("test_seal_moreSignaturesThanNeeded_succeeds", async () => {
    const sent = await prepared();
    await mined(d.sendSeal(sent, d.sealQuorum(sent.seal, [0, 1, 2, 3])));
    expect((await d.round(1)).sealers).to.equal(15n);
  });

  it("test_seal_signaturesInWrongOrder_reverts", async () => {
    const sent = await prepared();
    const { signers } = d.sealQuorum(sent.seal, [0, 1, 2]);
    const { signatures } = d.sealQuorum(sent.seal, [1, 0, 2]);
    await refused(d.sendSeal(sent, { signers, signatures }), d.kernel.operators, "OperatorsBadSignature", 0, must(d.kernel.operatorKeys[0]).address);
  });

  it("test_seal_oneOperatorSignsForTwo_reverts", async () => {
    const sent = await prepared();
    const { signatures } = d.sealQuorum(sent.seal, [0, 1, 1]);
    await refused(d.sendSeal(sent, { signers: 7, signatures }), d.kernel.operators, "OperatorsBadSignature", 2, must(d.kernel.operatorKeys[2]).address);
  });

  it("test_seal_unknownSignerBits_reverts", async () => {
    const sent = await prepared();
    const { signatures } = d.sealQuorum(sent.seal, [0, 1, 2, 3]);
    for (const signers of [7 + 16, 7 + 2 ** 31]) {
      await refused(d.sendSeal(sent, { signers, signatures }), d.kernel.operators, "OperatorsUnknownSigners", signers, 4);
    }
  });

  it("test_seal_signaturesOfWrongLength_reverts", async () => {
    const sent = await prepared();
    const { signers, signatures } = d.sealQuorum(sent.seal);
    await refused(d.sendSeal(sent, { signers, signatures: `${signatures}00` }), d.kernel.operators, "OperatorsBadSignatureLength", 193, 192);
    await refused(d.sendSeal(sent, { signers, signatures: signatures.slice(0, -2) }), d.kernel.operators, "OperatorsBadSignatureLength", 191, 192);
  });

  it("test_seal_highSSignature_reverts", async () => {
    const sent = await prepared();
    const { signers, signatures } = d.sealQuorum(sent.seal);
    const order = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;
    const vs = BigInt(E.dataSlice(signatures, 32, 64));
    const [parity, s] = [vs >> 255n, vs & ((1n << 255n) - 1n)];
    // The same signature's other form: s mirrored, parity flipped. Its s has no top bit to spare, so only half of them fit 64 bytes.
    const mirrored = order - s;
    const compact = (mirrored & ((1n << 255n) - 1n)) | ((1n - parity) << 255n);
    const forged = E.concat([E.dataSlice(signatures, 0, 32), E.toBeHex(compact, 32), E.dataSlice(signatures, 64)]);
    await refused(d.sendSeal(sent, { signers, signatures: forged }), d.kernel.operators, "OperatorsBadSignature", 0, must(d.kernel.operatorKeys[0]).address);
  });

  it("test_seal_oneFieldNotAsSigned_reverts", async () => {
    const sent = await prepared();
    const quorum = d.sealQuorum(sent.seal);
    const other = d.prepareSeal(await d.openRound(), d.entries(SIX, await d.openRound())).input;
    for (const field of ["normsHash", "normTracesHash", "signaturesHash"] as const) {
      const changed = { ...sent.input, [field]: d.bytes32() };
      await refused(d.kernel.rounds.seal(1, changed, quorum), d.kernel.operators, "OperatorsBadSignature");
    }
    await refused(d.kernel.rounds.seal(1, { ...other, normsHash: sent.input.normsHash }, quorum), d.kernel.operators, "OperatorsBadSignature");
  });

  it("test_seal_equalRoots_succeeds", async () => {
    await d.untilSealable();
    const open = await d.openRound();
    const [a, b] = [d.bytes32(), d.bytes32()];
    const roots = [a, b, a, d.bytes32(), b, a, d.bytes32(), d.bytes32()];
    const entries = ALL_SEATS.map((seat) => d.entry(seat, open, { updateRoot: must(roots[seat]) }));
    const { receipt, weights } = await d.sealEntries(entries);
    expect(d.dropped(receipt)).to.deep.equal([0, 1, 2, 4, 5].map((seat) => [seat, Drop.DuplicateRoot]));
    expect(weights.map((weight) => weight > 0)).to.deep.equal(roots.map((root) => root !== a && root !== b));
    expect((await d.round(1)).accepted).to.equal(3n);
    // What was dropped was not charged.
    expect(await d.kernel.seats.isCharged(1, 2, 1)).to.equal(false);
    expect(await d.kernel.seats.isCharged(1, 3, 1)).to.equal(true);
  });

  it("test_seal_badRootOrder_reverts", async () => {
    const sent = await prepared();
    const right = E.getBytes(sent.input.rootOrder);
    const swapped = Uint8Array.from(right, (index, k) => right[k === 0 ? 1 : k === 1 ? 0 : k] ?? index);
    const repeated = Uint8Array.from(right, (index, k) => (k === 1 ? right[0]! : index));
    const beyond = Uint8Array.from(right, (index, k) => (k === 3 ? 6 : index));
    for (const order of [swapped, repeated, beyond, new Uint8Array(6)]) {
      const wrong = withColumns(sent, { rootOrder: E.hexlify(order) as Hex });
      await refused(d.sendSeal(wrong), d.kernel.rounds, "ColumnsBadRootOrder");
    }
  });

  it("test_seal_columnLengths_reverts", async () => {
    const sent = await prepared();
    const { rounds, seats } = d.kernel;
    const cut = (hex: string, bytes: number) => hex.slice(0, -2 * bytes) as Hex;
    await refused(d.sendSeal(withColumns(sent, { updateRoots: cut(sent.input.updateRoots, 1) })), rounds, "RoundsColumnLength", 6, 191);
    await refused(d.sendSeal(withColumns(sent, { rootOrder: cut(sent.input.rootOrder, 1) })), rounds, "RoundsColumnLength", 6, 5);
    await refused(d.sendSeal(withColumns(sent, { seats: cut(sent.input.seats, 4) })), rounds, "RoundsColumnLength", 5, 192);
    await refused(d.sendSeal(withColumns(sent, { seats: `${sent.input.seats}00` })), seats, "SeatsBadColumn", 6);
  });

  it("test_seal_seatsNotAscending_reverts", async () => {
    const sent = await prepared();
    for (const [ids, position] of [[[0, 1, 3, 2, 4, 5], 3], [[0, 1, 2, 2, 4, 5], 3], [[5, 4, 3, 2, 1, 0], 1]] as const) {
      const wrong = withColumns(sent, { seats: E.hexlify(packUints(ids, 4)) as Hex });
      await refused(d.sendSeal(wrong), d.kernel.seats, "SeatsBadColumn", position);
    }
  });

  it("test_seal_belowMinContributors_reverts", async () => {
    await refused(d.sendSeal(await prepared([0, 1])), d.kernel.rounds, "RoundsTooFewContributors", 2, 3);
    // Entries that are dropped do not count.
    await refused(d.sendSeal(await prepared([0, 1, 8, 9])), d.kernel.rounds, "RoundsTooFewContributors", 2, 3);
    await mined(d.sendSeal(await prepared([0, 1, 2])));
  });

  it("test_seal_noEntries_reverts", async () => {
    const empty = withColumns(await prepared(), { seats: "0x", updateRoots: "0x", rootOrder: "0x" });
    await refused(d.sendSeal(empty), d.kernel.rounds, "RoundsTooFewContributors", 0, 3);
  });

  /** Three entries of seats that exist and `count - 3` of seats that do not. */
  const many = async (count: number) => {
    const sent = await prepared([0, 1, 2]);
    const roots = Array.from({ length: count }, () => d.bytes32());
    const columns = {
      seats: E.hexlify(packUints(roots.map((_, i) => (i < 3 ? i : 100 + i)), 4)) as Hex,
      updateRoots: E.hexlify(packHex(roots, 32)) as Hex,
      rootOrder: E.hexlify(rootOrder(roots.slice(0, 256))) as Hex,
    };
    return withColumns(sent, columns);
  };

  it("test_seal_256Entries_succeeds", async () => {
    const receipt = await mined(d.sendSeal(await many(256)));
    const { entries, accepted } = await d.round(1);
    expect([entries, accepted]).to.deep.equal([256n, 3n]);
    expect(d.dropped(receipt).length).to.equal(253);
    expect(Number(receipt.gasUsed)).to.be.below(2_000_000);
  });

  it("test_seal_257Entries_reverts", async () => {
    await refused(d.sendSeal(await many(257)), d.kernel.rounds, "RoundsTooManyEntries", 257, 256);
  });

  describe("entries that are dropped, with the reason", () => {
    const droppedSeats = async (seats: readonly number[] = ALL_SEATS) => d.dropped((await d.seal(seats)).receipt);

    it("test_seal_unknownSeat_succeeds", async () => {
      expect(await droppedSeats([0, 1, 2, 8, 2 ** 32 - 1])).to.deep.equal([[8, Drop.UnknownSeat], [2 ** 32 - 1, Drop.UnknownSeat]]);
    });

    it("test_seal_revokedSeat_succeeds", async () => {
      await d.kernel.seats.revoke(1, 4);
      expect(await droppedSeats()).to.deep.equal([[4, Drop.Revoked]]);
    });

    it("test_seal_consentWithdrawn_succeeds", async () => {
      await d.withdrawConsent();
      expect(await droppedSeats()).to.deep.equal([[SEATS.other, Drop.DatasetStopped]]);
    });

    it("test_seal_datasetSuspended_succeeds", async () => {
      await d.kernel.datasets.suspend(DATASETS.other);
      expect(await droppedSeats()).to.deep.equal([[SEATS.other, Drop.DatasetStopped]]);
    });

    it("test_seal_heldByCouncil_succeeds", async () => {
      await d.kernel.datasets.connect(d.kernel.council).hold(DATASETS.short);
      expect(await droppedSeats()).to.deep.equal([[SEATS.short, Drop.DatasetStopped]]);
    });

    it("test_seal_contributorSuspended_succeeds", async () => {
      await d.kernel.contributors.connect(must(d.kernel.officers[0])).suspend(3);
      expect(await droppedSeats()).to.deep.equal([[2, Drop.ContributorSuspended]]);
    });

    it("test_seal_ethicsExpired_succeeds", async () => {
      expect(await droppedSeats()).to.deep.equal([]);
      await d.report();
      await d.expireEthics(SEATS.other);
      expect(await droppedSeats()).to.deep.equal([[SEATS.other, Drop.EthicsExpired]]);
    });

    it("test_seal_budgetExhausted_succeeds", async () => {
      for (const expected of [[], [], [[SEATS.short, Drop.BudgetExhausted]], [[SEATS.short, Drop.BudgetExhausted]]]) {
        expect(await droppedSeats()).to.deep.equal(expected);
        await d.report();
      }
      expect(await remaining(SEATS.short)).to.equal(0n);
    });
  });

  it("test_seal_exposureExhausted_reverts", async () => {
    for (let live = 0; live < ROUND_UNITS; live += 2) await d.runRound();
    expect(await d.live()).to.equal(BigInt(ROUND_UNITS));
    await refused(d.sendSeal(await prepared()), d.kernel.rounds, "RoundsExposureExhausted", ROUND_UNITS + 2, ROUND_UNITS);
    // The cap is over all federations.
    await d.untilSealable(2);
    const other = await d.openRound(2);
    await refused(d.sendSeal(d.prepareSeal(other, d.entries(SIX, other))), d.kernel.rounds, "RoundsExposureExhausted", ROUND_UNITS + 2, ROUND_UNITS);
    await d.finalise(1);
    await mined(d.sendSeal(await prepared()));
  });
});
