// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ILoneReports} from "../../interfaces/ILoneReports.sol";
import {IRounds} from "../../interfaces/IRounds.sol";

/// @dev What `LoneReports` knows of `Rounds`: takes one lone report an attempt, says how its round stands, and slashes. A setter plays the rest.
contract MockLoneRounds {
    mapping(uint32 federation => uint32) public tipOf;
    mapping(uint32 federation => mapping(uint32 round => IRounds.Round)) private _rounds;

    function setRound(uint32 federation, uint32 round, IRounds.State state, uint8 attempt) external {
        tipOf[federation] = round;
        (_rounds[federation][round].state, _rounds[federation][round].attempt) = (state, attempt);
    }

    function reportAlone(uint32 federation, IRounds.ReportInput calldata input) external returns (uint32 round, uint8 attempt) {
        round = tipOf[federation];
        IRounds.Round storage r = _rounds[federation][round];
        if (r.state != IRounds.State.Sealed) revert IRounds.RoundsWrongState(federation, round, r.state);
        attempt = r.attempt;
        (r.state, r.hash) = (IRounds.State.Reported, keccak256(abi.encode(input)));
    }

    function slash(ILoneReports lone, uint32 federation, uint32 round, uint8 attempt, address challenger) external {
        lone.slash(federation, round, attempt, challenger);
    }

    function roundOf(uint32 federation, uint32 round) external view returns (IRounds.Round memory) {
        return _rounds[federation][round];
    }
}
