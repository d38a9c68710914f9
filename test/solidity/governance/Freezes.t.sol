// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Freezes} from "../../../contracts/governance/Freezes.sol";
import {IRounds} from "../../../contracts/interfaces/IRounds.sol";
import {requireEqual, requireTrue, vm} from "../disputes/game/GameVm.sol";
import {Properties} from "../disputes/game/Properties.sol";

/// @notice A freeze at any moment, lifted at any moment or not at all: from its end on there is a whole window, and before it nothing.
contract FreezesTest is Properties {
    uint256 private constant PERIOD = 10 days;
    Freezes private freezes;

    function _isAlwaysWatched() internal pure override returns (bool) {
        return false;
    }

    function setUp() external {
        _build(0);
        config = _config(0);
        freezes = new Freezes(address(this), rounds, datasets, operators, PERIOD);
        rounds.changeJudge(address(freezes), true);
    }

    function play(uint256 move) external {
        _play(Move(move));
    }

    function _can(Move move) private returns (bool accepted) {
        uint256 snapshot = vm.snapshotState();
        try this.play(uint256(move)) {
            accepted = true;
        } catch {}
        vm.revertToStateAndDelete(snapshot);
    }

    /// @dev Freezes `after_` from now, and lifts at `lifted` of the period, or not. @return end When it is over.
    function _freeze(uint256 after_, uint256 lifted) private returns (uint256 end) {
        vm.warp(block.timestamp + after_);
        freezes.freeze(FEDERATION, "reason");
        end = freezes.frozenUntil(FEDERATION);
        requireEqual("it lasts its period", end, block.timestamp + PERIOD);
        if (lifted % 2 != 0) {
            end = block.timestamp + lifted % PERIOD;
            vm.warp(end);
            freezes.lift(FEDERATION);
            requireEqual("lifted at once", freezes.frozenUntil(FEDERATION), end);
        }
    }

    function testFuzz_freeze_sealedRound_isReportedOrVoidAfterIt(uint256 after_, uint256 lifted) external {
        _play(Move.Seal);
        uint256 deadline = rounds.roundOf(FEDERATION, 1).deadline;
        uint256 end = _freeze(after_ % REPORT_WINDOW, lifted);
        uint256 anew = end + REPORT_WINDOW > deadline ? end + REPORT_WINDOW : deadline;
        requireEqual("a whole window after it", rounds.deadlineOf(FEDERATION, 1), anew);
        if (end > block.timestamp) {
            requireTrue("no report in it", !_can(Move.Report));
            vm.warp(end - 1);
            requireTrue("nor in its last second", !_can(Move.Report) && !_can(Move.Void));
        }
        vm.warp(end);
        requireTrue("a report from its end on", _can(Move.Report));
        vm.warp(anew - 1);
        requireTrue("until the window ends", _can(Move.Report) && !_can(Move.Void));
        vm.warp(anew);
        requireTrue("and void from then on", !_can(Move.Report) && _can(Move.Void));
    }

    function testFuzz_freeze_reportedRound_isFinalAWindowAfterIt(uint256 after_, uint256 lifted) external {
        _play(Move.Seal);
        _play(Move.ReportWrong);
        uint256 deadline = rounds.roundOf(FEDERATION, 1).deadline;
        // Also when its own window is over, as long as nobody made it final.
        uint256 end = _freeze(after_ % (2 * CHALLENGE_WINDOW), lifted);
        uint256 anew = end + CHALLENGE_WINDOW > deadline ? end + CHALLENGE_WINDOW : deadline;
        requireTrue("not final before", !_can(Move.Finalise) && !_can(Move.Seal) == (block.timestamp < end));
        vm.warp(anew - 1);
        requireTrue("not final in the window after it", !_can(Move.Finalise));
        uint256 snapshot = vm.snapshotState();
        _watch();
        requireTrue("and disproven as ever", rounds.roundOf(FEDERATION, 1).state == IRounds.State.Sealed);
        vm.revertToStateAndDelete(snapshot);
        vm.warp(anew);
        requireTrue("final then", _can(Move.Finalise));
    }

    function testFuzz_freeze_expired_hasNoEffect(uint256 later) external {
        uint256 end = _freeze(0, 0);
        vm.warp(end + later % 365 days);
        _play(Move.Seal);
        requireEqual("a seal of afterwards has its own deadline", rounds.deadlineOf(FEDERATION, 1), block.timestamp + REPORT_WINDOW);
        _play(Move.Report);
        requireEqual("a report too", rounds.deadlineOf(FEDERATION, 1), block.timestamp + CHALLENGE_WINDOW);
        requireEqual("as stored", rounds.roundOf(FEDERATION, 1).deadline, block.timestamp + CHALLENGE_WINDOW);
    }

    function testFuzz_freeze_again_onlyAfterTheRest(uint256 lifted, uint256 later) external {
        uint256 end = _freeze(0, lifted);
        uint256 next = freezes.nextFreeze(FEDERATION);
        requireEqual("a rest after its end", next, end + operators.unbondingPeriod());
        vm.warp(end + later % (2 * operators.unbondingPeriod()));
        try freezes.freeze(FEDERATION, "again") {
            requireTrue("not before", block.timestamp >= next);
        } catch {
            requireTrue("not refused afterwards", block.timestamp < next);
        }
    }
}
