// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title Commendations: whose work the community wants to single out
/// @notice Each organisation has one voice a settlement: whoever holds its library card names one to three seats whose work was outstanding. A settlement gives
/// a small, capped share of its pool by these voices, under the federation's terms. Opinions are not measurements: that is why the share is small.
///
/// **Which voices count.** Those for the settlement's federation and index that were given at or before T, the deadline of the last final round that it covers
/// (`Rounds.roundOf(federation, lastRound).deadline`; void rounds at the end are skipped). A settlement can only be proposed after T, a voice is never
/// changed, and its time is stored: so everyone who recomputes the settlement, at any time, reads the same voices from `voicesOf`. A later voice is kept, and
/// counts only if the settlement is overturned and done again through a later round.
///
/// **One voice, for good.** A voice cannot be replaced. Replaceable voices would need the whole history to be recomputed, and would invite bargains: who can
/// still take a voice back can ask something for not doing so.
/// @dev Trust assumptions: none of its own; it has no owner. Governance admits organisations and takes cards away (`Contributors`): whom it admits has a voice.
/// Cards cannot be moved, so a voice cannot be borrowed for a transaction, and a card that is taken away takes no given voice with it.
/// Organisations under common control each have a voice; clusters never change, so that the terms can count a cluster once.
interface ICommendations {
    /// @param organisation Whose voice it is. @param givenAt When it was given (seconds). @param seats One to three, strictly ascending.
    struct Voice {
        uint32 organisation;
        uint48 givenAt;
        uint32[] seats;
    }

    event Commended(uint32 indexed federation, uint32 indexed index, uint32 indexed organisation, uint32[] seats);

    /// @notice The caller does not hold the organisation's card. An organisation without one reverts with ERC721NonexistentToken.
    error CommendationsNotHolder(uint32 organisation, address caller);
    error CommendationsAlreadyGiven(uint32 federation, uint32 index, uint32 organisation);
    /// @notice Only the next settlement can be spoken for.
    error CommendationsWrongIndex(uint32 index, uint32 next);
    /// @notice The settlement is proposed: what it pays was signed.
    error CommendationsTooLate(uint32 federation, uint32 index);
    error CommendationsBadCount(uint256 count, uint256 limit);
    /// @notice Seats that do not strictly ascend; so none is named twice.
    error CommendationsNotAscending(uint32 seat);
    error CommendationsSeatRevoked(uint32 federation, uint32 seat);
    /// @notice The seat is one of the voter's own organisation, or of an organisation under common control with it.
    error CommendationsOwnSeat(uint32 organisation, uint32 seat);

    /// @notice Whoever holds the organisation's library card gives its voice for the federation's next settlement.
    /// @param seats One to three seats that exist and are not revoked, of contributors of other organisations and clusters; strictly ascending.
    function commend(uint32 organisation, uint32 federation, uint32 index, uint32[] calldata seats) external;

    function hasSpoken(uint32 federation, uint32 index, uint32 organisation) external view returns (bool);
    /// @notice All voices for a settlement, in the order in which they were given.
    function voicesOf(uint32 federation, uint32 index) external view returns (Voice[] memory);
}
