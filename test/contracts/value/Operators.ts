import { expect } from "chai";
import { ethers as E } from "ethers";
import { BOND, DAY, TOKEN_PARAMS, UNBONDING, deployOperators, must, openChain, operatorFixtures, quorumOf, type Chain } from "./helpers.ts";

const DIGEST = E.id("digest");

describe("Operators", () => {
  let chain: Chain;
  before(async () => {
    chain = await openChain();
  });

  const { unformed, formed } = operatorFixtures(() => chain);

  // --- membership ---

  it("test_constructor_badParameters_reverts", async () => {
    const { operators, owner, token, treasury, contributors } = await unformed();
    await expect(chain.ethers.deployContract("Operators", [owner, token, treasury, contributors, 0, UNBONDING])).to.be.revertedWithCustomError(operators, "OperatorsZeroAmount");
    await expect(chain.ethers.deployContract("Operators", [owner, token, treasury, contributors, 2n ** 128n, UNBONDING])).to.be.revertedWithCustomError(operators, "SafeCastOverflowedUintDowncast");
    await expect(chain.ethers.deployContract("Operators", [owner, token, treasury, contributors, 1, 2n ** 32n])).to.be.revertedWithCustomError(operators, "SafeCastOverflowedUintDowncast");
    // Awards are kept in 96 bits: a token that could hand out more is refused.
    for (const cap of [2n ** 96n - 1n, 2n ** 96n]) {
      const rich = await chain.ethers.deployContract("Treasury", [owner, token, contributors, { ...TOKEN_PARAMS, cap }, []]);
      const deployed = chain.ethers.deployContract("Operators", [owner, await rich.token(), rich, contributors, 1, UNBONDING]);
      if (cap < 2n ** 96n) await deployed;
      else await expect(deployed).to.be.revertedWithCustomError(operators, "SafeCastOverflowedUintDowncast").withArgs(96, cap);
    }
  });

  it("test_constructor_keepsItsParameters_succeeds", async () => {
    const { operators, token, treasury, contributors, owner, rounds, settlement } = await unformed();
    expect(await operators.owner()).to.equal(owner.address);
    expect(await operators.token()).to.equal(await token.getAddress());
    expect(await operators.treasury()).to.equal(await treasury.getAddress());
    expect(await operators.contributors()).to.equal(await contributors.getAddress());
    expect(await operators.bondPerUnit()).to.equal(BOND);
    expect(await operators.unbondingPeriod()).to.equal(UNBONDING);
    expect(await operators.rounds()).to.equal(rounds.address);
    expect(await operators.settlement()).to.equal(settlement.address);
  });

  it("test_governance_notOwner_reverts", async () => {
    const { operators, stranger, keys, settlement } = await unformed();
    for (const caller of [stranger, must(keys[0]), settlement]) {
      const as = operators.connect(caller);
      await expect(as.admit(stranger, 1)).to.be.revertedWithCustomError(operators, "OwnableUnauthorizedAccount");
      await expect(as.remove(stranger)).to.be.revertedWithCustomError(operators, "OwnableUnauthorizedAccount");
      await expect(as.formEpoch([], 1, 1, 1)).to.be.revertedWithCustomError(operators, "OwnableUnauthorizedAccount");
      await expect(as.changeLedgers(stranger, stranger)).to.be.revertedWithCustomError(operators, "OwnableUnauthorizedAccount");
    }
  });

  it("test_changeLedgers_owner_succeeds", async () => {
    const { operators, owner, stranger, challenger } = await unformed();
    await expect(operators.connect(owner).changeLedgers(stranger, challenger)).to.emit(operators, "LedgersChanged").withArgs(stranger, challenger);
  });

  it("test_admit_unknownOrganisation_reverts", async () => {
    const { operators, owner, stranger } = await unformed();
    await expect(operators.connect(owner).admit(stranger, 99)).to.be.revertedWithCustomError(operators, "OperatorsUnknownOrganisation").withArgs(99);
  });

  it("test_admit_twice_reverts", async () => {
    const { operators, owner, keys } = await unformed();
    await expect(operators.connect(owner).admit(must(keys[0]), 2)).to.be.revertedWithCustomError(operators, "OperatorsAlreadyAdmitted").withArgs(keys[0]);
  });

  it("test_admit_recordsOrganisation_succeeds", async () => {
    const { operators, owner, stranger } = await unformed();
    await expect(operators.connect(owner).admit(stranger, 3)).to.emit(operators, "OperatorAdmitted").withArgs(stranger, 3);
    const record = await operators.operatorOf(stranger);
    expect([record.admitted, record.organisation, record.stake, record.lastEpoch]).to.deep.equal([true, 3n, 0n, 0n]);
  });

  it("test_remove_unknown_reverts", async () => {
    const { operators, owner, stranger } = await unformed();
    await expect(operators.connect(owner).remove(stranger)).to.be.revertedWithCustomError(operators, "OperatorsNotAdmitted").withArgs(stranger);
  });

  it("test_remove_signingNow_reverts", async () => {
    const { operators, owner, keys } = await formed();
    await expect(operators.connect(owner).remove(must(keys[0]))).to.be.revertedWithCustomError(operators, "OperatorsStillSigning").withArgs(keys[0]);
  });

  it("test_remove_afterItsEpoch_stakeStaysItsOwn_succeeds", async () => {
    const { operators, owner, keys, form, token } = await formed();
    const leaving = must(keys[0]);
    await form(keys.slice(1));
    await expect(operators.connect(owner).remove(leaving)).to.emit(operators, "OperatorRemoved").withArgs(leaving);
    await expect(operators.connect(leaving).bond(1)).to.be.revertedWithCustomError(operators, "OperatorsNotAdmitted");
    await operators.connect(leaving).startUnbonding(10n * BOND);
    await chain.helpers.time.increase(UNBONDING);
    const before = await token.balanceOf(leaving);
    await operators.connect(leaving).withdraw();
    expect((await token.balanceOf(leaving)) - before).to.equal(10n * BOND);
    await expect(form()).to.be.revertedWithCustomError(operators, "OperatorsNotAdmitted").withArgs(leaving);
    await operators.connect(owner).admit(leaving, 1); // and it may come back
  });

  // --- epochs ---

  it("test_formEpoch_sevenOperators_succeeds", async () => {
    const { operators, keys, form } = await unformed();
    const addresses = keys.map((key) => key.address);
    await expect(form(keys, 5)).to.emit(operators, "EpochFormed").withArgs(1, addresses, 5, 6, 4);
    const epoch = await operators.currentEpoch();
    expect([epoch.size, epoch.threshold, epoch.number, epoch.roundUnits, epoch.settlementUnits]).to.deep.equal([7n, 5n, 1n, 6n, 4n]);
    expect(await operators.signersOf(1)).to.deep.equal(addresses);
    expect(await chain.ethers.provider.getCode(epoch.signers)).to.equal(E.concat(["0x00", ...addresses]).toLowerCase());
    expect((await operators.operatorOf(must(keys[0]))).lastEpoch).to.equal(1);
  });

  it("test_formEpoch_earlierSetsStayReadable_succeeds", async () => {
    const { operators, keys, form } = await formed();
    await form(keys.slice(0, 4));
    expect(await operators.signersOf(1)).to.have.length(7);
    expect(await operators.signersOf(2)).to.have.length(4);
  });

  it("test_signersOf_unknownEpoch_reverts", async () => {
    const { operators } = await formed();
    for (const epoch of [0, 2]) await expect(operators.signersOf(epoch)).to.be.revertedWithCustomError(operators, "OperatorsNoEpoch");
  });

  it("test_formEpoch_threshold_reverts", async () => {
    const { operators, keys, form } = await unformed();
    for (const threshold of [0, 3, 8]) await expect(form(keys, threshold)).to.be.revertedWithCustomError(operators, "OperatorsBadThreshold").withArgs(threshold, 7);
    await expect(form(keys.slice(0, 6), 3)).to.be.revertedWithCustomError(operators, "OperatorsBadThreshold").withArgs(3, 6); // half is not more than half
    await expect(form([], 0)).to.be.revertedWithCustomError(operators, "OperatorsBadThreshold").withArgs(0, 0);
    await form(keys.slice(0, 6), 4);
    await form(keys, 7);
  });

  it("test_formEpoch_order_reverts", async () => {
    const { operators, keys, owner, form } = await unformed();
    await expect(form(keys.toReversed())).to.be.revertedWithCustomError(operators, "OperatorsNotAscending");
    const twice = [...keys.slice(0, 4), must(keys[3])];
    await expect(form(twice)).to.be.revertedWithCustomError(operators, "OperatorsNotAscending").withArgs(keys[3]);
    await expect(operators.connect(owner).formEpoch([E.ZeroAddress, ...keys.slice(0, 4)], 3, 1, 1)).to.be.revertedWithCustomError(operators, "OperatorsNotAscending").withArgs(E.ZeroAddress);
  });

  it("test_formEpoch_tooMany_reverts", async () => {
    const { operators, owner } = await unformed();
    const many = Array.from({ length: 33 }, (_, i) => E.toBeHex(i + 1, 20));
    await expect(operators.connect(owner).formEpoch(many, 20, 1, 1)).to.be.revertedWithCustomError(operators, "OperatorsTooMany").withArgs(33, 32);
  });

  it("test_formEpoch_thirtyTwoMembers_succeeds", async () => {
    const { operators, keys, form } = await deployOperators(chain, 32, 1n);
    await form(keys, 17, 1, 0);
    const all = Array.from({ length: 32 }, (_, i) => i);
    await operators.requireQuorum(DIGEST, quorumOf(DIGEST, keys, all));
    await operators.requireQuorum(DIGEST, quorumOf(DIGEST, keys, all.slice(15)));
    await expect(operators.requireQuorum(DIGEST, quorumOf(DIGEST, keys, all.slice(16)))).to.be.revertedWithCustomError(operators, "OperatorsNoQuorum").withArgs(16, 17);
  });

  it("test_formEpoch_notAdmitted_reverts", async () => {
    const { operators, owner, keys, stranger } = await unformed();
    const set = [...keys.slice(0, 4).map((key) => key.address), stranger.address].toSorted((a, b) => (BigInt(a) < BigInt(b) ? -1 : 1));
    await expect(operators.connect(owner).formEpoch(set, 3, 1, 1)).to.be.revertedWithCustomError(operators, "OperatorsNotAdmitted").withArgs(stranger);
  });

  it("test_formEpoch_stakeTooLow_reverts", async () => {
    const { operators, keys, form } = await unformed();
    await expect(form(keys, 4, 6, 5)).to.be.revertedWithCustomError(operators, "OperatorsStakeTooLow").withArgs(keys[0], 10n * BOND, 11n * BOND);
    // What is on its way out does not count.
    await operators.connect(must(keys[2])).startUnbonding(1);
    await expect(form()).to.be.revertedWithCustomError(operators, "OperatorsStakeTooLow").withArgs(keys[2], 10n * BOND - 1n, 10n * BOND);
  });

  it("test_formEpoch_organisationTooStrong_reverts", async () => {
    const { operators, owner, keys, form, contributors } = await unformed();
    // Three operators can never do: each would hold a third.
    await expect(form(keys.slice(0, 3))).to.be.revertedWithCustomError(operators, "OperatorsOrganisationTooStrong").withArgs(1, 1, 3);
    await form(keys.slice(0, 4));
    // The same organisation twice: 2 of 6 is a third, 2 of 7 is less.
    await operators.connect(owner).remove(must(keys[5]));
    await operators.connect(owner).admit(must(keys[5]), 1);
    await expect(form(keys.slice(0, 6))).to.be.revertedWithCustomError(operators, "OperatorsOrganisationTooStrong").withArgs(1, 2, 6);
    await form(keys);
    // A cluster counts as one organisation.
    await contributors.setOrganisation(3, must(keys[2]), 9);
    await contributors.setOrganisation(4, must(keys[3]), 9);
    await form(keys);
    await contributors.setOrganisation(5, must(keys[4]), 9);
    await expect(form(keys)).to.be.revertedWithCustomError(operators, "OperatorsOrganisationTooStrong").withArgs(5, 3, 7);
    // Cluster 1 is not organisation 1.
    await contributors.setOrganisation(3, must(keys[2]), 0);
    await contributors.setOrganisation(4, must(keys[3]), 0);
    await contributors.setOrganisation(5, must(keys[4]), 1);
    await form(keys);
  });

  // --- bonds ---

  it("test_bond_notAdmitted_reverts", async () => {
    const { operators, stranger } = await unformed();
    await expect(operators.connect(stranger).bond(1)).to.be.revertedWithCustomError(operators, "OperatorsNotAdmitted").withArgs(stranger);
  });

  it("test_bond_zero_reverts", async () => {
    const { operators, keys } = await unformed();
    await expect(operators.connect(must(keys[0])).bond(0)).to.be.revertedWithCustomError(operators, "OperatorsZeroAmount");
    await expect(operators.connect(must(keys[0])).startUnbonding(0)).to.be.revertedWithCustomError(operators, "OperatorsZeroAmount");
  });

  it("test_bond_addsToStake_succeeds", async () => {
    const { operators, keys, token } = await unformed();
    await expect(operators.connect(must(keys[0])).bond(5)).to.emit(operators, "Bonded").withArgs(keys[0], 5).and.to.emit(token, "Transfer");
    expect((await operators.operatorOf(must(keys[0]))).stake).to.equal(10n * BOND + 5n);
  });

  it("test_startUnbonding_aboveBonded_reverts", async () => {
    const { operators, keys } = await unformed();
    const key = must(keys[0]);
    await operators.connect(key).startUnbonding(4n * BOND);
    await expect(operators.connect(key).startUnbonding(6n * BOND + 1n)).to.be.revertedWithCustomError(operators, "OperatorsStakeTooLow").withArgs(key, 6n * BOND, 6n * BOND + 1n);
    await expect(operators.connect(key).startUnbonding(2n ** 200n)).to.be.revertedWithCustomError(operators, "OperatorsStakeTooLow");
  });

  it("test_startUnbonding_whileSigning_reverts", async () => {
    const { operators, keys } = await formed();
    const key = must(keys[0]);
    await expect(operators.connect(key).startUnbonding(1)).to.be.revertedWithCustomError(operators, "OperatorsStillSigning").withArgs(key);
    await operators.connect(key).bond(7);
    await operators.connect(key).startUnbonding(7); // what its epoch does not need may go
    await expect(operators.connect(key).startUnbonding(1)).to.be.revertedWithCustomError(operators, "OperatorsStillSigning");
  });

  it("test_withdraw_tooEarly_reverts", async () => {
    const { operators, keys } = await unformed();
    const key = must(keys[0]);
    await operators.connect(key).startUnbonding(BOND);
    const at = (await chain.helpers.time.latest()) + UNBONDING;
    expect((await operators.operatorOf(key)).withdrawableAt).to.equal(at);
    await chain.helpers.time.setNextBlockTimestamp(at - 1);
    await expect(operators.connect(key).withdraw()).to.be.revertedWithCustomError(operators, "OperatorsUnbondingUntil").withArgs(at);
    await chain.helpers.time.setNextBlockTimestamp(at);
    await expect(operators.connect(key).withdraw()).to.emit(operators, "Withdrawn").withArgs(key, BOND);
    expect((await operators.operatorOf(key)).stake).to.equal(9n * BOND);
    await expect(operators.connect(key).withdraw()).to.be.revertedWithCustomError(operators, "OperatorsNothingToWithdraw");
  });

  it("test_startUnbonding_moreRestartsTheClock_succeeds", async () => {
    const { operators, keys } = await unformed();
    const key = must(keys[0]);
    await operators.connect(key).startUnbonding(BOND);
    await chain.helpers.time.increase(UNBONDING - 10);
    await operators.connect(key).startUnbonding(1);
    await chain.helpers.time.increase(DAY);
    await expect(operators.connect(key).withdraw()).to.be.revertedWithCustomError(operators, "OperatorsUnbondingUntil");
    await chain.helpers.time.increase(UNBONDING - DAY);
    await operators.connect(key).withdraw();
    expect((await operators.operatorOf(key)).stake).to.equal(9n * BOND - 1n);
  });

  // --- quorum ---

  it("test_requireQuorum_noEpoch_reverts", async () => {
    const { operators } = await unformed();
    await expect(operators.requireQuorum(DIGEST, { signers: 0, signatures: "0x" })).to.be.revertedWithCustomError(operators, "OperatorsNoEpoch");
  });

  it("test_requireQuorum_everySubsetLargeEnough_succeeds", async () => {
    const { operators, keys } = await formed();
    for (let bits = 0; bits < 128; bits++) {
      const chosen = keys.map((_, i) => i).filter((i) => bits & (1 << i));
      const call = operators.requireQuorum(DIGEST, quorumOf(DIGEST, keys, chosen));
      if (chosen.length >= 4) expect((await call).number).to.equal(1);
      else await expect(call).to.be.revertedWithCustomError(operators, "OperatorsNoQuorum").withArgs(chosen.length, 4);
    }
  });

  it("test_requireQuorum_unknownBits_reverts", async () => {
    const { operators, keys } = await formed();
    const { signers, signatures } = quorumOf(DIGEST, keys, [0, 1, 2, 3]);
    for (const bit of [7, 31]) {
      const wrong = (signers | (1 << bit)) >>> 0;
      await expect(operators.requireQuorum(DIGEST, { signers: wrong, signatures })).to.be.revertedWithCustomError(operators, "OperatorsUnknownSigners").withArgs(wrong, 7);
    }
  });

  it("test_requireQuorum_signatureLength_reverts", async () => {
    const { operators, keys } = await formed();
    const { signers, signatures } = quorumOf(DIGEST, keys, [0, 1, 2, 3]);
    for (const bad of ["0x", E.dataSlice(signatures, 0, 255), E.concat([signatures, "0x00"]), E.dataSlice(signatures, 64)]) {
      await expect(operators.requireQuorum(DIGEST, { signers, signatures: bad })).to.be.revertedWithCustomError(operators, "OperatorsBadSignatureLength").withArgs(E.dataLength(bad), 256);
    }
  });

  it("test_requireQuorum_wrongSignature_reverts", async () => {
    const { operators, keys, stranger } = await formed();
    const { signers, signatures } = quorumOf(DIGEST, keys, [0, 2, 4, 6]);
    const part = (i: number) => E.dataSlice(signatures, 64 * i, 64 * (i + 1));
    const other = E.Signature.from(await stranger.signMessage("hello")).compactSerialized;
    const flipped = E.getBytes(signatures);
    flipped[100] = must(flipped[100]) ^ 1;
    const cases: [string, string, number][] = [
      ["swapped", E.concat([part(0), part(2), part(1), part(3)]), 2],
      ["one signer for two", E.concat([part(0), part(0), part(2), part(3)]), 2],
      ["stranger", E.concat([part(0), part(1), part(2), other]), 6],
      ["one flipped bit", E.hexlify(flipped), 2],
      ["zeros", E.concat([E.ZeroHash, E.ZeroHash, part(1), part(2), part(3)]), 0],
      ["other digest", quorumOf(E.id("other"), keys, [0, 2, 4, 6]).signatures, 0],
    ];
    for (const [what, bad, position] of cases) {
      await expect(operators.requireQuorum(DIGEST, { signers, signatures: bad }), what).to.be.revertedWithCustomError(operators, "OperatorsBadSignature").withArgs(position, must(keys[position]));
    }
    await expect(operators.requireQuorum(E.id("other"), { signers, signatures })).to.be.revertedWithCustomError(operators, "OperatorsBadSignature");
  });

  it("test_requireQuorum_highS_reverts", async () => {
    const { operators, keys } = await formed();
    const order = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;
    // Of an s in the upper half, only (order / 2, 2^255) fits EIP-2098. Nobody meets one by chance, so make one: with the nonce 1, r is the generator's x,
    // its y is even, and the digest that a given s signs is s − r·key.
    const r = 0x79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798n;
    const digestOf = (s: bigint) => E.toBeHex((((s - r * BigInt(must(keys[0]).privateKey)) % order) + order) % order, 32);
    const quorum = (s: bigint) => {
      const digest = digestOf(s);
      const { signers, signatures } = quorumOf(digest, keys, [0, 1, 2, 3]);
      return [digest, { signers, signatures: E.concat([E.toBeHex(r, 32), E.toBeHex(s, 32), E.dataSlice(signatures, 64)]) }] as const;
    };
    for (const low of [1n, order / 2n - 1n, order / 2n]) await operators.requireQuorum(...quorum(low));
    for (const high of [order / 2n + 1n, order / 2n + 2n ** 126n, 2n ** 255n - 1n]) {
      expect(E.recoverAddress(digestOf(order - high), { r: E.toBeHex(r, 32), s: E.toBeHex(order - high, 32), v: 27 })).to.equal(must(keys[0]).address);
      await expect(operators.requireQuorum(...quorum(high))).to.be.revertedWithCustomError(operators, "OperatorsBadSignature").withArgs(0, keys[0]);
    }
  });

  it("test_requireQuorum_afterNewEpoch_reverts", async () => {
    const { operators, keys, form } = await formed();
    const old = quorumOf(DIGEST, keys, [0, 1, 2, 3]);
    await form(keys.slice(1), 4);
    await expect(operators.requireQuorum(DIGEST, old)).to.be.revertedWithCustomError(operators, "OperatorsBadSignature");
    await operators.requireQuorum(DIGEST, quorumOf(DIGEST, keys.slice(1), [0, 1, 2, 3]));
  });
});
