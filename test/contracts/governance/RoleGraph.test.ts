import { expect } from "chai";
import { ethers as E, type BaseContract, type EventLog } from "ethers";

import { loadGovernance, must, ownersFunctions, type Governance } from "./world.ts";

/** What only governance can do. A function that is added without an owner, or with one, changes this list. */
const GOVERNED: Record<string, string[]> = {
  contributors: ["admitOrganisation", "changeSeats", "reinstate", "replaceOfficers", "restoreLibraryCard", "revokeLibraryCard"],
  datasets: ["amend", "approve", "changeCouncil", "changeSeats", "reinstate", "retire", "suspend"],
  seats: ["changeLedger", "grant", "grantSupport", "renew", "revoke"],
  treasury: ["attachToken", "changeSettlement", "openPoints", "reserve"],
  operators: ["admit", "changeLedgers", "formEpoch", "remove"],
  rounds: ["changeJudge", "changeLoneReports", "createFederation", "reconfigure"],
  settlement: ["changeJudge"],
  disputes: ["changeVerifier"],
  attestations: ["appoint", "approve"],
  arbitration: ["rule"],
  holdouts: ["changeCustodian"],
  // Nothing but its ownership: `lift` is also the council's.
  freezes: [],
};
const OWNABLE = ["renounceOwnership", "transferOwnership"];

