import { expect } from "chai";

import { encodeSignatureProof } from "../../../protocol/faults/signature-proof.ts";
import { configHash, contributionOf, digestOf, type Contribution } from "../../../protocol/index.ts";
import type { Hex } from "../../../protocol/bytes.ts";
import { fakeEntry, fakeRound } from "../disputes/fake-round.ts";
import { fresh, type Driver } from "./driver.ts";
import { refused } from "./refused.ts";
import { ALL_SEATS, CONFIG, Drop, RHO, SEATS, walletOf } from "./world.ts";

const SIX = [...SEATS.exempt, ...SEATS.budgeted];
/** The next number after the seats with data, of the contributor of seat 0. */
const SUPPORT = ALL_SEATS.length;

describe("Rounds: support seats", () => {
  let d: Driver;
  beforeEach(async () => {
    d = await fresh();
    await d.kernel.seats.grantSupport(1, 1);
  });

  const signed = (contribution: Contribution): Hex => d.sign(contribution, d.key(0));

  it("test_seal_entryOfASupportSeat_isDroppedAndTheRoundGoesOn_succeeds", async () => {
    const open = await d.openRound();
    const contribution = d.contribution(SUPPORT, open);
    const entries = [...d.entries(SIX, open), { ...d.entry(SUPPORT, open), ...contribution, signature: signed(contribution) }];
    const { receipt, round, weights } = await d.sealEntries(entries);
    expect(d.dropped(receipt)).to.deep.equal([[SUPPORT, Drop.SupportSeat]]);
    expect(weights.at(-1)).to.equal(0);
    await d.report();
    await d.finalise(round);
  });

  it("test_forceInclude_supportSeat_reverts", async () => {
    // It would have to be in the seal, and would be dropped there: it cannot be forced in, however it agrees to be charged.
    for (const rho of [0, RHO]) {
      const contribution = d.contribution(SUPPORT, await d.openRound(), { rho });
      await refused(d.kernel.rounds.forceInclude(contribution, signed(contribution)), d.kernel.rounds, "RoundsSeatNotEligible", SUPPORT, Drop.SupportSeat);
    }
  });

  it("test_seal_onlySupportSeatsMakeNoRound_reverts", async () => {
    await d.untilSealable();
    const open = await d.openRound();
    const entries = [...d.entries([0, 1], open), d.entry(SUPPORT, open)];
    await refused(d.sendSeal(d.prepareSeal(open, entries)), d.kernel.rounds, "RoundsTooFewContributors", 2, 3);
  });

  it("test_revokeAndSuspendSupportSeat_whileSealed_doesNotSendTheRoundBack_succeeds", async () => {
    await d.seal(SIX);
    await d.kernel.seats.revoke(1, SUPPORT);
    await d.report();
  });

  it("test_signatureFault_entryOfASupportSeatThatItDidNotSign_isProven_succeeds", async () => {
    // A seat without a dataset must not make a seal impossible to disprove.
    const { ethers, rounds, seats, contributors, datasets, domain } = d.kernel;
    const verifier = await ethers.deployContract("SignatureVerifier", [rounds, seats, contributors, datasets]);
    const shared = { federation: 1, round: 7, parentReportHash: d.bytes32(), configHash: configHash(CONFIG) };
    const sealed = (key: ReturnType<typeof walletOf>, rho: number) => {
      const made = fakeEntry(SUPPORT, Int16Array.of(1), 0, { updateRoot: d.bytes32(), normSq: 1n, normTraceRoot: d.bytes32(), rho });
      const signature = key.signingKey.sign(digestOf(domain, "Contribution", contributionOf(made, shared))).compactSerialized as Hex;
      return fakeRound({ entries: [{ ...made, signature }], ...shared });
    };
    const proofOf = (round: ReturnType<typeof sealed>) => encodeSignatureProof({ ...round, entry: 0 });
    const honest = sealed(d.key(0), RHO);
    await refused(verifier.verify(honest.context, proofOf(honest)), verifier, "SignatureVerifierNoFault", 0);
    for (const round of [sealed(d.key(1), RHO), sealed(walletOf("stranger"), RHO), sealed(d.key(0), 0)]) {
      expect((await verifier.verify(round.context, proofOf(round)))[0]).to.equal(2n);
    }
  });
});
