// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title Opening one chunk of an SSZ vector
/// @notice The root that a 32-byte chunk implies: `Vector[uint16, P]` has 16 lanes a chunk, `Vector[uint32, P]` 8, `Vector[uint64, P/16]` 4.
///
///   opening = chunk (32 bytes) ‖ sibling at height 0 ‖ … ‖ sibling at height depth − 1
///   node    = SHA-256(left ‖ right), our side at height h given by bit h of `index`
///
/// @dev Specification: Ethereum consensus specifications, SimpleSerialize, "Merkle multiproofs"; the chunk's generalised index is `2^depth + index`.
/// Warning: a node and a chunk are both 32 bytes. The caller must take `depth` from the model specification, never from the prover, or an inner node
/// passes for a chunk.
library SszOpening {
    /// @notice An opening of this depth has exactly `32 * (depth + 1)` bytes.
    error SszOpeningBadLength(uint256 length, uint256 depth);
    /// @notice The tree has only `2^depth` chunks.
    error SszOpeningBadIndex(uint256 index, uint256 depth);
    /// @notice The SHA-256 precompile ran out of gas, or this chain has none.
    error SszOpeningNoSha256();

    /// @param depth log2 of the vector's chunk count.
    /// @param index The chunk's position, below `2^depth`: higher bits would silently name another chunk.
    function root(bytes calldata opening, uint256 depth, uint256 index) internal view returns (bytes32 result) {
        // Compared as words, so that no depth overflows; the chunk itself is the one word more.
        if (opening.length & 31 != 0 || opening.length >> 5 == 0 || (opening.length >> 5) - 1 != depth) {
            revert SszOpeningBadLength(opening.length, depth);
        }
        if (index >> depth != 0) revert SszOpeningBadIndex(index, depth);
        bool hashed;
        // Scratch space only (0x00–0x3f); both words are written in full before each hash, so nothing depends on what was there.
        assembly ("memory-safe") {
            result := calldataload(opening.offset) // the chunk
            let cursor := add(opening.offset, 0x20) // the next sibling in calldata
            let end := add(opening.offset, opening.length) // behind the last one
            for {} lt(cursor, end) { cursor := add(cursor, 0x20) } {
                let own := shl(5, and(index, 1)) // 0x00: we are the left child; 0x20: the right one
                mstore(own, result) // ourselves on our side
                mstore(xor(own, 0x20), calldataload(cursor)) // the sibling on the other
                pop(staticcall(gas(), 0x02, 0x00, 0x40, 0x00, 0x20)) // the parent, over the left child; judged below
                result := mload(0x00)
                index := shr(1, index) // its position
            }
            // The last call speaks for all: without a precompile each succeeds and returns nothing, and once one lacks gas all later ones do.
            hashed := or(iszero(depth), eq(returndatasize(), 0x20))
        }
        if (!hashed) revert SszOpeningNoSha256();
    }
}
