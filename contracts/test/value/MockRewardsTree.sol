// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {RewardsTree} from "../../libraries/RewardsTree.sol";

/// @dev The library with a clean memory, with a dirty one, and written plainly.
contract MockRewardsTree {
    function leaf(uint256 chainId, address vault, uint32 federation, uint32 index, address payee, uint256 cumulative)
        external
        pure
        returns (bytes32)
    {
        return RewardsTree.leaf(chainId, vault, federation, index, payee, cumulative);
    }

    function holds(bytes32 expected, bytes32 node, uint256 index, bytes32[] calldata proof)
        external
        pure
        returns (bool)
    {
        return RewardsTree.holds(expected, node, index, proof);
    }

    function root(bytes32 node, uint256 index, bytes32[] calldata proof) external pure returns (bytes32) {
        return RewardsTree.root(node, index, proof);
    }

    /// @return result Root computed over dirty scratch space and dirty free memory.
    /// @return intact Whether free memory pointer, zero slot and allocated memory are as before.
    function dirtyRoot(bytes32 node, uint256 index, bytes32[] calldata proof, bytes32 dirt)
        external
        pure
        returns (bytes32 result, bool intact)
    {
        bytes memory held = abi.encode(dirt, ~dirt);
        bytes32 heldHash = keccak256(held);
        uint256 pointer;
        assembly ("memory-safe") {
            mstore(0x00, dirt) // scratch space
            mstore(0x20, not(dirt))
            pointer := mload(0x40) // free memory
            for { let i := 0 } lt(i, 0x400) { i := add(i, 0x20) } { mstore(add(pointer, i), dirt) }
        }
        result = RewardsTree.root(node, index, proof);
        uint256 pointerAfter;
        uint256 zero;
        assembly ("memory-safe") {
            pointerAfter := mload(0x40)
            zero := mload(0x60)
        }
        intact = pointer == pointerAfter && zero == 0 && keccak256(held) == heldHash;
    }

    /// @dev The leaf hash over dirty memory: `abi.encode` must not depend on it.
    function dirtyLeaf(
        uint256 chainId,
        address vault,
        uint32 federation,
        uint32 index,
        address payee,
        uint256 cumulative,
        bytes32 dirt
    ) external pure returns (bytes32) {
        assembly ("memory-safe") {
            let pointer := mload(0x40)
            for { let i := 0 } lt(i, 0x400) { i := add(i, 0x20) } { mstore(add(pointer, i), dirt) }
        }
        return RewardsTree.leaf(chainId, vault, federation, index, payee, cumulative);
    }

    function plainRoot(bytes32 node, uint256 index, bytes32[] calldata proof) external pure returns (bytes32) {
        for (uint256 i; i < proof.length; ++i) {
            bool right = (index >> i) & 1 == 1;
            node = right ? keccak256(abi.encodePacked(proof[i], node)) : keccak256(abi.encodePacked(node, proof[i]));
        }
        return node;
    }
}
