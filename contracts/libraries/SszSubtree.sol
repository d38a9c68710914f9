// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title A subtree of an SSZ vector, computed from its chunks, and the way from it to the root
/// @notice The chunks behind the last one given are all equal: zero in an update, the last value in a norm trace. They cost one hash a level.
/// @dev Specification: Ethereum consensus specifications, SimpleSerialize, "Merkleization".
library SszSubtree {
    /// @notice A node at this height has exactly `32 * levels` bytes of siblings above it.
    error SszSubtreeBadLength(uint256 length, uint256 levels);
    /// @notice The SHA-256 precompile ran out of gas, or this chain has none.
    error SszSubtreeNoSha256();

    /// @notice Root of `2^height` chunks.
    /// @param nodes Where in memory the chunks stand. They are overwritten, and so is the word behind them.
    /// @param count Chunks that stand there, at most `2^height`. @param filler The chunk that all others equal.
    function root(uint256 nodes, uint256 count, uint256 height, bytes32 filler) internal view returns (bytes32 result) {
        bool hashed = height == 0;
        assembly ("memory-safe") {
            for {} height { height := sub(height, 1) } {
                let end := add(nodes, shl(5, count)) // behind the last node of this level
                if and(count, 1) {
                    mstore(end, filler) // its partner
                    count := add(count, 1)
                    end := add(end, 0x20)
                }
                let parent := nodes
                for { let at := nodes } lt(at, end) { at := add(at, 0x40) } {
                    pop(staticcall(gas(), 0x02, at, 0x40, parent, 0x20)) // at or before the pair that was read; judged below
                    parent := add(parent, 0x20)
                }
                count := shr(1, count)
                mstore(0x00, filler)
                mstore(0x20, filler)
                pop(staticcall(gas(), 0x02, 0x00, 0x40, 0x00, 0x20)) // two of the filler
                filler := mload(0x00)
                // The last call speaks for all: without a precompile each succeeds and returns nothing, and once one lacks gas all later ones do.
                hashed := eq(returndatasize(), 0x20)
            }
            result := filler
            if count { result := mload(nodes) }
        }
        if (!hashed) revert SszSubtreeNoSha256();
    }

    /// @notice The root that a node implies.
    /// @param siblings Siblings on the way up, bottom-up, 32 bytes each. @param levels How many. @param index The node's position, below `2^levels`.
    function climb(bytes32 node, bytes calldata siblings, uint256 levels, uint256 index) internal view returns (bytes32 result) {
        if (siblings.length != 32 * levels) revert SszSubtreeBadLength(siblings.length, levels);
        bool hashed = levels == 0;
        result = node;
        assembly ("memory-safe") {
            let end := add(siblings.offset, siblings.length)
            for { let cursor := siblings.offset } lt(cursor, end) { cursor := add(cursor, 0x20) } {
                let own := shl(5, and(index, 1)) // 0x00: we are the left child; 0x20: the right one
                mstore(own, result)
                mstore(xor(own, 0x20), calldataload(cursor))
                pop(staticcall(gas(), 0x02, 0x00, 0x40, 0x00, 0x20))
                result := mload(0x00)
                index := shr(1, index)
                hashed := eq(returndatasize(), 0x20) // as above
            }
        }
        if (!hashed) revert SszSubtreeNoSha256();
    }
}
