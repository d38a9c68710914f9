import { expect } from "chai";

import type { Hex } from "../../../protocol/bytes.ts";
import type { Domain } from "../../../protocol/index.ts";
import { fresh, type Driver } from "./driver.ts";
import { refused } from "./refused.ts";
import { ALL_SEATS, ARTEFACT, CONFIG, Fault, mined, MODEL_ROOT, must, SEATS, State } from "./world.ts";

/** What was signed for one chain, ledger, federation, round, parent or attempt is worth nothing for another. */
describe("Rounds: replays", () => {
  let d: Driver;
  beforeEach(async () => {
    d = await fresh();
  });

  const otherDomains = async (): Promise<Domain[]> => [
    { ...d.kernel.domain, chainId: 1 },
    { ...d.kernel.domain, verifyingContract: (await d.kernel.settlement.getAddress()) as Hex },
    { ...d.kernel.domain, version: "2" as "1" },
    { ...d.kernel.domain, name: "Chongwen2" as "Chongwen" },
  ];
  const first = () => must(d.kernel.operatorKeys[0]).address;

  it("test_seal_quorumForAnotherChainOrLedger_reverts", async () => {
    await d.untilSealable();
    const open = await d.openRound();
    const sent = d.prepareSeal(open, d.entries(ALL_SEATS, open));
    for (const domain of await otherDomains()) {
      await refused(d.sendSeal(sent, d.sealQuorum(sent.seal, [0, 1, 2], domain)), d.kernel.operators, "OperatorsBadSignature", 0, first());
    }
  });

  it("test_report_quorumForAnotherChainOrLedger_reverts", async () => {
    await d.seal();
    const sent = await d.prepareReport();
    for (const domain of await otherDomains()) {
      await refused(d.sendReport(sent, d.reportQuorum(sent.report, [0, 1, 2], domain)), d.kernel.operators, "OperatorsBadSignature", 0, first());
    }
  });

  it("test_seal_quorumForAnotherStatement_reverts", async () => {
    await d.untilSealable();
    const open = await d.openRound();
    const sent = d.prepareSeal(open, d.entries(ALL_SEATS, open));
    for (const change of [{ federation: 2 }, { round: 2 }, { attempt: 1 }, { parentReportHash: d.bytes32() }, { configHash: d.bytes32() }]) {
      await refused(d.sendSeal(sent, d.sealQuorum({ ...sent.seal, ...change })), d.kernel.operators, "OperatorsBadSignature");
    }
    // The two federations have the same configuration, seats and round number.
    await d.untilSealable(2);
    await refused(d.kernel.rounds.seal(2, sent.input, d.sealQuorum(sent.seal)), d.kernel.operators, "OperatorsBadSignature");
    expect(await d.state(1, 2)).to.equal(State.None);
  });

  it("test_report_quorumForAnotherFederation_reverts", async () => {
    await d.seal(ALL_SEATS);
    await d.seal(ALL_SEATS, 2);
    const { report, input } = await d.prepareReport(1);
    await refused(d.kernel.rounds.report(2, input, d.reportQuorum(report)), d.kernel.operators, "OperatorsBadSignature");
  });

  it("test_seal_quorumOfTheRoundBefore_reverts", async () => {
    const { seal, input } = await d.seal();
    await d.report();
    await d.untilSealable();
    await refused(d.kernel.rounds.seal(1, input, d.sealQuorum(seal)), d.kernel.operators, "OperatorsBadSignature");
  });

  it("test_seal_quorumOfVoidedRound_reverts", async () => {
    const { seal, input } = await d.seal();
    await d.untilDeadline(1);
    await d.kernel.rounds.void(1, 1);
    await d.untilSealable();
    await refused(d.kernel.rounds.seal(1, input, d.sealQuorum(seal)), d.kernel.operators, "OperatorsBadSignature");
  });

  it("test_seal_quorumOfOverturnedAttempt_reverts", async () => {
    const { seal, input } = await d.seal();
    await d.overturn(1, Fault.Seal);
    await d.untilSealable();
    await refused(d.kernel.rounds.seal(1, input, d.sealQuorum(seal)), d.kernel.operators, "OperatorsBadSignature");
  });

  it("test_report_quorumOfOverturnedAttempt_reverts", async () => {
    await d.seal();
    const { report, input } = await d.report();
    await d.overturn(1, Fault.Report);
    await refused(d.kernel.rounds.report(1, input, d.reportQuorum(report)), d.kernel.operators, "OperatorsBadSignature");
  });

  it("test_report_quorumForTheSetBeforeAWithdrawal_reverts", async () => {
    // The attempt is the same, the set is not: a report binds the weights.
    await d.seal(ALL_SEATS);
    const { report, input } = await d.prepareReport();
    await d.withdrawConsent();
    await d.kernel.rounds.reopen(1);
    await d.seal(ALL_SEATS);
    await refused(d.kernel.rounds.report(1, input, d.reportQuorum(report)), d.kernel.operators, "OperatorsBadSignature");
  });

  it("test_seal_quorumPinsReplacedParent_reverts", async () => {
    await d.runRound();
    await d.untilSealable();
    const open = await d.openRound();
    const sent = d.prepareSeal(open, d.entries(ALL_SEATS, open));
    await d.overturn(1, Fault.Report);
    await d.report();
    await d.untilSealable();
    await refused(d.sendSeal(sent), d.kernel.operators, "OperatorsBadSignature");
    // Round 2 on the new report.
    expect((await d.seal()).round).to.equal(2);
  });

  it("test_seal_reportSignaturesAsSeal_reverts", async () => {
    // Types are part of what is signed.
    await d.untilSealable();
    const open = await d.openRound();
    const sent = d.prepareSeal(open, d.entries([...SEATS.exempt, 2], open));
    const { report } = await d.prepareReport();
    await refused(d.sendSeal(sent, d.reportQuorum(report)), d.kernel.operators, "OperatorsBadSignature");
  });

  it("test_seal_onAnotherLedgerOfTheSameKernel_reverts", async () => {
    // A second ledger over the same registries and operators: same chain, federation, round, parent and configuration.
    const { ethers, contributors, seats, operators, deployer, rounds } = d.kernel;
    const other = await ethers.deployContract("Rounds", [deployer.address, contributors, seats, operators]);
    await other.createFederation(CONFIG, MODEL_ROOT, ARTEFACT);
    expect((await other.roundOf(1, 0)).hash).to.equal((await d.round(0)).hash);
    await d.untilSealable();
    const open = await d.openRound();
    const sent = d.prepareSeal(open, d.entries(ALL_SEATS, open));
    await d.kernel.helpers.time.increase(60);
    await refused(other.seal(1, sent.input, d.sealQuorum(sent.seal)), operators, "OperatorsBadSignature");
    await mined(rounds.seal(1, sent.input, d.sealQuorum(sent.seal)));
  });
});
