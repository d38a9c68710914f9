// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ISeats} from "../../../contracts/interfaces/ISeats.sol";
import {SeatLane, SeatLanes} from "../../../contracts/libraries/SeatLane.sol";
import {assertEq, bound} from "./Vm.sol";

/// @notice Packing: what is set is read back, nothing else moves, the neighbour in the slot least of all.
contract SeatLaneTest {
    struct Fields {
        uint8 status;
        uint16 charged;
        uint16 weight;
        uint48 remaining;
        uint24 lastRound;
        uint16 expiryDay;
    }

    function test_layout_matchesTheDrawing_succeeds(Fields memory f) external pure {
        assertSame(f, read(pack(f)));
    }

    function test_withStatus_keepsTheRest_succeeds(Fields memory f, uint8 status) external pure {
        SeatLane lane = pack(f).withStatus(status);
        f.status = status;
        assertSame(f, read(lane));
    }

    function test_withTerms_keepsTheRest_succeeds(Fields memory f, uint16 weight, uint16 expiryDay) external pure {
        SeatLane lane = pack(f).withTerms(weight, expiryDay);
        (f.weight, f.expiryDay) = (weight, expiryDay);
        assertSame(f, read(lane));
    }

    function test_withRemaining_keepsTheRest_succeeds(Fields memory f, uint48 remaining) external pure {
        SeatLane lane = pack(f).withRemaining(remaining);
        f.remaining = remaining;
        assertSame(f, read(lane));
        assertEq("exempt", remaining == type(uint48).max ? 1 : 0, lane.isExempt() ? 1 : 0);
    }

    function test_replacedIn_neighbourStays_succeeds(uint256 word, uint256 seat, uint128 lane) external pure {
        uint256 after_ = SeatLanes.replacedIn(word, seat, SeatLane.wrap(lane));
        assertEq("own half", lane, SeatLane.unwrap(SeatLanes.laneIn(after_, seat)));
        uint256 neighbour = seat ^ 1;
        assertEq("other half", SeatLane.unwrap(SeatLanes.laneIn(word, neighbour)), SeatLane.unwrap(SeatLanes.laneIn(after_, neighbour)));
    }

    /// @dev Against the rule written out field by field, on any two lanes.
    function test_charge_matchesTheRule_succeeds(uint256 word, uint256 seat, uint256 today, uint24 round, uint48 rho, uint8 shape) external pure {
        Fields memory f = read(SeatLanes.laneIn(word, seat));
        // Most random words are neither granted nor near the round: bring them there.
        if (shape & 1 != 0) f.status = 1;
        if (shape & 2 != 0) f.lastRound = uint24(bound(f.lastRound, round > 20 ? round - 20 : 0, round < type(uint24).max - 20 ? round + 20 : round));
        if (shape & 4 != 0) f.remaining = type(uint48).max;
        if (shape & 8 != 0) today = bound(today, 0, uint256(type(uint16).max) + 1);
        if (shape & 16 != 0) rho = uint48(bound(rho, 0, uint256(f.remaining) + 1 > type(uint48).max ? type(uint48).max : f.remaining + 1));
        if (shape & 32 != 0) f.expiryDay = type(uint16).max;
        word = SeatLanes.replacedIn(word, seat, pack(f));

        assertCharge(word, seat, f, SeatLanes.Price(today, round, rho));
    }

    function assertCharge(uint256 word, uint256 seat, Fields memory f, SeatLanes.Price memory price) private pure {
        (uint256 after_, uint256 weight, ISeats.DropReason reason) = SeatLanes.charge(word, seat, price);
        (Fields memory expected, ISeats.DropReason expectedReason) = model(f, price.today, price.round, uint48(price.rho));
        bool accepted = reason == ISeats.DropReason.None;
        assertEq("reason", uint256(expectedReason), uint256(reason));
        assertEq("weight", accepted ? f.weight : 0, weight);
        assertEq("word", SeatLanes.replacedIn(word, seat, pack(expected)), after_);

        bool charged = SeatLanes.laneIn(after_, seat).isCharged(price.round);
        bool remembered = price.round + 16 > expected.lastRound;
        if (accepted && price.rho != 0 && f.remaining != type(uint48).max && remembered) assertEq("is charged", 1, charged ? 1 : 0);
        // Charging the same round again changes nothing, as long as the lane remembers it.
        if (charged) {
            (uint256 again, uint256 weightAgain,) = SeatLanes.charge(after_, seat, price);
            assertEq("once", after_, again);
            if (accepted) assertEq("weight again", weight, weightAgain);
        }
    }

    function test_weightOf_isClamped_succeeds(uint32 records, uint32 unit, uint16 maxSeats) external pure {
        unit = uint32(bound(unit, 1, type(uint32).max));
        maxSeats = uint16(bound(maxSeats, 1, 256));
        uint256 weight = SeatLanes.weightOf(records, unit, maxSeats);
        uint256 exact = uint256(records) / unit + (records % unit == 0 ? 0 : 1);
        uint256 most = 65_535 / uint256(maxSeats);
        assertEq("weight", exact < 1 ? 1 : exact > most ? most : exact, weight);
        assertEq("fits 16 bits", 1, weight * maxSeats <= type(uint16).max ? 1 : 0);
    }

    /// @dev Under dirty memory: everything around the two bytes keeps its value, in the column and outside it.
    function test_writeWeight_dirtyMemory_succeeds(uint8 entries, uint8 entry, uint16 weight, uint256 dirt) external pure {
        uint256 n = bound(entries, 1, 255);
        uint256 i = bound(entry, 0, n - 1);
        bytes memory before_ = new bytes(32);
        bytes memory column = new bytes(2 * n);
        bytes memory after_ = new bytes(32);
        for (uint256 k; k < 32; ++k) (before_[k], after_[k]) = (bytes1(uint8(dirt >> k)), bytes1(uint8(dirt >> (k + 8))));
        for (uint256 k; k < column.length; ++k) column[k] = bytes1(uint8(dirt >> (k % 200)));
        bytes memory expected = bytes.concat(column);
        (expected[2 * i], expected[2 * i + 1]) = (bytes1(uint8(weight >> 8)), bytes1(uint8(weight)));
        bytes32 around = keccak256(bytes.concat(before_, after_));

        // Bits above the 16 must not matter either.
        SeatLanes.writeWeight(column, i, weight | (dirt << 16));

        assertEq("column", uint256(keccak256(expected)), uint256(keccak256(column)));
        assertEq("around", uint256(around), uint256(keccak256(bytes.concat(before_, after_))));
    }

    function pack(Fields memory f) internal pure returns (SeatLane) {
        return SeatLane.wrap(
            uint128(f.status) | uint128(f.charged) << 8 | uint128(f.weight) << 24 | uint128(f.remaining) << 40 | uint128(f.lastRound) << 88
                | uint128(f.expiryDay) << 112
        );
    }

    function read(SeatLane lane) internal pure returns (Fields memory) {
        return Fields(lane.status(), lane.chargedRounds(), lane.weight(), lane.remaining(), lane.lastRound(), lane.expiryDay());
    }

    function model(Fields memory f, uint256 today, uint256 round, uint48 rho) internal pure returns (Fields memory g, ISeats.DropReason) {
        g = Fields(f.status, f.charged, f.weight, f.remaining, f.lastRound, f.expiryDay);
        if (f.status == 0) return (g, ISeats.DropReason.UnknownSeat);
        if (f.status & 8 != 0) return (g, ISeats.DropReason.Revoked);
        if (f.status & 2 != 0) return (g, ISeats.DropReason.DatasetStopped);
        if (f.status & 4 != 0) return (g, ISeats.DropReason.ContributorSuspended);
        if (f.status != 1) return (g, ISeats.DropReason.SupportSeat);
        if (today >= f.expiryDay) return (g, ISeats.DropReason.EthicsExpired);
        if (rho == 0 || f.remaining == type(uint48).max) return (g, ISeats.DropReason.None);
        // One bit after the other: which of the 16 rounds up to the new last one are charged.
        uint256 last = f.lastRound > round ? f.lastRound : round;
        bool already = false;
        uint16 charged;
        for (uint256 k; k < 16 && k <= last; ++k) {
            uint256 r = last - k;
            bool was = r <= f.lastRound && f.lastRound - r < 16 && (f.charged >> (f.lastRound - r)) & 1 == 1;
            if (r == round && was) already = true;
            if (was || r == round) charged |= uint16(1 << k);
        }
        // Bits of rounds before round 0 mean nothing; a real lane never has them, a random one may.
        for (uint256 k = last + 1; k < 16; ++k) {
            if (last - f.lastRound <= k && (f.charged >> (k - (last - f.lastRound))) & 1 == 1) charged |= uint16(1 << k);
        }
        if (already) return (g, ISeats.DropReason.None);
        if (f.remaining < rho) return (g, ISeats.DropReason.BudgetExhausted);
        (g.charged, g.lastRound, g.remaining) = (charged, uint24(last), f.remaining - rho);
        return (g, ISeats.DropReason.None);
    }

    function assertSame(Fields memory expected, Fields memory actual) internal pure {
        assertEq("status", expected.status, actual.status);
        assertEq("charged", expected.charged, actual.charged);
        assertEq("weight", expected.weight, actual.weight);
        assertEq("remaining", expected.remaining, actual.remaining);
        assertEq("lastRound", expected.lastRound, actual.lastRound);
        assertEq("expiryDay", expected.expiryDay, actual.expiryDay);
    }
}
