// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Ownable} from "@openzeppelin/contracts/access/Ownable.sol";
import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {Checkpoints} from "@openzeppelin/contracts/utils/structs/Checkpoints.sol";

import {IContributors} from "../interfaces/IContributors.sol";
import {ISeats} from "../interfaces/ISeats.sol";
import {LibraryCard} from "./LibraryCard.sol";

/// @title Contributors
/// @dev Specified in {IContributors}. A key changes only in `completeRotation`, which needs a pending key whose delay, counted from the moment
/// when it was scheduled or confirmed, has passed; only one is pending at a time. So two changes are at least one delay apart.
contract Contributors is IContributors, Ownable, EIP712 {
    using Checkpoints for Checkpoints.Trace160;

    bytes32 private constant KEY_PROOF = keccak256("KeyProof(uint32 organisation,address payee,address key)");
    bytes32 private constant KEY_SUCCESSION = keccak256("KeySuccession(uint32 contributor,address key)");

    /// @inheritdoc IContributors
    uint256 public immutable rotationDelay;
    LibraryCard private immutable _CARD;

    /// @inheritdoc IContributors
    uint32 public organisationCount;
    /// @inheritdoc IContributors
    uint32 public contributorCount;
    /// @inheritdoc IContributors
    address public seats;

    /// @dev `used`: it signed for the contributor, now or before. `retiredAt`: when another key took its place; 0 until then.
    struct KeyRecord {
        uint32 contributor;
        bool used;
        uint48 retiredAt;
    }

    mapping(uint32 organisation => Organisation) private _organisations;
    mapping(uint32 contributor => Contributor) private _contributors;
    mapping(uint32 contributor => PendingKey) private _pending;
    mapping(uint32 contributor => PendingPayee) private _pendingPayees;
    mapping(address key => KeyRecord) private _keys;
    /// @dev Payees by the time from which they are paid.
    mapping(uint32 contributor => Checkpoints.Trace160) private _payees;

    constructor(address owner, uint256 rotationDelay_) Ownable(owner) EIP712("Chongwen", "1") {
        rotationDelay = rotationDelay_;
        _CARD = new LibraryCard();
    }

    // ------------------------------------------------------------------------------------------------ organisations

    /// @inheritdoc IContributors
    function admitOrganisation(address account, address officerA, address officerB, uint32 cluster) external onlyOwner returns (uint32 organisation) {
        _requireOfficers(officerA, officerB);
        organisation = ++organisationCount;
        _organisations[organisation] = Organisation(account, cluster, officerA, officerB);
        emit OrganisationAdmitted(organisation, account, officerA, officerB, cluster);
        _CARD.mint(account, organisation);
    }

    /// @inheritdoc IContributors
    function replaceOfficers(uint32 organisation, address officerA, address officerB) external onlyOwner {
        _requireOrganisation(organisation);
        _requireOfficers(officerA, officerB);
        Organisation storage o = _organisations[organisation];
        (o.officerA, o.officerB) = (officerA, officerB);
        emit OfficersReplaced(organisation, officerA, officerB);
    }

    /// @inheritdoc IContributors
    function revokeLibraryCard(uint32 organisation) external onlyOwner {
        _CARD.burn(organisation);
        emit LibraryCardRevoked(organisation);
    }

    /// @inheritdoc IContributors
    function restoreLibraryCard(uint32 organisation) external onlyOwner {
        _requireOrganisation(organisation);
        _CARD.mint(_organisations[organisation].account, organisation);
        emit LibraryCardRestored(organisation);
    }

    /// @inheritdoc IContributors
    function changeSeats(address seats_) external onlyOwner {
        seats = seats_;
        emit SeatsChanged(seats_);
    }

    // ------------------------------------------------------------------------------------------------ contributors

    /// @inheritdoc IContributors
    function registerContributor(uint32 organisation, address key, address payee, bytes calldata proof) external returns (uint32 contributor) {
        _requireOrganisation(organisation);
        _requireOfficer(organisation);
        contributor = ++contributorCount;
        _claimKey(contributor, key, keccak256(abi.encode(KEY_PROOF, organisation, payee, key)), proof);
        _keys[key].used = true;
        _contributors[contributor] = Contributor({
            key: key,
            organisation: organisation,
            keySince: uint48(block.timestamp),
            suspended: false,
            previousKey: address(0),
            payee: payee
        });
        _payees[contributor].push(uint96(block.timestamp), uint160(payee));
        emit ContributorRegistered(contributor, organisation, key, payee);
    }

    /// @inheritdoc IContributors
    function rotateKey(uint32 contributor, address newKey, bytes calldata proof) external {
        Contributor storage c = _requireKey(contributor);
        if (c.suspended) revert ContributorsSuspended(contributor);
        if (_pending[contributor].key != address(0)) revert ContributorsRotationPending(contributor);
        _claimSuccessor(contributor, newKey, proof);
        _schedule(contributor, PendingKey({key: newKey, effectiveAt: 0, byOfficers: false, confirmed: true, proposedBy: msg.sender}));
    }

    /// @inheritdoc IContributors
    function recoverKey(uint32 contributor, address newKey, bytes calldata proof) external {
        uint32 organisation = _known(contributor).organisation;
        _requireOfficer(organisation);
        PendingKey memory pending = _pending[contributor];
        if (pending.byOfficers && pending.confirmed) revert ContributorsRotationPending(contributor);
        _claimSuccessor(contributor, newKey, proof);
        // What somebody who is no longer an officer proposed is nobody's half.
        if (pending.byOfficers && pending.key == newKey && isOfficer(organisation, pending.proposedBy)) {
            if (pending.proposedBy == msg.sender) revert ContributorsSecondOfficerNeeded(msg.sender);
            pending.confirmed = true;
            _schedule(contributor, pending);
        } else {
            if (pending.key != address(0)) emit KeyRotationCancelled(contributor, pending.key);
            _pending[contributor] = PendingKey({key: newKey, effectiveAt: 0, byOfficers: true, confirmed: false, proposedBy: msg.sender});
            emit KeyRecoveryProposed(contributor, newKey, msg.sender);
        }
    }

    /// @inheritdoc IContributors
    function cancelRotation(uint32 contributor) external {
        Contributor storage c = _known(contributor);
        PendingKey memory pending = _pending[contributor];
        if (pending.key == address(0)) revert ContributorsNoRotationPending(contributor);
        if (pending.byOfficers || msg.sender != c.key) _requireOfficer(c.organisation);
        delete _pending[contributor];
        emit KeyRotationCancelled(contributor, pending.key);
    }

    /// @inheritdoc IContributors
    function completeRotation(uint32 contributor) external {
        Contributor storage c = _known(contributor);
        PendingKey memory pending = _pending[contributor];
        if (pending.key == address(0)) revert ContributorsNoRotationPending(contributor);
        if (!pending.confirmed) revert ContributorsSecondOfficerNeeded(pending.proposedBy);
        if (block.timestamp < pending.effectiveAt) revert ContributorsTooEarly(pending.effectiveAt);
        if (c.suspended && !pending.byOfficers) revert ContributorsSuspended(contributor);
        delete _pending[contributor];
        _keys[pending.key].used = true;
        address oldKey = c.key;
        _keys[oldKey].retiredAt = uint48(block.timestamp);
        (c.key, c.previousKey, c.keySince) = (pending.key, oldKey, uint48(block.timestamp));
        emit KeyRotated(contributor, oldKey, pending.key);
    }

    /// @inheritdoc IContributors
    function changePayee(uint32 contributor, address payee) external {
        Contributor storage c = _requireKey(contributor);
        if (c.suspended) revert ContributorsSuspended(contributor);
        uint48 effectiveAt = uint48(block.timestamp + rotationDelay);
        _pendingPayees[contributor] = PendingPayee(payee, effectiveAt);
        emit PayeeChangeScheduled(contributor, payee, effectiveAt);
    }

    /// @inheritdoc IContributors
    function cancelPayeeChange(uint32 contributor) external {
        Contributor storage c = _known(contributor);
        if (msg.sender != c.key) _requireOfficer(c.organisation);
        if (!_dropPayeeChange(contributor)) revert ContributorsNoPayeeChangePending(contributor);
    }

    /// @inheritdoc IContributors
    function completePayeeChange(uint32 contributor) external {
        PendingPayee memory pending = _pendingPayees[contributor];
        if (pending.effectiveAt == 0) revert ContributorsNoPayeeChangePending(contributor);
        if (block.timestamp < pending.effectiveAt) revert ContributorsTooEarly(pending.effectiveAt);
        delete _pendingPayees[contributor];
        _contributors[contributor].payee = pending.payee;
        _payees[contributor].push(uint96(block.timestamp), uint160(pending.payee));
        emit PayeeChanged(contributor, pending.payee);
    }

    function _dropPayeeChange(uint32 contributor) private returns (bool dropped) {
        PendingPayee memory pending = _pendingPayees[contributor];
        if (pending.effectiveAt == 0) return false;
        delete _pendingPayees[contributor];
        emit PayeeChangeCancelled(contributor, pending.payee);
        return true;
    }

    /// @inheritdoc IContributors
    function suspend(uint32 contributor) external {
        Contributor storage c = _known(contributor);
        if (msg.sender != owner()) _requireOfficer(c.organisation);
        if (c.suspended) revert ContributorsSuspended(contributor);
        c.suspended = true;
        emit ContributorSuspended(contributor, msg.sender);
        _dropPayeeChange(contributor);
        _suspendSeats(contributor, true);
    }

    /// @inheritdoc IContributors
    function reinstate(uint32 contributor) external onlyOwner {
        Contributor storage c = _known(contributor);
        if (!c.suspended) revert ContributorsNotSuspended(contributor);
        c.suspended = false;
        emit ContributorReinstated(contributor);
        _suspendSeats(contributor, false);
    }

    // ------------------------------------------------------------------------------------------------ views

    /// @inheritdoc IContributors
    function libraryCard() external view returns (address) {
        return address(_CARD);
    }

    /// @inheritdoc IContributors
    function organisationOf(uint32 organisation) external view returns (Organisation memory) {
        _requireOrganisation(organisation);
        return _organisations[organisation];
    }

    /// @inheritdoc IContributors
    function contributorOf(uint32 contributor) external view returns (Contributor memory) {
        return _known(contributor);
    }

    /// @inheritdoc IContributors
    function pendingKeyOf(uint32 contributor) external view returns (PendingKey memory) {
        return _pending[contributor];
    }

    /// @inheritdoc IContributors
    function keyAt(uint32 contributor, uint256 timestamp) external view returns (address) {
        Contributor storage c = _known(contributor);
        return timestamp < c.keySince ? c.previousKey : c.key;
    }

    /// @inheritdoc IContributors
    function keyRecordOf(address key) external view returns (uint32 contributor, bool used, uint48 retiredAt) {
        KeyRecord memory record = _keys[key];
        return (record.contributor, record.used, record.retiredAt);
    }

    /// @inheritdoc IContributors
    function pendingPayeeOf(uint32 contributor) external view returns (PendingPayee memory) {
        return _pendingPayees[contributor];
    }

    /// @inheritdoc IContributors
    function payeeOf(uint32 contributor) external view returns (address) {
        return _known(contributor).payee;
    }

    /// @inheritdoc IContributors
    function payeeAt(uint32 contributor, uint256 timestamp) external view returns (address) {
        _known(contributor);
        uint96 key = timestamp < type(uint96).max ? uint96(timestamp) : type(uint96).max;
        return address(_payees[contributor].upperLookupRecent(key));
    }

    /// @inheritdoc IContributors
    function isOfficer(uint32 organisation, address account) public view returns (bool) {
        Organisation storage o = _organisations[organisation];
        return account != address(0) && (account == o.officerA || account == o.officerB);
    }

    // ------------------------------------------------------------------------------------------------ private

    function _requireOfficers(address officerA, address officerB) private pure {
        if (officerA == address(0) || officerB == address(0) || officerA == officerB) revert ContributorsBadOfficers(officerA, officerB);
    }

    function _requireOrganisation(uint32 organisation) private view {
        if (organisation == 0 || organisation > organisationCount) revert ContributorsUnknownOrganisation(organisation);
    }

    function _requireOfficer(uint32 organisation) private view {
        if (!isOfficer(organisation, msg.sender)) revert ContributorsNotOfficer(organisation, msg.sender);
    }

    function _known(uint32 contributor) private view returns (Contributor storage c) {
        if (contributor == 0 || contributor > contributorCount) revert ContributorsUnknownContributor(contributor);
        c = _contributors[contributor];
    }

    function _requireKey(uint32 contributor) private view returns (Contributor storage c) {
        c = _known(contributor);
        if (msg.sender != c.key) revert ContributorsNotKey(contributor, msg.sender);
    }

    function _claimSuccessor(uint32 contributor, address newKey, bytes calldata proof) private {
        _claimKey(contributor, newKey, keccak256(abi.encode(KEY_SUCCESSION, contributor, newKey)), proof);
    }

    /// @dev Keeps the key for the contributor, for ever: free until now or kept for it already, never used, and signing for it itself.
    function _claimKey(uint32 contributor, address key, bytes32 structHash, bytes calldata proof) private {
        if (key == address(0)) revert ContributorsZeroKey();
        KeyRecord storage record = _keys[key];
        if (record.used || (record.contributor != 0 && record.contributor != contributor)) revert ContributorsKeyInUse(key);
        (address signer, ECDSA.RecoverError failure,) = ECDSA.tryRecoverCalldata(_hashTypedDataV4(structHash), proof);
        if (failure != ECDSA.RecoverError.NoError || signer != key) revert ContributorsKeyNotProven(key);
        record.contributor = contributor;
    }

    function _schedule(uint32 contributor, PendingKey memory pending) private {
        pending.effectiveAt = uint48(block.timestamp + rotationDelay);
        _pending[contributor] = pending;
        emit KeyRotationScheduled(contributor, pending.key, pending.effectiveAt, pending.byOfficers);
    }

    /// @dev Before `Seats` is wired there is no seat to stop.
    function _suspendSeats(uint32 contributor, bool suspended) private {
        if (seats != address(0)) ISeats(seats).setContributorSuspended(contributor, suspended);
    }
}
