// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title Contributors: who may sign, for which organisation, and who is paid
/// @notice People and machines that contribute, under the organisations that answer for them. Ids are dense and start at 1.
/// @dev Trust assumptions:
///  - Governance (the owner) admits organisations, replaces lost officers, and is the only one to lift a suspension.
///  - One officer can stop a contributor at once but can redirect nothing; moving a key needs both officers, or the key itself.
///  - Both officers are people of today: what a replaced officer proposed does not count as half of a recovery.
///  - A key serves one contributor, once: a key that ever signed is never accepted again, and one that was scheduled is kept for its contributor.
///  - No name, address or other personal datum is ever stored here: ids and keys only.
interface IContributors {
    /// @param account Address of the institution; it holds the library card.
    /// @param officerA,officerB The two people who answer for the organisation's contributors.
    /// @param cluster Organisations under common control share a cluster; 0 = stands alone. Votes and operator seats are capped per cluster.
    struct Organisation {
        address account;
        uint32 cluster;
        address officerA;
        address officerB;
    }

    /// @param key Signs contributions from `keySince` on; before that, `previousKey` did.
    /// @param payee Receives rewards: the person, the institution, or the zero address when payment is declined.
    struct Contributor {
        address key;
        uint32 organisation;
        uint48 keySince;
        bool suspended;
        address previousKey;
        address payee;
    }

    /// @notice A new key that waits for its delay. `confirmed` is false while only one of the two officers asked for it.
    struct PendingKey {
        address key;
        uint48 effectiveAt;
        bool byOfficers;
        bool confirmed;
        address proposedBy;
    }

    /// @notice A new payee that waits for its delay; none is pending while `effectiveAt` is 0.
    struct PendingPayee {
        address payee;
        uint48 effectiveAt;
    }

    event OrganisationAdmitted(uint32 indexed organisation, address indexed account, address officerA, address officerB, uint32 cluster);
    event OfficersReplaced(uint32 indexed organisation, address officerA, address officerB);
    event LibraryCardRevoked(uint32 indexed organisation);
    event LibraryCardRestored(uint32 indexed organisation);
    event ContributorRegistered(uint32 indexed contributor, uint32 indexed organisation, address key, address payee);
    event KeyRotationScheduled(uint32 indexed contributor, address newKey, uint256 effectiveAt, bool byOfficers);
    event KeyRecoveryProposed(uint32 indexed contributor, address newKey, address officer);
    event KeyRotationCancelled(uint32 indexed contributor, address newKey);
    event KeyRotated(uint32 indexed contributor, address oldKey, address newKey);
    event PayeeChangeScheduled(uint32 indexed contributor, address payee, uint256 effectiveAt);
    event PayeeChangeCancelled(uint32 indexed contributor, address payee);
    event PayeeChanged(uint32 indexed contributor, address payee);
    event ContributorSuspended(uint32 indexed contributor, address by);
    event ContributorReinstated(uint32 indexed contributor);
    event SeatsChanged(address seats);

    error ContributorsUnknownOrganisation(uint32 organisation);
    error ContributorsUnknownContributor(uint32 contributor);
    error ContributorsNotOfficer(uint32 organisation, address caller);
    error ContributorsNotKey(uint32 contributor, address caller);
    error ContributorsBadOfficers(address officerA, address officerB);
    error ContributorsZeroKey();
    error ContributorsKeyInUse(address key);
    /// @notice The new key did not sign for its own registration or rotation: nobody can squat on another's key.
    error ContributorsKeyNotProven(address key);
    error ContributorsSuspended(uint32 contributor);
    error ContributorsNotSuspended(uint32 contributor);
    error ContributorsRotationPending(uint32 contributor);
    error ContributorsNoRotationPending(uint32 contributor);
    error ContributorsNoPayeeChangePending(uint32 contributor);
    error ContributorsTooEarly(uint256 effectiveAt);
    error ContributorsSecondOfficerNeeded(address officer);

    // --- organisations (governance) ---

    /// @notice Admits an organisation and gives its account one soulbound library card.
    /// @dev Reverts with ContributorsBadOfficers when the officers are equal or zero.
    function admitOrganisation(address account, address officerA, address officerB, uint32 cluster) external returns (uint32 organisation);
    function replaceOfficers(uint32 organisation, address officerA, address officerB) external;
    /// @notice Takes the card away: the organisation loses its vote as an organisation, its contributors keep working and being paid.
    /// @dev Reverts with ERC721NonexistentToken when it has none.
    function revokeLibraryCard(uint32 organisation) external;
    /// @dev Reverts with LibraryCardSoulbound when it has one.
    function restoreLibraryCard(uint32 organisation) external;
    /// @notice Names the contract that is told of suspensions. Wiring, done once at deployment.
    function changeSeats(address seats) external;

