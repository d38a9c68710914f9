// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Standing} from "./Standing.sol";

/// @notice What an operator has at stake, and what is known of it, in the one slot that a slash reads and writes.
///
///   bit 0      96          192      224          256
///       | stake | unbonding | upheld | overturned |
type Holding is uint256;

using Holdings for Holding global;

/// @title Packing of one operator's stake and standing: pure functions, no storage
library Holdings {
    uint256 private constant UNBONDING_AT = 96;
    uint256 private constant UPHELD_AT = 192;
    uint256 private constant OVERTURNED_AT = 224;

    function stake(Holding holding) internal pure returns (uint256) {
        return uint96(Holding.unwrap(holding));
    }

    function unbonding(Holding holding) internal pure returns (uint256) {
        return uint96(Holding.unwrap(holding) >> UNBONDING_AT);
    }

    function upheld(Holding holding) internal pure returns (uint256) {
        return uint32(Holding.unwrap(holding) >> UPHELD_AT);
    }

    function overturned(Holding holding) internal pure returns (uint256) {
        return Holding.unwrap(holding) >> OVERTURNED_AT;
    }

    /// @dev The types keep each field within its own bits.
    function withStakes(Holding holding, uint96 stake_, uint96 unbonding_) internal pure returns (Holding) {
        return Holding.wrap(Holding.unwrap(holding) >> UPHELD_AT << UPHELD_AT | uint256(unbonding_) << UNBONDING_AT | stake_);
    }

    /// @notice After a settlement that the operator signed became final. Evidence never exceeds ten units, here and below: both kinds fit their 32 bits.
    function afterUpheld(Holding holding) internal pure returns (Holding) {
        unchecked {
            uint256 for_ = holding.upheld() * 9 / 10 + Standing.ONE;
            uint256 against = holding.overturned() * 9 / 10;
            return Holding.wrap(Holding.unwrap(holding) & type(uint192).max | for_ << UPHELD_AT | against << OVERTURNED_AT);
        }
    }

    /// @notice After a slash: `part` of the stake is gone, the bonded one first, the unbonding one last.
    /// @param part At most the stake.
    /// @dev On the bare word, because whoever proves a fault pays for it, a signer at a time.
    function afterSlash(Holding holding, uint256 part) internal pure returns (Holding) {
        unchecked {
            uint256 word = Holding.unwrap(holding);
            uint256 left = (word & type(uint96).max) - part;
            uint256 leaving = word >> UNBONDING_AT & type(uint96).max;
            if (leaving > left) leaving = left;
            uint256 for_ = (word >> UPHELD_AT & type(uint32).max) * 9 / 10;
            uint256 against = (word >> OVERTURNED_AT) * 9 / 10 + Standing.ONE;
            return Holding.wrap(left | leaving << UNBONDING_AT | for_ << UPHELD_AT | against << OVERTURNED_AT);
        }
    }
}
