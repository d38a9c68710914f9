// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {PackedBytes} from "./PackedBytes.sol";

/// @title How many lanes a model has, by its specification's root
/// @notice Tensors follow one another without gaps, so the last one ends where the model does: only that one is opened.
///
///   opening = tensors before the last (2) ‖ dimensions of the last (1) ‖ struct hash of each before it (32) ‖ keccak-256 of its name ‖ dimensions (4 each)
///             ‖ offset (8) ‖ fraction bits (1)
///
/// @dev `ModelSpec(uint32 version,Tensor[] tensors)Tensor(string name,uint32[] shape,uint64 offset,uint8 fracBits)`, version 1; see `protocol/model-spec.ts`.
library ModelLanes {
    using PackedBytes for bytes;

    bytes32 private constant TENSOR_TYPEHASH = keccak256("Tensor(string name,uint32[] shape,uint64 offset,uint8 fracBits)");
    bytes32 private constant MODEL_SPEC_TYPEHASH = keccak256(
        "ModelSpec(uint32 version,Tensor[] tensors)Tensor(string name,uint32[] shape,uint64 offset,uint8 fracBits)"
    );
    uint256 private constant VERSION = 1;

    /// @notice An opening with these counts has another length.
    error ModelLanesBadLength(uint256 length, uint256 expected);

    /// @return root Root that the opening implies. @return lanes N: where the last tensor ends.
    function read(bytes calldata opening) internal pure returns (bytes32 root, uint256 lanes) {
        uint256 before = opening.uintAt(0, 2);
        uint256 dimensions = opening.uintAt(2, 1);
        uint256 expected = 44 + 32 * before + 4 * dimensions;
        if (opening.length != expected) revert ModelLanesBadLength(opening.length, expected);

        bytes calldata last = opening[3 + 32 * before:];
        uint256 size = 1;
        bytes32[] memory shape = new bytes32[](dimensions);
        for (uint256 i; i < dimensions; ++i) {
            uint256 dimension = last.uintAt(32 + 4 * i, 4);
            shape[i] = bytes32(dimension);
            size *= dimension;
        }
        uint256 offset = last.uintAt(32 + 4 * dimensions, 8);
        uint256 fracBits = last.uintAt(40 + 4 * dimensions, 1);
        bytes32 shapeHash = keccak256(abi.encodePacked(shape));
        bytes32 tensor = keccak256(abi.encode(TENSOR_TYPEHASH, last.wordAt(0), shapeHash, offset, fracBits));
        bytes32 tensors = keccak256(bytes.concat(opening[3:3 + 32 * before], tensor));
        return (keccak256(abi.encode(MODEL_SPEC_TYPEHASH, VERSION, tensors)), offset + size);
    }
}
