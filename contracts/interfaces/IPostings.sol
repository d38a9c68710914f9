// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title Postings: the payload of a sealed entry, put on chain so that no report can leave it out
/// @notice Anyone posts the lanes of an entry in parts of `PART_CHUNKS` chunks, in order; the contract checks all of it, and with the last part tells `Rounds`,
/// which from then on refuses a report that excludes the entry. A posted entry is right in everything that a report could be convicted for including it: its
/// lanes are those that its contributor committed to, its trace follows from them, its declared norm is the trace's last value and within the bound, and
/// it has no lane behind the model.
///
///   proof    = header (361) ‖ weights (2n) ‖ update roots (32n) ‖ norms (8n) ‖ norm traces (32n) ‖ entry (1) ‖ part (2)
///              ‖ siblings of the part in the update (32L) ‖ siblings in the trace (32L) ‖ [last part: the specification's last tensor, see `ModelLanes`]
///   L        = D − 9, or 0: an update of at most 2^15 lanes is one part
///   progress = one slot an entry while it is being posted
///
/// Every part is in the event `PartPosted`, so that whoever reports finds it in the logs, however the call was made.
/// @dev Trust assumptions: none but `Rounds`, whose judge this is. Nobody can post something false, and a part that is posted needs no repetition: a second
/// poster goes on where the first one stopped.
/// Warning: only while the round is sealed and in the first half of its report window; a large model may not fit into it. See `docs/contracts/Postings.md`.
interface IPostings {
    /// @param lanes The part's int16 lanes, little-endian, without trailing zero bytes.
    event PartPosted(uint32 indexed federation, uint32 indexed round, bytes32 indexed sealHash, uint256 entry, uint256 part, bytes lanes);

    error PostingsBadLength(uint256 length, uint256 expected);
    error PostingsBadEntry(uint256 entry, uint256 entries);
    /// @notice The column is not the one that was sealed.
    error PostingsWrongColumn(string column);
    /// @notice Payloads are public in privacy mode 0 (A) only.
    error PostingsNotPublic(uint256 privacyMode);
    /// @notice Only int16 lanes have a norm.
    error PostingsElementWidth(uint256 elementWidth);
    /// @notice The seal dropped the entry: there is nothing to include.
    error PostingsDropped(uint256 entry);
    error PostingsNormAboveBound(uint256 normSq, uint256 bound);
    error PostingsAlreadyPosted(uint256 entry);
    /// @notice Parts come in order. `next` is the one that is due.
    error PostingsOutOfOrder(uint256 part, uint256 next);
    error PostingsTooLong(uint256 length, uint256 limit);
    /// @notice Zero bytes at the end of a part are left out.
    error PostingsTrailingZero();
    /// @notice These are not the lanes that the contributor committed to, at this place.
    error PostingsWrongUpdate(bytes32 expected, bytes32 actual);
    /// @notice The contributor's trace does not follow from its update. A report may leave the entry out, and must.
    error PostingsWrongTrace(bytes32 expected, bytes32 actual);
    /// @notice The declared norm is not the update's.
    error PostingsWrongNorm(uint256 declared, uint256 actual);
    error PostingsWrongSpec(bytes32 expected, bytes32 actual);
    /// @notice A lane behind the model is not zero: no report could include the update.
    error PostingsBehindModel(uint256 bytesPosted, uint256 bytesOfModel);

    /// @notice Checks and publishes the next part of an entry's payload.
    function post(uint32 federation, uint32 round, bytes calldata proof, bytes calldata lanes) external;

    /// @notice Chunks of 16 lanes in a part.
    function PART_CHUNKS() external view returns (uint256);
    /// @notice Where a posting stands; all zero before the first part and after the last, which `Rounds.postedOf` tells apart.
    /// @param next The part that is due. @param normSq Σq² of the parts before it. @param end Bytes up to the last one that is not zero.
    function progressOf(bytes32 sealHash, uint256 entry) external view returns (uint16 next, uint64 normSq, uint40 end);
}
