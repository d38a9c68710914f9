// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IRounds} from "../interfaces/IRounds.sol";

/// @notice A round's packed state: everything of `IRounds.Round` but its hash. Drawn in {IRounds}.
type RoundSlot is uint256;

using RoundSlots for RoundSlot global;

/// @title Packing of a round's state: pure functions, no storage
/// @dev A round is read and written once a transition: the compiler, given a struct, would read and write the slot anew for every field.
/// No field can leak into its neighbour: each setter takes the field's own type, clears the field and sets it.
library RoundSlots {
    uint256 private constant ATTEMPT_AT = 8;
    uint256 private constant DEADLINE_AT = 16;
    uint256 private constant PARENT_ROUND_AT = 56;
    uint256 private constant PARENT_ATTEMPT_AT = 88;
    uint256 private constant CONSENT_EPOCH_AT = 96;
    uint256 private constant SEALERS_AT = 120;
    uint256 private constant REPORTERS_AT = 152;
    uint256 private constant SEAL_EPOCH_AT = 184;
    uint256 private constant REPORT_EPOCH_AT = 200;
    uint256 private constant ENTRIES_AT = 216;
    uint256 private constant ACCEPTED_AT = 232;
    uint256 private constant HOLDS_AT = 248;

    uint256 private constant STATE_MASK = type(uint8).max;
    uint256 private constant ATTEMPT_MASK = uint256(type(uint8).max) << ATTEMPT_AT;
    uint256 private constant DEADLINE_MASK = uint256(type(uint40).max) << DEADLINE_AT;
    uint256 private constant REPORTERS_MASK = uint256(type(uint32).max) << REPORTERS_AT;
    uint256 private constant REPORT_EPOCH_MASK = uint256(type(uint16).max) << REPORT_EPOCH_AT;
    uint256 private constant HOLDS_MASK = uint256(type(uint8).max) << HOLDS_AT;

    function state(RoundSlot slot) internal pure returns (IRounds.State) {
        return IRounds.State(uint8(RoundSlot.unwrap(slot)));
    }

    function attempt(RoundSlot slot) internal pure returns (uint8) {
        return uint8(RoundSlot.unwrap(slot) >> ATTEMPT_AT);
    }

    function deadline(RoundSlot slot) internal pure returns (uint40) {
        return uint40(RoundSlot.unwrap(slot) >> DEADLINE_AT);
    }

    function parentRound(RoundSlot slot) internal pure returns (uint32) {
        return uint32(RoundSlot.unwrap(slot) >> PARENT_ROUND_AT);
    }

    function parentAttempt(RoundSlot slot) internal pure returns (uint8) {
        return uint8(RoundSlot.unwrap(slot) >> PARENT_ATTEMPT_AT);
    }

    function consentEpoch(RoundSlot slot) internal pure returns (uint24) {
        return uint24(RoundSlot.unwrap(slot) >> CONSENT_EPOCH_AT);
    }

    function sealers(RoundSlot slot) internal pure returns (uint32) {
        return uint32(RoundSlot.unwrap(slot) >> SEALERS_AT);
    }

    function reporters(RoundSlot slot) internal pure returns (uint32) {
        return uint32(RoundSlot.unwrap(slot) >> REPORTERS_AT);
    }

    function sealEpoch(RoundSlot slot) internal pure returns (uint16) {
        return uint16(RoundSlot.unwrap(slot) >> SEAL_EPOCH_AT);
    }

    function reportEpoch(RoundSlot slot) internal pure returns (uint16) {
        return uint16(RoundSlot.unwrap(slot) >> REPORT_EPOCH_AT);
    }

    function entries(RoundSlot slot) internal pure returns (uint16) {
        return uint16(RoundSlot.unwrap(slot) >> ENTRIES_AT);
    }

    function accepted(RoundSlot slot) internal pure returns (uint16) {
        return uint16(RoundSlot.unwrap(slot) >> ACCEPTED_AT);
    }

    function holds(RoundSlot slot) internal pure returns (uint8) {
        return uint8(RoundSlot.unwrap(slot) >> HOLDS_AT);
    }

    function withState(RoundSlot slot, IRounds.State state_) internal pure returns (RoundSlot) {
        return RoundSlot.wrap(RoundSlot.unwrap(slot) & ~STATE_MASK | uint256(state_));
    }

    function withAttempt(RoundSlot slot, uint8 attempt_) internal pure returns (RoundSlot) {
        return RoundSlot.wrap(RoundSlot.unwrap(slot) & ~ATTEMPT_MASK | uint256(attempt_) << ATTEMPT_AT);
    }

    function withDeadline(RoundSlot slot, uint40 deadline_) internal pure returns (RoundSlot) {
        return RoundSlot.wrap(RoundSlot.unwrap(slot) & ~DEADLINE_MASK | uint256(deadline_) << DEADLINE_AT);
    }

    function withHolds(RoundSlot slot, uint8 holds_) internal pure returns (RoundSlot) {
        return RoundSlot.wrap(RoundSlot.unwrap(slot) & ~HOLDS_MASK | uint256(holds_) << HOLDS_AT);
    }

    function withReporters(RoundSlot slot, uint32 reporters_, uint16 epoch) internal pure returns (RoundSlot) {
        uint256 rest = RoundSlot.unwrap(slot) & ~(REPORTERS_MASK | REPORT_EPOCH_MASK);
        return RoundSlot.wrap(rest | uint256(reporters_) << REPORTERS_AT | uint256(epoch) << REPORT_EPOCH_AT);
    }

    /// @notice All of a round but its hash.
    function pack(IRounds.Round memory round) internal pure returns (RoundSlot) {
        uint256 slot = uint256(round.state) | uint256(round.attempt) << ATTEMPT_AT | uint256(round.deadline) << DEADLINE_AT;
        slot |= uint256(round.parentRound) << PARENT_ROUND_AT | uint256(round.parentAttempt) << PARENT_ATTEMPT_AT;
        slot |= uint256(round.consentEpoch) << CONSENT_EPOCH_AT | uint256(round.sealers) << SEALERS_AT;
        slot |= uint256(round.reporters) << REPORTERS_AT | uint256(round.sealEpoch) << SEAL_EPOCH_AT;
        slot |= uint256(round.reportEpoch) << REPORT_EPOCH_AT | uint256(round.entries) << ENTRIES_AT;
        slot |= uint256(round.accepted) << ACCEPTED_AT | uint256(round.holds) << HOLDS_AT;
        return RoundSlot.wrap(slot);
    }

    function unpack(RoundSlot slot, bytes32 hash) internal pure returns (IRounds.Round memory round) {
        round.hash = hash;
        round.state = slot.state();
        round.attempt = slot.attempt();
        round.deadline = slot.deadline();
        round.parentRound = slot.parentRound();
        round.parentAttempt = slot.parentAttempt();
        round.consentEpoch = slot.consentEpoch();
        round.sealers = slot.sealers();
        round.reporters = slot.reporters();
        round.sealEpoch = slot.sealEpoch();
        round.reportEpoch = slot.reportEpoch();
        round.entries = slot.entries();
        round.accepted = slot.accepted();
        round.holds = slot.holds();
    }
}
