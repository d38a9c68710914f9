// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title Reading packed, big-endian calldata
/// @dev Unchecked: callers check a proof's length once. What lies behind the bytes reads as other calldata, or zero.
library PackedBytes {
    /// @param width Bytes of the number, 1 to 32.
    function uintAt(bytes calldata packed, uint256 offset, uint256 width) internal pure returns (uint256 value) {
        assembly ("memory-safe") {
            value := shr(sub(256, shl(3, width)), calldataload(add(packed.offset, offset)))
        }
    }

    function wordAt(bytes calldata packed, uint256 offset) internal pure returns (bytes32 word) {
        assembly ("memory-safe") {
            word := calldataload(add(packed.offset, offset))
        }
    }

    /// @notice Lane `lane` (0 to 7) of a chunk of an SSZ vector of int32: little-endian, unlike everything else.
    function int32LaneAt(bytes calldata packed, uint256 offset, uint256 lane) internal pure returns (int256 value) {
        assembly ("memory-safe") {
            let word := shr(224, calldataload(add(add(packed.offset, offset), shl(2, lane))))
            word := or(shl(8, and(word, 0x00ff00ff)), shr(8, and(word, 0xff00ff00))) // bytes of each half swapped
            value := signextend(3, or(shl(16, word), shr(16, word))) // halves swapped; what is above bit 31 is overwritten
        }
    }
}
