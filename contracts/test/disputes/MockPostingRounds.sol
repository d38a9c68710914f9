// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IRounds} from "../../interfaces/IRounds.sol";

/// @dev A ledger that holds whatever round it is told, and remembers what was posted.
contract MockPostingRounds {
    mapping(uint32 federation => mapping(uint32 round => IRounds.Round)) private _rounds;
    mapping(bytes32 sealHash => uint256) public postedOf;

    function setRound(uint32 federation, uint32 round, IRounds.Round calldata state) external {
        _rounds[federation][round] = state;
    }

    function setPosted(bytes32 sealHash, uint256 bitmap) external {
        postedOf[sealHash] = bitmap;
    }

    function roundOf(uint32 federation, uint32 round) external view returns (IRounds.Round memory) {
        return _rounds[federation][round];
    }

    /// @dev Nothing is ever frozen here.
    function deadlineOf(uint32 federation, uint32 round) external view returns (uint256) {
        return _rounds[federation][round].deadline;
    }

    function markPosted(uint32, uint32, bytes32 sealHash, uint256 entry) external {
        postedOf[sealHash] |= 1 << entry;
    }
}
