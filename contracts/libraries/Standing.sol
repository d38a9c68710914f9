// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title Standing: what is known of an operator, as a beta distribution with decay
/// @notice Evidence for (α) and against (β), in parts per million; each new observation leaves nine tenths of the older ones:
///
///     upheld       α ← ⌊0.9·α⌋ + 1      β ← ⌊0.9·β⌋
///     overturned   α ← ⌊0.9·α⌋          β ← ⌊0.9·β⌋ + 1
///     R = ⌊(α + 1) / (α + β + 2)⌋       u = ⌊2 / (α + β + 2)⌋
///
/// Neither exceeds ten units, so both fit 32 bits many times over. `libraries/Holding.sol` keeps them; `protocol/reputation/beta.ts` computes the
/// same to the last unit.
/// @dev After A. Jøsang and R. Ismail, "The Beta Reputation System", 2002. No storage; nothing here can overflow or revert.
library Standing {
    uint256 internal constant ONE = 1e6;

    /// @param upheld,overturned α and β, of at most 32 bits.
    /// @return mean R. @return uncertainty u; both in parts per million. R − u can be relied on, R + u is still possible.
    function reputation(uint256 upheld, uint256 overturned) internal pure returns (uint256 mean, uint256 uncertainty) {
        unchecked {
            uint256 sum = upheld + overturned + 2 * ONE;
            mean = (upheld + ONE) * ONE / sum;
            uncertainty = 2 * ONE * ONE / sum;
        }
    }
}