describe("Governance: the role graph after deployment", () => {
  let g: Governance;
  beforeEach(async () => {
    g = await loadGovernance();
  });

  const contracts = () => [...Object.entries(g.kernel), ["libraryCard", g.libraryCard] as const] as const;

  it("test_handover_everyOwnerIsTheTimelock_succeeds", async () => {
    const timelock = await g.timelock.getAddress();
    const owned: string[] = [];
    for (const [name, contract] of Object.entries(g.kernel)) {
      if (!contract.interface.hasFunction("owner")) continue;
      owned.push(name);
      expect(await must(g.kernel[name as "rounds"]).owner(), name).to.equal(timelock);
    }
    expect(owned).to.have.members(Object.keys(GOVERNED));
    // Cards are minted and burnt by the registry alone.
    expect(await g.libraryCard.owner()).to.equal(await g.contributors.getAddress());
  });

  it("test_handover_ownershipMovedOnce_succeeds", async () => {
    // By events: from nobody to the deployer, from the deployer to the timelock, and never to anyone else.
    const timelock = await g.timelock.getAddress();
    const topic = E.id("OwnershipTransferred(address,address)");
    const logs = await g.ethers.provider.getLogs({ fromBlock: g.fromBlock, topics: [topic] });
    const moves = new Map<string, string[]>();
    for (const { address, topics } of logs) moves.set(address, [...(moves.get(address) ?? []), E.getAddress(E.dataSlice(must(topics[2]), 12))]);
    expect(moves.get(await g.libraryCard.getAddress())).to.deep.equal([await g.contributors.getAddress()]);
    moves.delete(await g.libraryCard.getAddress());
    expect(moves.size).to.equal(Object.keys(GOVERNED).length);
    for (const [address, owners] of moves) expect(owners, address).to.deep.equal([g.deployer.address, timelock]);
  });

  it("test_handover_timelockRoles_succeeds", async () => {
    const { timelock, governor } = g;
    const [timelockAddress, governorAddress] = [await timelock.getAddress(), await governor.getAddress()];
    const roles = {
      admin: await timelock.DEFAULT_ADMIN_ROLE(),
      proposer: await timelock.PROPOSER_ROLE(),
      canceller: await timelock.CANCELLER_ROLE(),
      executor: await timelock.EXECUTOR_ROLE(),
    };
    const expected = new Map([
      [roles.admin, [timelockAddress]],
      [roles.proposer, [governorAddress]],
      [roles.canceller, [governorAddress]],
      [roles.executor, [E.ZeroAddress]],
    ]);
    // From the events: who holds what, with nobody overlooked.
    const held = new Map<string, Set<string>>();
    const logs = await g.ethers.provider.getLogs({ fromBlock: g.fromBlock, address: timelockAddress });
    for (const log of logs) {
      const parsed = timelock.interface.parseLog(log);
      if (parsed === null) continue;
      expect(parsed.name, "an administrator of roles other than the default").to.not.equal("RoleAdminChanged");
      const [role, account] = [String(parsed.args[0]), String(parsed.args[1])];
      const holders = held.get(role) ?? new Set<string>();
      if (parsed.name === "RoleGranted") held.set(role, holders.add(account));
      if (parsed.name === "RoleRevoked") holders.delete(account);
    }
    expect([...held.keys()]).to.have.members([...expected.keys()]);
    for (const [role, accounts] of expected) {
      expect([...(held.get(role) ?? [])]).to.deep.equal(accounts);
      expect(await timelock.getRoleAdmin(role)).to.equal(roles.admin);
      // And by asking, for every account that could be meant.
      const everyone = [...g.signers.map(({ address }) => address), ...(await Promise.all(contracts().map(async ([, contract]) => await contract.getAddress()))), E.ZeroAddress];
      for (const account of everyone) expect(await timelock.hasRole(role, account)).to.equal(accounts.includes(account));
    }
    expect(await timelock.getMinDelay()).to.equal(BigInt(g.manifest.kernel.timelockDelay));
  });

  it("test_handover_onlyGovernanceChangesAnything_succeeds", async () => {
    for (const [name, contract] of Object.entries(g.kernel)) {
      const expected = [...(GOVERNED[name] ?? []), ...(name in GOVERNED ? OWNABLE : [])].sort();
      for (const caller of [g.deployer, g.council, g.outsider, must(g.members[0])]) {
        expect(await ownersFunctions(contract, caller.address), name).to.deep.equal(expected);
      }
      expect(await ownersFunctions(contract, await g.timelock.getAddress()), name).to.deep.equal([]);
    }
  });

  it("test_handover_deployerHoldsNothing_succeeds", async () => {
    const { token, deployer, timelock, governor, operators } = g;
    expect(await token.balanceOf(deployer)).to.equal(0n);
    expect(await token.getVotes(deployer)).to.equal(0n);
    expect((await operators.operatorOf(deployer)).admitted).to.equal(false);
    for (const attempt of [
      timelock.connect(deployer).grantRole(await timelock.PROPOSER_ROLE(), deployer),
      timelock.connect(deployer).schedule(deployer, 0, "0x", E.ZeroHash, E.ZeroHash, 100),
      timelock.connect(deployer).scheduleBatch([deployer], [0], ["0x"], E.ZeroHash, E.ZeroHash, 100),
    ]) {
      await expect(attempt).to.be.revertedWithCustomError(timelock, "AccessControlUnauthorizedAccount");
    }
    await expect(timelock.connect(deployer).updateDelay(0)).to.be.revertedWithCustomError(timelock, "TimelockUnauthorizedCaller");
    await expect(governor.connect(deployer).setVotingDelay(0)).to.be.revertedWithCustomError(governor, "GovernorOnlyExecutor");
    await expect(governor.connect(deployer).updateTimelock(deployer)).to.be.revertedWithCustomError(governor, "GovernorOnlyExecutor");
    await expect(governor.connect(deployer).relay(deployer, 0, "0x")).to.be.revertedWithCustomError(governor, "GovernorOnlyExecutor");
  });

  it("test_handover_wiring_succeeds", async () => {
    const { contributors, datasets, seats, treasury, token, operators, rounds, settlement, disputes, timelock, governor } = g;
    const { signatureVerifier, normVerifier, rewardsVerifier, demands, attestations, postings, loneReports, arbitration, passkeyAccounts, holdouts, commendations, freezes } = g;
    const pairs: [string, { getAddress(): Promise<string> }][] = [
      [await contributors.seats(), seats],
      [await datasets.seats(), seats],
      [await datasets.CONTRIBUTORS(), contributors],
      [await seats.ledger(), rounds],
      [await seats.CONTRIBUTORS(), contributors],
      [await seats.DATASETS(), datasets],
      [await operators.rounds(), rounds],
      [await operators.settlement(), settlement],
      [await operators.token(), token],
      [await operators.treasury(), treasury],
      [await operators.contributors(), contributors],
      [await treasury.settlement(), settlement],
      [await treasury.token(), token],
      [await treasury.seats(), seats],
      [await treasury.contributors(), contributors],
      [await rounds.CONTRIBUTORS(), contributors],
      [await rounds.SEATS(), seats],
      [await rounds.OPERATORS(), operators],
      [await settlement.rounds(), rounds],
      [await settlement.operators(), operators],
      [await settlement.treasury(), treasury],
      [await disputes.ROUNDS(), rounds],
      [await disputes.SETTLEMENT(), settlement],
      [await settlement.seats(), seats],
      [await rounds.loneReports(), loneReports],
      [await signatureVerifier.ROUNDS(), rounds],
      [await signatureVerifier.SEATS(), seats],
      [await signatureVerifier.CONTRIBUTORS(), contributors],
      [await signatureVerifier.DATASETS(), datasets],
      [await normVerifier.ROUNDS(), rounds],
      [await rewardsVerifier.ROUNDS(), rounds],
      [await rewardsVerifier.SEATS(), seats],
      [await rewardsVerifier.CONTRIBUTORS(), contributors],
      [await rewardsVerifier.TREASURY(), treasury],
      [await demands.ROUNDS(), rounds],
      [await attestations.ROUNDS(), rounds],
      [await attestations.OPERATORS(), operators],
      [await postings.ROUNDS(), rounds],
      [await loneReports.ROUNDS(), rounds],
      [await loneReports.treasury(), treasury],
      [await arbitration.SETTLEMENT(), settlement],
      [await arbitration.OPERATORS(), operators],
      [await arbitration.TREASURY(), treasury],
      [await passkeyAccounts.contributors(), contributors],
      [await holdouts.ROUNDS(), rounds],
      [await freezes.ROUNDS(), rounds],
      [await freezes.DATASETS(), datasets],
      [await commendations.CONTRIBUTORS(), contributors],
      [await commendations.SEATS(), seats],
      [await commendations.SETTLEMENT(), settlement],
      [await governor.token(), token],
      [await governor.timelock(), timelock],
      [await token.minter(), treasury],
    ];
    for (const [actual, contract] of pairs) expect(actual).to.equal(await contract.getAddress());
    expect(await datasets.council()).to.equal(g.council.address);
  });

  it("test_handover_judgesAndVerifiers_succeeds", async () => {
    // By events: these were appointed, and nobody else.
    const { aggregateVerifier, normVerifier, signatureVerifier, predictionVerifier, rewardsVerifier } = g;
    const { disputes, demands, attestations, postings, freezes, arbitration, rounds, settlement } = g;
    const addresses = async (...list: { getAddress(): Promise<string> }[]) => await Promise.all(list.map(async (contract) => await contract.getAddress()));
    const appointed = async (contract: BaseContract, event: string) => {
      const logs = await contract.queryFilter(event, g.fromBlock);
      return logs.map((log) => (log as EventLog).args.toArray() as [string, boolean]);
    };
    const yes = (list: string[]) => list.map((address) => [address, true]);
    expect(await appointed(rounds, "JudgeChanged")).to.have.deep.members(yes(await addresses(disputes, demands, attestations, postings, freezes)));
    expect(await appointed(settlement, "JudgeChanged")).to.have.deep.members(yes(await addresses(disputes, arbitration)));
    expect(await appointed(disputes, "VerifierChanged")).to.have.deep.members(
      yes(await addresses(aggregateVerifier, normVerifier, signatureVerifier, predictionVerifier, rewardsVerifier)),
    );
  });

  it("test_genesis_asInTheManifest_succeeds", async () => {
    const { token, governor, datasets, contributors, operators, manifest } = g;
    let supply = 0n;
    for (const { account, amount } of manifest.allocations) {
      expect(await token.balanceOf(account)).to.equal(amount);
      supply += amount;
    }
    expect(await token.totalSupply()).to.equal(supply);
    expect(await token.genesisSupply()).to.equal(supply);
    const { kernel } = manifest;
    expect([await token.cap(), await token.emissionPerEpoch(), await token.epochLength()]).to.deep.equal([kernel.token.cap, kernel.token.emissionPerEpoch, BigInt(kernel.token.epochLength)]);
    expect(await token.mintedEmission()).to.equal(0n);
    expect([await governor.votingDelay(), await governor.votingPeriod(), await governor.proposalThreshold()]).to.deep.equal([
      BigInt(kernel.governor.votingDelay),
      BigInt(kernel.governor.votingPeriod),
      kernel.governor.proposalThreshold,
    ]);
    expect(await governor["quorumNumerator()"]()).to.equal(BigInt(kernel.governor.quorumPercent));
    expect(await governor.lateQuorumVoteExtension()).to.equal(BigInt(kernel.governor.lateQuorumExtension));
    expect(await datasets.holdPeriod()).to.equal(BigInt(kernel.holdPeriod));
    expect([await g.freezes.freezePeriod(), await g.freezes.restPeriod()]).to.deep.equal([BigInt(kernel.freezePeriod), BigInt(kernel.unbondingPeriod)]);
    expect(await contributors.rotationDelay()).to.equal(BigInt(kernel.rotationDelay));
    const { demands, loneReports, arbitration } = g;
    const chosen = kernel.disputes;
    expect([await demands.answerWindow(), await demands.plainOpen(), await demands.bondBase(), await demands.bondPerChunk()]).to.deep.equal([
      BigInt(chosen.answerWindow),
      BigInt(chosen.plainDemands),
      chosen.demandBondBase,
      chosen.demandBondPerChunk,
    ]);
    expect([await loneReports.bond(), await arbitration.BOND(), await arbitration.PERIOD()]).to.deep.equal([chosen.loneReportBond, chosen.arbitrationBond, BigInt(chosen.arbitrationPeriod)]);
    expect([await operators.bondPerUnit(), await operators.unbondingPeriod()]).to.deep.equal([kernel.bondPerUnit, BigInt(kernel.unbondingPeriod)]);
  });

  it("test_mint_notTreasury_reverts", async () => {
    for (const caller of [g.deployer, g.council, g.outsider]) {
      await expect(g.token.connect(caller).mint(caller, 1)).to.be.revertedWithCustomError(g.token, "TokenNotMinter");
    }
  });

  it("test_libraryCard_notTheRegistry_reverts", async () => {
    for (const caller of [g.deployer, g.outsider]) {
      await expect(g.libraryCard.connect(caller).mint(caller, 1)).to.be.revertedWithCustomError(g.libraryCard, "OwnableUnauthorizedAccount");
      await expect(g.libraryCard.connect(caller).burn(1)).to.be.revertedWithCustomError(g.libraryCard, "OwnableUnauthorizedAccount");
    }
  });
});
