import { expect } from "chai";
import { ethers as E } from "ethers";

import { toHex, type Hex } from "../../../protocol/bytes.ts";
import { columnChunks, COLUMN, decodeAnswer, encodeAnswer, encodeDemand } from "../../../protocol/faults/demand.ts";
import { openChunk, openingBytes } from "../../../protocol/index.ts";
import type { Driver } from "../rounds/driver.ts";
import { refused } from "../rounds/refused.ts";
import { BOND, CONFIG, Fault, mined, must, SEATS, State } from "../rounds/world.ts";
import {
  answerOf, BASE, dataOf, keyOf, MODEL, openDemands, openReported, PER_CHUNK, reportAgain, reportRound, SIGNATURES, TRACE, UPDATE, WINDOW,
  type Reported, type Wanted,
} from "./demand-driver.ts";

const NORMS: Wanted = { kind: "norms", entry: 0, ...COLUMN };
const NORM_TRACES: Wanted = { kind: "normTraces", entry: 0, ...COLUMN };
const EVERY = [MODEL, UPDATE, TRACE, NORMS, NORM_TRACES, SIGNATURES];

describe("Demands", () => {
  let d: Driver;
  let x: Awaited<ReturnType<typeof openDemands>>;
  let r: Reported;
  beforeEach(async () => {
    ({ d, x, r } = await openReported());
  });

  const deadline = async (round = 1) => (await d.round(round)).deadline;
  const stakes = async () => await Promise.all(d.kernel.operatorKeys.map(async ({ address }) => (await d.kernel.operators.operatorOf(address)).stake));
  const balanceOf = async (account: { address: string }) => await d.kernel.ethers.provider.getBalance(account.address);
  /** Block time of the demand's deadline. */
  const demandedUntil = async (wanted: Wanted, of = r) => (await x.demands.demandOf(x.idOf(of, wanted))).deadline;
  const flip = (hex: Hex, at: number) => {
    const bytes = E.getBytes(hex);
    bytes[at]! ^= 1;
    return toHex(bytes);
  };

  // --- parameters ---

  it("test_constructor_everyParameter_reverts", async () => {
    const { ethers, rounds } = d.kernel;
    const deploy = (...parameters: [window: number, plainOpen: number, base: bigint, perChunk: bigint]) =>
      ethers.deployContract("Demands", [rounds, ...parameters]);
    for (const [window, plainOpen, base, perChunk, name] of [
      [0, 3, 1n, 1n, "answerWindow"], [2 ** 24, 3, 1n, 1n, "answerWindow"],
      [1, 0, 1n, 1n, "plainOpen"], [1, 201, 1n, 1n, "plainOpen"],
      [1, 3, 0n, 1n, "bondBase"], [1, 3, 1n, 0n, "bondPerChunk"],
    ] as const) {
      await refused(deploy(window, plainOpen, base, perChunk), x.demands, "DemandsBadParameter", name);
    }
    await deploy(1, 1, 1n, 1n);
    const largest = await deploy(2 ** 24 - 1, 200, 2n ** 128n - 1n, 2n ** 128n - 1n);
    const read = [await largest.answerWindow(), await largest.plainOpen(), await largest.bondOf(2048)];
    expect(read).to.deep.equal([2n ** 24n - 1n, 200n, (2n ** 128n - 1n) * 2049n]);
    expect(await largest.ROUNDS()).to.equal(rounds.target);
  });

  it("test_receive_strayEther_reverts", async () => {
    const { outsider } = d.kernel;
    for (const data of ["0x", "0x12345678"]) {
      await expect(outsider.sendTransaction({ to: x.demands.target, value: 1n, data })).to.be.revertedWithoutReason(d.kernel.ethers);
    }
  });

  // --- demand ---

  it("test_demand_everyKind_succeeds", async () => {
    const { outsider } = d.kernel;
    const many = await openDemands(d, { plainOpen: 200 });
    let bonds = 0n;
    for (const [i, wanted] of EVERY.entries()) {
      const id = many.idOf(r, wanted);
      const { kind, entry, first, count } = many.inputOf(wanted);
      expect(await many.demands.idOf(keyOf(r, wanted))).to.equal(id);
      await expect(many.demand(r, wanted)).to.emit(many.demands, "DataDemanded").withArgs(1, 1, 0, id, [kind, entry, first, count], outsider.address);
      const chunks = count === 0 ? columnChunks(wanted.kind as "norms", 6) : count;
      expect(await many.demands.demandOf(id)).to.deep.equal([outsider.address, BigInt((await d.now()) + WINDOW), BigInt(chunks), 0n]);
      bonds += BASE + PER_CHUNK * BigInt(chunks);
      expect([await many.balance(), await many.holds(1)]).to.deep.equal([bonds, i + 1]);
    }
  });

  it("test_demand_oddColumnLengths_bondIsRoundedUp_succeeds", async () => {
    // Five norms are 40 bytes: two words.
    await d.finalise(1);
    r = await reportRound(d, { seats: [0, 1, 2, 3, 4] });
    await refused(x.demand(r, NORMS, BASE + PER_CHUNK), x.demands, "DemandsBadDeposit", BASE + PER_CHUNK, BASE + 2n * PER_CHUNK, 0);
    await mined(x.demand(r, NORMS, BASE + 2n * PER_CHUNK));
  });

  it("test_demand_otherDeposit_reverts", async () => {
    // The bond, or the bond doubled, and nothing between.
    for (const wanted of EVERY) {
      const bond = x.bondOf(wanted);
      for (const sent of [0n, bond - 1n, bond + 1n, 2n * bond - 1n, 2n * bond + 1n, 3n * bond]) {
        await refused(x.demand(r, wanted, sent), x.demands, "DemandsBadDeposit", sent, bond, 0);
      }
    }
  });

  it("test_demand_answerWindowBeyondTheRoundsDeadline_reverts", async () => {
    const last = (await deadline()) - BigInt(WINDOW);
    await d.at(last + 1n);
    await refused(x.demand(r, MODEL), x.demands, "DemandsTooLate", last);
  });

  it("test_demand_answerWindowEndsAtTheRoundsDeadline_succeeds", async () => {
    const end = await deadline();
    await d.at(end - BigInt(WINDOW));
    await mined(x.demand(r, MODEL));
    expect(await demandedUntil(MODEL)).to.equal(end);
  });

  it("test_demand_roundNotReported_reverts", async () => {
    const { rounds } = d.kernel;
    await refused(x.demand({ ...r, federation: 9 }, MODEL), rounds, "RoundsUnknownFederation", 9);
    await refused(x.demand({ ...r, round: 2 }, MODEL), rounds, "RoundsWrongState", 1, 2, State.None);
    await d.overturn(1);
    await refused(x.demand(r, MODEL), rounds, "RoundsWrongState", 1, 1, State.Sealed);
    r = await reportAgain(d, r);
    const end = await deadline();
    await d.at(end);
    await refused(x.demand(r, MODEL), rounds, "RoundsDeadlinePassed", end);
    await d.finalise(1);
    await refused(x.demand(r, MODEL), rounds, "RoundsWrongState", 1, 1, State.Final);
  });

  it("test_demand_updatesNotPublic_reverts", async () => {
    for (const [i, privacyMode] of [1, 2].entries()) {
      const config = { ...CONFIG, privacyMode };
      await d.kernel.rounds.reconfigure(1, config);
      const hidden = await reportRound(d, { config });
      expect(hidden.round).to.equal(i + 2);
      for (const wanted of EVERY) await refused(x.demand(hidden, wanted), x.demands, "DemandsNotPublic", privacyMode);
    }
    // What counts is the configuration that the seal pins.
    await mined(x.demand(r, MODEL));
  });

  it("test_demand_entryWithoutWeight_reverts", async () => {
    await d.finalise(1);
    r = await reportRound(d, { seats: [...SEATS.exempt, ...SEATS.budgeted, 9], excluded: 2n });
    expect(E.hexlify(r.opened.weights.subarray(12))).to.equal("0x0000");
    for (const kind of ["update", "trace"] as const) {
      const want = (entry: number) => x.demand(r, { kind, entry, first: 0, count: 1 });
      await refused(want(1), x.demands, "DemandsWithoutWeight", 1);
      await refused(want(6), x.demands, "DemandsWithoutWeight", 6);
      await mined(want(5));
    }
  });

  it("test_demand_noSuchEntry_reverts", async () => {
    for (const kind of ["update", "trace"] as const) {
      for (const entry of [6, 255]) await refused(x.demand(r, { kind, entry, first: 0, count: 1 }), x.demands, "DemandsNoEntry", entry, 6);
    }
    for (const wanted of [MODEL, NORMS, NORM_TRACES, SIGNATURES]) {
      const proof = toHex(encodeDemand(r.opened, wanted.kind));
      await refused(x.demands.demand(1, 1, { ...x.inputOf(wanted), entry: 1 }, proof, { value: x.bondOf(wanted) }), x.demands, "DemandsNoEntry", 1, 0);
    }
  });

  it("test_demand_runOutsideTheTree_reverts", async () => {
    for (const [kind, depth] of [["model", 3], ["update", 2], ["trace", 0]] as const) {
      const width = 2 ** depth;
      for (const [first, count] of [[0, 0], [0, width + 1], [width, 1], [width - 1, 2], [2 ** 32 - 1, 1], [2 ** 32 - 1, 65_535]] as const) {
        await refused(x.demand(r, { kind, entry: 0, first, count }), x.demands, "DemandsBadRun", first, count, depth);
      }
      await mined(x.demand(r, { kind, entry: 0, first: 0, count: width }));
    }
    for (const kind of ["norms", "normTraces", "signatures"] as const) {
      for (const [first, count] of [[1, 0], [0, 1]] as const) {
        await refused(x.demand(r, { kind, entry: 0, first, count }), x.demands, "DemandsBadRun", first, count, 0);
      }
    }
  });

  it("test_demand_longestRun_succeeds", async () => {
    await d.finalise(1);
    const config = { ...CONFIG, depth: 19 };
    await d.kernel.rounds.reconfigure(1, config);
    r = await reportRound(d, { config });
    await refused(x.demand(r, { ...MODEL, first: 2 ** 21, count: 2049 }), x.demands, "DemandsBadRun", 2 ** 21, 2049, 22);
    await mined(x.demand(r, { ...MODEL, first: 2 ** 22 - 2048, count: 2048 }));
  });

  it("test_demand_proofOfAnotherLength_reverts", async () => {
    for (const wanted of EVERY) {
      const proof = toHex(encodeDemand(r.opened, wanted.kind));
      const length = (proof.length - 2) / 2;
      for (const [wrong, actual] of [[E.dataSlice(proof, 0, length - 1), length - 1], [`${proof}00`, length + 1], ["0x", 0]] as const) {
        await refused(x.demand(r, wanted, x.bondOf(wanted), wrong as Hex), x.demands, "DemandsProofLength", actual, length);
      }
    }
  });

  it("test_demand_everyByteOfTheProof_reverts", async () => {
    for (const wanted of [MODEL, UPDATE, TRACE]) {
      const proof = toHex(encodeDemand(r.opened, wanted.kind));
      const accepted: number[] = [];
      for (let at = 0; at < (proof.length - 2) / 2; at += 3) {
        try {
          await x.demands.demand.staticCall(1, 1, x.inputOf(wanted), flip(proof, at), { value: x.bondOf(wanted) });
          accepted.push(at);
        } catch (error) {
          expect(x.demands.interface.parseError((error as { data: string }).data)?.name, `byte ${at}`).to.equal("RoundHeaderMismatch");
        }
      }
      // A trace's proof brings the column of roots itself: its hash in the header is not read.
      expect(accepted.filter((at) => wanted.kind !== "trace" || at < 201 || at >= 233)).to.deep.equal([]);
    }
  });

  it("test_demand_twice_reverts", async () => {
    for (const wanted of [MODEL, SIGNATURES]) {
      await mined(x.demand(r, wanted));
      await refused(x.demand(r, wanted), x.demands, "DemandsAlreadyOpen", x.idOf(r, wanted));
    }
    // Answered, it can be demanded again: it costs a bond again.
    await mined(x.answer(r, MODEL));
    await mined(x.demand(r, MODEL));
  });

  it("test_demand_notJudge_reverts", async () => {
    await d.kernel.rounds.changeJudge(x.demands, false);
    await refused(x.demand(r, MODEL), d.kernel.rounds, "RoundsNotJudge", x.demands.target);
  });

  it("test_demand_finaliseAtTheDeadline_reverts", async () => {
    await mined(x.demand(r, MODEL));
    await d.untilDeadline(1);
    await refused(d.kernel.rounds.finalise(1, 1), d.kernel.rounds, "RoundsHeld", 1);
  });

  it("test_demand_nextSealDoesNotMakeItFinal_succeeds", async () => {
    await mined(x.demand(r, MODEL));
    await d.untilDeadline(1);
    await d.seal();
    expect([await d.state(1), await d.state(2)]).to.deep.equal([State.Reported, State.Sealed]);
    await mined(x.expire(r, MODEL));
    expect((await d.head()).tip).to.equal(1n);
  });

  // --- answer ---

  it("test_answer_everyKind_succeeds", async () => {
    const { council, ethers } = d.kernel;
    const many = await openDemands(d, { plainOpen: 200 });
    for (const wanted of EVERY) await mined(many.demand(r, wanted));
    for (const [i, wanted] of EVERY.entries()) {
      const id = many.idOf(r, wanted);
      const call = many.answer(r, wanted);
      await expect(call).to.emit(many.demands, "DataAnswered").withArgs(id, council.address);
      await expect(call).to.changeEtherBalances(ethers, [many.demands, council], [-many.bondOf(wanted), many.bondOf(wanted)]);
      expect([await many.isOpen(r, wanted), await many.holds(1)]).to.deep.equal([false, EVERY.length - i - 1]);
      // A watcher finds the data in the transaction.
      const { key, bytes } = decodeAnswer(must(await (await call).getTransaction()).data as Hex);
      expect(key).to.deep.equal(keyOf(r, wanted));
      const whole = dataOf(r, wanted).bytes;
      expect(bytes.length).to.equal(wanted.count === 0 ? whole.length : 32 * wanted.count);
      for (const [at, byte] of bytes.entries()) expect(byte).to.equal(whole[32 * wanted.first + at] ?? 0);
    }
    expect(await many.balance()).to.equal(0n);
    await d.finalise(1);
  });

  it("test_answer_padding_succeeds", async () => {
    // The model's 56 lanes end with chunk 6 of 8: the last is padding, and whoever has the model can open it.
    const wanted = { ...MODEL, first: 7 };
    await mined(x.demand(r, wanted));
    expect(E.dataSlice(answerOf(r, wanted), 0, 32)).to.equal(E.ZeroHash);
    await mined(x.answer(r, wanted));
  });

  it("test_answer_otherData_reverts", async () => {
    const wanted = { ...UPDATE, first: 1, count: 2 };
    for (const each of [wanted, MODEL, SIGNATURES]) await mined(x.demand(r, each));
    const notOpen = async (call: Promise<unknown>) => await refused(call, x.demands, "DemandsNotOpen");
    const { bytes, depth } = dataOf(r, wanted);
    const run = (first: number, count: number) => toHex(encodeAnswer(bytes, depth, { first, count }));
    // A shifted, a shorter, a longer run, another entry's: right data, which nobody demanded.
    for (const [first, count] of [[0, 2], [2, 2], [1, 1], [2, 1], [0, 4], [1, 3]] as const) {
      await notOpen(x.answer(r, wanted, run(first, count), { first, count }));
    }
    await notOpen(x.answer(r, { ...wanted, entry: 3 }));
    // Another run in place of this one, and this one with a bit changed.
    await notOpen(x.answer(r, wanted, flip(run(1, 2), 5)));
    await notOpen(x.answer(r, wanted, flip(run(1, 2), 127)));
    await notOpen(x.answer(r, MODEL, answerOf(r, { ...MODEL, first: 2 })));
    await notOpen(x.answer(r, MODEL, flip(answerOf(r, MODEL), 0)));
    // The same in another attempt, round or federation.
    await notOpen(x.answer(r, wanted, run(1, 2), { attempt: 1 }));
    await notOpen(x.answer(r, wanted, run(1, 2), { round: 2 }));
    await notOpen(x.answer(r, wanted, run(1, 2), { federation: 2 }));
    // A column with something behind it, another column, or read as a vector.
    await notOpen(x.answer(r, SIGNATURES, `${answerOf(r, SIGNATURES)}00`));
    await notOpen(x.answer(r, SIGNATURES, toHex(r.columns.norms)));
    await notOpen(x.answer(r, SIGNATURES, undefined, { depth: 1 }));
    await notOpen(x.answer(r, SIGNATURES, undefined, { first: 1 }));
    expect(await x.holds(1)).to.equal(3);
  });

  it("test_answer_innerNodeAsAChunk_reverts", async () => {
    await mined(x.demand(r, MODEL));
    const { bytes, depth } = dataOf(r, MODEL);
    const opening = openingBytes(openChunk(bytes, depth, 1));
    const node = E.getBytes(E.sha256(E.concat([opening.subarray(32, 64), opening.subarray(0, 32)])));
    const shorter = toHex(Uint8Array.from([...node, ...opening.subarray(64)]));
    await refused(x.answer(r, MODEL, shorter), x.demands, "SszOpeningBadLength", 32 * depth, depth);
    await refused(x.answer(r, MODEL, shorter, { depth: depth - 1, first: 0 }), x.demands, "DemandsNotOpen");
    await refused(x.answer(r, MODEL, r.report.modelRoot, { depth: 0, first: 0 }), x.demands, "DemandsNotOpen");
    await refused(x.answer(r, MODEL, undefined, { first: 2 ** depth }), x.demands, "SszOpeningBadIndex", 2 ** depth, depth);
    await refused(x.answer(r, UPDATE, `${answerOf(r, UPDATE)}00`), x.demands, "SszRangeBadLength");
  });

  it("test_answer_atItsDeadline_reverts", async () => {
    await mined(x.demand(r, MODEL));
    const until = await demandedUntil(MODEL);
    await d.at(until);
    await refused(x.answer(r, MODEL), x.demands, "DemandsDeadlinePassed", until);
    expect(await x.isOpen(r, MODEL)).to.equal(true);
  });

  it("test_answer_oneSecondBeforeItsDeadline_succeeds", async () => {
    await mined(x.demand(r, MODEL));
    await d.at((await demandedUntil(MODEL)) - 1n);
    await mined(x.answer(r, MODEL));
  });

  it("test_answer_twice_reverts", async () => {
    await mined(x.demand(r, MODEL));
    await mined(x.demand(r, UPDATE));
    await mined(x.answer(r, MODEL));
    await refused(x.answer(r, MODEL), x.demands, "DemandsNotOpen", x.idOf(r, MODEL));
    expect(await x.balance()).to.equal(x.bondOf(UPDATE));
  });

  it("test_answer_attemptOver_reverts", async () => {
    // Its hold went with the attempt; what holds the next one is not its to release.
    const { rounds } = d.kernel;
    await mined(x.demand(r, MODEL));
    await d.overturn(1);
    await refused(x.answer(r, MODEL), rounds, "RoundsWrongState", 1, 1, State.Sealed);
    const again = await reportAgain(d, r);
    await refused(x.answer(r, MODEL), rounds, "RoundsNotHeld", 1, 1, 0);
    await mined(x.demand(again, MODEL));
    expect(x.idOf(again, MODEL)).to.not.equal(x.idOf(r, MODEL));
    await refused(x.answer(r, MODEL), rounds, "RoundsNotHeld", 1, 1, 0);
    expect([await x.holds(1), await x.balance()]).to.deep.equal([1, 2n * x.bondOf(MODEL)]);
    await mined(x.answer(again, MODEL));
    await mined(x.refund(r, MODEL));
    expect(await x.balance()).to.equal(0n);
  });

  // --- expire ---

  it("test_expire_beforeItsDeadline_reverts", async () => {
    await mined(x.demand(r, MODEL));
    const until = await demandedUntil(MODEL);
    await d.at(until - 1n);
    await refused(x.expire(r, MODEL), x.demands, "DemandsStillOpen", until);
  });

  it("test_expire_byAStranger_slashesForTheDemander_succeeds", async () => {
    const { outsider, council, rounds, ethers } = d.kernel;
    await mined(x.demand(r, MODEL));
    const [before, balance] = [await stakes(), await balanceOf(outsider)];
    await d.at(await demandedUntil(MODEL));
    const call = x.expire(r, MODEL);
    await expect(call).to.emit(x.demands, "DemandExpired").withArgs(x.idOf(r, MODEL));
    await expect(call).to.emit(x.demands, "DepositReturned").withArgs(x.idOf(r, MODEL), outsider.address, x.bondOf(MODEL));
    await expect(call).to.emit(rounds, "FaultProven").withArgs(1, 1, 0, Fault.Report, outsider.address, 7);
    await expect(call).to.changeEtherBalance(ethers, council, 0n);
    expect((await balanceOf(outsider)) - balance).to.equal(x.bondOf(MODEL));
    expect(await stakes()).to.deep.equal(before.map((stake, i) => (i === 3 ? stake : stake - BOND)));
    const { state, attempt, hash, holds } = await d.round(1);
    expect([state, attempt, hash, holds]).to.deep.equal([State.Sealed, 1n, r.report.sealHash, 0n]);
    expect([await x.isOpen(r, MODEL), await x.balance()]).to.deep.equal([false, 0n]);
    await refused(x.refund(r, MODEL), x.demands, "DemandsNotOpen");
  });

  it("test_expire_longAfterTheRoundsDeadline_succeeds", async () => {
    await mined(x.demand(r, SIGNATURES));
    await d.at((await deadline()) + BigInt(CONFIG.reportWindow) * 2n);
    await mined(x.expire(r, SIGNATURES));
    expect((await d.round(1)).attempt).to.equal(1n);
  });

  it("test_expire_inAFreeze_reverts_andAWindowLaterSucceeds", async () => {
    const { freezes, rounds, council } = d.kernel;
    await mined(x.demand(r, MODEL));
    await mined(x.demand(r, SIGNATURES));
    await mined(freezes.connect(council).freeze(1, r.report.modelRoot));
    const until = (await rounds.frozenUntil(1)) + BigInt(WINDOW);
    await d.at(until - 2n);
    await refused(x.expire(r, MODEL), x.demands, "DemandsStillOpen", until);
    await d.at(until - 1n);
    await mined(x.answer(r, SIGNATURES));
    await d.at(until);
    await refused(x.answer(r, MODEL), x.demands, "DemandsDeadlinePassed", until);
    await mined(x.expire(r, MODEL));
    expect((await d.round(1)).attempt).to.equal(1n);
  });

  it("test_demand_inTheWindowAfterAFreeze_succeeds", async () => {
    const { freezes, rounds, council } = d.kernel;
    await mined(freezes.connect(council).freeze(1, r.report.modelRoot));
    // The report's own window is long over; what counts is the one after the freeze.
    const until = (await rounds.frozenUntil(1)) + BigInt(CONFIG.challengeWindow);
    await d.at(until - BigInt(WINDOW));
    await mined(x.demand(r, MODEL));
    await d.at(until - BigInt(WINDOW) + 1n);
    await refused(x.demand(r, SIGNATURES), x.demands, "DemandsTooLate", until - BigInt(WINDOW));
  });

  it("test_expire_neverDemanded_reverts", async () => {
    await mined(x.demand(r, MODEL));
    await d.at((await d.now()) + WINDOW);
    await refused(x.expire(r, UPDATE), x.demands, "DemandsNotOpen", x.idOf(r, UPDATE));
  });

  it("test_expire_otherReport_reverts", async () => {
    await mined(x.demand(r, MODEL));
    await d.at(await demandedUntil(MODEL));
    await refused(x.expire(r, MODEL, { ...r.report, modelRoot: d.bytes32() }), d.kernel.rounds, "RoundsHashMismatch");
    expect(await x.isOpen(r, MODEL)).to.equal(true);
  });

  it("test_expire_inTheNextAttempt_reverts", async () => {
    // A report that nobody asked anything of must not fall for the one before.
    await mined(x.demand(r, MODEL));
    await d.overturn(1);
    const again = await reportAgain(d, r);
    await d.at((await d.now()) + WINDOW);
    await refused(x.expire(r, MODEL, again.report), x.demands, "DemandsAttemptOver", 1, 1, 0);
    await refused(x.expire(r, MODEL), d.kernel.rounds, "RoundsHashMismatch");
    expect((await d.round(1)).attempt).to.equal(1n);
  });

  it("test_expire_two_secondIsRefunded_succeeds", async () => {
    const { outsider, ethers } = d.kernel;
    await mined(x.demand(r, MODEL));
    await mined(x.demand(r, UPDATE));
    const before = await stakes();
    await d.at(await demandedUntil(UPDATE));
    await mined(x.expire(r, MODEL));
    await refused(x.expire(r, UPDATE), d.kernel.rounds, "RoundsWrongState", 1, 1, State.Sealed);
    await expect(x.refund(r, UPDATE)).to.changeEtherBalance(ethers, outsider, x.bondOf(UPDATE));
    expect(await stakes()).to.deep.equal(before.map((stake, i) => (i === 3 ? stake : stake - BOND)));
    expect(await x.balance()).to.equal(0n);
  });

  it("test_expire_lastAttempt_roundIsVoid_succeeds", async () => {
    await d.finalise(1);
    const config = { ...CONFIG, maxAttempts: 1 };
    await d.kernel.rounds.reconfigure(1, config);
    r = await reportRound(d, { config });
    await mined(x.demand(r, MODEL));
    await mined(x.demand(r, UPDATE));
    await d.at(await demandedUntil(UPDATE));
    await mined(x.expire(r, UPDATE));
    expect(await d.state(2)).to.equal(State.Void);
    await mined(x.refund(r, MODEL));
    expect(await x.balance()).to.equal(0n);
  });
});
