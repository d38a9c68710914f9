// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IOperators} from "../../interfaces/IOperators.sol";

/// @dev A ledger that measures what a slash costs it, the call included.
contract MockSlasher {
    function gasOfSlash(IOperators operators, bytes32 evidence, uint32 epoch, uint32 signers, address challenger) external returns (uint256) {
        uint256 before = gasleft();
        operators.slash(evidence, epoch, signers, challenger);
        return before - gasleft();
    }
}
