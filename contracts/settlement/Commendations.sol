// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {BitMaps} from "@openzeppelin/contracts/utils/structs/BitMaps.sol";
import {ICommendations} from "../interfaces/ICommendations.sol";
import {IContributors} from "../interfaces/IContributors.sol";
import {ISeats} from "../interfaces/ISeats.sol";
import {ISettlement} from "../interfaces/ISettlement.sol";
import {SeatLanes} from "../libraries/SeatLane.sol";
import {LibraryCard} from "../registry/LibraryCard.sol";

/// @title Commendations
/// @dev Specified in {ICommendations}. One slot a voice, and a bit to find it again.
contract Commendations is ICommendations {
    using BitMaps for BitMaps.BitMap;

    uint256 public constant MAX_SEATS = 3;

    IContributors public immutable CONTRIBUTORS;
    ISeats public immutable SEATS;
    ISettlement public immutable SETTLEMENT;
    LibraryCard private immutable _CARD;

    /// @param seats `count` ids of 32 bits, the last in the lowest bits.
    struct PackedVoice {
        uint32 organisation;
        uint48 givenAt;
        uint8 count;
        uint96 seats;
    }

    mapping(uint32 federation => mapping(uint32 index => PackedVoice[])) private _voices;
    mapping(uint32 federation => mapping(uint32 index => BitMaps.BitMap)) private _spoken;

    constructor(IContributors contributors, ISeats seats, ISettlement settlement) {
        CONTRIBUTORS = contributors;
        SEATS = seats;
        SETTLEMENT = settlement;
        _CARD = LibraryCard(contributors.libraryCard());
    }

    /// @inheritdoc ICommendations
    function commend(uint32 organisation, uint32 federation, uint32 index, uint32[] calldata seats) external {
        if (_CARD.ownerOf(organisation) != msg.sender) revert CommendationsNotHolder(organisation, msg.sender);
        ISettlement.Account memory account = SETTLEMENT.accountOf(federation);
        if (index != account.nextIndex) revert CommendationsWrongIndex(index, account.nextIndex);
        if (account.state != ISettlement.State.None) revert CommendationsTooLate(federation, index);
        BitMaps.BitMap storage spoken = _spoken[federation][index];
        if (spoken.get(organisation)) revert CommendationsAlreadyGiven(federation, index, organisation);

        uint96 packed = _checked(organisation, federation, seats);
        spoken.set(organisation);
        _voices[federation][index].push(PackedVoice(organisation, uint48(block.timestamp), uint8(seats.length), packed));
        emit Commended(federation, index, organisation, seats);
    }

    /// @inheritdoc ICommendations
    function hasSpoken(uint32 federation, uint32 index, uint32 organisation) external view returns (bool) {
        return _spoken[federation][index].get(organisation);
    }

    /// @inheritdoc ICommendations
    function voicesOf(uint32 federation, uint32 index) external view returns (Voice[] memory voices) {
        PackedVoice[] storage packed = _voices[federation][index];
        voices = new Voice[](packed.length);
        for (uint256 i; i < voices.length; ++i) {
            PackedVoice memory voice = packed[i];
            uint32[] memory seats = new uint32[](voice.count);
            for (uint256 k = voice.count; k > 0; voice.seats >>= 32) {
                seats[--k] = uint32(voice.seats);
            }
            voices[i] = Voice(voice.organisation, voice.givenAt, seats);
        }
    }

    /// @dev The seats in 32 bits each, after checking that the organisation may name them.
    function _checked(uint32 organisation, uint32 federation, uint32[] calldata seats) private view returns (uint96 packed) {
        if (seats.length == 0 || seats.length > MAX_SEATS) revert CommendationsBadCount(seats.length, MAX_SEATS);
        uint32 cluster = CONTRIBUTORS.organisationOf(organisation).cluster;
        for (uint256 i; i < seats.length; ++i) {
            uint32 seat = seats[i];
            if (i > 0 && seat <= seats[i - 1]) revert CommendationsNotAscending(seat);
            if (SEATS.laneOf(federation, seat).status & SeatLanes.REVOKED != 0) revert CommendationsSeatRevoked(federation, seat);
            uint32 other = CONTRIBUTORS.contributorOf(SEATS.seatOf(federation, seat).contributor).organisation;
            if (other == organisation || (cluster != 0 && CONTRIBUTORS.organisationOf(other).cluster == cluster)) revert CommendationsOwnSeat(organisation, seat);
            packed = packed << 32 | seat;
        }
    }
}
