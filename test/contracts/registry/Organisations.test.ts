import { expect } from "chai";

import { loadWorld, ROTATION_DELAY, ZERO, type World } from "./world.ts";

describe("Contributors: organisations", () => {
  let w: World;

  beforeEach(async () => {
    w = await loadWorld();
  });

  /** Everything that governance alone may do. */
  describe("governance", () => {
    it("test_constructor_wiring_succeeds", async () => {
      expect(await w.contributors.rotationDelay()).to.equal(ROTATION_DELAY);
      expect(await w.contributors.owner()).to.equal(w.owner.address);
      expect(await w.contributors.seats()).to.equal(await w.seats.getAddress());
      expect(await w.card.owner()).to.equal(await w.contributors.getAddress());
      const { name, version, verifyingContract } = await w.contributors.eip712Domain();
      expect([name, version, verifyingContract]).to.deep.equal(["Chongwen", "1", await w.contributors.getAddress()]);
    });

    it("test_admitOrganisation_byOwner_succeeds", async () => {
      const { a, b } = w.officers;
      await expect(w.contributors.admitOrganisation(w.institution.address, a.address, b.address, 9))
        .to.emit(w.contributors, "OrganisationAdmitted")
        .withArgs(3, w.institution.address, a.address, b.address, 9)
        .and.to.emit(w.card, "Locked")
        .withArgs(3);
      expect(await w.contributors.organisationCount()).to.equal(3);
      const organisation = await w.contributors.organisationOf(3);
      expect([...organisation]).to.deep.equal([w.institution.address, 9n, a.address, b.address]);
      expect(await w.card.ownerOf(3)).to.equal(w.institution.address);
    });

    it("test_governanceCalls_byAnybodyElse_reverts", async () => {
      const contributor = await w.register(w.keys.first);
      for (const stranger of [w.outsider, w.officers.a, w.keys.first]) {
        const as = w.contributors.connect(stranger);
        for (const call of [
          () => as.admitOrganisation(w.institution.address, w.officers.a.address, w.officers.b.address, 0),
          () => as.replaceOfficers(1, w.officers.a.address, w.outsider.address),
          () => as.revokeLibraryCard(1),
          () => as.restoreLibraryCard(1),
          () => as.changeSeats(w.outsider.address),
          () => as.reinstate(contributor),
        ]) {
          await expect(call()).to.be.revertedWithCustomError(w.contributors, "OwnableUnauthorizedAccount").withArgs(stranger.address);
        }
      }
    });

    it("test_admitOrganisation_badOfficers_reverts", async () => {
      const { a, b } = w.officers;
      for (const [x, y] of [
        [ZERO, b.address],
        [a.address, ZERO],
        [a.address, a.address],
        [ZERO, ZERO],
      ] as const) {
        await expect(w.contributors.admitOrganisation(w.institution.address, x, y, 0))
          .to.be.revertedWithCustomError(w.contributors, "ContributorsBadOfficers")
          .withArgs(x, y);
        await expect(w.contributors.replaceOfficers(1, x, y)).to.be.revertedWithCustomError(w.contributors, "ContributorsBadOfficers").withArgs(x, y);
      }
    });

    it("test_admitOrganisation_zeroAccount_reverts", async () => {
      await expect(w.contributors.admitOrganisation(ZERO, w.officers.a.address, w.officers.b.address, 0))
        .to.be.revertedWithCustomError(w.card, "ERC721InvalidReceiver")
        .withArgs(ZERO);
    });

    it("test_replaceOfficers_byOwner_succeeds", async () => {
      await expect(w.contributors.replaceOfficers(1, w.outsider.address, w.officers.b.address))
        .to.emit(w.contributors, "OfficersReplaced")
        .withArgs(1, w.outsider.address, w.officers.b.address);
      expect(await w.contributors.isOfficer(1, w.outsider.address)).to.equal(true);
      expect(await w.contributors.isOfficer(1, w.officers.b.address)).to.equal(true);
      expect(await w.contributors.isOfficer(1, w.officers.a.address)).to.equal(false);
    });

    it("test_replaceOfficers_unknownOrganisation_reverts", async () => {
      for (const organisation of [0, 3]) {
        await expect(w.contributors.replaceOfficers(organisation, w.officers.a.address, w.officers.b.address))
          .to.be.revertedWithCustomError(w.contributors, "ContributorsUnknownOrganisation")
          .withArgs(organisation);
      }
    });

    it("test_changeSeats_byOwner_succeeds", async () => {
      await expect(w.contributors.changeSeats(w.outsider.address)).to.emit(w.contributors, "SeatsChanged").withArgs(w.outsider.address);
      expect(await w.contributors.seats()).to.equal(w.outsider.address);
    });
  });

  describe("library card", () => {
    it("test_card_interfaces_succeeds", async () => {
      expect(await w.card.supportsInterface("0xb45a3c0e")).to.equal(true); // ERC-5192
      expect(await w.card.supportsInterface("0x80ac58cd")).to.equal(true); // ERC-721
      expect(await w.card.supportsInterface("0x01ffc9a7")).to.equal(true); // ERC-165
      expect(await w.card.supportsInterface("0xffffffff")).to.equal(false);
      expect(await w.card.locked(1)).to.equal(true);
      expect([await w.card.name(), await w.card.symbol()]).to.deep.equal(["Chongwen Library Card", "CARD"]);
    });

    it("test_locked_noCard_reverts", async () => {
      await expect(w.card.locked(3)).to.be.revertedWithCustomError(w.card, "ERC721NonexistentToken").withArgs(3);
    });

    it("test_transfer_soulbound_reverts", async () => {
      const holder = w.card.connect(w.institution);
      await expect(holder.transferFrom(w.institution.address, w.outsider.address, 1))
        .to.be.revertedWithCustomError(w.card, "LibraryCardSoulbound")
        .withArgs(1);
      await expect(holder["safeTransferFrom(address,address,uint256)"](w.institution.address, w.outsider.address, 1))
        .to.be.revertedWithCustomError(w.card, "LibraryCardSoulbound")
        .withArgs(1);
      await holder.approve(w.outsider.address, 1);
      await expect(w.card.connect(w.outsider).transferFrom(w.institution.address, w.outsider.address, 1))
        .to.be.revertedWithCustomError(w.card, "LibraryCardSoulbound")
        .withArgs(1);
      // Not even to oneself.
      await expect(holder.transferFrom(w.institution.address, w.institution.address, 1))
        .to.be.revertedWithCustomError(w.card, "LibraryCardSoulbound")
        .withArgs(1);
    });

    it("test_mintAndBurn_byAnybodyButContributors_reverts", async () => {
      for (const stranger of [w.owner, w.institution, w.outsider]) {
        await expect(w.card.connect(stranger).mint(stranger.address, 9))
          .to.be.revertedWithCustomError(w.card, "OwnableUnauthorizedAccount")
          .withArgs(stranger.address);
        await expect(w.card.connect(stranger).burn(1)).to.be.revertedWithCustomError(w.card, "OwnableUnauthorizedAccount").withArgs(stranger.address);
      }
    });

    it("test_revokeLibraryCard_burnsAndContributorsWorkOn_succeeds", async () => {
      const contributor = await w.register(w.keys.first);
      await expect(w.contributors.revokeLibraryCard(1)).to.emit(w.contributors, "LibraryCardRevoked").withArgs(1);
      expect(await w.card.balanceOf(w.institution.address)).to.equal(0);
      await expect(w.card.ownerOf(1)).to.be.revertedWithCustomError(w.card, "ERC721NonexistentToken");
      expect((await w.contributors.contributorOf(contributor)).suspended).to.equal(false);
      await w.register(w.keys.second);
    });

    it("test_revokeLibraryCard_alreadyRevokedOrUnknown_reverts", async () => {
      await w.contributors.revokeLibraryCard(1);
      for (const organisation of [1, 3]) {
        await expect(w.contributors.revokeLibraryCard(organisation))
          .to.be.revertedWithCustomError(w.card, "ERC721NonexistentToken")
          .withArgs(organisation);
      }
    });

    it("test_restoreLibraryCard_afterRevocation_succeeds", async () => {
      await w.contributors.revokeLibraryCard(1);
      await expect(w.contributors.restoreLibraryCard(1)).to.emit(w.contributors, "LibraryCardRestored").withArgs(1);
      expect(await w.card.ownerOf(1)).to.equal(w.institution.address);
    });

    it("test_restoreLibraryCard_cardExists_reverts", async () => {
      await expect(w.contributors.restoreLibraryCard(1)).to.be.revertedWithCustomError(w.card, "LibraryCardSoulbound").withArgs(1);
    });

    it("test_restoreLibraryCard_unknownOrganisation_reverts", async () => {
      await expect(w.contributors.restoreLibraryCard(3))
        .to.be.revertedWithCustomError(w.contributors, "ContributorsUnknownOrganisation")
        .withArgs(3);
    });
  });
});
