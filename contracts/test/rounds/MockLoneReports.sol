// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IRounds} from "../../interfaces/IRounds.sol";

/// @notice Reports without a bond, and says when it would have been slashed.
contract MockLoneReports {
    event LoneSlashed(uint32 federation, uint32 round, uint8 attempt, address challenger);

    function report(IRounds rounds, uint32 federation, IRounds.ReportInput calldata input) external {
        rounds.reportAlone(federation, input);
    }

    function slash(uint32 federation, uint32 round, uint8 attempt, address challenger) external {
        emit LoneSlashed(federation, round, attempt, challenger);
    }
}
