import { expect } from "chai";
import type { Wallet } from "ethers";

import type { Hex } from "../../../protocol/bytes.ts";
import { faultCommitment } from "../../../protocol/faults/commitment.ts";
import { encodeSignatureProof } from "../../../protocol/faults/signature-proof.ts";
import { columnHash, createDomain, digestOf, packSealColumns, packUints, type Entry, type Report, type Seal } from "../../../protocol/index.ts";
import { fresh, type Driver } from "../rounds/driver.ts";
import { refused } from "../rounds/refused.ts";
import { CONFIG, DAY, Fault, mined, must, RHO, ROTATION_DELAY, State, walletOf } from "../rounds/world.ts";

/** The seat whose key moves: contributor 4, of organisation 1. */
const SEAT = 3;
const CONTRIBUTOR = 4;
const SEATS = [0, 1, 2, 3, 4, 5];

/** Real rounds, keys and stops: what verified when it was sealed or forced in never becomes a fault, and an old key does not serve for ever. */
describe("SignatureVerifier on the ledger", () => {
  let d: Driver;
  let verifier: Awaited<ReturnType<typeof deploy>>;
  const deploy = async () => {
    const { ethers, rounds, seats, contributors, datasets, disputes } = d.kernel;
    const deployed = await ethers.deployContract("SignatureVerifier", [rounds, seats, contributors, datasets]);
    await disputes.changeVerifier(deployed, true);
    return deployed;
  };
  beforeEach(async () => {
    d = await fresh();
    verifier = await deploy();
  });

  // --- keys ---

  const time = () => d.kernel.helpers.time;
  const successor = async (to: Wallet) => {
    const { contributors, chainId } = d.kernel;
    const domain = createDomain(chainId, (await contributors.getAddress()) as Hex);
    return to.signingKey.sign(digestOf(domain, "KeySuccession", { contributor: CONTRIBUTOR, key: to.address as Hex })).serialized;
  };
  const schedule = async (from: Wallet, to: Wallet) => {
    await d.kernel.helpers.setBalance(from.address, 10n ** 20n);
    await d.kernel.contributors.connect(from.connect(d.kernel.ethers.provider)).rotateKey(CONTRIBUTOR, to.address, await successor(to));
  };
  const complete = async () => await mined(d.kernel.contributors.completeRotation(CONTRIBUTOR));
  const rotate = async (from: Wallet, to: Wallet) => {
    await schedule(from, to);
    await time().increase(ROTATION_DELAY);
    await complete();
  };
  const second = walletOf("second key");
  const third = walletOf("third key");

  // --- rounds and proofs ---

  interface SealedRound {
    readonly round: number;
    readonly seal: Seal;
    readonly entries: readonly Entry[];
    readonly weights: readonly number[];
  }
  const proofOf = ({ seal, entries, weights }: SealedRound, report: Report | null, config = CONFIG, seat = SEAT) =>
    encodeSignatureProof({
      config,
      seal,
      report,
      weightsHash: columnHash(packUints(weights, 2)),
      modelRoot: report?.modelRoot ?? null,
      columns: packSealColumns(entries),
      entry: entries.findIndex((entry) => entry.seat === seat),
    });
  const prove = async (sealed: SealedRound, report: Report | null, config = CONFIG, seat = SEAT) => {
    const { disputes, outsider } = d.kernel;
    const [proof, address] = [proofOf(sealed, report, config, seat), (await verifier.getAddress()) as Hex];
    const { federation } = sealed.seal;
    await mined(disputes.connect(outsider).commit(faultCommitment(outsider.address as Hex, federation, sealed.round, address, proof)));
    return await disputes.connect(outsider).prove(federation, sealed.round, address, proof);
  };
  const honest = async (sealed: SealedRound, report: Report | null, config = CONFIG, seat = SEAT) =>
    await refused(prove(sealed, report, config, seat), verifier, "SignatureVerifierNoFault", sealed.entries.findIndex((entry) => entry.seat === seat));
  const entriesBy = async (key: Wallet, federation = 1): Promise<Entry[]> => {
    const open = await d.openRound(federation);
    return SEATS.map((seat) => {
      const contribution = d.contribution(seat, open);
      const { updateRoot, normSq, normTraceRoot, rho } = contribution;
      const signer = seat === SEAT ? key : d.key(seat);
      return { seat, updateRoot, normSq, normTraceRoot, rho, signer: signer.address as Hex, signature: d.sign(contribution, signer) };
    });
  };
  const sealBy = async (key: Wallet, federation = 1): Promise<SealedRound> => await d.sealEntries(await entriesBy(key, federation), federation);
  /** Makes a round final whose report is due to be final at `deadline`. */
  const parentWithDeadline = async (deadline: bigint) => {
    await time().increaseTo(deadline - 400n);
    const { round } = await d.seal([0, 1, 2]);
    const prepared = await d.prepareReport();
    await d.at(deadline - 300n);
    await mined(d.sendReport(prepared));
    expect((await d.round(round)).deadline).to.equal(deadline);
    return round;
  };

  // --- faults ---

  it("test_prove_entryThatNobodySigned_sealersAreSlashed_succeeds", async () => {
    for (const reported of [false, true]) {
      d = await fresh();
      verifier = await deploy();
      const sealed = await sealBy(walletOf("stranger"));
      const report = reported ? (await d.report()).report : null;
      await expect(prove(sealed, report)).to.emit(d.kernel.rounds, "FaultProven").withArgs(1, sealed.round, 0, Fault.Seal, d.kernel.outsider.address, 7);
      expect(await d.state(sealed.round)).to.equal(State.Open);
    }
  });

  it("test_prove_keyRetiredBeforeTheLookback_succeeds", async () => {
    await rotate(d.key(SEAT), second);
    const retired = BigInt(await d.now());
    await parentWithDeadline(retired + BigInt(ROTATION_DELAY) + 1n);
    const sealed = await sealBy(d.key(SEAT));
    await expect(prove(sealed, null)).to.emit(d.kernel.rounds, "FaultProven");
  });

  it("test_prove_keyRetiredAtTheEndOfTheLookback_reverts", async () => {
    await rotate(d.key(SEAT), second);
    const retired = BigInt(await d.now());
    await parentWithDeadline(retired + BigInt(ROTATION_DELAY));
    await honest(await sealBy(d.key(SEAT)), null);
  });

  it("test_prove_everyKeyCounts_inARoundOnRoundZero_reverts", async () => {
    await rotate(d.key(SEAT), second);
    await time().increase(100 * DAY);
    await honest(await sealBy(d.key(SEAT)), null);
  });

  it("test_prove_keyThatServesAgainstTheSealOfAnotherContributor_succeeds", async () => {
    await rotate(d.key(SEAT), second);
    const entries = await entriesBy(second);
    const other = must(entries[4]);
    const open = await d.openRound();
    const signature = d.sign({ ...open, ...d.contribution(other.seat, open), updateRoot: other.updateRoot, normTraceRoot: other.normTraceRoot }, second);
    const sealed = await d.sealEntries(entries.map((entry) => (entry === other ? { ...other, signature } : entry)));
    await honest(sealed, null);
    await expect(prove(sealed, null, CONFIG, other.seat)).to.emit(d.kernel.rounds, "FaultProven");
  });

  // --- what must never be one ---

  it("test_prove_honestRound_sealedAndReported_everyEntry_reverts", async () => {
    const sealed = await sealBy(d.key(SEAT));
    for (const seat of SEATS) await honest(sealed, null, CONFIG, seat);
    const { report } = await d.report();
    for (const seat of SEATS) await honest(sealed, report, CONFIG, seat);
  });

  it("test_prove_keyRotatedAfterTheSeal_reverts", async () => {
    await d.runRound(); // a parent with a deadline
    await schedule(d.key(SEAT), second);
    await time().increase(ROTATION_DELAY);
    const sealed = await sealBy(d.key(SEAT));
    await complete();
    await honest(sealed, null);
    const { report } = await d.report();
    await honest(sealed, report);
    expect((await d.kernel.contributors.keyRecordOf(d.key(SEAT).address)).retiredAt).to.not.equal(0n);
  });

  it("test_prove_signedByTheKeyThatServesNow_afterARotation_reverts", async () => {
    await rotate(d.key(SEAT), second);
    await d.runRound([0, 1, 2]);
    const sealed = await sealBy(second);
    await honest(sealed, null);
  });

  it("test_prove_keyRecoveredByOfficersAfterTheSeal_reverts", async () => {
    await d.runRound();
    const { contributors, officers, ethers, helpers } = d.kernel;
    const secondOfficer = walletOf("second officer 0").connect(ethers.provider);
    await helpers.setBalance(secondOfficer.address, 10n ** 20n);
    const proof = await successor(second);
    await contributors.connect(must(officers[0])).recoverKey(CONTRIBUTOR, second.address, proof);
    await contributors.connect(secondOfficer).recoverKey(CONTRIBUTOR, second.address, proof);
    await time().increase(ROTATION_DELAY);
    const sealed = await sealBy(d.key(SEAT));
    await complete();
    const { report } = await d.report();
    await honest(sealed, report);
  });

  it("test_prove_contributorSuspendedAfterTheSeal_reverts", async () => {
    const sealed = await sealBy(d.key(SEAT));
    const { report } = await d.report();
    await d.kernel.contributors.connect(must(d.kernel.officers[0])).suspend(CONTRIBUTOR);
    await honest(sealed, report);
  });

  it("test_prove_seatRevokedOrDatasetWithdrawnAfterTheSeal_reverts", async () => {
    const sealed = await sealBy(d.key(SEAT));
    const { report } = await d.report();
    // The lane of an exempt seat says no longer that it is; its dataset does.
    for (const seat of [0, SEAT]) await d.kernel.seats.revoke(1, seat);
    await d.kernel.datasets.connect(must(d.kernel.officers[0])).withdraw(1);
    await d.kernel.datasets.connect(must(d.kernel.officers[0])).withdraw(2);
    for (const seat of SEATS) await honest(sealed, report, CONFIG, seat);
  });

  it("test_prove_seatRevokedBeforeTheSeal_itsEntryIsDroppedAndNoFault_reverts", async () => {
    const entries = await entriesBy(d.key(SEAT));
    await d.kernel.seats.revoke(1, 0);
    const sealed = await d.sealEntries(entries);
    expect(sealed.weights[0]).to.equal(0);
    await honest(sealed, null, CONFIG, 0);
  });

  it("test_prove_forcedIn_thenTwoRotationsInARow_thenSealedLongAfter_reverts", async () => {
    await d.runRound(); // a parent with a deadline: round 0 has none
    await schedule(d.key(SEAT), second);
    await time().increase(ROTATION_DELAY);
    // Opens a round anew, so that an entry can be forced in now, before the key changes.
    await d.runRound([0, 1, 2]);
    const forced = await d.force(SEAT);
    const signature = d.sign(forced);
    await complete();
    await rotate(second, third);
    await time().increase(60 * DAY);
    // The ledger asks for the entry, and no other signature of it exists.
    const open = await d.openRound();
    const entries = SEATS.map((seat): Entry => {
      if (seat !== SEAT) return d.entry(seat, open);
      const { updateRoot, normSq, normTraceRoot, rho } = forced;
      return { seat, updateRoot, normSq, normTraceRoot, rho, signer: d.key(SEAT).address as Hex, signature };
    });
    const sealed = await d.sealEntries(entries);
    expect(sealed.weights[SEAT]).to.be.greaterThan(0);
    await honest(sealed, null);
    const { report } = await d.report();
    await honest(sealed, report);
    const { retiredAt } = await d.kernel.contributors.keyRecordOf(d.key(SEAT).address);
    expect(BigInt(await d.now()) - retiredAt > BigInt(60 * DAY), "the key that signed retired long ago").to.equal(true);
  });

  it("test_prove_heldForMonths_afterTwoRotations_reverts", async () => {
    const { rounds, council } = d.kernel;
    await d.runRound();
    await schedule(d.key(SEAT), second);
    await time().increase(ROTATION_DELAY);
    const sealed = await sealBy(d.key(SEAT));
    await complete();
    const { report } = await d.report();
    await rounds.changeJudge(council, true);
    await rounds.connect(council).hold(1, sealed.round);
    await rotate(second, third);
    await time().increase(90 * DAY);
    // Nobody made it void; held, it can still be overturned.
    expect(await d.state(sealed.round)).to.equal(State.Reported);
    await honest(sealed, report);
  });

  it("test_prove_sealedAgainWithTheSameSignatures_afterARotation_reverts", async () => {
    await d.runRound();
    await schedule(d.key(SEAT), second);
    await time().increase(ROTATION_DELAY);
    const first = await sealBy(d.key(SEAT));
    await d.overturn(first.round, Fault.Seal);
    await complete();
    const again = await d.sealEntries(first.entries);
    expect(again.round).to.equal(first.round);
    await honest(again, null);
  });

  it("test_prove_exemptSeats_costNothing_andOthersWhatTheConfigurationSays", async () => {
    const sealed = await sealBy(d.key(SEAT));
    expect(sealed.entries.map(({ rho }) => rho)).to.deep.equal([0, 0, RHO, RHO, RHO, RHO]);
    for (const seat of SEATS) await honest(sealed, null, CONFIG, seat);
  });

  it("test_prove_underTheConfigurationOfTheSeal_afterReconfiguring_reverts", async () => {
    const sealed = await sealBy(d.key(SEAT));
    const { report } = await d.report();
    await d.kernel.rounds.reconfigure(1, { ...CONFIG, rhoPerRound: 99 });
    for (const seat of SEATS) await honest(sealed, report, CONFIG, seat);
  });

  it("test_prove_proofOfAnotherAttempt_reverts", async () => {
    const sealed = await sealBy(walletOf("stranger"));
    const { report } = await d.report();
    await d.overturn(sealed.round);
    // Sealed again: there is no model root where the proof has that of the report that fell.
    await expect(prove(sealed, report)).to.be.revert(d.kernel.ethers);
    await expect(prove(sealed, null)).to.emit(d.kernel.rounds, "FaultProven");
  });

  it("test_prove_onAnotherFederation_reverts", async () => {
    const sealed = await sealBy(walletOf("stranger"));
    await sealBy(d.key(SEAT), 2);
    const { disputes, outsider } = d.kernel;
    const [proof, address] = [proofOf(sealed, null), (await verifier.getAddress()) as Hex];
    await mined(disputes.connect(outsider).commit(faultCommitment(outsider.address as Hex, 2, 1, address, proof)));
    await refused(disputes.connect(outsider).prove(2, 1, address, proof), verifier, "RoundHeaderMismatch");
  });
});
