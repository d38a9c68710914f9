import { expect } from "chai";
import { ethers as E } from "ethers";

import { createDomain, digestOf } from "../../../protocol/index.ts";
import type { Hex } from "../../../protocol/bytes.ts";
import { fresh, type Driver } from "../rounds/driver.ts";
import { refused } from "../rounds/refused.ts";
import { ALL_SEATS, mined, must, SEATS, SHU, walletOf, type Kernel } from "../rounds/world.ts";

const SIX = [...SEATS.exempt, ...SEATS.budgeted];
/** Seats with data are of organisation 1; the two that `beforeEach` adds are of organisations 5 and 6, which share a cluster. */
const [OF_FIVE, OF_SIX] = [ALL_SEATS.length, ALL_SEATS.length + 1];

/** The score of nobody, and of no seat. */
const NOBODY = E.toBeHex(0, 8);

/** Over the real kernel: one voice an organisation, given before the settlement, never taken back. */
describe("Commendations", () => {
  let d: Driver;
  let commendations: Kernel["commendations"];
  beforeEach(async () => {
    d = await fresh();
    ({ commendations } = d.kernel);
    const { contributors, chainId, ethers, helpers, seats } = d.kernel;
    const domain = createDomain(chainId, (await contributors.getAddress()) as Hex);
    for (const organisation of [5, 6]) {
      const officer = walletOf(`officer of ${organisation}`).connect(ethers.provider);
      await helpers.setBalance(officer.address, E.parseEther("1"));
      await contributors.admitOrganisation(walletOf(`institution ${organisation - 1}`).address, officer.address, walletOf(`second officer of ${organisation}`).address, 77);
      const key = walletOf(`key of ${organisation}`);
      const proof = key.signingKey.sign(digestOf(domain, "KeyProof", { organisation, payee: key.address as Hex, key: key.address as Hex })).serialized;
      await contributors.connect(officer).registerContributor(organisation, key.address, key.address, proof);
      await seats.grantSupport(1, await contributors.contributorCount());
    }
    for (const i of [0, 1, 2, 4, 5]) await helpers.setBalance(institution(i + 1).address, E.parseEther("1"));
    await d.kernel.treasury.reserve(1, 5_000n * SHU);
  });

  /** Who holds an organisation's card. */
  const institution = (organisation: number) => walletOf(`institution ${organisation - 1}`).connect(d.kernel.ethers.provider);
  const commend = (organisation: number, seats: number[], index = 1, by = institution(organisation), federation = 1) => commendations.connect(by).commend(organisation, federation, index, seats);
  const voices = async (index = 1, federation = 1) => (await commendations.voicesOf(federation, index)).map(({ organisation, givenAt, seats }) => ({ organisation: Number(organisation), givenAt: Number(givenAt), seats: seats.map(Number) }));

  async function finalRounds(count: number) {
    for (let i = 0; i < count; i++) await d.finalise(await d.runRound(SIX));
  }
  /** The settlement of every final round so far: all that matters here is that it is under way. */
  async function propose() {
    const { settlement, chainId } = d.kernel;
    const account = await settlement.accountOf(1);
    const { last } = await d.head();
    const statement = {
      federation: 1, index: Number(account.nextIndex), attempt: Number(account.attempt), firstRound: Number(account.settledThrough) + 1, lastRound: Number(last),
      lastReportHash: (await d.round(Number(last))).hash, scoresHash: E.keccak256(NOBODY) as Hex, entitlementsHash: E.keccak256("0x") as Hex,
      rewardsRoot: E.id("root") as Hex, distributed: 0n, total: 0n, artefact: E.id("artefact") as Hex,
    };
    await mined(settlement.propose(statement, NOBODY, "0x", d.quorum(digestOf(createDomain(chainId, (await settlement.getAddress()) as Hex), "SettlementStatement", statement))));
  }
  const finaliseSettlement = async () => {
    await d.at((await d.kernel.settlement.accountOf(1)).deadline);
    await mined(d.kernel.settlement.finalise(1));
  };

  it("test_commend_oneToThreeSeats_succeeds", async () => {
    await expect(commend(2, [0, 3, OF_FIVE])).to.emit(commendations, "Commended").withArgs(1, 1, 2, [0, 3, OF_FIVE]);
    const at = await d.now();
    await commend(3, [5]);
    expect(await voices()).to.deep.equal([{ organisation: 2, givenAt: at, seats: [0, 3, OF_FIVE] }, { organisation: 3, givenAt: await d.now(), seats: [5] }]);
    expect([await commendations.hasSpoken(1, 1, 2), await commendations.hasSpoken(1, 1, 4), await commendations.hasSpoken(2, 1, 2)]).to.deep.equal([true, false, false]);
    expect(await voices(2)).to.deep.equal([]);
  });

  it("test_commend_noneOrTooManySeats_reverts", async () => {
    await refused(commend(2, []), commendations, "CommendationsBadCount", 0, 3);
    await refused(commend(2, [0, 1, 2, 3]), commendations, "CommendationsBadCount", 4, 3);
  });

  it("test_attack_oneSeatNamedTwice_reverts", async () => {
    await refused(commend(2, [3, 3]), commendations, "CommendationsNotAscending", 3);
    await refused(commend(2, [3, 4, 3]), commendations, "CommendationsNotAscending", 3);
  });

  it("test_commend_unknownSeatOrFederation_reverts", async () => {
    const { seats } = d.kernel;
    await refused(commend(2, [0, 99]), seats, "SeatsUnknown", 1, 99);
    await refused(commend(2, [0], 1, institution(2), 9), seats, "SeatsUnknown", 9, 0);
  });

  it("test_attack_commendOwnSeat_reverts", async () => {
    await refused(commend(1, [0]), commendations, "CommendationsOwnSeat", 1, 0);
    await refused(commend(1, [OF_FIVE, OF_SIX].concat(ALL_SEATS.slice(0, 1)).sort((a, b) => a - b)), commendations, "CommendationsOwnSeat", 1, 0);
    await commend(1, [OF_FIVE, OF_SIX]);
  });

  it("test_attack_commendWithinTheCluster_reverts", async () => {
    await refused(commend(5, [OF_SIX]), commendations, "CommendationsOwnSeat", 5, OF_SIX);
    await refused(commend(6, [0, OF_FIVE]), commendations, "CommendationsOwnSeat", 6, OF_FIVE);
    await commend(5, [0]);
  });

  it("test_commend_organisationsWithoutACluster_areNotOneCluster_succeeds", async () => {
    // Cluster 0 is no cluster: organisations 1 and 2 both have it.
    await commend(2, [0]);
  });

  it("test_attack_doubleVoice_reverts", async () => {
    await commend(2, [0]);
    for (const again of [[0], [1, 2]]) await refused(commend(2, again), commendations, "CommendationsAlreadyGiven", 1, 1, 2);
    expect(await voices()).to.have.length(1);
  });

  it("test_attack_voiceOfAnother_reverts", async () => {
    const { deployer, outsider } = d.kernel;
    for (const stranger of [deployer, outsider, institution(3)]) {
      await refused(commendations.connect(stranger).commend(2, 1, 1, [0]), commendations, "CommendationsNotHolder", 2, stranger.address);
    }
    // Officers answer for people, not for the institution.
    await refused(commendations.connect(must(d.kernel.officers[1])).commend(2, 1, 1, [0]), commendations, "CommendationsNotHolder", 2, must(d.kernel.officers[1]).address);
  });

  it("test_attack_flashVoice_cardCannotBeLentOrBought_reverts", async () => {
    const { contributors, ethers, outsider } = d.kernel;
    const card = await ethers.getContractAt("LibraryCard", await contributors.libraryCard());
    await refused(card.connect(institution(2)).transferFrom(institution(2).address, outsider.address, 2), card, "LibraryCardSoulbound", 2);
    await card.connect(institution(2)).approve(outsider.address, 2);
    await refused(card.connect(outsider).transferFrom(institution(2).address, outsider.address, 2), card, "LibraryCardSoulbound", 2);
    await refused(commendations.connect(outsider).commend(2, 1, 1, [0]), commendations, "CommendationsNotHolder", 2, outsider.address);
  });

  it("test_commend_cardTakenAway_reverts_andGivenVoicesStay", async () => {
    const { contributors, ethers } = d.kernel;
    await commend(2, [0]);
    await contributors.revokeLibraryCard(2);
    await contributors.revokeLibraryCard(3);
    const card = await ethers.getContractAt("LibraryCard", await contributors.libraryCard());
    await refused(commend(3, [0]), card, "ERC721NonexistentToken", 3);
    expect(await voices()).to.have.length(1);
    // And no second voice with a card that is given back.
    await contributors.restoreLibraryCard(2);
    await refused(commend(2, [1]), commendations, "CommendationsAlreadyGiven", 1, 1, 2);
  });

  it("test_attack_commendRevokedSeat_reverts", async () => {
    await d.kernel.seats.revoke(1, 3);
    await refused(commend(2, [0, 3]), commendations, "CommendationsSeatRevoked", 1, 3);
    // Suspension may be lifted again: what the seat did stays commendable.
    await d.kernel.contributors.suspend(5);
    await commend(2, [4]);
  });

  it("test_commend_anotherSettlementThanTheNext_reverts", async () => {
    for (const index of [0, 2, 2 ** 32 - 1]) await refused(commend(2, [0], index), commendations, "CommendationsWrongIndex", index, 1);
  });

  it("test_attack_lateVoice_whileTheSettlementIsUnderWay_reverts", async () => {
    await finalRounds(1);
    await propose();
    await refused(commend(2, [0]), commendations, "CommendationsTooLate", 1, 1);
    await refused(commend(2, [0], 2), commendations, "CommendationsWrongIndex", 2, 1);
    await finaliseSettlement();
    await refused(commend(2, [0]), commendations, "CommendationsWrongIndex", 1, 2);
    await commend(2, [0], 2);
    expect([(await voices(1)).length, (await voices(2)).length]).to.deep.equal([0, 1]);
  });

  it("test_attack_voiceAfterTheCutOff_isTimedAfterIt_succeeds", async () => {
    // Between the deadline of the last final round and the proposal a voice is accepted, and everyone can see that it does not count for those rounds.
    await commend(2, [0]);
    await finalRounds(1);
    const { deadline } = await d.round(1);
    await commend(3, [1]);
    const [early, late] = await voices();
    expect(must(early).givenAt).to.be.at.most(Number(deadline));
    expect(must(late).givenAt).to.be.greaterThan(Number(deadline));
    await propose();
  });

  it("test_commend_settlementOverturned_canBeSpokenForAgain_succeeds", async () => {
    const { settlement, outsider, deployer } = d.kernel;
    await commend(2, [0]);
    await finalRounds(1);
    await propose();
    await settlement.changeJudge(deployer, true);
    await settlement.overturn(1, outsider);
    await refused(commend(2, [1]), commendations, "CommendationsAlreadyGiven", 1, 1, 2);
    await commend(3, [1]);
    expect((await voices()).map(({ organisation }) => organisation)).to.deep.equal([2, 3]);
  });

  it("test_commend_passkeyLikeContractAccountHoldsTheCard_succeeds", async () => {
    // An account that is a contract is an ordinary caller.
    const { contributors, ethers } = d.kernel;
    const wallet = await ethers.deployContract("MockWallet", [d.kernel.outsider]);
    await contributors.admitOrganisation(wallet, walletOf("a").address, walletOf("b").address, 0);
    await ethers.provider.send("hardhat_impersonateAccount", [await wallet.getAddress()]);
    await d.kernel.helpers.setBalance(await wallet.getAddress(), E.parseEther("1"));
    const account = await ethers.provider.getSigner(await wallet.getAddress());
    await commendations.connect(account).commend(7, 1, 1, [0]);
    expect((await voices())[0]?.organisation).to.equal(7);
  });

  it("test_commend_withinItsGas_succeeds", async () => {
    await commend(2, [0, 1, 2]);
    const receipt = await mined(commend(3, [0, 1, 2]));
    console.log(`      commend, three seats: ${receipt.gasUsed} gas`);
    expect(Number(receipt.gasUsed)).to.be.at.most(160_000);
  });
});
