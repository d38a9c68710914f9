// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ISeats} from "../interfaces/ISeats.sol";

/// @notice One seat's state as a seal reads and writes it; two lanes a storage slot, the even seat in the low half.
///
///   bit 0      8                24         40              88           112         128
///       | status | charged rounds |  weight  | remaining nρ  | last round | expiry day |
type SeatLane is uint128;

using SeatLanes for SeatLane global;

/// @title Packing, eligibility and charging of one lane: pure functions, no storage
/// @dev No field can leak into its neighbour: each setter takes the field's own type, clears the field and sets it.
library SeatLanes {
    uint8 internal constant GRANTED = 1;
    uint8 internal constant DATASET_STOPPED = 2;
    uint8 internal constant CONTRIBUTOR_SUSPENDED = 4;
    uint8 internal constant REVOKED = 8;
    /// @dev A seat without data. Beside GRANTED for life, so that a seal needs no check for it.
    uint8 internal constant SUPPORT = 16;

    /// @dev `remaining` of a seat on public data.
    uint48 internal constant EXEMPT = type(uint48).max;
    /// @dev Rounds, up to and with the last one, for which a lane knows whether it was charged.
    uint256 internal constant REMEMBERED_ROUNDS = 16;

    uint256 private constant CHARGED_AT = 8;
    uint256 private constant WEIGHT_AT = 24;
    uint256 private constant REMAINING_AT = 40;
    uint256 private constant LAST_ROUND_AT = 88;
    uint256 private constant EXPIRY_DAY_AT = 112;

    uint128 private constant STATUS_MASK = type(uint8).max;
    uint128 private constant TERMS_MASK = uint128(type(uint16).max) << uint128(WEIGHT_AT) | uint128(type(uint16).max) << uint128(EXPIRY_DAY_AT);
    uint128 private constant REMAINING_MASK = uint128(type(uint48).max) << uint128(REMAINING_AT);

    // --- fields ---

    function status(SeatLane lane) internal pure returns (uint8) {
        return uint8(SeatLane.unwrap(lane));
    }

    /// @notice Bit k: charged for round `lastRound − k`. 0 as long as nothing was charged.
    function chargedRounds(SeatLane lane) internal pure returns (uint16) {
        return uint16(SeatLane.unwrap(lane) >> CHARGED_AT);
    }

    function weight(SeatLane lane) internal pure returns (uint16) {
        return uint16(SeatLane.unwrap(lane) >> WEIGHT_AT);
    }

    function remaining(SeatLane lane) internal pure returns (uint48) {
        return uint48(SeatLane.unwrap(lane) >> REMAINING_AT);
    }

    function lastRound(SeatLane lane) internal pure returns (uint24) {
        return uint24(SeatLane.unwrap(lane) >> LAST_ROUND_AT);
    }

    function expiryDay(SeatLane lane) internal pure returns (uint16) {
        return uint16(SeatLane.unwrap(lane) >> EXPIRY_DAY_AT);
    }

    function withStatus(SeatLane lane, uint8 status_) internal pure returns (SeatLane) {
        return SeatLane.wrap(SeatLane.unwrap(lane) & ~STATUS_MASK | status_);
    }

    function withTerms(SeatLane lane, uint16 weight_, uint16 expiryDay_) internal pure returns (SeatLane) {
        return SeatLane.wrap(SeatLane.unwrap(lane) & ~TERMS_MASK | uint128(weight_) << uint128(WEIGHT_AT) | uint128(expiryDay_) << uint128(EXPIRY_DAY_AT));
    }

    function withRemaining(SeatLane lane, uint48 remaining_) internal pure returns (SeatLane) {
        return SeatLane.wrap(SeatLane.unwrap(lane) & ~REMAINING_MASK | uint128(remaining_) << uint128(REMAINING_AT));
    }

    // --- two lanes a word ---

    /// @notice The lane of `seat` in the word that it shares with its neighbour.
    function laneIn(uint256 word, uint256 seat) internal pure returns (SeatLane) {
        return SeatLane.wrap(uint128(word >> ((seat & 1) << 7)));
    }

    /// @notice The word with `lane` in the place of `seat`; the neighbour's half is kept.
    function replacedIn(uint256 word, uint256 seat, SeatLane lane) internal pure returns (uint256) {
        uint256 shift = (seat & 1) << 7;
        return word & ~(uint256(type(uint128).max) << shift) | uint256(SeatLane.unwrap(lane)) << shift;
    }

    // --- rules ---

    function isExempt(SeatLane lane) internal pure returns (bool) {
        return lane.remaining() == EXEMPT;
    }

    /// @notice Whether the lane paid for `round`; false when that is too long ago to know.
    function isCharged(SeatLane lane, uint256 round) internal pure returns (bool) {
        uint256 last = lane.lastRound();
        // Shifting 16 bits by 16 or more leaves 0, so what is not remembered reads as not charged.
        return round <= last && lane.chargedRounds() >> (last - round) & 1 != 0;
    }

    /// @notice What a seal charges every entry. @param today Days since 1970. @param round Below 2^24. @param rho Below 2^48; 0 charges nothing.
    struct Price {
        uint256 today;
        uint256 round;
        uint256 rho;
    }

    /// @notice What one entry of a seal comes to: whether its seat is eligible, what that weighs, and the word after paying.
    /// @param word The two lanes of the slot that `seat` is in.
    /// @return word_ `word` with the lane charged, if it had to be. @return weight_ 0 if and only if there is a reason.
    /// @dev The hot path of every seal, so it works on the bare word: each field only moves within its own bits, as tested first.
    function charge(uint256 word, uint256 seat, Price memory price)
        internal
        pure
        returns (uint256 word_, uint256 weight_, ISeats.DropReason reason)
    {
        unchecked {
            word_ = word;
            uint256 shift = (seat & 1) << 7;
            uint256 lane = word >> shift; // and, for an even seat, its neighbour above it
            if (lane & type(uint8).max != GRANTED) return (word, 0, _stopReason(lane & type(uint8).max));
            if (price.today >= (lane >> EXPIRY_DAY_AT & type(uint16).max)) return (word, 0, ISeats.DropReason.EthicsExpired);

            weight_ = lane >> WEIGHT_AT & type(uint16).max;
            uint256 left = lane >> REMAINING_AT & type(uint48).max;
            uint256 rho = price.rho;
            if (rho == 0 || left == EXEMPT) return (word, weight_, ISeats.DropReason.None);

            // Sum of what is added to each field, in its place; modulo 2^256, so that what goes down may be negative.
            uint256 change;
            uint256 rounds = lane >> CHARGED_AT & type(uint16).max;
            uint256 last = lane >> LAST_ROUND_AT & type(uint24).max;
            if (price.round > last) {
                last = price.round - last;
                change = (((rounds << last | 1) & type(uint16).max) - rounds << CHARGED_AT) + (last << LAST_ROUND_AT);
            } else {
                // 0 beyond the remembered rounds: not known to be charged, and not remembered.
                change = 1 << last - price.round & type(uint16).max;
                if (rounds & change != 0) return (word, weight_, ISeats.DropReason.None);
                change <<= CHARGED_AT;
            }
            if (left < rho) return (word, 0, ISeats.DropReason.BudgetExhausted);
            word_ = word + (change - (rho << REMAINING_AT) << shift);
        }
    }

    /// @dev In the order of `DropReason`, for a status that is not GRANTED alone. A support seat has neither expiry nor budget, so those never come first.
    function _stopReason(uint256 status_) private pure returns (ISeats.DropReason) {
        if (status_ == 0) return ISeats.DropReason.UnknownSeat;
        if (status_ & REVOKED != 0) return ISeats.DropReason.Revoked;
        if (status_ & DATASET_STOPPED != 0) return ISeats.DropReason.DatasetStopped;
        if (status_ & CONTRIBUTOR_SUSPENDED != 0) return ISeats.DropReason.ContributorSuspended;
        return ISeats.DropReason.SupportSeat;
    }

    /// @notice `clamp(ceil(records / unit), 1, floor(65535 / maxSeats))`: the weights of a federation's seats never sum to more than 16 bits hold.
    function weightOf(uint256 records, uint256 unit, uint256 maxSeats) internal pure returns (uint16) {
        uint256 most = type(uint16).max / maxSeats;
        uint256 units = (records + unit - 1) / unit;
        // `most` is at most 65535.
        return uint16(units == 0 ? 1 : units < most ? units : most);
    }

    /// @notice Writes entry i of a column of big-endian uint16 weights.
    /// @dev The caller keeps i below `weights.length / 2`. Only those two bytes are written: what lies behind the column is not touched.
    function writeWeight(bytes memory weights, uint256 i, uint256 weight_) internal pure {
        assembly ("memory-safe") {
            let at := add(add(weights, 32), shl(1, i)) // behind the length word, two bytes an entry
            mstore8(at, shr(8, weight_)) // mstore8 keeps the low byte
            mstore8(add(at, 1), weight_)
        }
    }
}
