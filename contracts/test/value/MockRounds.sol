// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IRounds} from "../../interfaces/IRounds.sol";

/// @dev The two views that a settlement reads, with setters.
contract MockRounds {
    struct Rule {
        uint96 poolPerRound;
        uint16 settleEvery;
        uint32 challengeWindow;
    }

    mapping(uint32 federation => Rule) private _rules;
    mapping(uint32 federation => mapping(uint32 round => IRounds.Round)) private _rounds;

    function setRule(uint32 federation, uint96 poolPerRound, uint16 settleEvery, uint32 challengeWindow) external {
        _rules[federation] = Rule(poolPerRound, settleEvery, challengeWindow);
    }

    function setRound(uint32 federation, uint32 round, IRounds.State state, bytes32 hash) external {
        _rounds[federation][round].state = state;
        _rounds[federation][round].hash = hash;
    }

    function settlementRuleOf(uint32 federation) external view returns (uint96, uint16, uint32) {
        Rule memory rule = _rules[federation];
        return (rule.poolPerRound, rule.settleEvery, rule.challengeWindow);
    }

    function roundOf(uint32 federation, uint32 round) external view returns (IRounds.Round memory) {
        return _rounds[federation][round];
    }
}
