// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {FederationRules} from "../libraries/FederationRules.sol";
import {KernelHash} from "../libraries/KernelHash.sol";
import {FederationConfig} from "../types/Kernel.sol";

/// @title FederationCheck: the rules of configurations in code of their own, because `Rounds` is full
/// @dev Stateless; `Rounds` creates one and asks it when a federation is created or reconfigured.
contract FederationCheck {
    /// @notice Reverts with RoundsBadConfig, naming the field, or returns the configuration's hash.
    function check(FederationConfig calldata config, uint256 rotationDelay, uint256 unbondingPeriod) external pure returns (bytes32 configHash) {
        FederationRules.check(config, rotationDelay, unbondingPeriod);
        return KernelHash.hash(config);
    }
}
