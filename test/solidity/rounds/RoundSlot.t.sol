// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IRounds} from "../../../contracts/interfaces/IRounds.sol";
import {RoundSlot, RoundSlots} from "../../../contracts/libraries/RoundSlot.sol";

/// @notice Packing of a round: what is set is read back, and nothing else moves.
contract RoundSlotTest {
    /// @dev Any word whose state is one.
    function _slot(uint256 word, uint8 state) private pure returns (RoundSlot) {
        return RoundSlot.wrap(word & ~uint256(0xff) | state % 6);
    }

    function _same(RoundSlot slot, IRounds.Round memory expected) private pure {
        assert(keccak256(abi.encode(slot.unpack(expected.hash))) == keccak256(abi.encode(expected)));
        assert(RoundSlot.unwrap(RoundSlots.pack(expected)) == RoundSlot.unwrap(slot));
    }

    function testFuzz_pack_everyBitIsAField_succeeds(uint256 word, uint8 state, bytes32 hash) external pure {
        RoundSlot slot = _slot(word, state);
        _same(slot, slot.unpack(hash));
    }

    /// @dev As drawn in `IRounds`, from the highest field down.
    function testFuzz_unpack_layout_succeeds(uint256 word, uint8 state) external pure {
        RoundSlot slot = _slot(word, state);
        IRounds.Round memory r = slot.unpack(0);
        bytes memory drawn = abi.encodePacked(r.holds, r.accepted, r.entries, r.reportEpoch, r.sealEpoch, r.reporters);
        drawn = abi.encodePacked(drawn, r.sealers, r.consentEpoch, r.parentAttempt, r.parentRound, r.deadline, r.attempt, uint8(r.state));
        assert(bytes32(drawn) == bytes32(RoundSlot.unwrap(slot)));
    }

    function testFuzz_withers_keepTheRest_succeeds(uint256 word, uint8 state, uint8 next, uint8 attempt, uint40 deadline, uint8 holds) external pure {
        RoundSlot slot = _slot(word, state);
        IRounds.Round memory r = slot.unpack(0);
        (r.state, r.attempt, r.deadline, r.holds) = (IRounds.State(next % 6), attempt, deadline, holds);
        _same(slot.withState(r.state).withAttempt(attempt).withDeadline(deadline).withHolds(holds), r);
        _same(slot.withHolds(holds).withDeadline(deadline).withAttempt(attempt).withState(r.state), r);
    }

    function testFuzz_withReporters_keepsTheRest_succeeds(uint256 word, uint8 state, uint32 reporters, uint16 epoch) external pure {
        RoundSlot slot = _slot(word, state);
        IRounds.Round memory r = slot.unpack(0);
        (r.reporters, r.reportEpoch) = (reporters, epoch);
        _same(slot.withReporters(reporters, epoch), r);
    }

    function testFuzz_getters_sameAsUnpacked_succeeds(uint256 word, uint8 state) external pure {
        RoundSlot s = _slot(word, state);
        IRounds.Round memory r = s.unpack(0);
        assert(s.state() == r.state && s.attempt() == r.attempt && s.deadline() == r.deadline && s.parentRound() == r.parentRound);
        assert(s.parentAttempt() == r.parentAttempt && s.consentEpoch() == r.consentEpoch && s.sealers() == r.sealers);
        assert(s.reporters() == r.reporters && s.sealEpoch() == r.sealEpoch && s.reportEpoch() == r.reportEpoch);
        assert(s.entries() == r.entries && s.accepted() == r.accepted && s.holds() == r.holds);
    }
}
