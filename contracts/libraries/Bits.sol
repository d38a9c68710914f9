// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title Bit counting
library Bits {
    /// @notice Number of set bits; clears the lowest one each step.
    function count(uint256 word) internal pure returns (uint256 bits) {
        // Cannot overflow: `word` is not zero when 1 is taken away, and `bits` stays at most 256.
        unchecked {
            for (; word != 0; word &= word - 1) ++bits;
        }
    }
}
