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

    /// @param wasUpheld Whether what the operator signed stood, or was proven wrong.
    function observed(Holding holding, bool wasUpheld) internal pure returns (Holding) {
        (uint256 for_, uint256 against) = Standing.observed(holding.upheld(), holding.overturned(), wasUpheld);
        // Neither exceeds ten units: both fit their 32 bits.
        return Holding.wrap(Holding.unwrap(holding) & type(uint192).max | for_ << UPHELD_AT | against << OVERTURNED_AT);
    }
}
