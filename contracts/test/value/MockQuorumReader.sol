// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IOperators} from "../../interfaces/IOperators.sol";

/// @dev Asks for a quorum as a ledger does and says what that cost.
contract MockQuorumReader {
    function gasOfQuorum(IOperators operators, bytes32 digest, IOperators.Quorum calldata quorum)
        external
        view
        returns (uint256 gas)
    {
        gas = gasleft();
        operators.requireQuorum(digest, quorum);
        gas -= gasleft();
    }
}
