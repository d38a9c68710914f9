// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Clones} from "@openzeppelin/contracts/proxy/Clones.sol";
import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {P256} from "@openzeppelin/contracts/utils/cryptography/P256.sol";
import {SignatureChecker} from "@openzeppelin/contracts/utils/cryptography/SignatureChecker.sol";

import {IContributors} from "../interfaces/IContributors.sol";
import {IPasskeyAccount} from "../interfaces/IPasskeyAccount.sol";
import {IPasskeyAccounts} from "../interfaces/IPasskeyAccounts.sol";
import {PasskeyAccount} from "./PasskeyAccount.sol";

/// @title Passkey accounts
/// @dev The only outside calls that are not to the registry or to an account's `setKey` are static (ERC-1271 of an officer). An account's key changes
/// in `create` and `completeRecovery` alone.
contract PasskeyAccounts is IPasskeyAccounts, EIP712 {
    bytes32 private constant INVITATION =
        keccak256("Invitation(uint32 organisation,uint8 role,address link,bytes32 rpIdHash,uint256 expiry)");
    bytes32 private constant ACCEPTANCE = keccak256("Acceptance(bytes32 invitation,bytes32 qx,bytes32 qy)");

    IContributors private immutable _CONTRIBUTORS;
    /// @inheritdoc IPasskeyAccounts
    address public immutable logic;

    /// @inheritdoc IPasskeyAccounts
    mapping(bytes32 invitation => address account) public accountOf;
    /// @inheritdoc IPasskeyAccounts
    mapping(bytes32 invitation => bool revoked) public isRevoked;
    mapping(address account => Membership) private _memberships;
    mapping(address account => Recovery) private _recoveries;

    constructor(IContributors contributors_) EIP712("Chongwen", "1") {
        _CONTRIBUTORS = contributors_;
        logic = address(new PasskeyAccount());
    }

    // ------------------------------------------------------------------------------------------------ joining

    /// @inheritdoc IPasskeyAccounts
    function create(
        Invitation calldata invitation,
        address officer,
        bytes calldata officerSignature,
        bytes32 qx,
        bytes32 qy,
        bytes calldata acceptance
    ) external returns (address account) {
        bytes32 hash = hashOf(invitation);
        _requireUnspent(hash);
        _requireInvited(invitation, hash, officer, officerSignature);
        _requireKey(qx, qy, invitation.rpIdHash);
        _requireAccepted(invitation.link, keccak256(abi.encode(ACCEPTANCE, hash, qx, qy)), acceptance);
        account = Clones.cloneDeterministic(logic, _saltOf(hash, qx, qy));
        accountOf[hash] = account;
        _memberships[account] = Membership(invitation.organisation, invitation.role, hash);
        emit AccountCreated(account, invitation.organisation, hash, invitation.role, officer);
        IPasskeyAccount(payable(account)).setKey(qx, qy, invitation.rpIdHash);
    }

    /// @inheritdoc IPasskeyAccounts
    function revokeInvitation(Invitation calldata invitation) external {
        bytes32 hash = hashOf(invitation);
        _requireUnspent(hash);
        _requireOfficer(invitation.organisation, msg.sender);
        isRevoked[hash] = true;
        emit InvitationRevoked(hash, invitation.organisation, msg.sender);
    }

    // ------------------------------------------------------------------------------------------------ recovery

    /// @inheritdoc IPasskeyAccounts
    function proposeRecovery(address account, bytes32 qx, bytes32 qy, bytes32 rpIdHash) external {
        _requireOfficer(_organisationOf(account), msg.sender);
        uint256 effectiveAt = _recoveries[account].effectiveAt;
        if (effectiveAt != 0) revert AccountsRecoveryPending(account, effectiveAt);
        _requireKey(qx, qy, rpIdHash);
        _recoveries[account] = Recovery(msg.sender, 0, address(0), qx, qy, rpIdHash);
        emit RecoveryProposed(account, msg.sender, qx, qy, rpIdHash);
    }

    /// @inheritdoc IPasskeyAccounts
    function confirmRecovery(address account, bytes32 qx, bytes32 qy, bytes32 rpIdHash) external {
        uint32 organisation = _organisationOf(account);
        _requireOfficer(organisation, msg.sender);
        Recovery storage recovery = _pending(account);
        if (recovery.effectiveAt != 0) revert AccountsRecoveryPending(account, recovery.effectiveAt);
        if (recovery.qx != qx || recovery.qy != qy || recovery.rpIdHash != rpIdHash) revert AccountsRecoveryDiffers(account);
        if (recovery.proposedBy == msg.sender) revert AccountsSecondOfficerNeeded(account, msg.sender);
        _requireInOffice(account, organisation, recovery.proposedBy);
        uint48 effectiveAt = uint48(block.timestamp + _CONTRIBUTORS.rotationDelay());
        (recovery.effectiveAt, recovery.confirmedBy) = (effectiveAt, msg.sender);
        emit RecoveryConfirmed(account, msg.sender, effectiveAt);
    }

    /// @inheritdoc IPasskeyAccounts
    function cancelRecovery(address account) external {
        uint32 organisation = _organisationOf(account);
        if (msg.sender != account) _requireOfficer(organisation, msg.sender);
        _pending(account);
        delete _recoveries[account];
        emit RecoveryCancelled(account, msg.sender);
    }

    /// @inheritdoc IPasskeyAccounts
    function completeRecovery(address account) external {
        uint32 organisation = _organisationOf(account);
        Recovery memory recovery = _pending(account);
        if (recovery.effectiveAt == 0) revert AccountsSecondOfficerNeeded(account, recovery.proposedBy);
        if (block.timestamp < recovery.effectiveAt) revert AccountsTooEarly(recovery.effectiveAt);
        _requireInOffice(account, organisation, recovery.proposedBy);
        _requireInOffice(account, organisation, recovery.confirmedBy);
        delete _recoveries[account];
        emit RecoveryCompleted(account, recovery.qx, recovery.qy, recovery.rpIdHash);
        IPasskeyAccount(payable(account)).setKey(recovery.qx, recovery.qy, recovery.rpIdHash);
    }

    // ------------------------------------------------------------------------------------------------ views

    /// @inheritdoc IPasskeyAccounts
    function contributors() external view returns (address) {
        return address(_CONTRIBUTORS);
    }

    /// @inheritdoc IPasskeyAccounts
    function hashOf(Invitation calldata invitation) public pure returns (bytes32) {
        return keccak256(abi.encode(INVITATION, invitation));
    }

    /// @inheritdoc IPasskeyAccounts
    function addressOf(Invitation calldata invitation, bytes32 qx, bytes32 qy) external view returns (address) {
        return Clones.predictDeterministicAddress(logic, _saltOf(hashOf(invitation), qx, qy));
    }

    /// @inheritdoc IPasskeyAccounts
    function membershipOf(address account) external view returns (Membership memory) {
        return _memberships[account];
    }

    /// @inheritdoc IPasskeyAccounts
    function recoveryOf(address account) external view returns (Recovery memory) {
        return _recoveries[account];
    }

    // ------------------------------------------------------------------------------------------------ private

    function _saltOf(bytes32 hash, bytes32 qx, bytes32 qy) private pure returns (bytes32) {
        return keccak256(abi.encode(hash, qx, qy));
    }

    function _requireUnspent(bytes32 hash) private view {
        address account = accountOf[hash];
        if (account != address(0) || isRevoked[hash]) revert AccountsInvitationSpent(hash, account);
    }

    function _requireInvited(Invitation calldata invitation, bytes32 hash, address officer, bytes calldata signature) private view {
        if (block.timestamp > invitation.expiry) revert AccountsInvitationExpired(invitation.expiry);
        _requireOfficer(invitation.organisation, officer);
        if (!SignatureChecker.isValidSignatureNowCalldata(officer, _hashTypedDataV4(hash), signature)) {
            revert AccountsInvitationNotSigned(officer);
        }
    }

    function _requireAccepted(address link, bytes32 structHash, bytes calldata acceptance) private view {
        (address signer, ECDSA.RecoverError failure,) = ECDSA.tryRecoverCalldata(_hashTypedDataV4(structHash), acceptance);
        if (failure != ECDSA.RecoverError.NoError || signer != link) revert AccountsNotAccepted(link);
    }

    /// @dev A relying party of zero is refused because it is what an account without a key has.
    function _requireKey(bytes32 qx, bytes32 qy, bytes32 rpIdHash) private pure {
        if (rpIdHash == 0 || !P256.isValidPublicKey(qx, qy)) revert AccountsBadKey(qx, qy, rpIdHash);
    }

    function _requireOfficer(uint32 organisation, address account) private view {
        if (!_CONTRIBUTORS.isOfficer(organisation, account)) revert AccountsNotOfficer(organisation, account);
    }

    function _requireInOffice(address account, uint32 organisation, address officer) private view {
        if (!_CONTRIBUTORS.isOfficer(organisation, officer)) revert AccountsRecoveryStale(account, officer);
    }

    function _organisationOf(address account) private view returns (uint32 organisation) {
        organisation = _memberships[account].organisation;
        if (organisation == 0) revert AccountsUnknown(account);
    }

    function _pending(address account) private view returns (Recovery storage recovery) {
        recovery = _recoveries[account];
        if (recovery.proposedBy == address(0)) revert AccountsNoRecovery(account);
    }
}
