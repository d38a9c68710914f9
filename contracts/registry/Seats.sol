// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Ownable} from "@openzeppelin/contracts/access/Ownable.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

import {IContributors} from "../interfaces/IContributors.sol";
import {IDatasets} from "../interfaces/IDatasets.sol";
import {IRounds} from "../interfaces/IRounds.sol";
import {ISeats} from "../interfaces/ISeats.sol";
import {Columns} from "../libraries/Columns.sol";
import {SeatLane, SeatLanes} from "../libraries/SeatLane.sol";

/// @title Seats
/// @dev Specified in {ISeats}; the lane is drawn in `libraries/SeatLane.sol`.
/// Invariants: Σ over a dataset's seats of (remaining + spent) = grantedOf ≤ its cap; a lane whose status is not exactly GRANTED never gets weight.
contract Seats is ISeats, Ownable {
    /// @notice Most seats, not counting revoked ones, of one contributor, and on one dataset: so that a stop reaches all of them in one transaction.
    uint256 public constant MAX_SEATS_EACH = 64;
    /// @notice Most entries of a seal, and most seats of a federation: bitmaps over them fit one word.
    uint256 public constant MAX_ENTRIES = 256;
    uint256 private constant SLOTS = MAX_ENTRIES / 2;
    /// @dev Datasets count from 1: this one marks a support seat.
    uint32 private constant NO_DATASET = 0;

    IContributors public immutable CONTRIBUTORS;
    IDatasets public immutable DATASETS;

    /// @inheritdoc ISeats
    address public ledger;

    struct Federation {
        uint32 seats;
        uint24 consentEpoch;
    }

    /// @dev What a seal does not read.
    struct SeatRecord {
        uint32 contributor;
        uint32 dataset;
        uint16 version;
    }

    /// @dev Where a seat is.
    struct SeatRef {
        uint32 federation;
        uint32 seat;
    }

    /// @dev What is the same for every entry of a seal.
    struct Charge {
        uint32 federation;
        uint256 skip;
        SeatLanes.Price price;
    }

    mapping(uint32 federation => Federation) private _federations;
    mapping(uint32 federation => uint256[SLOTS] twoLanes) private _lanes;
    mapping(uint32 federation => mapping(uint32 seat => SeatRecord)) private _records;
    /// @dev Seats that are not revoked.
    mapping(uint32 dataset => SeatRef[]) private _seatsOfDataset;
    mapping(uint32 contributor => SeatRef[]) private _seatsOfContributor;
    mapping(uint32 dataset => uint256 nanoRho) private _granted;

    constructor(address owner, IContributors contributors, IDatasets datasets) Ownable(owner) {
        CONTRIBUTORS = contributors;
        DATASETS = datasets;
    }

    // ------------------------------------------------------------------------------------------------ governance

    /// @inheritdoc ISeats
    function changeLedger(address ledger_) external onlyOwner {
        ledger = ledger_;
        emit LedgerChanged(ledger_);
    }

    /// @inheritdoc ISeats
    function grant(uint32 federation, uint32 contributor, uint32 dataset, uint48 budget) external onlyOwner returns (uint32 seat) {
        if (CONTRIBUTORS.contributorOf(contributor).suspended) revert SeatsContributorSuspended(contributor);
        if (!DATASETS.isUsable(dataset)) revert SeatsDatasetNotUsable(dataset);
        IDatasets.Terms memory terms = DATASETS.termsOf(dataset);
        (uint16 weight, uint256 maxSeats) = _weight(federation, terms.records);

        uint16 version = DATASETS.datasetOf(dataset).version;
        seat = _open(federation, maxSeats, SeatRecord(contributor, dataset, version));

        uint48 remaining = _setAside(dataset, terms, budget, 0);
        SeatLane lane = SeatLane.wrap(SeatLanes.GRANTED).withTerms(weight, _day(terms.ethicsExpiry)).withRemaining(remaining);
        _store(federation, seat, lane);
        emit SeatGranted(federation, seat, contributor, dataset, version, weight, budget);
    }

    /// @inheritdoc ISeats
    function grantSupport(uint32 federation, uint32 contributor) external onlyOwner returns (uint32 seat) {
        if (CONTRIBUTORS.contributorOf(contributor).suspended) revert SeatsContributorSuspended(contributor);
        (, uint256 maxSeats) = _weightRule(federation);
        seat = _open(federation, maxSeats, SeatRecord(contributor, NO_DATASET, 0));
        _store(federation, seat, SeatLane.wrap(SeatLanes.GRANTED | SeatLanes.SUPPORT));
        emit SeatGranted(federation, seat, contributor, NO_DATASET, 0, 0, 0);
    }

    /// @inheritdoc ISeats
    function renew(uint32 federation, uint32 seat, uint48 budget) external onlyOwner {
        SeatLane lane = _liveLane(federation, seat);
        SeatRecord storage record = _records[federation][seat];
        uint32 dataset = record.dataset;
        if (dataset == NO_DATASET) revert SeatsSupportSeat(federation, seat);
        if (!DATASETS.isUsable(dataset)) revert SeatsDatasetNotUsable(dataset);
        IDatasets.Terms memory terms = DATASETS.termsOf(dataset);
        uint16 version = DATASETS.datasetOf(dataset).version;
        record.version = version;

        (uint16 weight,) = _weight(federation, terms.records);
        uint48 remaining = _setAside(dataset, terms, budget, lane.remaining());
        lane = lane.withStatus(lane.status() & ~SeatLanes.DATASET_STOPPED).withTerms(weight, _day(terms.ethicsExpiry)).withRemaining(remaining);
        _store(federation, seat, lane);
        emit SeatRenewed(federation, seat, version, weight, remaining);
    }

    /// @inheritdoc ISeats
    function revoke(uint32 federation, uint32 seat) external onlyOwner {
        SeatLane lane = _liveLane(federation, seat);
        SeatRecord storage record = _records[federation][seat];
        uint48 returned = lane.isExempt() ? 0 : lane.remaining();
        _granted[record.dataset] -= returned;
        if (record.dataset != NO_DATASET) _unlist(_seatsOfDataset[record.dataset], federation, seat);
        _unlist(_seatsOfContributor[record.contributor], federation, seat);
        if (lane.status() == SeatLanes.GRANTED) _raiseEpoch(federation);
        _store(federation, seat, lane.withStatus(lane.status() | SeatLanes.REVOKED).withRemaining(0));
        emit SeatRevoked(federation, seat, returned);
    }

    /// @dev Weight from the registered records, and the most seats that the federation can have.
    function _weight(uint32 federation, uint32 records) private view returns (uint16 weight, uint256 maxSeats) {
        uint32 unit;
        (unit, maxSeats) = _weightRule(federation);
        weight = SeatLanes.weightOf(records, unit, maxSeats);
    }

    function _weightRule(uint32 federation) private view returns (uint32 unit, uint256 maxSeats) {
        (unit, maxSeats) = IRounds(ledger).weightRuleOf(federation);
        maxSeats = Math.min(maxSeats, MAX_ENTRIES);
        if (maxSeats == 0) revert SeatsFull(0);
    }

    /// @dev The federation's next number, listed and recorded. Its lane is the caller's to store.
    function _open(uint32 federation, uint256 maxSeats, SeatRecord memory record) private returns (uint32 seat) {
        Federation storage f = _federations[federation];
        seat = f.seats;
        if (seat >= maxSeats) revert SeatsFull(maxSeats);
        f.seats = seat + 1;
        _list(federation, seat, record.contributor, record.dataset);
        _records[federation][seat] = record;
    }

    /// @dev Takes `budget` from the dataset's cap. `EXEMPT` nano-ρ mean something else, so that many are never given out.
    function _setAside(uint32 dataset, IDatasets.Terms memory terms, uint48 budget, uint48 left) private returns (uint48 remaining) {
        if (terms.exempt) {
            if (budget != 0) revert SeatsBudgetOnExempt(dataset);
            return SeatLanes.EXEMPT;
        }
        uint256 granted = _granted[dataset] + budget;
        uint256 cap = Math.min(terms.privacyCap, SeatLanes.EXEMPT - 1);
        if (granted > cap) revert SeatsCapExceeded(dataset, granted, cap);
        _granted[dataset] = granted;
        // Cannot overflow: what a seat holds is part of what was granted, which fits 48 bits.
        return left + budget;
    }

    /// @dev Expiry in whole days; `Datasets` accepts nothing that needs more than 16 bits.
    function _day(uint64 timestamp) private pure returns (uint16) {
        return uint16(timestamp / 1 days);
    }

    function _list(uint32 federation, uint32 seat, uint32 contributor, uint32 dataset) private {
        SeatRef[] storage ofContributor = _seatsOfContributor[contributor];
        uint256 count = ofContributor.length;
        for (uint256 i; i < count; ++i) {
            SeatRef memory other = ofContributor[i];
            if (other.federation == federation && _records[federation][other.seat].dataset == dataset) {
                revert SeatsTaken(federation, contributor, dataset, other.seat);
            }
        }
        if (count == MAX_SEATS_EACH) revert SeatsFull(MAX_SEATS_EACH);
        ofContributor.push(SeatRef(federation, seat));
        // Nothing ever stops dataset 0: its seats need no list, and no limit but the federation's.
        if (dataset == NO_DATASET) return;
        SeatRef[] storage ofDataset = _seatsOfDataset[dataset];
        if (ofDataset.length == MAX_SEATS_EACH) revert SeatsFull(MAX_SEATS_EACH);
        ofDataset.push(SeatRef(federation, seat));
    }

    /// @dev The seat is in the list: every seat that is not revoked is in its contributor's, and in its dataset's if it has one.
    function _unlist(SeatRef[] storage list, uint32 federation, uint32 seat) private {
        uint256 i;
        while (list[i].seat != seat || list[i].federation != federation) ++i;
        list[i] = list[list.length - 1];
        list.pop();
    }

    // ------------------------------------------------------------------------------------------------ stops

    /// @inheritdoc ISeats
    function setDatasetStopped(uint32 dataset, bool stopped) external {
        if (msg.sender != address(DATASETS)) revert SeatsNotRegistry(msg.sender);
        // Resuming needs the version; stopping asks nobody anything.
        uint16 version = stopped ? 0 : DATASETS.datasetOf(dataset).version;
        _setStatus(_seatsOfDataset[dataset], SeatLanes.DATASET_STOPPED, stopped, version);
    }

    /// @inheritdoc ISeats
    function setContributorSuspended(uint32 contributor, bool suspended) external {
        if (msg.sender != address(CONTRIBUTORS)) revert SeatsNotRegistry(msg.sender);
        _setStatus(_seatsOfContributor[contributor], SeatLanes.CONTRIBUTOR_SUSPENDED, suspended, 0);
    }

    /// @dev Sets or clears one reason on every listed lane.
    /// @param onlyVersion Leave seats of other versions as they are; 0 = whatever the version.
    function _setStatus(SeatRef[] storage list, uint8 reason, bool stopped, uint16 onlyVersion) private {
        uint256 count = list.length;
        uint32[] memory raised = new uint32[](count);
        uint256 raisedCount;
        for (uint256 i; i < count; ++i) {
            (uint32 federation, uint32 seat) = (list[i].federation, list[i].seat);
            if (onlyVersion != 0 && _records[federation][seat].version != onlyVersion) continue;
            SeatLane lane = _lane(federation, seat);
            uint8 before = lane.status();
            uint8 status = stopped ? before | reason : before & ~reason;
            if (status == before) continue;
            _store(federation, seat, lane.withStatus(status));
            emit SeatStatusChanged(federation, seat, status);
            if (before == SeatLanes.GRANTED && !_contains(raised, raisedCount, federation)) {
                raised[raisedCount++] = federation;
                _raiseEpoch(federation);
            }
        }
    }

    function _contains(uint32[] memory list, uint256 count, uint32 item) private pure returns (bool) {
        for (uint256 i; i < count; ++i) {
            if (list[i] == item) return true;
        }
        return false;
    }

    function _raiseEpoch(uint32 federation) private {
        // A stop must never fail, and a seal only asks whether the epoch is still the same: wrapping after 16 million decisions is right.
        unchecked {
            ++_federations[federation].consentEpoch;
        }
    }

    // ------------------------------------------------------------------------------------------------ charge

    /// @inheritdoc ISeats
    /// @dev The hot path. Two entries share a slot, which is read once, kept while it lasts, and written once if a lane in it was charged.
    function charge(uint32 federation, uint32 round, bytes calldata seats, uint48 rho, uint256 skip)
        external
        returns (bytes memory weights, uint24 epoch, uint256 accepted)
    {
        if (msg.sender != ledger) revert SeatsNotLedger(msg.sender);
        if (round > type(uint24).max) revert SeatsRoundOutOfRange(round);
        epoch = _federations[federation].consentEpoch;
        (weights, accepted) = _chargeAll(Charge(federation, skip, SeatLanes.Price(block.timestamp / 1 days, round, rho)), seats);
    }

    function _chargeAll(Charge memory c, bytes calldata seats) private returns (bytes memory weights, uint256 accepted) {
        if (seats.length % 4 != 0) revert SeatsBadColumn(seats.length / 4);
        if (seats.length / 4 > MAX_ENTRIES) revert SeatsBadColumn(MAX_ENTRIES);
        weights = new bytes(seats.length / 2);

        uint256[SLOTS] storage lanes = _lanes[c.federation];
        uint256 next; // the lowest id that may come
        uint256 stored;
        uint256 word;
        // Counters stay below 2^33: ids are 32 bits and there are at most 256 entries. Before the first entry, `next - 1` wraps to an id in no slot.
        unchecked {
            for (uint256 i; i < seats.length / 4; ++i) {
                uint256 seat = Columns.seatAt(seats, i);
                if (seat < next) revert SeatsBadColumn(i);
                if (seat ^ (next - 1) > 1) {
                    // Another slot. What nothing was charged in is not written, and so neither is the one before the first.
                    if (word != stored) lanes[(next - 1) >> 1] = word;
                    stored = word = seat < MAX_ENTRIES ? lanes[seat >> 1] : 0;
                }
                next = seat + 1;
                if (c.skip >> i & 1 != 0) {
                    _drop(c, seat, DropReason.DuplicateRoot);
                    continue;
                }
                uint256 weight;
                DropReason reason;
                (word, weight, reason) = SeatLanes.charge(word, seat, c.price);
                if (weight == 0) {
                    _drop(c, seat, reason);
                    continue;
                }
                SeatLanes.writeWeight(weights, i, weight);
                ++accepted;
            }
            if (word != stored) lanes[(next - 1) >> 1] = word;
        }
    }

    function _drop(Charge memory c, uint256 seat, DropReason reason) private {
        emit EntryDropped(uint32(c.federation), uint32(c.price.round), uint32(seat), reason);
    }

    // ------------------------------------------------------------------------------------------------ views

    /// @inheritdoc ISeats
    function eligibility(uint32 federation, uint32 round, uint32 seat, uint48 rho) external view returns (DropReason reason) {
        (,, reason) = SeatLanes.charge(_word(federation, seat), seat, SeatLanes.Price(block.timestamp / 1 days, round, rho));
    }

    /// @inheritdoc ISeats
    function consentEpoch(uint32 federation) external view returns (uint24) {
        return _federations[federation].consentEpoch;
    }

    /// @inheritdoc ISeats
    function seatCount(uint32 federation) external view returns (uint32) {
        return _federations[federation].seats;
    }

    /// @inheritdoc ISeats
    function seatOf(uint32 federation, uint32 seat) external view returns (Seat memory) {
        _requireSeat(federation, seat);
        SeatRecord storage record = _records[federation][seat];
        return Seat(record.contributor, record.dataset);
    }

    /// @inheritdoc ISeats
    function laneOf(uint32 federation, uint32 seat) external view returns (Lane memory) {
        _requireSeat(federation, seat);
        SeatLane lane = _lane(federation, seat);
        return Lane({
            status: lane.status(),
            version: _records[federation][seat].version,
            weight: lane.weight(),
            remaining: lane.remaining(),
            lastRound: lane.lastRound(),
            expiryDay: lane.expiryDay()
        });
    }

    /// @inheritdoc ISeats
    function isCharged(uint32 federation, uint32 seat, uint32 round) external view returns (bool) {
        return _lane(federation, seat).isCharged(round);
    }

    /// @inheritdoc ISeats
    function grantedOf(uint32 dataset) external view returns (uint256) {
        return _granted[dataset];
    }

    function _requireSeat(uint32 federation, uint32 seat) private view {
        if (seat >= _federations[federation].seats) revert SeatsUnknown(federation, seat);
    }

    /// @dev The lane of a seat that exists and is not revoked.
    function _liveLane(uint32 federation, uint32 seat) private view returns (SeatLane lane) {
        _requireSeat(federation, seat);
        lane = _lane(federation, seat);
        if (lane.status() & SeatLanes.REVOKED != 0) revert SeatsRevoked(federation, seat);
    }

    function _lane(uint32 federation, uint32 seat) private view returns (SeatLane) {
        return SeatLanes.laneIn(_word(federation, seat), seat);
    }

    /// @dev A seat beyond the last that there can be reads as one that was never granted.
    function _word(uint32 federation, uint32 seat) private view returns (uint256) {
        return seat < MAX_ENTRIES ? _lanes[federation][seat >> 1] : 0;
    }

    function _store(uint32 federation, uint32 seat, SeatLane lane) private {
        _lanes[federation][seat >> 1] = SeatLanes.replacedIn(_word(federation, seat), seat, lane);
    }
}
