// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Bits} from "../../libraries/Bits.sol";
import {Columns} from "../../libraries/Columns.sol";
import {FederationRules} from "../../libraries/FederationRules.sol";
import {KernelHash} from "../../libraries/KernelHash.sol";
import {FederationConfig, SettlementStatement} from "../../types/Kernel.sol";

/// @notice Calls the libraries that read calldata from outside, so that tests can pass any bytes.
contract MockColumns {
    function equalRoots(bytes calldata roots, bytes calldata order, uint256 n) external pure returns (uint256) {
        return Columns.equalRoots(roots, order, n);
    }

    function indexOf(bytes calldata seats, uint256 n, uint32 seat) external pure returns (uint256) {
        return Columns.indexOf(seats, n, seat);
    }

    function seatAt(bytes calldata seats, uint256 i) external pure returns (uint32) {
        return Columns.seatAt(seats, i);
    }

    function rootAt(bytes calldata roots, uint256 i) external pure returns (bytes32) {
        return Columns.rootAt(roots, i);
    }

    function count(uint256 word) external pure returns (uint256) {
        return Bits.count(word);
    }

    function check(FederationConfig calldata config, uint256 rotationDelay, uint256 unbondingPeriod) external pure {
        FederationRules.check(config, rotationDelay, unbondingPeriod);
    }

    function configHash(FederationConfig calldata config) external pure returns (bytes32) {
        return KernelHash.hash(config);
    }

    function statementHash(SettlementStatement calldata statement) external pure returns (bytes32) {
        return KernelHash.hash(statement);
    }
}
