// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title The cumulative rewards tree: leaves by seat index, positions fixed by the index
///
///   leaf = keccak256(abi.encode(chainId, vault, federation, index, payee, cumulative))     192 bytes
///   node = keccak256(left ‖ right)                                                           64 bytes
///
/// @dev A leaf's preimage is three times as long as a node's, so neither can pass for the other. An absent leaf is zero, which no preimage reaches.
library RewardsTree {
    function leaf(uint256 chainId, address vault, uint256 federation, uint256 index, address payee, uint256 cumulative)
        internal
        pure
        returns (bytes32 result)
    {
        // abi.encode of the six, in free memory that stays free.
        assembly ("memory-safe") {
            let preimage := mload(0x40)
            mstore(preimage, chainId)
            mstore(add(preimage, 0x20), shr(96, shl(96, vault))) // an address may carry dirt above its 160 bits
            mstore(add(preimage, 0x40), federation)
            mstore(add(preimage, 0x60), index)
            mstore(add(preimage, 0x80), shr(96, shl(96, payee)))
            mstore(add(preimage, 0xa0), cumulative)
            result := keccak256(preimage, 0xc0)
        }
    }

    /// @notice Whether `node` stands at position `index` of the tree under `expected`, whose depth is the proof's length.
    /// @dev An index beyond the last position is refused, or its low bits would name another one.
    function holds(bytes32 expected, bytes32 node, uint256 index, bytes32[] calldata proof)
        internal
        pure
        returns (bool)
    {
        return (uint256(root(node, index, proof) ^ expected) | (index >> proof.length)) == 0;
    }

    /// @notice The root that `node` at position `index` leads to.
    /// @param index Its bits beyond 250 do not count; `holds` refuses them.
    /// @param proof Siblings from the bottom up.
    function root(bytes32 node, uint256 index, bytes32[] calldata proof) internal pure returns (bytes32 result) {
        // Scratch space only (0x00–0x3f): the left child in its first word, the right one in its second, both written in full before each hash.
        assembly ("memory-safe") {
            let cursor := proof.offset // the next sibling in calldata
            let end := add(cursor, shl(5, proof.length)) // behind the last one
            let position := shl(5, index) // bit 5 says where we stand: 0x00 left, 0x20 right
            mstore(and(position, 0x20), node) // ourselves on our side
            // One level a turn, until a multiple of four is left.
            for {} and(sub(end, cursor), 0x60) { cursor := add(cursor, 0x20) } {
                calldatacopy(and(not(position), 0x20), cursor, 0x20) // the sibling on the other side
                position := shr(1, position) // where the parent stands
                mstore(and(position, 0x20), keccak256(0x00, 0x40)) // the parent on its side
            }
            // The same four times a turn: the loop itself costs as much as a hash.
            for {} lt(cursor, end) { cursor := add(cursor, 0x80) } {
                calldatacopy(and(not(position), 0x20), cursor, 0x20)
                position := shr(1, position)
                mstore(and(position, 0x20), keccak256(0x00, 0x40))
                calldatacopy(and(not(position), 0x20), add(cursor, 0x20), 0x20)
                position := shr(1, position)
                mstore(and(position, 0x20), keccak256(0x00, 0x40))
                calldatacopy(and(not(position), 0x20), add(cursor, 0x40), 0x20)
                position := shr(1, position)
                mstore(and(position, 0x20), keccak256(0x00, 0x40))
                calldatacopy(and(not(position), 0x20), add(cursor, 0x60), 0x20)
                position := shr(1, position)
                mstore(and(position, 0x20), keccak256(0x00, 0x40))
            }
            result := mload(and(position, 0x20)) // the root, wherever it was put
        }
    }

    /// @notice Leaves of the tree of `members`, all absent: `members` padded to a power of two, and one for none.
    function emptyLeaves(uint256 members) internal pure returns (bytes32[] memory) {
        uint256 width = 1;
        while (width < members) width <<= 1;
        return new bytes32[](width);
    }

    /// @notice The root over all leaves. Destroys them: each level overwrites the one below.
    /// @param leaves As many as `emptyLeaves` gives; their number is not checked.
    function rootOf(bytes32[] memory leaves) internal pure returns (bytes32 result) {
        assembly ("memory-safe") {
            let start := add(leaves, 0x20)
            for { let width := mload(leaves) } gt(width, 1) { width := shr(1, width) } {
                let end := add(start, shl(4, width)) // behind the last parent: half as many words as there are children
                let child := start
                for { let parent := start } lt(parent, end) { parent := add(parent, 0x20) } {
                    mstore(parent, keccak256(child, 0x40)) // never beyond the pair that was just read
                    child := add(child, 0x40)
                }
            }
            result := mload(start)
        }
    }
}
