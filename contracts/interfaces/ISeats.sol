// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title Seats: who may contribute to which federation from which dataset, at what weight and privacy cost
/// @notice A seat = (federation, contributor, dataset), granted by governance, numbered densely from 0 within its federation. The same index names the
/// member in settlements and claims. Who contributes without data (annotates, verifies, computes, writes models, gives feedback) has a *support seat*:
/// dataset 0, weight 0, no budget; settlements pay it like any other, and no seal ever counts it. A seat is one 128-bit lane, two lanes a storage slot, so that a seal charges 16 seats with 8 slots:
///
///   bit 0      8                24         40              88           112         128
///       | status | charged rounds |  weight  | remaining nρ  | last round | expiry day |
///
/// The version that a seat was granted or renewed for is kept beside it: a seal needs no other check than the status.
/// A round may be sealed again after its child was: `charged rounds` remembers who paid for the 16 rounds up to the last one (bit k = last round − k).
/// Beyond that a seat pays again, which errs on the side of privacy.
/// @dev Trust assumptions: governance (the owner) grants and revokes; `Datasets` and `Contributors` stop and resume lanes; only the ledger charges.
/// A lane is eligible only when its status byte is exactly GRANTED: each other bit is one independent reason to stop, or says that it never is eligible.
interface ISeats {
    /// @notice Why a sealed entry got weight 0. The round goes on.
    enum DropReason {
        None,
        UnknownSeat,
        Revoked,
        DatasetStopped,
        ContributorSuspended,
        EthicsExpired,
        BudgetExhausted,
        DuplicateRoot,
        SupportSeat
    }

    /// @param status GRANTED = 1, DATASET_STOPPED = 2, CONTRIBUTOR_SUSPENDED = 4, REVOKED = 8, SUPPORT = 16.
    /// @param version Version of the dataset that the seat was granted or renewed for.
    /// @param remaining Nano-ρ left; `type(uint48).max` marks a public dataset that is exempt.
    /// @param lastRound Highest round charged. An exempt seat is never charged, so it stays 0.
    /// @param expiryDay First UTC day (days since 1970) on which the ethics approval no longer holds.
    struct Lane {
        uint8 status;
        uint16 version;
        uint16 weight;
        uint48 remaining;
        uint24 lastRound;
        uint16 expiryDay;
    }

    /// @param dataset 0 for a support seat.
    struct Seat {
        uint32 contributor;
        uint32 dataset;
    }

    /// @notice A support seat has dataset, version, weight and budget 0.
    event SeatGranted(
        uint32 indexed federation, uint32 indexed seat, uint32 indexed contributor, uint32 dataset, uint16 version, uint16 weight, uint48 budget
    );
    event SeatRenewed(uint32 indexed federation, uint32 indexed seat, uint16 version, uint16 weight, uint48 remaining);
    event SeatRevoked(uint32 indexed federation, uint32 indexed seat, uint48 returned);
    event SeatStatusChanged(uint32 indexed federation, uint32 indexed seat, uint8 status);
    event EntryDropped(uint32 indexed federation, uint32 indexed round, uint32 indexed seat, DropReason reason);
    event LedgerChanged(address ledger);

    error SeatsNotLedger(address caller);
    error SeatsNotRegistry(address caller);
    error SeatsUnknown(uint32 federation, uint32 seat);
    error SeatsTaken(uint32 federation, uint32 contributor, uint32 dataset, uint32 seat);
    error SeatsFull(uint256 limit);
    error SeatsDatasetNotUsable(uint32 dataset);
    error SeatsContributorSuspended(uint32 contributor);
    error SeatsCapExceeded(uint32 dataset, uint256 granted, uint256 cap);
    error SeatsBudgetOnExempt(uint32 dataset);
    error SeatsRevoked(uint32 federation, uint32 seat);
    /// @notice A support seat follows no dataset: there is nothing to renew it for.
    error SeatsSupportSeat(uint32 federation, uint32 seat);
    /// @notice The seats column is not a whole number of 4-byte ids, or the ids do not ascend.
    error SeatsBadColumn(uint256 position);
    /// @notice The ledger's round does not fit a lane.
    error SeatsRoundOutOfRange(uint32 round);

