// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title Opening one lane of every update of a round
/// @notice The updates' roots, as the column that the seal pins, from an opening for every entry that counts and the root itself for every other.
///
///   item = effective weight > 0 ? chunk (32 bytes) ‖ siblings bottom-up (32 · (depth + 2)) : root (32)
///
/// What `SszOpening` is for one vector, in one pass: all openings have the same position, and most of the cost of a proof is here.
/// @dev Specification: Ethereum consensus specifications, SimpleSerialize, "Merkle multiproofs".
/// Warning: a node and a chunk are both 32 bytes. The caller must take `depth` from what is signed, never from the prover, or inner nodes pass for chunks.
/// It must also have checked the length of the openings: 32 bytes an entry, and 32 · (depth + 2) more for each that counts.
library UpdateColumn {
    /// @notice The SHA-256 precompile ran out of gas, or this chain has none.
    error UpdateColumnNoSha256();

    /// @notice Effective weights: the sealed ones, 0 for entries that the report excludes; and how many are not 0.
    /// @param packed The weights' column, 2 bytes an entry. What lies behind it is not checked: the caller does. @param excluded Bit i: entry i.
    function effectiveWeights(bytes calldata packed, uint256 offset, uint256 n, uint256 excluded) internal pure returns (uint256[] memory weights, uint256 count) {
        weights = new uint256[](n);
        assembly ("memory-safe") {
            let cursor := add(packed.offset, offset)
            let to := add(weights, 0x20)
            for { let end := add(cursor, shl(1, n)) } lt(cursor, end) { cursor := add(cursor, 2) } {
                let weight := mul(shr(240, calldataload(cursor)), iszero(and(excluded, 1)))
                mstore(to, weight)
                count := add(count, lt(0, weight))
                excluded := shr(1, excluded)
                to := add(to, 0x20)
            }
        }
    }

    /// @param openings The items, in the entries' order. @param depth Updates have 64·2^depth lanes, 16 a chunk.
    /// @param lane Below 64·2^depth: higher bits would silently name another chunk.
    /// @param weights Effective weight of each entry.
    /// @return rootsHash keccak-256 of the roots' column. @return values What each update has at the lane; 0 for entries of weight 0.
    function open(bytes calldata openings, uint256 depth, uint256 lane, uint256[] memory weights)
        internal
        view
        returns (bytes32 rootsHash, int256[] memory values)
    {
        values = new int256[](weights.length);
        bool hashed = true;
        // Hashes in scratch space (0x00–0x3f): both words are written in full before each hash, so nothing depends on what was there.
        // The column is put together in free memory without taking it.
        assembly ("memory-safe") {
            // One level up: the sibling goes to the other side of scratch space than ours, the parent to the side that is its own.
            function climb(cursor, end, path) -> root {
                let own := and(path, 0x20) // 0x00: we are the left child; 0x20: the right one
                // Levels that make no whole four.
                for { let odd := add(cursor, and(sub(end, cursor), 0x60)) } lt(cursor, odd) { cursor := add(cursor, 0x20) } {
                    mstore(xor(own, 0x20), calldataload(cursor))
                    path := shr(1, path)
                    own := and(path, 0x20)
                    pop(staticcall(gas(), 0x02, 0x00, 0x40, own, 0x20)) // judged by the caller
                }
                // Four levels at a time: counting them costs a third of what hashing them does.
                for {} lt(cursor, end) { cursor := add(cursor, 0x80) } {
                    mstore(xor(own, 0x20), calldataload(cursor))
                    own := and(shr(1, path), 0x20)
                    pop(staticcall(gas(), 0x02, 0x00, 0x40, own, 0x20))
                    mstore(xor(own, 0x20), calldataload(add(cursor, 0x20)))
                    own := and(shr(2, path), 0x20)
                    pop(staticcall(gas(), 0x02, 0x00, 0x40, own, 0x20))
                    mstore(xor(own, 0x20), calldataload(add(cursor, 0x40)))
                    own := and(shr(3, path), 0x20)
                    pop(staticcall(gas(), 0x02, 0x00, 0x40, own, 0x20))
                    mstore(xor(own, 0x20), calldataload(add(cursor, 0x60)))
                    path := shr(4, path)
                    own := and(path, 0x20)
                    pop(staticcall(gas(), 0x02, 0x00, 0x40, own, 0x20))
                }
                root := mload(own)
            }

            let cursor := openings.offset
            let siblings := shl(5, add(depth, 2)) // bytes
            let path := shl(5, shr(4, lane)) // the chunk's position, bit 0 as 0x20
            let low := shl(1, and(lane, 15)) // the lane's first byte in its chunk
            let roots := mload(0x40)
            let size := shl(5, mload(weights)) // bytes of a column of words
            for { let i := 0 } lt(i, size) { i := add(i, 0x20) } {
                let root := calldataload(cursor) // of an entry that does not count
                cursor := add(cursor, 0x20)
                if mload(add(add(weights, 0x20), i)) {
                    // Little-endian int16.
                    mstore(add(add(values, 0x20), i), signextend(1, or(byte(low, root), shl(8, byte(add(low, 1), root)))))
                    mstore(and(path, 0x20), root) // the chunk
                    root := climb(cursor, add(cursor, siblings), path)
                    cursor := add(cursor, siblings)
                    // The last call speaks for all: without a precompile each succeeds and returns nothing, and once one lacks gas all later ones do.
                    hashed := eq(returndatasize(), 0x20)
                }
                mstore(add(roots, i), root)
            }
            rootsHash := keccak256(roots, size)
        }
        if (!hashed) revert UpdateColumnNoSha256();
    }
}
