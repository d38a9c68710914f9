// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Game} from "./game/Game.sol";
import {requireEqual, requireTrue} from "./game/GameVm.sol";
import {IRounds} from "../../../contracts/interfaces/IRounds.sol";

/// @notice The course of the games that matter most, move by move: so that it is known that the random ones can take it.
contract GameCourseTest is Game {
    function setUp() external {
        _start(0);
    }

    function _go(bytes memory moves) private {
        for (uint256 i; i < moves.length; ++i) requireTrue("the move is accepted", this.step(uint8(moves[i])));
    }

    function test_round_honest_succeeds() external {
        _go(abi.encodePacked(uint8(Move.Seal), uint8(Move.Report), uint8(Move.WaitDeadline), uint8(Move.Finalise)));
        _go(abi.encodePacked(uint8(Move.WaitShort), uint8(Move.Settle), uint8(Move.WaitDeadline), uint8(Move.FinaliseSettlement)));
        requireEqual("paid", treasury.creditedOf(FEDERATION) > POOL - 10 ? 1 : 0, 1);
        this.drain();
        requireEqual("nobody lost", overturned, 0);
    }

    function test_seal_forged_isProven() external {
        _go(abi.encodePacked(uint8(Move.SealForged)));
        requireTrue("open again", rounds.roundOf(FEDERATION, 1).state == IRounds.State.Open);
        this.drain();
        requireEqual("signers", lostUnits[0] + lostUnits[1] + lostUnits[2], 3);
    }

    function test_seal_tooLarge_isProven() external {
        _go(abi.encodePacked(uint8(Move.SealTooLarge)));
        requireTrue("open again", rounds.roundOf(FEDERATION, 1).state == IRounds.State.Open);
        this.drain();
    }

    function test_report_falseNorm_isProven() external {
        _go(abi.encodePacked(uint8(Move.SealFalseNorm), uint8(Move.ReportWrong), uint8(Move.Report)));
        requireEqual("once", overturned, 1);
        this.drain();
    }

    function test_report_wrongThreeTimes_isVoid() external {
        _go(abi.encodePacked(uint8(Move.Seal), uint8(Move.ReportWrong), uint8(Move.ReportWrong), uint8(Move.ReportWrong)));
        requireTrue("void", rounds.roundOf(FEDERATION, 1).state == IRounds.State.Void);
        this.drain();
    }

    function test_report_withheldToTheEnd_expires() external {
        _go(abi.encodePacked(uint8(Move.Seal), uint8(Move.ReportWithheld), uint8(Move.WaitShort), uint8(Move.WaitShort)));
        requireEqual("once", overturned, 1);
        requireTrue("again", rounds.roundOf(FEDERATION, 1).state == IRounds.State.Sealed);
        this.drain();
    }

    /// @dev Shown in the last second, it is judged by what it is.
    function test_report_wrongAndShownLate_isProven() external {
        _go(abi.encodePacked(uint8(Move.Seal), uint8(Move.ReportWrongWithheld), uint8(Move.AnswerLate)));
        requireEqual("once", overturned, 1);
        this.drain();
    }

    function test_report_rightAndShownLate_isFinal() external {
        _go(abi.encodePacked(uint8(Move.Seal), uint8(Move.ReportWithheld), uint8(Move.AnswerLate), uint8(Move.WaitDeadline), uint8(Move.Finalise)));
        requireEqual("never", overturned, 0);
        this.drain();
        requireEqual("the price of the data", paidForData, demands.bondOf(8));
    }

    /// @dev The liars take the places for demands and keep them: the watcher's demand comes all the same.
    function test_jam_keptUp_expires() external {
        _go(abi.encodePacked(uint8(Move.Seal), uint8(Move.Jam), uint8(Move.KeepJam)));
        _go(abi.encodePacked(uint8(Move.WaitShort), uint8(Move.WaitShort)));
        requireEqual("once", overturned, 1);
        this.drain();
    }

    function test_lone_trueOrWrong_isJudgedAlike() external {
        _go(abi.encodePacked(uint8(Move.Seal), uint8(Move.ReportWrong), uint8(Move.WaitShort)));
        requireTrue("redone", rounds.roundOf(FEDERATION, 1).attempt == 1);
        this.drain();
        requireTrue("the watcher's report is final", rounds.roundOf(FEDERATION, 1).state == IRounds.State.Final);
        requireEqual("and alone", rounds.roundOf(FEDERATION, 1).reportEpoch, 0);
    }

    function test_settlement_liesOfAllKinds_areOverturned() external {
        _go(abi.encodePacked(uint8(Move.Seal), uint8(Move.Report), uint8(Move.WaitDeadline), uint8(Move.Finalise), uint8(Move.WaitShort)));
        _go(abi.encodePacked(uint8(Move.SettleUnfair), uint8(Move.SettleTable), uint8(Move.SettleScores), uint8(Move.Rule)));
        requireEqual("three", lostUnits[0], 3);
        _go(abi.encodePacked(uint8(Move.Settle), uint8(Move.ChallengeSettlement), uint8(Move.Rule), uint8(Move.WaitDeadline)));
        this.drain();
        requireTrue("paid in the end", treasury.creditedOf(FEDERATION) != 0);
    }

    function test_grief_demandsAndFalseProofs_changeNothing() external {
        _go(abi.encodePacked(uint8(Move.Seal), uint8(Move.Report), uint8(Move.Grief), uint8(Move.GriefColumn), uint8(Move.FalseProofs), uint8(Move.ExitAndUnbond)));
        requireEqual("none is open", openDemands.length, 0);
        this.drain();
        requireTrue("final", rounds.roundOf(FEDERATION, 1).state == IRounds.State.Final);
    }
}
