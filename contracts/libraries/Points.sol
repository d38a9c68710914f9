// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title What points are worth at a rate
library Points {
    /// @dev 10^18 points make one whole point, as with SHU.
    uint256 internal constant WHOLE = 1e18;

    /// @param points Below 2^128, as every total is: the product fits 256 bits.
    /// @param rate 10^−18 SHU for 10^18 points.
    /// @return SHU (10^−18), rounded down.
    function worth(uint256 points, uint128 rate) internal pure returns (uint256) {
        return points * rate / WHOLE;
    }
}
