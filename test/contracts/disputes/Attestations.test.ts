import { expect } from "chai";
import { ethers as E, type Wallet } from "ethers";

import { toHex, type Hex } from "../../../protocol/bytes.ts";
import { attestationDigest, type Attestation } from "../../../protocol/faults/attestation.ts";
import { encodeReportProof } from "../../../protocol/faults/demand.ts";
import { createDomain, digestOf, reportHash, type Domain } from "../../../protocol/index.ts";
import { fresh, type Driver, type Quorum } from "../rounds/driver.ts";
import { refused } from "../rounds/refused.ts";
import { BOND, CONFIG, Fault, mined, must, SHU, State, VoidReason, walletOf } from "../rounds/world.ts";
import { MODEL, openDemands, reportAgain, reportRound, UPDATE, type Reported, type RoundOptions } from "./demand-driver.ts";

const ATTESTED = { ...CONFIG, finality: 1, approvalWindow: 100 };
const GOVERNED = { ...CONFIG, finality: 2, approvalWindow: 100 };

const ascending = (wallets: Wallet[]) => wallets.toSorted((a, b) => (BigInt(a.address) < BigInt(b.address) ? -1 : 1));

describe("Attestations", () => {
  const board = ascending(Array.from({ length: 3 }, (_, i) => walletOf(`attester ${i}`)));
  let d: Driver;
  let a: Awaited<ReturnType<typeof deploy>>;
  let domain: Domain;
  const deploy = async () => await d.kernel.ethers.deployContract("Attestations", [d.kernel.deployer, d.kernel.rounds, d.kernel.operators]);
  beforeEach(async () => {
    d = await fresh();
    a = await deploy();
    await d.kernel.rounds.changeJudge(a, true);
    await appoint(board, 2);
    domain = createDomain(d.kernel.chainId, a.target as Hex);
  });

  const appoint = async (wallets: readonly Wallet[], threshold: number, federation = 1) =>
    await a.appoint(federation, wallets.map(({ address }) => address), threshold);
  /** Reports a round under this configuration. */
  const under = async (config: typeof CONFIG, options: RoundOptions = {}) => {
    await d.kernel.rounds.reconfigure(1, config);
    return await reportRound(d, { ...options, config });
  };
  const statementOf = ({ report }: Reported): Attestation => {
    const { federation, round, attempt } = report;
    return { federation, round, attempt, reportHash: reportHash(report) };
  };
  const sign = (digest: Hex, keys: readonly Wallet[], chosen: readonly number[]): Quorum => ({
    signers: chosen.reduce((bits, i) => bits + 2 ** i, 0),
    signatures: E.concat(chosen.map((i) => must(keys[i]).signingKey.sign(digest).compactSerialized)),
  });
  const quorumOf = (r: Reported, chosen: readonly number[] = [0, 2], keys: readonly Wallet[] = board, change: Partial<Attestation> = {}, of = domain) =>
    sign(attestationDigest(of, { ...statementOf(r), ...change }), keys, chosen);
  const proofOf = (r: Reported) => toHex(encodeReportProof(r.opened));
  const attest = (r: Reported, quorum = quorumOf(r), proof = proofOf(r)) => a.connect(d.kernel.outsider).attest(r.federation, r.round, quorum, proof);
  const approve = (r: Reported, proof = proofOf(r), attempt = r.report.attempt) => a.approve(r.federation, r.round, attempt, proof);
  const holds = async (round = 1) => Number((await d.round(round)).holds);

  // --- attesters ---

  it("test_appoint_notOwner_reverts", async () => {
    const { outsider } = d.kernel;
    await refused(a.connect(outsider).appoint(1, [], 0), a, "OwnableUnauthorizedAccount", outsider.address);
  });

  it("test_appoint_badThreshold_reverts", async () => {
    for (const [size, threshold] of [[3, 0], [3, 4], [0, 1]] as const) {
      await refused(appoint(board.slice(0, size), threshold), a, "AttestationsBadThreshold", threshold, size);
    }
    const many = ascending(Array.from({ length: 33 }, (_, i) => walletOf(`many ${i}`)));
    await refused(appoint(many, 1), a, "AttestationsTooMany", 33, 32);
    await mined(appoint(many.slice(0, 32), 32));
  });

  it("test_appoint_notAscending_reverts", async () => {
    const [low, middle, high] = board.map(({ address }) => address) as [string, string, string];
    const lists: [string[], string][] = [[[low, high, middle], middle], [[low, low], low], [[E.ZeroAddress, low], E.ZeroAddress]];
    for (const [list, wrong] of lists) {
      await refused(a.appoint(1, list, 1), a, "AttestationsNotAscending", wrong);
    }
  });

  it("test_appoint_replacesAndDismisses_succeeds", async () => {
    const other = ascending([walletOf("other"), walletOf("another")]);
    const addresses = other.map(({ address }) => address);
    await expect(appoint(other, 1)).to.emit(a, "AttestersAppointed").withArgs(1, addresses, 1);
    expect(await a.attestersOf(1)).to.deep.equal(addresses);
    const { size, threshold } = await a.boardOf(1);
    expect([size, threshold, await a.attestersOf(2)]).to.deep.equal([2n, 1n, []]);
    const r = await under(ATTESTED);
    await refused(attest(r), a, "OperatorsUnknownSigners", 5, 2);
    await mined(appoint([], 0));
    expect([await a.attestersOf(1), (await a.boardOf(1)).signers]).to.deep.equal([[], E.ZeroAddress]);
    // A quorum of nobody, or of those who were there.
    for (const quorum of [{ signers: 0, signatures: "0x" }, quorumOf(r, [0], other)]) await refused(attest(r, quorum), a, "AttestationsNoAttesters", 1);
    await mined(appoint(board, 2));
    await mined(attest(r));
  });

  // --- attest ---

  it("test_attest_releasesTheHold_succeeds", async () => {
    const { rounds } = d.kernel;
    const r = await under(ATTESTED);
    expect([await holds(), await a.isAttested(1, 1, 0)]).to.deep.equal([1, false]);
    await d.untilDeadline(1);
    await refused(rounds.finalise(1, 1), rounds, "RoundsHeld", 1);
    const call = attest(r);
    await expect(call).to.emit(a, "RoundAttested").withArgs(1, 1, 0, reportHash(r.report), 5);
    await expect(call).to.emit(rounds, "RoundReleased").withArgs(1, 1, a.target, 0);
    expect([await holds(), await a.isAttested(1, 1, 0), await a.isApproved(1, 1, 0)]).to.deep.equal([0, true, false]);
    expect([await a.isAttested(2, 1, 0), await a.isAttested(1, 2, 0), await a.isAttested(1, 1, 1)]).to.deep.equal([false, false, false]);
    await mined(rounds.finalise(1, 1));
  });

  it("test_attest_digestIsTypedData_succeeds", async () => {
    const r = await under(ATTESTED);
    const { federation, round, attempt, reportHash: hash } = statementOf(r);
    expect(await a.attestationDigest(federation, round, attempt, hash)).to.equal(attestationDigest(domain, statementOf(r)));
    expect((await a.eip712Domain()).slice(1, 5)).to.deep.equal(["Chongwen", "1", BigInt(d.kernel.chainId), a.target]);
  });

  it("test_attest_beforeTheWindowEnds_doesNotShortenIt_succeeds", async () => {
    const { rounds } = d.kernel;
    await mined(attest(await under(ATTESTED)));
    const { deadline } = await d.round(1);
    await refused(rounds.finalise(1, 1), rounds, "RoundsWindowOpen", deadline);
    await d.overturn(1);
  });

  it("test_attest_noQuorum_reverts", async () => {
    const r = await under(ATTESTED);
    await refused(attest(r, quorumOf(r, [1])), a, "OperatorsNoQuorum", 1, 2);
    await refused(attest(r, quorumOf(r, [0, 1], [must(board[0]), walletOf("stranger")])), a, "OperatorsBadSignature", 1, must(board[1]).address);
    await mined(attest(r, quorumOf(r, [0, 1, 2])));
  });

  it("test_attest_oneFieldNotAsSigned_reverts", async () => {
    const r = await under(ATTESTED);
    for (const change of [{ federation: 2 }, { round: 2 }, { attempt: 1 }, { reportHash: d.bytes32() }]) {
      await refused(attest(r, quorumOf(r, [0, 2], board, change)), a, "OperatorsBadSignature");
    }
    const { chainId, domain: ledger } = d.kernel;
    const elsewhere = [createDomain(chainId + 1, a.target as Hex), ledger, createDomain(chainId, (await (await deploy()).getAddress()) as Hex)];
    for (const of of elsewhere) await refused(attest(r, quorumOf(r, [0, 2], board, {}, of)), a, "OperatorsBadSignature");
    // What a quorum of operators signs is no attestation.
    await refused(attest(r, sign(digestOf(domain, "Report", r.report), board, [0, 2])), a, "OperatorsBadSignature");
  });

  it("test_attest_attestersOfAnotherFederation_reverts", async () => {
    const r = await under(ATTESTED);
    const other = ascending([walletOf("other"), walletOf("another")]);
    await appoint(other, 1, 2);
    await refused(attest(r, quorumOf(r, [0, 1], other)), a, "OperatorsBadSignature");
  });

  it("test_attest_signerOfTheReport_reverts", async () => {
    // Operators 0, 1 and 2 report. Who sat in the same epoch and did not sign may vouch.
    const { operatorKeys } = d.kernel;
    await appoint(operatorKeys, 1);
    const r = await under(ATTESTED);
    for (const i of [0, 1, 2]) {
      await refused(attest(r, quorumOf(r, [i], operatorKeys)), a, "AttestationsReporter", must(operatorKeys[i]).address);
      await refused(attest(r, quorumOf(r, [i, 3], operatorKeys)), a, "AttestationsReporter", must(operatorKeys[i]).address);
    }
    await mined(attest(r, quorumOf(r, [3], operatorKeys)));
  });

  it("test_attest_signerOfTheReportInAnEarlierEpoch_reverts", async () => {
    const { operatorKeys, operators } = d.kernel;
    await appoint(operatorKeys, 1);
    const r = await under(ATTESTED, { reporters: [1, 2, 3] });
    await operators.formEpoch(operatorKeys.map(({ address }) => address), 4, 20, 4);
    await refused(attest(r, quorumOf(r, [3], operatorKeys)), a, "AttestationsReporter", must(operatorKeys[3]).address);
    await mined(attest(r, quorumOf(r, [0], operatorKeys)));
  });

  it("test_attest_signerOfTheReportThatDidNotSealIt_reverts", async () => {
    // The set of the report's epoch counts: here it has one whom the seal's had not.
    const { ethers, helpers, token, operators, operatorKeys, domain: ledger } = d.kernel;
    const newcomer = walletOf("newcomer").connect(ethers.provider);
    await helpers.setBalance(newcomer.address, 10n ** 20n);
    await token.connect(must(operatorKeys[0]).connect(ethers.provider)).transfer(newcomer, BOND * 40n);
    await operators.admit(newcomer, 1);
    await token.connect(newcomer).approve(operators, BOND * 40n);
    await operators.connect(newcomer).bond(BOND * 40n);
    const r = await under(ATTESTED);
    await d.overturn(1);
    const keys = ascending([walletOf("newcomer"), ...operatorKeys.slice(1)]);
    await operators.formEpoch(keys.map(({ address }) => address), 4, 20, 4);
    const { report, input } = await d.prepareReport(1, { modelRoot: r.report.modelRoot });
    await mined(d.sendReport({ report, input }, sign(digestOf(ledger, "Report", report), keys, [0, 1, 2, 3])));
    const again = { ...r, report, opened: { ...r.opened, report } };
    const attesters = ascending([walletOf("newcomer"), must(operatorKeys[0])]);
    await appoint(attesters, 1);
    const at = attesters.findIndex(({ address }) => address === newcomer.address);
    await refused(attest(again, quorumOf(again, [at], attesters)), a, "AttestationsReporter", newcomer.address);
    await mined(attest(again, quorumOf(again, [1 - at], attesters)));
  });

  it("test_attest_loneReporter_reverts", async () => {
    const { ethers, rounds, token, treasury, operatorKeys } = d.kernel;
    const lone = await ethers.deployContract("LoneReports", [rounds, token, treasury, SHU]);
    await rounds.changeLoneReports(lone);
    await appoint(operatorKeys, 1);
    const r = await under(ATTESTED);
    await d.overturn(1);
    const { deadline } = await d.round(1);
    await d.at(deadline - BigInt(CONFIG.reportWindow / 2));
    const { report, input } = await d.prepareReport(1, { modelRoot: r.report.modelRoot });
    const reporter = must(operatorKeys[2]).connect(ethers.provider);
    await token.connect(reporter).approve(lone, SHU);
    await mined(lone.connect(reporter).report(1, input));
    const again = { ...r, report, opened: { ...r.opened, report } };
    expect((await d.round(1)).reportEpoch).to.equal(0n);
    await refused(attest(again, quorumOf(again, [2], operatorKeys)), a, "AttestationsReporter", reporter.address);
    // With the place of such reports changed, nobody can tell.
    for (const other of [await ethers.deployContract("LoneReports", [rounds, token, treasury, SHU]), E.ZeroAddress]) {
      await rounds.changeLoneReports(other);
      await refused(attest(again, quorumOf(again, [1], operatorKeys)), a, "AttestationsReporterUnknown", 1, 1, 1);
    }
    await rounds.changeLoneReports(lone);
    await mined(attest(again, quorumOf(again, [1], operatorKeys)));
  });

  it("test_attest_twice_reverts", async () => {
    const r = await under(ATTESTED);
    const x = await openDemands(d);
    await mined(x.demand(r, MODEL));
    await mined(attest(r));
    await refused(attest(r), a, "AttestationsRepeated", 1, 1, 0);
    await refused(attest(r, quorumOf(r, [1, 2])), a, "AttestationsRepeated", 1, 1, 0);
    expect(await holds()).to.equal(1);
  });

  it("test_attest_nextAttemptNeedsItsOwn_succeeds", async () => {
    const r = await under(ATTESTED);
    await mined(attest(r));
    await d.overturn(1);
    const again = await reportAgain(d, r);
    expect([await holds(), await a.isAttested(1, 1, 1)]).to.deep.equal([1, false]);
    await refused(attest(again, quorumOf(r)), a, "OperatorsBadSignature");
    await mined(attest(again));
    expect([await holds(), await a.isAttested(1, 1, 0), await a.isAttested(1, 1, 1)]).to.deep.equal([0, true, true]);
  });

  it("test_attest_roundNotReported_reverts", async () => {
    const { rounds } = d.kernel;
    const r = await under(ATTESTED);
    const elsewhere = { ...r, round: 2 };
    await refused(attest(elsewhere, quorumOf(elsewhere, [0, 2], board, { reportHash: E.ZeroHash as Hex })), a, "RoundHeaderWrongState", State.None);
    await d.overturn(1);
    const statement = { attempt: 1, reportHash: r.report.sealHash };
    await refused(attest(r, quorumOf(r, [0, 2], board, statement)), a, "RoundHeaderWrongState", State.Sealed);
    const again = await reportAgain(d, r);
    await mined(attest(again));
    await d.finalise(1);
    await refused(attest(again), a, "RoundHeaderWrongState", State.Final);
    expect(await rounds.liveUnits()).to.equal(0n);
  });

  it("test_attest_everyByteOfTheProof_reverts", async () => {
    const r = await under(ATTESTED);
    const proof = proofOf(r);
    for (const [wrong, length] of [[`${proof}00`, 490], [E.dataSlice(proof, 0, 488), 488], ["0x", 0]] as const) {
      await refused(attest(r, quorumOf(r), wrong as Hex), a, "AttestationsProofLength", length, 489);
    }
    const quorum = quorumOf(r);
    for (let at = 0; at < 489; at += 3) {
      const bytes = E.getBytes(proof);
      bytes[at]! ^= 1;
      await refused(a.attest.staticCall(1, 1, quorum, bytes), a, "RoundHeaderMismatch");
    }
  });

  // --- approve ---

  it("test_approve_notOwner_reverts", async () => {
    const { outsider } = d.kernel;
    const r = await under(GOVERNED);
    await refused(a.connect(outsider).approve(1, 1, 0, proofOf(r)), a, "OwnableUnauthorizedAccount", outsider.address);
  });

  it("test_approve_withTheAttestation_inAnyOrder_succeeds", async () => {
    const { rounds } = d.kernel;
    for (const [i, first] of (["attest", "approve"] as const).entries()) {
      const r = await under(GOVERNED);
      const release = {
        attest: () => attest(r),
        approve: async () => {
          const call = approve(r);
          await expect(call).to.emit(a, "RoundApproved").withArgs(1, i + 1, 0, reportHash(r.report));
          return await call;
        },
      };
      await mined(release[first]());
      await d.untilDeadline(r.round);
      await refused(rounds.finalise(1, r.round), rounds, "RoundsHeld", 1);
      await mined(release[first === "attest" ? "approve" : "attest"]());
      expect([await a.isAttested(1, r.round, 0), await a.isApproved(1, r.round, 0)]).to.deep.equal([true, true]);
      await mined(rounds.finalise(1, r.round));
    }
  });

  it("test_approve_twice_reverts", async () => {
    const r = await under(GOVERNED);
    await mined(approve(r));
    await refused(approve(r), a, "AttestationsRepeated", 1, 1, 0);
    expect([await holds(), await a.isAttested(1, 1, 0)]).to.deep.equal([1, false]);
  });

  it("test_approve_otherAttempt_reverts", async () => {
    // What was voted on is one report: after a fault it is another.
    const r = await under(GOVERNED);
    await d.overturn(1);
    const again = await reportAgain(d, r);
    await refused(approve(again, proofOf(again), 0), a, "AttestationsOtherAttempt", 0, 1);
    await refused(approve(again, proofOf(r)), a, "RoundHeaderMismatch");
    await mined(approve(again));
  });

  it("test_approve_roundNotReported_reverts", async () => {
    const r = await under(GOVERNED);
    await d.overturn(1);
    await refused(approve(r, proofOf(r), 1), a, "RoundHeaderWrongState", State.Sealed);
  });

  // --- never more than the report began with ---

  it("test_attest_notNeeded_leavesADemandsHold_reverts", async () => {
    // Nothing waits for attesters here; the hold is a demand's.
    const r = await under(CONFIG);
    const x = await openDemands(d);
    await mined(x.demand(r, MODEL));
    await refused(attest(r), a, "AttestationsNotNeeded", 0);
    await refused(approve(r), a, "AttestationsNotNeeded", 0);
    expect(await holds()).to.equal(1);
    await d.untilDeadline(1);
    await refused(d.kernel.rounds.finalise(1, 1), d.kernel.rounds, "RoundsHeld", 1);
  });

  it("test_approve_ofAnAttestedRound_leavesADemandsHold_reverts", async () => {
    const r = await under(ATTESTED);
    const x = await openDemands(d);
    await mined(x.demand(r, MODEL));
    await mined(attest(r));
    await refused(approve(r), a, "AttestationsNotNeeded", 1);
    expect(await holds()).to.equal(1);
  });

  it("test_release_allThatAttestersAndGovernanceCan_leavesDemandsHolds_succeeds", async () => {
    const { rounds } = d.kernel;
    const r = await under(GOVERNED);
    const x = await openDemands(d, { plainOpen: 10 });
    for (const wanted of [MODEL, UPDATE]) await mined(x.demand(r, wanted));
    expect(await holds()).to.equal(4);
    await mined(attest(r));
    await mined(approve(r));
    await refused(attest(r), a, "AttestationsRepeated");
    await refused(approve(r), a, "AttestationsRepeated");
    expect(await holds()).to.equal(2);
    await mined(x.answer(r, UPDATE));
    await d.untilDeadline(1);
    await refused(rounds.finalise(1, 1), rounds, "RoundsHeld", 1);
    await mined(x.expire(r, MODEL));
  });

  it("test_attest_reconfiguredSince_followsTheSealedConfiguration_succeeds", async () => {
    const { rounds } = d.kernel;
    const x = await openDemands(d, { plainOpen: 10 });
    const governed = await under(GOVERNED);
    await rounds.reconfigure(1, CONFIG);
    const automatic = await reportRound(d);
    await rounds.reconfigure(1, GOVERNED);
    await mined(x.demand(automatic, MODEL));
    expect([await holds(1), await holds(2)]).to.deep.equal([2, 1]);
    await refused(attest(automatic), a, "AttestationsNotNeeded", 0);
    await refused(approve(automatic), a, "AttestationsNotNeeded", 0);
    await mined(attest(governed));
    await mined(approve(governed));
    expect([await holds(1), await holds(2)]).to.deep.equal([0, 1]);
    // Overturned, a round of an older configuration is not done again: it cannot start with another number of holds.
    await d.overturn(2, Fault.Report);
    expect(await d.state(2)).to.equal(State.Void);
  });

  it("test_finality_nobodyAttests_roundIsVoid_succeeds", async () => {
    const { rounds } = d.kernel;
    const r = await under(ATTESTED);
    await d.at((await d.round(1)).deadline + BigInt(CONFIG.reportWindow + ATTESTED.approvalWindow));
    await expect(rounds.void(1, 1)).to.emit(rounds, "RoundVoided").withArgs(1, 1, VoidReason.NeverReleased);
    await refused(attest(r), a, "RoundHeaderWrongState", State.Void);
  });

  it("test_attest_notJudge_reverts", async () => {
    const r = await under(ATTESTED);
    await d.kernel.rounds.changeJudge(a, false);
    await refused(attest(r), d.kernel.rounds, "RoundsNotJudge", a.target);
    expect(await a.isAttested(1, 1, 0)).to.equal(false);
  });
});
