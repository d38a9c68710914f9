// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title Packed columns of a seal, read straight from calldata
/// @dev Column i's item sits at a fixed offset, big-endian. Callers check lengths once; the readers do not.
library Columns {
    /// @notice The order bytes do not list every entry once, sorted by (root, index).
    error ColumnsBadRootOrder(uint256 position);

    function seatAt(bytes calldata seats, uint256 i) internal pure returns (uint32 seat) {
        assembly ("memory-safe") {
            seat := shr(224, calldataload(add(seats.offset, shl(2, i))))
        }
    }

    function rootAt(bytes calldata roots, uint256 i) internal pure returns (bytes32 root) {
        assembly ("memory-safe") {
            root := calldataload(add(roots.offset, shl(5, i)))
        }
    }

    function weightAt(bytes memory weights, uint256 i) internal pure returns (uint256 weight) {
        assembly ("memory-safe") {
            weight := shr(240, mload(add(add(weights, 32), shl(1, i))))
        }
    }

    /// @notice Entries whose root another entry has too, as a bitmap.
    /// @param order A byte an entry: indices sorted by (root, index). Strict ascent of n pairs below n proves it a permutation, so no pair is missed.
    /// @dev An order byte beyond the column reads calldata behind it; the index check below refuses it.
    function equalRoots(bytes calldata roots, bytes calldata order, uint256 n) internal pure returns (uint256 equal) {
        uint256 previousRoot;
        uint256 previousIndex;
        uint256 failed = type(uint256).max;
        assembly ("memory-safe") {
            for { let k := 0 } lt(k, n) { k := add(k, 1) } {
                let index := byte(0, calldataload(add(order.offset, k)))
                let root := calldataload(add(roots.offset, shl(5, index)))
                let beyond := iszero(lt(index, n))
                // The usual case is a higher root; the first entry has none before it.
                if or(beyond, iszero(gt(root, previousRoot))) {
                    // Wrong: an index that is none, or, behind the first entry, a lower root, or an equal one whose index is not higher.
                    if or(beyond, mul(iszero(iszero(k)), or(lt(root, previousRoot), iszero(gt(index, previousIndex))))) {
                        failed := k
                        break
                    }
                    if k { equal := or(equal, or(shl(index, 1), shl(previousIndex, 1))) }
                }
                previousRoot := root
                previousIndex := index
            }
        }
        if (failed != type(uint256).max) revert ColumnsBadRootOrder(failed);
    }

    /// @notice Position of `seat` in an ascending column, or n.
    function indexOf(bytes calldata seats, uint256 n, uint32 seat) internal pure returns (uint256) {
        uint256 low;
        uint256 high = n;
        while (low < high) {
            uint256 middle = (low + high) / 2;
            uint32 found = seatAt(seats, middle);
            if (found == seat) return middle;
            if (found < seat) low = middle + 1;
            else high = middle;
        }
        return n;
    }
}
