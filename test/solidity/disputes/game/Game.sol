// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IArbitration} from "../../../../contracts/interfaces/IArbitration.sol";
import {IRounds} from "../../../../contracts/interfaces/IRounds.sol";
import {ISettlement} from "../../../../contracts/interfaces/ISettlement.sol";
import {PropertyBroken, requireEqual, requireTrue, vm} from "./GameVm.sol";
import {Properties} from "./Properties.sol";

/// @title The game: a move, the watcher's answer, and what must hold after both
abstract contract Game is Properties {
    /// @dev `Panic(uint256)`: a fault in arithmetic, never a refusal.
    bytes4 private constant PANIC = 0x4e487b71;

    uint256 private _watcherSHU;

    function _start(uint8 finality) internal {
        _build(finality);
        config = _config(finality);
        _watcherSHU = token.balanceOf(WATCHER);
        _check();
    }

    // --- playing ---

    /// @return accepted Whether the contracts accepted the move.
    function step(uint256 move) external returns (bool accepted) {
        try this.attempt(move) {
            this.answerAndCheck();
            return true;
        } catch (bytes memory reason) {
            if (bytes4(reason) == PropertyBroken.selector || bytes4(reason) == PANIC) _bubble(reason);
        }
    }

    /// @dev External so that a refused move is undone as a whole.
    function attempt(uint256 move) external {
        _play(Move(move));
    }

    /// @dev External so that its memory is given back.
    function answerAndCheck() external {
        _watch();
        _check();
    }

    /// @notice Time alone ends everything; then nobody's bond is left anywhere, and nobody honest has lost.
    function drain() external {
        for (uint256 i; i < 40 && _isAnyOpen(); ++i) {
            vm.warp(_nextMoment());
            this.answerAndEnd();
        }
        requireTrue("every round ends", !_isAnyOpen());
        _checkEnd();
    }

    /// @dev External so that its memory is given back.
    function answerAndEnd() external {
        _watch();
        _endWhatCanEnd();
        _check();
    }

    function _isAnyOpen() private view returns (bool) {
        uint32 last = rounds.headOf(FEDERATION).last;
        for (uint32 round = 1; round <= last; ++round) if (!_isEnded(rounds.roundOf(FEDERATION, round).state)) return true;
        return openDemands.length != 0 || settlement.accountOf(FEDERATION).state == ISettlement.State.Proposed;
    }

    /// @dev The next deadline of anything.
    function _nextMoment() private view returns (uint256 next) {
        next = block.timestamp + 400 days;
        uint32 last = rounds.headOf(FEDERATION).last;
        for (uint32 round = 1; round <= last; ++round) {
            IRounds.Round memory state = rounds.roundOf(FEDERATION, round);
            if (_isEnded(state.state)) continue;
            next = _sooner(next, state.deadline);
            next = _sooner(next, uint256(state.deadline) + REPORT_WINDOW + config.approvalWindow);
            if (state.state == IRounds.State.Sealed && state.attempt != 0) next = _sooner(next, state.deadline - REPORT_WINDOW / 2);
        }
        for (uint256 i; i < openDemands.length; ++i) next = _sooner(next, demands.demandOf(demands.idOf(openDemands[i].key)).deadline);
        if (settlement.accountOf(FEDERATION).state == ISettlement.State.Proposed) next = _sooner(next, settlement.accountOf(FEDERATION).deadline);
        if (next > block.timestamp + 300 days) next = block.timestamp + 1;
    }

    function _sooner(uint256 next, uint256 moment) private view returns (uint256) {
        return moment > block.timestamp && moment < next ? moment : next;
    }

    function _endWhatCanEnd() private {
        uint32 last = rounds.headOf(FEDERATION).last;
        for (uint32 round = 1; round <= last; ++round) if (!_tryVoid(round)) _tryFinalise(round);
        if (arbitration.challengeOf(FEDERATION).challenger != address(0) && settlement.accountOf(FEDERATION).frozen) _rule();
        ISettlement.Account memory account = settlement.accountOf(FEDERATION);
        if (account.state == ISettlement.State.Proposed && block.timestamp >= account.deadline) _play(Move.FinaliseSettlement);
    }

    function _bubble(bytes memory reason) private pure {
        assembly ("memory-safe") {
            revert(add(reason, 32), mload(reason))
        }
    }

    // --- what must hold after every move ---

    function _check() internal {
        _checkAccounts();
        _checkSafety();
        _checkWatcher();
    }

    /// @dev No fault survives its window when one watcher is honest.
    function _checkSafety() private view {
        uint32 last = rounds.headOf(FEDERATION).last;
        for (uint32 round = 1; round <= last; ++round) {
            if (rounds.roundOf(FEDERATION, round).state != IRounds.State.Final) continue;
            requireTrue("no forged or oversized entry becomes final", sealedOf[round].lie == SealLie.None);
            requireTrue("no wrong model becomes final", reportedOf[round].lie == ReportLie.None);
            requireTrue("no withheld model becomes final", !reportedOf[round].withheld);
        }
        requireTrue("no wrong settlement is credited", !creditedLie);
        requireEqual("who signs only what is right loses nothing", lostUnits[OPERATORS - 1], 0);
    }

    /// @dev Whatever it has bonded is its own until it is lost, and it never is.
    function _checkWatcher() private view {
        uint256 native = WATCHER.balance;
        for (uint256 i; i < openDemands.length; ++i) if (openDemands[i].ofWatcher) native += openDemands[i].deposit;
        requireTrue("the watcher loses no deposit but the price of data it asked for", native + paidForData + watcherCredit >= 100 ether);
        uint256 shu = token.balanceOf(WATCHER) + arbitration.owedTo(WATCHER);
        IArbitration.Challenge memory challenge = arbitration.challengeOf(FEDERATION);
        if (challenge.challenger == WATCHER) shu += challenge.bond;
        requireTrue("the watcher loses no bond in SHU", shu + _loneBonds(WATCHER) >= _watcherSHU);
    }

    // --- what must hold in the end ---

    function _checkEnd() private {
        _releaseBonds();
        uint256 slashes = evidence.length;
        uint256 burnt = _collect();
        uint256 slashed = lostLoneBonds * LONE_BOND;
        for (uint256 i; i < OPERATORS; ++i) slashed += lostUnits[i] * BOND;
        // Each slash rounds by itself, down.
        requireTrue("a fifth of all that is slashed is burnt", burnt * 5 <= slashed && burnt * 5 + 5 * (slashes + lostLoneBonds) >= slashed);
        burntBonds += burnt;
        requireEqual("no round binds a unit", rounds.liveUnits(), 0);
        requireEqual("no deposit of a demand is left", address(demands).balance, 0);
        requireEqual("no bond of a lone report is left", token.balanceOf(address(loneReports)), 0);
        requireTrue("the watcher has at least what it had", token.balanceOf(WATCHER) >= _watcherSHU && WATCHER.balance + paidForData >= 100 ether);
        uint256 stakes;
        for (uint256 i; i < OPERATORS; ++i) stakes += operators.operatorOf(operatorOf[i]).stake;
        requireEqual("operators hold the stakes and nothing else", token.balanceOf(address(operators)), stakes);
        _check();
    }

    function _releaseBonds() private {
        uint32 last = rounds.headOf(FEDERATION).last;
        for (uint32 round = 1; round <= last; ++round) {
            for (uint8 attempt_; attempt_ < config.maxAttempts; ++attempt_) {
                if (loneReports.isBonded(FEDERATION, round, attempt_)) loneReports.release(FEDERATION, round, attempt_);
            }
        }
        if (arbitration.challengeOf(FEDERATION).challenger != address(0)) arbitration.release(FEDERATION);
        if (arbitration.owedTo(WATCHER) != 0) {
            vm.prank(WATCHER);
            arbitration.withdraw();
        }
    }

    /// @dev Everything that waits is paid out. @return burnt By slashes.
    function _collect() private returns (uint256 burnt) {
        for (uint256 i; i < evidence.length; ++i) operators.collect(evidence[i]);
        if (evidence.length != 0) {
            (, burnt) = operators.unsettled();
            operators.settleSlashes();
        }
        if (lostLoneBonds != 0) {
            if (loneReports.creditOf(WATCHER) != 0) loneReports.collect(WATCHER);
            if (loneReports.creditOf(MALLORY) != 0) loneReports.collect(MALLORY);
            (, uint256 burntAlone) = loneReports.unsettled();
            burnt += burntAlone;
            loneReports.settleSlashes();
        }
        delete evidence;
        if (demands.creditOf(WATCHER) != 0) demands.collect(WATCHER);
        if (demands.creditOf(MALLORY) != 0) demands.collect(MALLORY);
        (credits, watcherCredit) = (0, 0);
    }
}
