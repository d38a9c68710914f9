import { expect } from "chai";
import { ethers as E } from "ethers";

import { fresh, type Driver } from "./driver.ts";
import { refused } from "./refused.ts";
import { ALL_SEATS, BOND, CONFIG, Fault, mined, must, SEATS, State, VoidReason } from "./world.ts";

describe("Disputes and overturned rounds", () => {
  let d: Driver;
  beforeEach(async () => {
    d = await fresh();
  });

  const stakes = async () => await Promise.all(d.kernel.operatorKeys.map(async ({ address }) => (await d.kernel.operators.operatorOf(address)).stake));
  const prove = (round: number, kind: number, report = d.reports.get(`1/${round}`)) => d.commitAndProve(round, d.mockProof(kind, report));
  const states = async (...rounds: number[]) => await Promise.all(rounds.map(async (round) => await d.state(round)));

  // --- who judges ---

  it("test_prove_verifierNotTrusted_reverts", async () => {
    const { disputes, verifier } = d.kernel;
    await d.runRound();
    await disputes.changeVerifier(verifier, false);
    await refused(d.prove(1, Fault.Report), disputes, "DisputesVerifierUnknown", await verifier.getAddress());
    await expect(disputes.changeVerifier(verifier, true)).to.emit(disputes, "VerifierChanged").withArgs(await verifier.getAddress(), true);
    await d.overturn(1);
  });

  it("test_changeVerifier_notOwner_reverts", async () => {
    const { disputes, outsider } = d.kernel;
    await refused(disputes.connect(outsider).changeVerifier(outsider, true), disputes, "OwnableUnauthorizedAccount", outsider.address);
  });

  it("test_prove_noFault_reverts", async () => {
    const { disputes, verifier } = d.kernel;
    await d.runRound();
    await refused(d.prove(1, Fault.None), disputes, "DisputesNoFault", await verifier.getAddress());
    await refused(d.commitAndProve(1, "0x"), verifier, "MockVerifierEmptyProof");
    expect(await d.state(1)).to.equal(State.Reported);
  });

  it("test_overturn_notJudge_reverts", async () => {
    const { rounds, outsider, deployer } = d.kernel;
    await d.runRound();
    const report = must(d.reports.get("1/1"));
    for (const caller of [outsider, deployer]) {
      await refused(rounds.connect(caller).overturn(1, 1, Fault.Report, report, outsider), rounds, "RoundsNotJudge", caller.address);
    }
  });

  it("test_changeJudge_appointsAndDismisses_succeeds", async () => {
    const { rounds, disputes, outsider } = d.kernel;
    await d.runRound();
    await refused(rounds.connect(outsider).changeJudge(outsider, true), rounds, "OwnableUnauthorizedAccount", outsider.address);
    await expect(rounds.changeJudge(outsider, true)).to.emit(rounds, "JudgeChanged").withArgs(outsider.address, true);
    await rounds.changeJudge(disputes, false);
    expect([await rounds.isJudge(outsider), await rounds.isJudge(disputes)]).to.deep.equal([true, false]);
    await refused(d.prove(1, Fault.Report), rounds, "RoundsNotJudge", await disputes.getAddress());
    await mined(rounds.connect(outsider).overturn(1, 1, Fault.Report, must(d.reports.get("1/1")), outsider));
  });

  it("test_prove_contextIsRead_succeeds", async () => {
    // The verifier judges what the ledger holds, not what the challenger says.
    await d.runRound();
    await d.runRound();
    const [parent, round] = [await d.round(1), await d.round(2)];
    const ledgerRound = ["bytes32", "uint8", "uint8", "uint40", "uint32", "uint8", "uint24", "uint32", "uint32", "uint16", "uint16", "uint16", "uint16", "uint8"];
    const proof = (parentHash: string) => {
      const context = E.AbiCoder.defaultAbiCoder().encode(["uint32", "uint32", "bytes32", ...ledgerRound], [1, 2, parentHash, ...Object.values(round)]);
      return d.mockProof(Fault.Report, d.reports.get("1/2"), E.keccak256(context));
    };
    await refused(d.commitAndProve(2, proof(round.hash)), d.kernel.verifier, "MockVerifierOtherContext");
    await mined(d.commitAndProve(2, proof(parent.hash)));
  });

  // --- two steps, so that nobody takes a proof out of the mempool ---

  it("test_prove_notCommitted_reverts", async () => {
    const { disputes, verifier, outsider, deployer } = d.kernel;
    await d.runRound();
    const proof = d.mockProof(Fault.Report, d.reports.get("1/1"));
    const commitment = await disputes.commitmentOf(outsider, 1, 1, verifier, E.keccak256(proof));
    const send = (from = outsider, what = proof) => disputes.connect(from).prove(1, 1, verifier, what);
    await refused(send(), disputes, "DisputesNotCommitted", commitment, 0);
    await expect(disputes.connect(outsider).commit(commitment)).to.emit(disputes, "ProofCommitted").withArgs(outsider.address, commitment);
    // Neither another proof nor another challenger can use it, and copying the commitment gives the copier nothing.
    await refused(send(outsider, `${proof}00`), disputes, "DisputesNotCommitted");
    await disputes.connect(deployer).commit(commitment);
    await refused(send(deployer), disputes, "DisputesNotCommitted", await disputes.commitmentOf(deployer, 1, 1, verifier, E.keccak256(proof)), 0);
    await mined(send());
    expect(await disputes.committedAt(outsider, commitment)).to.equal(0n);
  });

  it("test_prove_commitmentOfAnotherTarget_reverts", async () => {
    const { disputes, verifier, outsider } = d.kernel;
    await d.runRound();
    const proof = d.mockProof(Fault.Report, d.reports.get("1/1"));
    for (const [federation, round, by] of [[2, 1, verifier], [1, 2, verifier], [1, 1, disputes]] as const) {
      await disputes.connect(outsider).commit(await disputes.commitmentOf(outsider, federation, round, by, E.keccak256(proof)));
    }
    await refused(disputes.connect(outsider).prove(1, 1, verifier, proof), disputes, "DisputesNotCommitted");
  });

  it("test_prove_sameBlock_reverts", async () => {
    // Who sees a proof waiting could commit to it and use it in one block.
    const { disputes, verifier, outsider, ethers, helpers } = d.kernel;
    await d.runRound();
    const proof = d.mockProof(Fault.Report, d.reports.get("1/1"));
    const commitment = await disputes.commitmentOf(outsider, 1, 1, verifier, E.keccak256(proof));
    await ethers.provider.send("evm_setAutomine", [false]);
    await disputes.connect(outsider).commit(commitment);
    const sent = await disputes.connect(outsider).prove(1, 1, verifier, proof, { gasLimit: 1_000_000 });
    await helpers.mine();
    await ethers.provider.send("evm_setAutomine", [true]);
    expect((await ethers.provider.getTransactionReceipt(sent.hash))?.status).to.equal(0);
    expect(await d.state(1)).to.equal(State.Reported);
    await mined(disputes.connect(outsider).prove(1, 1, verifier, proof));
  });

  it("test_prove_commitmentLives256Blocks_succeeds", async () => {
    const { disputes, verifier, outsider, helpers } = d.kernel;
    await d.runRound();
    const proof = d.mockProof(Fault.Report, d.reports.get("1/1"));
    const commitment = await disputes.commitmentOf(outsider, 1, 1, verifier, E.keccak256(proof));
    const receipt = await mined(disputes.connect(outsider).commit(commitment));
    await helpers.mine(256, { interval: 0 });
    await refused(disputes.connect(outsider).prove(1, 1, verifier, proof), disputes, "DisputesNotCommitted", commitment, receipt.blockNumber);
    await disputes.connect(outsider).commit(commitment);
    await helpers.mine(255, { interval: 0 });
    await mined(disputes.connect(outsider).prove(1, 1, verifier, proof));
  });

  // --- table: fault → liable → next state ---

  it("test_prove_reportFault_succeeds", async () => {
    const { disputes, rounds } = d.kernel;
    const { seal } = await d.seal();
    const sealed = await d.round(1);
    const prepared = await d.prepareReport();
    await mined(d.sendReport(prepared, d.reportQuorum(prepared.report, [1, 2, 3])));
    d.reports.set("1/1", prepared.report);
    const before = await stakes();
    const { verifier, outsider } = d.kernel;
    const call = d.prove(1, Fault.Report);
    await expect(call).to.emit(disputes, "DisputeWon").withArgs(1, 1, await verifier.getAddress());
    await expect(call).to.emit(rounds, "FaultProven").withArgs(1, 1, 0, Fault.Report, outsider.address, 14);
    expect(await stakes()).to.deep.equal(before.map((stake, i) => (i === 0 ? stake : stake - BOND)));
    const round = await d.round(1);
    expect([round.state, round.attempt, round.hash, round.deadline]).to.deep.equal([State.Sealed, 1n, sealed.hash, BigInt((await d.now()) + 600)]);
    expect(seal.attempt).to.equal(0);
    expect(await d.live()).to.equal(1n);
    await d.report();
    expect(await d.live()).to.equal(2n);
    await d.finalise(1);
    expect(await d.live()).to.equal(0n);
  });

  it("test_prove_sealFaultWhileSealed_succeeds", async () => {
    const before = await stakes();
    await d.seal();
    const call = d.prove(1, Fault.Seal);
    await expect(call).to.emit(d.kernel.rounds, "FaultProven").withArgs(1, 1, 0, Fault.Seal, d.kernel.outsider.address, 7);
    expect(await stakes()).to.deep.equal(before.map((stake, i) => (i === 3 ? stake : stake - BOND)));
    const now = await d.now();
    const round = await d.round(1);
    expect([round.state, round.attempt, round.deadline]).to.deep.equal([State.Open, 1n, BigInt(now + 660)]);
    expect((await d.head()).forceUntil).to.equal(BigInt(now + 60));
    expect(await d.live()).to.equal(0n);
  });

  it("test_prove_sealFaultWhileReported_succeeds", async () => {
    // Who reported a faulty seal is not liable for it.
    const before = await stakes();
    await d.seal();
    const prepared = await d.prepareReport();
    await mined(d.sendReport(prepared, d.reportQuorum(prepared.report, [1, 2, 3])));
    await d.overturn(1, Fault.Seal);
    expect(await stakes()).to.deep.equal(before.map((stake, i) => (i === 3 ? stake : stake - BOND)));
    expect(await d.state(1)).to.equal(State.Open);
    expect(await d.live()).to.equal(0n);
  });

  it("test_prove_sealFaultAfterReportFault_succeeds", async () => {
    await d.runRound();
    await d.overturn(1, Fault.Report);
    await d.overturn(1, Fault.Seal);
    const round = await d.round(1);
    expect([round.state, round.attempt]).to.deep.equal([State.Open, 2n]);
    expect(await d.live()).to.equal(0n);
  });

  it("test_prove_slashIsDivided404020_succeeds", async () => {
    const { token, treasury, operators, outsider } = d.kernel;
    await d.runRound();
    const before = [await token.balanceOf(outsider), await treasury.totalRecycled(), await token.totalSupply()] as const;
    const sum = 3n * BOND;
    const evidence = evidenceOf(0, Fault.Report);
    await expect(d.prove(1, Fault.Report))
      .to.emit(operators, "Slashed")
      .withArgs(evidence, 1, 7, outsider.address, [BOND, BOND, BOND], (sum * 40n) / 100n, (sum * 40n) / 100n, (sum * 20n) / 100n);
    // What is taken is taken at once; it is handed out when somebody asks.
    await mined(operators.collect(evidence));
    await mined(operators.settleSlashes());
    expect((await token.balanceOf(outsider)) - before[0]).to.equal((sum * 40n) / 100n);
    expect((await treasury.totalRecycled()) - before[1]).to.equal((sum * 40n) / 100n);
    expect(before[2] - (await token.totalSupply())).to.equal((sum * 20n) / 100n);
  });
  const evidenceOf = (attempt: number, kind: number) =>
    E.keccak256(E.AbiCoder.defaultAbiCoder().encode(["address", "uint32", "uint32", "uint8", "uint8"], [d.kernel.rounds.target, 1, 1, attempt, kind]));

  it("test_prove_sealedAgainWithSameEntries_succeeds", async () => {
    // Contributors sign no attempt: their signatures serve again, and nobody is charged twice.
    const { seats } = d.kernel;
    const { entries } = await d.seal(ALL_SEATS);
    const remaining = async () => await Promise.all(ALL_SEATS.map(async (seat) => (await seats.laneOf(1, seat)).remaining));
    const charged = await remaining();
    await d.overturn(1, Fault.Seal);
    await d.sealEntries(entries);
    expect(await remaining()).to.deep.equal(charged);
    expect((await d.round(1)).attempt).to.equal(1n);
    await d.report();
    await d.finalise(1);
    expect(await d.live()).to.equal(0n);
  });

  it("test_prove_thirdFault_succeeds", async () => {
    await d.runRound();
    await d.overturn(1, Fault.Report);
    await d.report();
    await d.overturn(1, Fault.Seal);
    await d.runRound();
    const call = d.prove(1, Fault.Report);
    await expect(call).to.emit(d.kernel.rounds, "RoundVoided").withArgs(1, 1, VoidReason.TooManyFaults);
    const { state, attempt } = await d.round(1);
    expect([state, attempt]).to.deep.equal([State.Void, 3n]);
    expect(await d.live()).to.equal(0n);
    const head = await d.head();
    expect([head.tip, head.last, head.forced, head.forceUntil]).to.deep.equal([0n, 1n, 0n, BigInt((await d.now()) + 60)]);
    expect(await d.runRound()).to.equal(2);
  });

  it("test_prove_onlyOneAttempt_succeeds", async () => {
    await d.kernel.rounds.reconfigure(1, { ...CONFIG, maxAttempts: 1 });
    for (const kind of [Fault.Report, Fault.Seal]) {
      const round = await d.runRound();
      await d.overturn(round, kind);
      expect(await d.state(round)).to.equal(State.Void);
      expect(await d.live()).to.equal(0n);
    }
  });

  // --- limits ---

  it("test_prove_atTheDeadline_reverts", async () => {
    await d.runRound();
    const { deadline } = await d.round(1);
    await refused(d.prove(1, Fault.Report, 1, deadline), d.kernel.rounds, "RoundsDeadlinePassed", deadline);
    await refused(d.prove(1, Fault.Seal), d.kernel.rounds, "RoundsDeadlinePassed", deadline);
  });

  it("test_prove_oneSecondBeforeTheDeadline_succeeds", async () => {
    await d.runRound();
    await d.overturn(1, Fault.Report, 1, (await d.round(1)).deadline - 1n);
  });

  it("test_prove_sealFaultAtTheReportDeadline_reverts", async () => {
    await d.seal();
    const { deadline } = await d.round(1);
    await refused(d.prove(1, Fault.Seal, 1, deadline), d.kernel.rounds, "RoundsDeadlinePassed", deadline);
  });

  it("test_prove_wrongState_reverts", async () => {
    const { rounds } = d.kernel;
    await refused(d.prove(0, Fault.Report), rounds, "RoundsDeadlinePassed", 0);
    await refused(d.prove(1, Fault.Seal), rounds, "RoundsDeadlinePassed", 0);
    await refused(d.prove(1, Fault.Report, 9), rounds, "RoundsUnknownFederation", 9);
    await d.seal();
    await refused(d.prove(1, Fault.Report), rounds, "RoundsWrongState", 1, 1, State.Sealed);
    await d.overturn(1, Fault.Seal);
    await refused(d.prove(1, Fault.Seal), rounds, "RoundsWrongState", 1, 1, State.Open);
    await refused(d.prove(1, Fault.Report), rounds, "RoundsWrongState", 1, 1, State.Open);
  });

  it("test_prove_finalRound_reverts", async () => {
    await d.runRound();
    const { deadline } = await d.round(1);
    await d.finalise(1);
    await refused(d.prove(1, Fault.Report), d.kernel.rounds, "RoundsDeadlinePassed", deadline);
  });

  it("test_prove_otherReportThanTheRoundHolds_reverts", async () => {
    await d.runRound();
    const { hash } = await d.round(1);
    const report = { ...must(d.reports.get("1/1")), modelRoot: d.bytes32() };
    const digest = await d.kernel.rounds.reportDigest(report);
    expect(digest).to.match(/^0x/);
    await refused(prove(1, Fault.Report, report), d.kernel.rounds, "RoundsHashMismatch");
    expect((await d.round(1)).hash).to.equal(hash);
  });

  it("test_prove_twice_reverts", async () => {
    await d.runRound();
    await d.overturn(1);
    await refused(d.prove(1, Fault.Report), d.kernel.rounds, "RoundsWrongState", 1, 1, State.Sealed);
  });

  it("test_prove_roundOnReplacedParent_reverts", async () => {
    // Its signers could not know: the chain does not move to it, no one is slashed, and anyone voids it.
    await d.runRound();
    await d.runRound();
    await d.runRound();
    await d.overturn(1);
    await d.report();
    expect(await d.runRound()).to.equal(4);
    const before = await stakes();
    for (const round of [2, 3]) {
      for (const kind of [Fault.Report, Fault.Seal]) await refused(d.prove(round, kind), d.kernel.rounds, "RoundsStale", 1, round);
    }
    expect(await stakes()).to.deep.equal(before);
    expect((await d.head()).tip).to.equal(4n);
    for (const round of [2, 3]) await d.kernel.rounds.void(1, round);
    for (const round of [1, 4]) await d.finalise(round);
    expect(await states(1, 2, 3, 4)).to.deep.equal([State.Final, State.Void, State.Void, State.Final]);
    expect(await d.live()).to.equal(0n);
  });

  it("test_prove_deepInTheChain_succeeds", async () => {
    for (let i = 0; i < 5; ++i) await d.runRound();
    const receipt = await d.overturn(2);
    expect(Number(receipt.gasUsed)).to.be.below(400_000);
    const head = await d.head();
    expect([head.tip, head.last]).to.deep.equal([2n, 5n]);
  });

  it("test_prove_signersOfAnotherEpoch_succeeds", async () => {
    // Each epoch answers for what it signed.
    const { operators, operatorKeys } = d.kernel;
    await d.seal();
    await operators.formEpoch(operatorKeys.map(({ address }) => address), 4, 20, 4);
    const prepared = await d.prepareReport();
    await mined(d.sendReport(prepared, d.reportQuorum(prepared.report, [0, 1, 2, 3])));
    d.reports.set("1/1", prepared.report);
    const before = await stakes();
    await d.overturn(1, Fault.Seal);
    expect(await stakes()).to.deep.equal(before.map((stake, i) => (i === 3 ? stake : stake - BOND)));
  });

  it("test_prove_everyUnitUsedUp_succeeds", async () => {
    // With bonds for one round only, an overturned report cannot be replaced; the round times out and nothing is stuck.
    const { operators, operatorKeys, rounds } = d.kernel;
    const form = async (units: number) => await operators.formEpoch(operatorKeys.map(({ address }) => address), 3, units, 4);
    await form(2);
    await d.runRound();
    await d.overturn(1);
    await refused(d.sendReport(await d.prepareReport()), rounds, "RoundsExposureExhausted", 2, 1);
    await d.untilDeadline(1);
    await rounds.void(1, 1);
    expect(await d.live()).to.equal(0n);
    const open = await d.openRound();
    await d.untilSealable();
    await refused(d.sendSeal(d.prepareSeal(open, d.entries([...SEATS.exempt, 2], open))), rounds, "RoundsExposureExhausted", 2, 1);
    await form(20);
    await d.runRound();
  });
});
