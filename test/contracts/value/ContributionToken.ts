import { expect } from "chai";
import { ethers as E } from "ethers";
import { DAY, GENESIS, SHU, TOKEN_PARAMS, accounts, deployTreasury, must, openChain, type Chain } from "./helpers.ts";

describe("ContributionToken", () => {
  let chain: Chain;
  before(async () => {
    chain = await openChain();
  });

  /** The token alone, with an account as its minter. */
  async function deploy() {
    const { minter, holder, other } = accounts(chain, "minter", "holder", "other");
    const token = await chain.ethers.deployContract("ContributionToken", [minter, TOKEN_PARAMS, [{ account: holder.address, amount: GENESIS }]]);
    return { token, minter, holder, other, start: Number(await token.start()) };
  }
  const fixture = () => chain.helpers.loadFixture(deploy);

  it("test_constructor_writesGenesisAndSchedule_succeeds", async () => {
    const { token, minter, holder } = await fixture();
    expect(await token.name()).to.equal("Chongwen Contribution");
    expect(await token.symbol()).to.equal("SHU");
    expect(await token.minter()).to.equal(minter.address);
    expect(await token.totalSupply()).to.equal(GENESIS);
    expect(await token.genesisSupply()).to.equal(GENESIS);
    expect(await token.balanceOf(holder)).to.equal(GENESIS);
    expect(await token.cap()).to.equal(TOKEN_PARAMS.cap);
    expect(await token.emissionPerEpoch()).to.equal(TOKEN_PARAMS.emissionPerEpoch);
    expect(await token.epochLength()).to.equal(TOKEN_PARAMS.epochLength);
    expect(await token.start()).to.equal((await chain.ethers.provider.getBlock("latest"))?.timestamp);
    expect(await token.mintedEmission()).to.equal(0);
  });

  for (const [reason, change] of Object.entries({
    capBelowGenesis: { cap: GENESIS - 1n, emissionPerEpoch: 1n },
    capBeyond128Bits: { cap: 2n ** 128n },
    emissionAboveCap: { emissionPerEpoch: TOKEN_PARAMS.cap + 1n },
    noEpochLength: { epochLength: 0 },
  })) {
    it(`test_constructor_${reason}_reverts`, async () => {
      const { token, minter, holder } = await fixture();
      const genesis = [{ account: holder.address, amount: GENESIS }];
      await expect(chain.ethers.deployContract("ContributionToken", [minter, { ...TOKEN_PARAMS, ...change }, genesis]))
        .to.be.revertedWithCustomError(token, "TokenBadSchedule");
    });
  }

  it("test_constructor_extremeSchedule_succeeds", async () => {
    const { minter } = await fixture();
    const cap = 2n ** 128n - 1n;
    const token = await chain.ethers.deployContract("ContributionToken", [minter, { cap, emissionPerEpoch: cap, epochLength: 1 }, []]);
    await chain.helpers.time.increase(1000 * 365 * DAY);
    expect(await token.releasedEmission()).to.equal(cap);
    await token.connect(minter).mint(minter, cap);
    await expect(token.connect(minter).mint(minter, 1)).to.be.revertedWithCustomError(token, "TokenAboveEmission");
  });

  it("test_mint_notMinter_reverts", async () => {
    const { token, holder } = await fixture();
    await expect(token.connect(holder).mint(holder, 1)).to.be.revertedWithCustomError(token, "TokenNotMinter").withArgs(holder);
  });

  it("test_mint_aboveReleasedEmission_reverts", async () => {
    const { token, minter } = await fixture();
    const epoch = TOKEN_PARAMS.emissionPerEpoch;
    await expect(token.connect(minter).mint(minter, epoch + 1n)).to.be.revertedWithCustomError(token, "TokenAboveEmission").withArgs(epoch + 1n, epoch);
    await token.connect(minter).mint(minter, epoch);
    await expect(token.connect(minter).mint(minter, 1)).to.be.revertedWithCustomError(token, "TokenAboveEmission").withArgs(epoch + 1n, epoch);
  });

  it("test_releasedEmission_growsAtEpochEnds_succeeds", async () => {
    const { token, start } = await fixture();
    const { epochLength, emissionPerEpoch } = TOKEN_PARAMS;
    await chain.helpers.time.increaseTo(start + epochLength - 1);
    expect(await token.releasedEmission()).to.equal(emissionPerEpoch);
    await chain.helpers.time.increaseTo(start + epochLength);
    expect(await token.releasedEmission()).to.equal(2n * emissionPerEpoch);
    await chain.helpers.time.increaseTo(start + 5 * epochLength + 7);
    expect(await token.releasedEmission()).to.equal(6n * emissionPerEpoch);
  });

  it("test_mint_reachesCapAndNeverPassesIt_reverts", async () => {
    const { token, minter, holder } = await fixture();
    await chain.helpers.time.increase(1000 * TOKEN_PARAMS.epochLength);
    const rest = TOKEN_PARAMS.cap - GENESIS;
    expect(await token.releasedEmission()).to.equal(rest);
    await token.connect(minter).mint(holder, rest);
    expect(await token.totalSupply()).to.equal(TOKEN_PARAMS.cap);
    // Burning makes no room: the cap is on what was ever minted.
    await token.connect(holder).burn(1000n * SHU);
    await expect(token.connect(minter).mint(holder, 1)).to.be.revertedWithCustomError(token, "TokenAboveEmission").withArgs(rest + 1n, rest);
    expect(await token.mintedEmission()).to.equal(rest);
  });

  it("test_clock_timestampMode_succeeds", async () => {
    const { token } = await fixture();
    expect(await token.CLOCK_MODE()).to.equal("mode=timestamp");
    expect(await token.clock()).to.equal((await chain.ethers.provider.getBlock("latest"))?.timestamp);
  });

  it("test_permit_signedApprovalOnce_succeeds", async () => {
    const { token, holder, other } = await fixture();
    const domain = { name: "Chongwen Contribution", version: "1", chainId: (await chain.ethers.provider.getNetwork()).chainId, verifyingContract: await token.getAddress() };
    const types = { Permit: ["owner:address", "spender:address", "value:uint256", "nonce:uint256", "deadline:uint256"].map((field) => {
      const [name, type] = field.split(":");
      return { name: must(name), type: must(type) };
    }) };
    const deadline = (await chain.helpers.time.latest()) + DAY;
    const { v, r, s } = E.Signature.from(await holder.signTypedData(domain, types, { owner: holder.address, spender: other.address, value: 5, nonce: 0, deadline }));
    await token.permit(holder, other, 5, deadline, v, r, s);
    expect(await token.allowance(holder, other)).to.equal(5);
    expect(await token.nonces(holder)).to.equal(1);
    await expect(token.permit(holder, other, 5, deadline, v, r, s)).to.be.revertedWithCustomError(token, "ERC2612InvalidSigner");
  });

  it("test_getPastVotes_flashLoanedBalanceCountsNothing_succeeds", async () => {
    const { token, holder } = await fixture();
    const voter = await chain.ethers.deployContract("MockFlashVoter");
    await token.connect(holder).approve(voter, GENESIS);
    await voter.attack(token, holder, GENESIS);
    const at = await chain.helpers.time.latest();
    await chain.helpers.time.increase(10);
    expect(await voter.votesNow()).to.equal(GENESIS); // what a vote counted at the current moment would have bought
    expect(await voter.votesThen()).to.equal(0);
    expect(await token.getPastVotes(voter, at)).to.equal(0); // same second: the later checkpoint overwrote it
    expect(await token.getPastVotes(voter, at - 1)).to.equal(0);
  });

  it("test_getPastVotes_presentMoment_reverts", async () => {
    const { token, holder } = await fixture();
    await token.connect(holder).delegate(holder);
    const now = await chain.helpers.time.latest();
    await expect(token.getPastVotes(holder, now)).to.be.revertedWithCustomError(token, "ERC5805FutureLookup");
    await chain.helpers.time.increase(1);
    expect(await token.getPastVotes(holder, now)).to.equal(GENESIS);
    expect(await token.getPastTotalSupply(now)).to.equal(GENESIS);
  });

  it("test_roles_noOneCanPauseTakeOrUpgrade_succeeds", async () => {
    const { token } = await deployTreasury(chain);
    const writers = token.interface.fragments.filter((f) => f.type === "function" && (f as E.FunctionFragment).stateMutability !== "view" && (f as E.FunctionFragment).stateMutability !== "pure");
    expect(writers.map((f) => (f as E.FunctionFragment).name).toSorted()).to.deep.equal(
      ["approve", "burn", "burnFrom", "delegate", "delegateBySig", "mint", "permit", "transfer", "transferFrom"]);
  });
});