    // --- contributors ---

    /// @notice An officer registers a contributor.
    /// @param proof EIP-712 signature by `key` over `KeyProof(uint32 organisation,address payee,address key)`: shows that the key exists and agrees.
    function registerContributor(uint32 organisation, address key, address payee, bytes calldata proof) external returns (uint32 contributor);

    /// @notice The current key schedules its successor. Takes effect after `rotationDelay`, which is at least the longest dispute window.
    /// Refused while suspended, and while anything is pending.
    /// @param proof EIP-712 signature by `newKey` over `KeySuccession(uint32 contributor,address key)`. It names the contributor, and is not a `KeyProof`,
    /// so that nobody of the same organisation can use it first to squat on the key.
    function rotateKey(uint32 contributor, address newKey, bytes calldata proof) external;
    /// @notice First officer proposes, the other confirms with the same arguments; the delay starts at the confirmation.
    /// A pending rotation by the key itself is replaced: it may be a thief's. So is a proposal that is not confirmed, by other arguments.
    /// @param proof As for `rotateKey`.
    function recoverKey(uint32 contributor, address newKey, bytes calldata proof) external;
    /// @notice Either officer cancels any pending key; the current key cancels only what it scheduled itself.
    function cancelRotation(uint32 contributor) external;
    /// @notice Anyone completes a rotation whose delay has passed. While suspended, only a recovery by the officers.
    function completeRotation(uint32 contributor) external;
    /// @notice The current key names who is paid, after `rotationDelay`: what later settlements add, and what the seat has not claimed by then. Zero
    /// declines payment. A new one replaces one that waits. Refused while suspended.
    /// @dev The delay is for the officers: whoever stole a key cannot take what the seat has earned before they can stop it.
    function changePayee(uint32 contributor, address payee) external;
    /// @notice Either officer or the current key drops a change of payee that waits. So does a suspension.
    function cancelPayeeChange(uint32 contributor) external;
    /// @notice Anyone completes a change of payee whose delay has passed.
    function completePayeeChange(uint32 contributor) external;

    /// @notice Officer or governance; at once. Drops a change of payee that waits. Every seat of the contributor stops being eligible in the same transaction.
    function suspend(uint32 contributor) external;
    /// @notice Governance only.
    function reinstate(uint32 contributor) external;

    // --- views ---

    function rotationDelay() external view returns (uint256);
    /// @notice The ERC-721 of library cards, created by this contract. Token id = organisation id.
    function libraryCard() external view returns (address);
    function seats() external view returns (address);
    function organisationCount() external view returns (uint32);
    function contributorCount() external view returns (uint32);
    function organisationOf(uint32 organisation) external view returns (Organisation memory);
    function contributorOf(uint32 contributor) external view returns (Contributor memory);
    function pendingKeyOf(uint32 contributor) external view returns (PendingKey memory);
    /// @notice The key whose signatures count for a seal made at `timestamp`. Answers for now and for the time since the last-but-one rotation:
    /// rotations are at least one delay apart, so every open dispute window is covered.
    /// @dev Warning: the zero address for a time before the contributor was registered; compare it with a recovered signer, never with an unchecked `ecrecover`.
    function keyAt(uint32 contributor, uint256 timestamp) external view returns (address);
    /// @notice Whose key this is or was; all zero for one that nobody ever claimed.
    /// @return contributor It is kept for this contributor for ever.
    /// @return used It signs for the contributor, or did. False while it only waits for a rotation, or the rotation was cancelled.
    /// @return retiredAt When another key took its place; 0 while it has not.
    function keyRecordOf(address key) external view returns (uint32 contributor, bool used, uint48 retiredAt);
    function pendingPayeeOf(uint32 contributor) external view returns (PendingPayee memory);
    function payeeOf(uint32 contributor) external view returns (address);
    /// @notice Who was to be paid at `timestamp`, however long ago: zero before the contributor was registered, and while it declined payment.
    /// @dev Of several changes in one second the last counts. Warning: so an answer is final only for seconds that are over; for the present one, and any
    /// to come, it is the payee of now.
    function payeeAt(uint32 contributor, uint256 timestamp) external view returns (address);
    function isOfficer(uint32 organisation, address account) external view returns (bool);
}
