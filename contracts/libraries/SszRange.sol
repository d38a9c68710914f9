// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Bits} from "./Bits.sol";

/// @title Opening a run of chunks of an SSZ vector
/// @notice The root that `count` neighbouring chunks imply; `SszOpening` is the case of one.
///
///   opening  = chunks (32 · count bytes) ‖ siblings at height 0 ‖ … ‖ siblings at height depth − 1
///   siblings = the left one when the run's lowest index there is odd, then the right one when its highest is even
///   node     = SHA-256(left ‖ right)
///
/// At height h the run covers the nodes `first >> h` to `last >> h`, so it lacks a left sibling wherever `first` has a bit set and a right one wherever
/// `last` has none: `count + ones(first) + depth − ones(last)` words in all.
/// @dev Specification: Ethereum consensus specifications, SimpleSerialize, "Merkle multiproofs"; these are the siblings of a multiproof, in another order.
/// Warning: a node and a chunk are both 32 bytes. The caller must take `depth` from what is signed, never from the prover, or inner nodes pass for chunks.
library SszRange {
    /// @notice An opening of this run has exactly `32 * (count + ones(first) + depth - ones(last))` bytes.
    error SszRangeBadLength(uint256 length, uint256 depth, uint256 first, uint256 count);
    /// @notice The tree has only `2^depth` chunks, a run at least one, and no tree more than 255 levels.
    error SszRangeBadIndex(uint256 first, uint256 count, uint256 depth);
    /// @notice The SHA-256 precompile ran out of gas, or this chain has none.
    error SszRangeNoSha256();

    /// @param depth log2 of the vector's chunk count.
    /// @param first Position of the run's first chunk. @param count Its chunks; the last must lie below `2^depth`.
    function root(bytes calldata opening, uint256 depth, uint256 first, uint256 count) internal view returns (bytes32 result) {
        uint256 last;
        // Wraps, and every wrap is refused: a run of no chunk ends before it starts or beyond any tree, as one past 2^256 does.
        unchecked {
            last = first + count - 1;
            if (last < first || depth > 255 || last >> depth != 0) revert SszRangeBadIndex(first, count, depth);
            // Numbers below 2^256 by far now, so a negative difference wraps to one that is no depth.
            uint256 levels = (opening.length >> 5) + Bits.count(last) - count - Bits.count(first);
            if (opening.length & 31 != 0 || levels != depth) revert SszRangeBadLength(opening.length, depth, first, count);
        }
        bool hashed;
        // Works in free memory without taking it: a level stands from `nodes` on, its parents replace it, and one word before it is for a left sibling.
        assembly ("memory-safe") {
            let spare := mload(0x40) // the word for a left sibling
            let nodes := add(spare, 0x20)
            let size := shl(5, count) // bytes of the level
            calldatacopy(nodes, opening.offset, size)
            let cursor := add(opening.offset, size) // the next sibling in calldata
            for {} depth { depth := sub(depth, 1) } {
                let from := nodes
                let to := add(nodes, size)
                if and(first, 1) {
                    mstore(spare, calldataload(cursor)) // we begin with a right child: its left sibling
                    cursor := add(cursor, 0x20)
                    from := spare
                }
                if iszero(and(last, 1)) {
                    mstore(to, calldataload(cursor)) // we end with a left child: its right sibling
                    cursor := add(cursor, 0x20)
                    to := add(to, 0x20)
                }
                size := shr(1, sub(to, from)) // whole pairs now
                let parent := nodes
                // A parent never overtakes the pair that is read: it is written at or before the second half of its own pair, which is read by then.
                for {} lt(from, to) { from := add(from, 0x40) } {
                    pop(staticcall(gas(), 0x02, from, 0x40, parent, 0x20)) // judged below
                    parent := add(parent, 0x20)
                }
                first := shr(1, first)
                last := shr(1, last)
                hashed := eq(returndatasize(), 0x20) // the last call of all speaks for all, see below
            }
            result := mload(nodes)
        }
        // Without a precompile each call succeeds and returns nothing, and once one lacks gas all later ones do.
        // A single chunk is its own root and needs none.
        if (!hashed && opening.length != 32) revert SszRangeNoSha256();
    }
}
