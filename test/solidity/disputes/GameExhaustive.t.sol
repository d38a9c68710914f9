// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Explorer} from "./game/Explorer.sol";
import {vm} from "./game/GameVm.sol";

/// @notice Every sequence of moves, from positions in which something is at stake. GAME_DEPTH=4 is what `.ci/run` plays.
contract GameExhaustiveTest is Explorer {
    uint256 private _depth;

    function setUp() external {
        _start(0);
        _depth = vm.envOr("GAME_DEPTH", 3);
    }

    function test_fromTheStart_honestNeverLoses_succeeds() external {
        _exploreFrom("", _depth);
    }

    function test_fromASeal_honestNeverLoses_succeeds() external {
        _exploreFrom(abi.encodePacked(uint8(Move.Seal)), _depth - 1);
    }

    function test_fromASealWithAFalseNorm_honestNeverLoses_succeeds() external {
        _exploreFrom(abi.encodePacked(uint8(Move.SealFalseNorm)), _depth - 1);
    }

    function test_fromAReport_honestNeverLoses_succeeds() external {
        _exploreFrom(abi.encodePacked(uint8(Move.Seal), uint8(Move.Report)), _depth - 1);
    }

    /// @dev The watcher has demanded the model.
    function test_fromAWithheldModel_honestNeverLoses_succeeds() external {
        _exploreFrom(abi.encodePacked(uint8(Move.Seal), uint8(Move.ReportWrongWithheld)), _depth - 1);
    }

    function test_fromAJam_honestNeverLoses_succeeds() external {
        _exploreFrom(abi.encodePacked(uint8(Move.Seal), uint8(Move.Jam)), _depth - 1);
    }

    /// @dev One fault is proven, the round is redone, and half of its window is over.
    function test_fromARedoneRound_honestNeverLoses_succeeds() external {
        _exploreFrom(abi.encodePacked(uint8(Move.Seal), uint8(Move.ReportWrong)), _depth - 1);
    }

    function test_fromTwoReports_honestNeverLoses_succeeds() external {
        _exploreFrom(abi.encodePacked(uint8(Move.Seal), uint8(Move.Report), uint8(Move.Seal), uint8(Move.Report)), _depth - 1);
    }
}

/// @notice The same where money is paid.
contract GameExhaustiveSettlementTest is Explorer {
    uint256 private _depth;

    function setUp() external {
        _start(0);
        _depth = vm.envOr("GAME_DEPTH", 3) - 1;
    }

    function test_fromAFinalRound_honestNeverLoses_succeeds() external {
        _exploreFrom(_final(""), _depth);
    }

    function test_fromASettlement_honestNeverLoses_succeeds() external {
        _exploreFrom(_final(abi.encodePacked(uint8(Move.Settle))), _depth);
    }

    /// @dev The watcher has challenged it.
    function test_fromAChallenge_honestNeverLoses_succeeds() external {
        _exploreFrom(_final(abi.encodePacked(uint8(Move.SettleScores))), _depth);
    }

    function _final(bytes memory then) private pure returns (bytes memory) {
        bytes memory round = abi.encodePacked(uint8(Move.Seal), uint8(Move.Report), uint8(Move.WaitDeadline), uint8(Move.Finalise));
        return bytes.concat(round, bytes1(uint8(Move.WaitShort)), then);
    }
}