    /// @notice Governance grants a seat. Weight is fixed here: `clamp(ceil(records / unit), 1, floor(65535 / maxSeats))`, with the federation's unit and maxSeats.
    /// One seat that is not revoked per contributor and dataset in a federation. A revoked seat keeps its number for ever.
    /// @param budget Nano-ρ set aside from the dataset's cap; 0 for an exempt dataset.
    function grant(uint32 federation, uint32 contributor, uint32 dataset, uint48 budget) external returns (uint32 seat);
    /// @notice Governance grants a seat for work without data. It is stopped, revoked, counted and paid like any seat, and has one of the federation's numbers
    /// for ever; it is never eligible, so stopping it sends no round back. One that is not revoked per contributor and federation, beside seats with data.
    /// Warning: the numbers are few (`maxSeats`, at most 256), and who holds many support seats takes them from those who train.
    function grantSupport(uint32 federation, uint32 contributor) external returns (uint32 seat);
    /// @notice Governance renews a seat for the dataset's current version: its weight and expiry, and `budget` on top of what is left.
    /// Needed after every amendment. A suspended contributor's seat stays suspended.
    function renew(uint32 federation, uint32 seat, uint48 budget) external;
    /// @notice Governance revokes a seat for ever; unspent budget returns to the dataset.
    function revoke(uint32 federation, uint32 seat) external;
    /// @notice Names the ledger, the only one to charge. Wiring, done once at deployment.
    function changeLedger(address ledger) external;

    /// @notice Called by `Datasets`: sets or clears the stop on every seat of the dataset. Clearing does not revive seats of an older version.
    /// Each federation that loses an eligible seat gets a new consent epoch, once a call.
    function setDatasetStopped(uint32 dataset, bool stopped) external;
    /// @notice Called by `Contributors`. As above, for every seat of the contributor.
    function setContributorSuspended(uint32 contributor, bool suspended) external;

    /// @notice Called by the ledger once a seal: checks every entry, charges it, and fixes its weight. Ineligible entries get weight 0 and an `EntryDropped` event.
    /// @param seats Big-endian uint32 seat ids, strictly ascending.
    /// When several reasons apply, DuplicateRoot comes first, then the order of `DropReason`. Reverts with SeatsBadColumn beyond 256 entries.
    /// @param rho Nano-ρ charged to every seat that is not exempt; a seat already charged for this round is not charged again.
    /// @param skip Bit i set: entry i is dropped as DuplicateRoot and not charged.
    /// @return weights Big-endian uint16 per entry; 0 = dropped.
    /// @return epoch The federation's consent epoch.
    /// @return accepted Entries with weight.
    function charge(uint32 federation, uint32 round, bytes calldata seats, uint48 rho, uint256 skip)
        external
        returns (bytes memory weights, uint24 epoch, uint256 accepted);

    /// @notice Why `charge` would drop this seat now if it were in the round; None when it would not. A seat already charged for the round needs no budget.
    function eligibility(uint32 federation, uint32 round, uint32 seat, uint48 rho) external view returns (DropReason);

    /// @notice Rises whenever a seat of the federation stops being eligible through a decision: a seal made before it must not be reported after it.
    function consentEpoch(uint32 federation) external view returns (uint24);
    function ledger() external view returns (address);
    /// @notice Seats ever granted in the federation; the next one gets this number.
    function seatCount(uint32 federation) external view returns (uint32);
    function seatOf(uint32 federation, uint32 seat) external view returns (Seat memory);
    function laneOf(uint32 federation, uint32 seat) external view returns (Lane memory);
    /// @notice Whether the seat paid for the round: exact for the 16 rounds up to its last one.
    function isCharged(uint32 federation, uint32 seat, uint32 round) external view returns (bool);
    /// @notice Nano-ρ of the dataset's cap that seats hold or have spent, over all federations and versions.
    function grantedOf(uint32 dataset) external view returns (uint256);
}
