// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title Accounts of people whom an organisation invited
/// @notice An officer of an organisation ({IContributors}) invites somebody; the invited person joins with a passkey and needs no coins. A lost passkey
/// is replaced by both officers, after the registry's `rotationDelay`. Accounts keep their address, and with it all rewards, for ever.
/// @dev Trust: one officer invites, proposes and cancels; both together, and a delay, replace a key. The account itself cancels meanwhile. Governance
/// replaces officers, and with them everything that was not completed: what a former officer invited to, proposed or confirmed counts for nothing.
/// This contract has no owner. It stores no personal data: an invitation names nobody, and `role` is a number.
interface IPasskeyAccounts {
    /// @notice Signed by an officer, off chain: EIP-712 `Invitation(uint32 organisation,uint8 role,address link,bytes32 rpIdHash,uint256 expiry)`.
    /// @param role What the person is invited as, for people to read: 1 contributor, 2 annotator, 3 verifier of labels, 4 data officer, 5 member. No
    /// contract gives it a meaning.
    /// @param link Address of a key that is made for this invitation alone and travels in the link: whoever has the link can join, who only sees it being
    /// used cannot.
    /// @param rpIdHash SHA-256 of the name of the site for which the passkey must be made: a copy of the site under another name gets no account.
    /// @param expiry Last second in which it can be used.
    struct Invitation {
        uint32 organisation;
        uint8 role;
        address link;
        bytes32 rpIdHash;
        uint256 expiry;
    }

    /// @param organisation 0 for an address that is no account of this contract.
    struct Membership {
        uint32 organisation;
        uint8 role;
        bytes32 invitation;
    }

    /// @param proposedBy The officer who proposed; zero when nothing is pending.
    /// @param effectiveAt When it can be completed; 0 until the other officer has confirmed.
    struct Recovery {
        address proposedBy;
        uint48 effectiveAt;
        address confirmedBy;
        bytes32 qx;
        bytes32 qy;
        bytes32 rpIdHash;
    }

    /// @notice Its key is in the event `KeyChanged` of the account.
    event AccountCreated(address indexed account, uint32 indexed organisation, bytes32 indexed invitation, uint8 role, address officer);
    event InvitationRevoked(bytes32 indexed invitation, uint32 indexed organisation, address officer);
    event RecoveryProposed(address indexed account, address indexed officer, bytes32 qx, bytes32 qy, bytes32 rpIdHash);
    event RecoveryConfirmed(address indexed account, address indexed officer, uint256 effectiveAt);
    event RecoveryCancelled(address indexed account, address indexed by);
    event RecoveryCompleted(address indexed account, bytes32 qx, bytes32 qy, bytes32 rpIdHash);

    error AccountsNotOfficer(uint32 organisation, address account);
    error AccountsInvitationExpired(uint256 expiry);
    /// @notice The officer did not sign this invitation.
    error AccountsInvitationNotSigned(address officer);
    /// @notice It was used: `account` came of it. Or it was revoked: `account` is zero.
    error AccountsInvitationSpent(bytes32 invitation, address account);
    /// @notice The key in the invitation's link did not agree to this passkey: somebody tries to use what another was given.
    error AccountsNotAccepted(address link);
    /// @notice Not a point of P-256, or no relying party.
    error AccountsBadKey(bytes32 qx, bytes32 qy, bytes32 rpIdHash);
    error AccountsUnknown(address account);
    error AccountsNoRecovery(address account);
    /// @notice A recovery is confirmed and waits for its delay: complete it, or cancel it first.
    error AccountsRecoveryPending(address account, uint256 effectiveAt);
    /// @notice What was proposed is another key than the one to be confirmed.
    error AccountsRecoveryDiffers(address account);
    error AccountsSecondOfficerNeeded(address account, address officer);
    error AccountsTooEarly(uint256 effectiveAt);
    /// @notice Whoever proposed or confirmed it is no officer any more: it has to be proposed anew.
    error AccountsRecoveryStale(address account, address officer);

    // --- joining ---

    /// @notice Anyone, usually a relayer, creates the account of an invited person. An invitation works once.
    /// @param officer Who signed the invitation; must be an officer now. May be a contract (ERC-1271).
    /// @param acceptance 65-byte signature of `invitation.link` over EIP-712 `Acceptance(bytes32 invitation,bytes32 qx,bytes32 qy)`, where `invitation` is
    /// the invitation's struct hash.
    /// @dev The address follows from invitation and key: see `addressOf`.
    function create(
        Invitation calldata invitation,
        address officer,
        bytes calldata officerSignature,
        bytes32 qx,
        bytes32 qy,
        bytes calldata acceptance
    ) external returns (address account);
    /// @notice An officer of the organisation takes back an invitation that nobody used.
    function revokeInvitation(Invitation calldata invitation) external;

    // --- recovery ---

    /// @notice An officer proposes another passkey for an account of the organisation. Replaces what was proposed and not confirmed.
    /// @dev Warning: the officers answer for who gets the account. They meet the person, and compare the key with what the new device shows.
    function proposeRecovery(address account, bytes32 qx, bytes32 qy, bytes32 rpIdHash) external;
    /// @notice The other officer confirms exactly that passkey; the delay starts.
    function confirmRecovery(address account, bytes32 qx, bytes32 qy, bytes32 rpIdHash) external;
    /// @notice Either officer, or the account itself: at any time before completion.
    /// @dev So a thief who can unlock the passkey can cancel as well as spend. The officers cannot take an account from whoever has its passkey: they
    /// can have its rewards paid elsewhere ({IContributors}), and that they can never take it is what protects its holder from them.
    function cancelRecovery(address account) external;
    /// @notice Anyone, after the delay, while both officers are still in office.
    function completeRecovery(address account) external;

    // --- views ---

    function contributors() external view returns (address);
    /// @notice Logic of all accounts. It has no key, so it obeys nobody.
    function logic() external view returns (address);
    function hashOf(Invitation calldata invitation) external pure returns (bytes32);
    /// @notice The only address at which this passkey can join with this invitation.
    function addressOf(Invitation calldata invitation, bytes32 qx, bytes32 qy) external view returns (address);
    /// @notice The account that came of an invitation (by its struct hash); zero while it was not used.
    function accountOf(bytes32 invitation) external view returns (address);
    function isRevoked(bytes32 invitation) external view returns (bool);
    function membershipOf(address account) external view returns (Membership memory);
    function recoveryOf(address account) external view returns (Recovery memory);
}
