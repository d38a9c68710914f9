import { expect } from "chai";
import { ethers as E, type BaseContract } from "ethers";

import { loadGovernance, must, ProposalState, Vote, type Action, type Governance } from "./world.ts";

const DAY = 86_400n;

describe("Governance: proposals", () => {
  let g: Governance;
  beforeEach(async () => {
    g = await loadGovernance();
  });

  const call = async (name: keyof Governance["kernel"], method: string, args: unknown[]): Promise<Action> => {
    const contract: BaseContract = g.kernel[name];
    return { target: await contract.getAddress(), data: contract.interface.encodeFunctionData(method, args) };
  };
  const admit = async () => await call("contributors", "admitOrganisation", [g.outsider.address, g.officers[0].address, g.officers[1].address, 0]);
  /** A dataset that waits for a decision; its organisation was admitted by one. */
  const proposedDataset = async () => {
    await (await g.enact([await admit()], "admit")).executed;
    await g.datasets.connect(g.officers[0]).propose(1, {
      card: E.id("card"),
      ethicsExpiry: (await g.now()) + 365n * DAY,
      consentVersion: 1,
      records: 100,
      privacyCap: 0,
      exempt: true,
      licence: "CC-BY-4.0",
      legalBasis: "public",
      ethicsApproval: "none needed",
    });
    return await call("datasets", "approve", [1]);
  };
  const state = async (id: bigint) => await g.governor.state(id);
  const statusOf = async () => (await g.datasets.datasetOf(1)).status;

  it("test_propose_voteQueueExecute_succeeds", async () => {
    const { governor, datasets, members, timelock } = g;
    const actions = [await proposedDataset()];
    expect(await statusOf()).to.equal(1n);
    const id = await g.propose(actions);
    expect(await state(id)).to.equal(ProposalState.Pending);
    await g.toVote(id);
    expect(await state(id)).to.equal(ProposalState.Active);
    await governor.connect(members[0]).castVoteWithReason(id, Vote.for, "More patients");
    await governor.connect(members[1]).castVote(id, Vote.against);
    await governor.connect(members[2]).castVote(id, Vote.for);
    await g.toEnd(id);
    expect(await state(id)).to.equal(ProposalState.Succeeded);
    await g.queue(actions);
    expect(await state(id)).to.equal(ProposalState.Queued);
    expect(await governor.proposalEta(id)).to.equal((await g.now()) + (await timelock.getMinDelay()));
    await g.toExecution(id);
    await expect(g.execute(actions)).to.emit(datasets, "DatasetStatusChanged").withArgs(1, 2);
    expect(await state(id)).to.equal(ProposalState.Executed);
    expect(await statusOf()).to.equal(2n);
    await expect(g.execute(actions)).to.be.revertedWithCustomError(governor, "GovernorUnexpectedProposalState");
  });

  it("test_propose_federationThroughTimelock_succeeds", async () => {
    const { rounds } = g;
    const f = g.manifest.federation;
    const config = [1, 0, 1, 0, 2, true, 0, E.id("spec"), E.ZeroHash, 1, f.maxSeats, 3, 3300, 0, 0, 2, 120, 3, 3, 2, f.poolPerRound, 0, 0];
    const { executed } = await g.enact([await call("rounds", "createFederation", [config, E.id("model"), E.id("artefact")])]);
    await expect(executed).to.emit(rounds, "FederationCreated");
    expect(await rounds.federationCount()).to.equal(1n);
    const reconfigured = [...config];
    reconfigured[19] = 5;
    await (await g.enact([await call("rounds", "reconfigure", [1, reconfigured])], "settle less often")).executed;
    expect((await rounds.settlementRuleOf(1)).settleEvery).to.equal(5n);
  });

  it("test_propose_severalActionsOneFails_reverts", async () => {
    // All or nothing.
    const actions = [await proposedDataset(), await call("datasets", "approve", [2])];
    const id = await g.pass(actions);
    await g.toExecution(id);
    await expect(g.execute(actions)).to.be.revertedWithCustomError(g.datasets, "DatasetsUnknown");
    expect(await statusOf()).to.equal(1n);
  });

  it("test_propose_changesItsOwnRules_succeeds", async () => {
    const { governor, timelock } = g;
    await (await g.enact([await call("governor", "setVotingPeriod", [60]), await call("timelock", "updateDelay", [30])])).executed;
    expect(await governor.votingPeriod()).to.equal(60n);
    expect(await timelock.getMinDelay()).to.equal(30n);
  });

  it("test_propose_belowThreshold_reverts", async () => {
    const { governor, outsider, token, members } = g;
    const actions = [await admit()];
    await expect(governor.connect(outsider).propose(...g.parts(actions), "mine")).to.be.revertedWithCustomError(governor, "GovernorInsufficientProposerVotes");
    const threshold = await governor.proposalThreshold();
    await token.connect(members[0]).transfer(outsider, threshold);
    await token.connect(outsider).delegate(outsider);
    await g.helpers.mine();
    await governor.connect(outsider).propose(...g.parts(actions), "mine");
  });

  it("test_queue_defeated_reverts", async () => {
    const { governor, members } = g;
    const actions = [await admit()];
    for (const [description, votes] of [
      ["nobody came", []],
      ["a tie", [[members[0], Vote.for], [members[1], Vote.against]]],
      ["abstained only", [[members[0], Vote.abstain]]],
    ] as const) {
      const id = await g.propose(actions, description);
      await g.toVote(id);
      for (const [voter, support] of votes) await governor.connect(voter).castVote(id, support);
      await g.toEnd(id);
      expect(await state(id), description).to.equal(ProposalState.Defeated);
      await expect(g.queue(actions, description)).to.be.revertedWithCustomError(governor, "GovernorUnexpectedProposalState");
    }
  });

  it("test_queue_belowQuorum_reverts", async () => {
    const { governor, token, members, outsider } = g;
    const supply = await token.totalSupply();
    await token.connect(members[2]).transfer(outsider, (supply * 4n) / 100n - 1n);
    await token.connect(outsider).delegate(outsider);
    await g.helpers.mine();
    const actions = [await admit()];
    const id = await g.propose(actions);
    await g.toVote(id);
    await governor.connect(outsider).castVote(id, Vote.for);
    await g.toEnd(id);
    expect(await state(id)).to.equal(ProposalState.Defeated);
  });

  it("test_castVote_twice_reverts", async () => {
    const { governor, members } = g;
    const id = await g.propose([await admit()]);
    await g.toVote(id);
    await governor.connect(members[0]).castVote(id, Vote.for);
    await expect(governor.connect(members[0]).castVote(id, Vote.for)).to.be.revertedWithCustomError(governor, "GovernorAlreadyCastVote");
  });

  it("test_castVote_movedTokens_succeeds", async () => {
    // Votes are those at the snapshot: tokens that vote once and move on count once.
    const { governor, token, members, outsider } = g;
    const id = await g.propose([await admit()]);
    await g.toVote(id);
    await governor.connect(members[0]).castVote(id, Vote.for);
    await token.connect(members[0]).transfer(outsider, await token.balanceOf(members[0]));
    await token.connect(outsider).delegate(outsider);
    await governor.connect(outsider).castVote(id, Vote.for);
    const { forVotes } = await governor.proposalVotes(id);
    expect(forVotes).to.equal(must(g.manifest.allocations.find(({ account }) => account === members[0].address)).amount);
  });

  describe("flash loans", () => {
    const flash = async () => {
      const { ethers, token, governor, members } = g;
      const attacker = await ethers.deployContract("MockFlashGovernor", [token, governor]);
      const lender = members[0];
      await token.connect(lender).approve(attacker, E.MaxUint256);
      return { attacker, lender, amount: await token.balanceOf(lender) };
    };

    it("test_castVote_flashLoan_succeeds", async () => {
      const { attacker, lender, amount } = await flash();
      const id = await g.propose([await admit()], "flash vote", g.members[1]);
      await g.toVote(id);
      await attacker.vote(lender, amount, id);
      expect((await g.governor.proposalVotes(id)).forVotes).to.equal(0n);
      await g.toEnd(id);
      expect(await state(id)).to.equal(ProposalState.Defeated);
    });

    it("test_propose_flashLoan_reverts", async () => {
      const { attacker, lender, amount } = await flash();
      const { target, data } = await admit();
      await expect(attacker.propose(lender, amount, target, data)).to.be.revertedWithCustomError(g.governor, "GovernorInsufficientProposerVotes");
    });
  });

  describe("late quorum", () => {
    it("test_castVote_quorumInTheLastSecond_succeeds", async () => {
      const { governor, members, helpers } = g;
      const actions = [await admit()];
      const id = await g.propose(actions);
      const deadline = await governor.proposalDeadline(id);
      await g.toVote(id);
      await helpers.time.setNextBlockTimestamp(deadline);
      await expect(governor.connect(members[0]).castVote(id, Vote.for)).to.emit(governor, "ProposalExtended");
      const extended = deadline + BigInt(g.manifest.kernel.governor.lateQuorumExtension);
      expect(await governor.proposalDeadline(id)).to.equal(extended);
      // The others have time to answer.
      await governor.connect(members[1]).castVote(id, Vote.against);
      await governor.connect(members[2]).castVote(id, Vote.against);
      await g.toEnd(id);
      expect(await state(id)).to.equal(ProposalState.Defeated);
    });

    it("test_castVote_quorumEarly_succeeds", async () => {
      const { governor, members } = g;
      const id = await g.propose([await admit()]);
      const deadline = await governor.proposalDeadline(id);
      await g.toVote(id);
      await governor.connect(members[0]).castVote(id, Vote.for);
      expect(await governor.proposalDeadline(id)).to.equal(deadline);
    });

    it("test_castVote_afterTheDeadline_reverts", async () => {
      const { governor, members, helpers } = g;
      const id = await g.propose([await admit()]);
      await helpers.time.setNextBlockTimestamp((await governor.proposalDeadline(id)) + 1n);
      await expect(governor.connect(members[0]).castVote(id, Vote.for)).to.be.revertedWithCustomError(governor, "GovernorUnexpectedProposalState");
    });
  });

  describe("ways around the timelock", () => {
    it("test_execute_beforeTheDelay_reverts", async () => {
      const { governor, timelock, helpers } = g;
      const actions = [await proposedDataset()];
      const id = await g.pass(actions);
      const eta = await governor.proposalEta(id);
      await helpers.time.setNextBlockTimestamp(eta - 1n);
      await expect(g.execute(actions)).to.be.revertedWithCustomError(timelock, "TimelockUnexpectedOperationState");
      await helpers.time.setNextBlockTimestamp(eta);
      await g.execute(actions);
    });

    it("test_execute_notQueued_reverts", async () => {
      const { governor, members } = g;
      const actions = [await admit()];
      const id = await g.propose(actions);
      await expect(g.execute(actions)).to.be.revertedWithCustomError(governor, "GovernorUnexpectedProposalState");
      await g.toVote(id);
      for (const member of members) await governor.connect(member).castVote(id, Vote.for);
      await expect(g.queue(actions)).to.be.revertedWithCustomError(governor, "GovernorUnexpectedProposalState");
      await g.toEnd(id);
      await expect(g.execute(actions)).to.be.revertedWithCustomError(governor, "GovernorUnexpectedProposalState");
    });

    it("test_execute_otherThanWhatPassed_reverts", async () => {
      const { governor } = g;
      const actions = [await admit()];
      const id = await g.pass(actions);
      await g.toExecution(id);
      const other = [await call("contributors", "admitOrganisation", [g.deployer.address, g.officers[0].address, g.officers[1].address, 0])];
      await expect(g.execute(other)).to.be.revertedWithCustomError(governor, "GovernorNonexistentProposal");
      await expect(g.execute(actions, "other words")).to.be.revertedWithCustomError(governor, "GovernorNonexistentProposal");
    });

    it("test_timelock_directCalls_reverts", async () => {
      const { timelock, members, outsider, council } = g;
      const { target, data } = await admit();
      for (const caller of [members[0], outsider, council]) {
        await expect(timelock.connect(caller).schedule(target, 0, data, E.ZeroHash, E.ZeroHash, 10)).to.be.revertedWithCustomError(timelock, "AccessControlUnauthorizedAccount");
        await expect(timelock.connect(caller).execute(target, 0, data, E.ZeroHash, E.ZeroHash)).to.be.revertedWithCustomError(timelock, "TimelockUnexpectedOperationState");
        await expect(timelock.connect(caller).cancel(E.ZeroHash)).to.be.revertedWithCustomError(timelock, "AccessControlUnauthorizedAccount");
      }
    });

    it("test_cancel_queuedByProposer_reverts", async () => {
      // Only a proposal that is still pending can be taken back; what was decided stays decided.
      const { governor, members } = g;
      const actions = [await admit()];
      const id = await g.pass(actions);
      await expect(governor.connect(members[0]).cancel(...g.parts(actions), E.id("proposal"))).to.be.revertedWithCustomError(governor, "GovernorUnableToCancel");
      expect(await state(id)).to.equal(ProposalState.Queued);
    });

    it("test_cancel_pendingByProposer_succeeds", async () => {
      const { governor, members, outsider } = g;
      const actions = [await admit()];
      const id = await g.propose(actions);
      await expect(governor.connect(outsider).cancel(...g.parts(actions), E.id("proposal"))).to.be.revertedWithCustomError(governor, "GovernorUnableToCancel");
      await governor.connect(members[0]).cancel(...g.parts(actions), E.id("proposal"));
      expect(await state(id)).to.equal(ProposalState.Canceled);
    });

    it("test_timelock_executedByAnyone_succeeds", async () => {
      const { timelock, governor, outsider } = g;
      const actions = [await proposedDataset()];
      const id = await g.pass(actions);
      await g.toExecution(id);
      const salt = E.toBeHex(BigInt(await governor.getAddress()) << 96n ^ BigInt(E.id("proposal")), 32);
      await timelock.connect(outsider).executeBatch(...g.parts(actions), E.ZeroHash, salt);
      expect(await state(id)).to.equal(ProposalState.Executed);
      expect(await statusOf()).to.equal(2n);
    });
  });

  describe("the ethics council", () => {
    const approved = async () => {
      await (await g.enact([await proposedDataset()], "approve")).executed;
    };

    it("test_hold_stopsTheDataset_succeeds", async () => {
      await approved();
      const { datasets, council } = g;
      await datasets.connect(council).hold(1);
      expect(await datasets.isUsable(1)).to.equal(false);
      expect(await statusOf()).to.equal(2n);
      await expect(datasets.connect(council).hold(1)).to.be.revertedWithCustomError(datasets, "DatasetsAlreadyHeld");
    });

    it("test_hold_expiresForAnyone_succeeds", async () => {
      await approved();
      const { datasets, council, outsider, helpers } = g;
      await datasets.connect(council).hold(1);
      await expect(datasets.connect(outsider).liftHold(1)).to.be.revertedWithCustomError(datasets, "DatasetsHeldUntil");
      await helpers.time.increase(await datasets.holdPeriod());
      await datasets.connect(outsider).liftHold(1);
      expect(await datasets.isUsable(1)).to.equal(true);
      await expect(datasets.connect(council).hold(1)).to.be.revertedWithCustomError(datasets, "DatasetsAlreadyHeld");
    });

    it("test_hold_notTheCouncil_reverts", async () => {
      await approved();
      for (const caller of [g.deployer, g.outsider, g.members[0], g.officers[0]]) {
        await expect(g.datasets.connect(caller).hold(1)).to.be.revertedWithCustomError(g.datasets, "DatasetsNotCouncil");
      }
    });

    it("test_council_canDoNothingElse_succeeds", async () => {
      await approved();
      const { datasets, council, token, timelock, governor, contributors } = g;
      const as = datasets.connect(council);
      for (const attempt of [as.approve(1), as.suspend(1), as.retire(1), as.reinstate(1), as.changeCouncil(council)]) {
        await expect(attempt).to.be.revertedWithCustomError(datasets, "OwnableUnauthorizedAccount");
      }
      await expect(as.withdraw(1)).to.be.revertedWithCustomError(datasets, "DatasetsNotCustodian");
      await expect(contributors.connect(council).admitOrganisation(council, council, g.outsider, 0)).to.be.revertedWithCustomError(contributors, "OwnableUnauthorizedAccount");
      await expect(governor.connect(council).propose(...g.parts([await admit()]), "coup")).to.be.revertedWithCustomError(governor, "GovernorInsufficientProposerVotes");
      expect(await timelock.hasRole(await timelock.CANCELLER_ROLE(), council)).to.equal(false);
      expect(await token.balanceOf(council)).to.equal(0n);
    });

    it("test_changeCouncil_hostileCouncilIsReplaced_succeeds", async () => {
      await approved();
      const { datasets, council, outsider } = g;
      await datasets.connect(council).hold(1);
      await (await g.enact([await call("datasets", "changeCouncil", [outsider.address])], "new council")).executed;
      await datasets.connect(outsider).liftHold(1);
      expect(await datasets.isUsable(1)).to.equal(true);
      await expect(datasets.connect(council).hold(1)).to.be.revertedWithCustomError(datasets, "DatasetsNotCouncil");
    });
  });
});
