// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IFaultVerifier} from "../../../../contracts/interfaces/IDisputes.sol";
import {IDemands} from "../../../../contracts/interfaces/IDemands.sol";
import {IRounds} from "../../../../contracts/interfaces/IRounds.sol";
import {ISettlement} from "../../../../contracts/interfaces/ISettlement.sol";
import {SettlementStatement} from "../../../../contracts/types/Kernel.sol";
import {requireTrue, vm} from "./GameVm.sol";
import {Watcher} from "./Watcher.sol";

/// @title Everybody else: operators who tell the truth or lie, a lone reporter, Mallory who griefs, anyone who finalises or voids, and time
/// @notice A move that the contracts refuse is undone as a whole. What must never be accepted is tried inside a move that itself succeeds.
abstract contract Moves is Watcher {
    enum Move {
        Seal,
        SealForged,
        SealTooLarge,
        SealFalseNorm,
        Report,
        ReportExcluding,
        ReportWrong,
        ReportWithheld,
        ReportWrongWithheld,
        AnswerLate,
        LoneTrue,
        LoneWrong,
        LoneWithheld,
        Jam,
        KeepJam,
        Grief,
        GriefColumn,
        FalseProofs,
        Finalise,
        Void,
        Reopen,
        Consent,
        WaitShort,
        WaitHalf,
        WaitBefore,
        WaitDeadline,
        Settle,
        SettleUnfair,
        SettleTable,
        SettleScores,
        ChallengeSettlement,
        Rule,
        FinaliseSettlement,
        ExitAndUnbond
    }

    uint256 internal constant MOVES = uint256(type(Move).max) + 1;
    uint32 private constant HONEST = 0xe; // operators 1 to 3
    uint32 private constant LIARS = 0x7; // operators 0 to 2
    bool internal creditedLie;
    uint256 internal burntBonds; // SHU that was burnt, as it should have been

    function _play(Move move) internal {
        if (move <= Move.SealFalseNorm) _seal(move);
        else if (move <= Move.ReportWrongWithheld) _report(move);
        else if (move <= Move.LoneWithheld) _lonely(move);
        else if (move <= Move.FalseProofs) _hostile(move);
        else if (move <= Move.Consent) _anyone(move);
        else if (move <= Move.WaitDeadline) _wait(move);
        else _settling(move);
    }

    function _seal(Move move) private {
        SealLie lie = move == Move.SealForged ? SealLie.Forged : move == Move.SealTooLarge ? SealLie.TooLarge : SealLie.None;
        (uint32 round, IRounds.SealInput memory input) = _makeSeal(lie, move == Move.SealFalseNorm);
        // Operators cannot check a norm before they have the update: who seals a false one tells no lie yet.
        uint32 signers = lie == SealLie.None ? HONEST : LIARS;
        sealedOf[round].signers = signers;
        bytes32 digest = rounds.sealDigest(sealedOf[round].seal);
        rounds.seal(FEDERATION, input, _quorumOver(digest, signers));
        requireTrue("the ledger seals what was signed", rounds.roundOf(FEDERATION, round).entries == sealedOf[round].entries);
    }

    function _report(Move move) private {
        uint32 tip = rounds.headOf(FEDERATION).tip;
        // Honest operators leave out what declares a false norm, and report on nothing that they know to be forged.
        bool honest = move == Move.Report || move == Move.ReportExcluding;
        uint256 excluded = move == Move.ReportExcluding ? 2 : sealedOf[tip].hasFalseNorm && honest ? 1 : 0;
        if (move == Move.ReportExcluding && sealedOf[tip].hasFalseNorm) excluded = 1;
        ReportLie lie = move == Move.ReportWrong || move == Move.ReportWrongWithheld ? ReportLie.Aggregate : ReportLie.None;
        bool withheld = move == Move.ReportWithheld || move == Move.ReportWrongWithheld;
        (uint32 round, IRounds.ReportInput memory input) = _makeReport(lie, withheld, excluded);
        uint32 signers = honest ? HONEST : LIARS;
        reportedOf[round].signers = signers;
        bytes32 digest = rounds.reportDigest(reportedOf[round].report);
        rounds.report(FEDERATION, input, _quorumOver(digest, signers));
    }

    function _lonely(Move move) private {
        if (move == Move.AnswerLate) return _answerLate();
        _lone(LONER, move == Move.LoneWrong ? ReportLie.Aggregate : ReportLie.None, move == Move.LoneWithheld);
    }

    /// @dev The liars show what they withheld, in the last second in which it helps.
    function _answerLate() private {
        for (uint256 i; i < openDemands.length; ++i) {
            uint256 deadline = demands.demandOf(demands.idOf(openDemands[i].key)).deadline;
            if (block.timestamp >= deadline) continue;
            vm.warp(deadline - 1);
            return _answer(MALLORY, i);
        }
        revert();
    }

    function _hostile(Move move) private {
        uint32 tip = rounds.headOf(FEDERATION).tip;
        if (move == Move.Jam) return _jam(tip);
        if (move == Move.KeepJam) return _keepJam();
        if (move == Move.Grief) return _demand(MALLORY, tip, IDemands.Kind.Update, 1, 0, 1);
        if (move == Move.GriefColumn) return _demand(MALLORY, tip, IDemands.Kind.Signatures, 0, 0, 0);
        _proveFalsely(tip);
    }

    /// @dev In the block of the report: as many demands as there are places, for parts of the model that only the liars have and that say nothing about it.
    function _jam(uint32 round) private {
        _report(Move.ReportWithheld);
        _jamAgain(round);
    }

    function _jamAgain(uint32 round) private {
        for (uint32 i; i < 3; ++i) _demand(MALLORY, round, IDemands.Kind.Model, 0, 2 + 2 * i, 1);
    }

    /// @dev In the last second, one transaction: the liars answer themselves, and take the places again as long as that is possible.
    function _keepJam() private {
        uint32 round = rounds.headOf(FEDERATION).tip;
        uint256 deadline;
        for (uint256 i = openDemands.length; i > 0; --i) {
            OpenDemand memory open = openDemands[i - 1];
            if (open.ofWatcher || open.key.first == 0 || open.key.round != round) continue;
            deadline = demands.demandOf(demands.idOf(open.key)).deadline;
            vm.warp(deadline - 1);
            _answer(MALLORY, i - 1);
        }
        if (deadline == 0) revert();
        try this.jamAgain(round) {} catch {}
    }

    function jamAgain(uint32 round) external {
        _jamAgain(round);
    }

    /// @dev True statements, and statements about other things than what is false: every verifier must refuse, and so must the ledgers themselves.
    function _proveFalsely(uint32 round) private {
        IRounds.Round memory state = rounds.roundOf(FEDERATION, round);
        if (state.state != IRounds.State.Reported && state.state != IRounds.State.Sealed) revert();
        uint256 before_ = overturned;
        bytes[4] memory lies = [_signatureProof(round, 2), _boundProof(round, 2), _normTotalProof(round, 2), _aggregateProof(round)];
        address[4] memory verifiers = [address(signatureVerifier), address(normVerifier), address(normVerifier), address(aggregateVerifier)];
        for (uint256 i; i < 4; ++i) {
            vm.prank(MALLORY);
            disputes.commit(_commitment(MALLORY, round, verifiers[i], lies[i]));
        }
        vm.roll(block.number + 1);
        for (uint256 i; i < 4; ++i) {
            // The model of a report that is wrong is proven by the watcher, if anyone.
            if (i == 3 && reportedOf[round].lie == ReportLie.Aggregate) continue;
            vm.prank(MALLORY);
            try disputes.prove(FEDERATION, round, IFaultVerifier(verifiers[i]), lies[i]) {
                requireTrue("nothing true is disproven", false);
            } catch {}
        }
        vm.prank(MALLORY);
        try rounds.overturn(FEDERATION, round, IRounds.FaultKind.Seal, reportedOf[round].report, MALLORY) {
            requireTrue("only judges overturn", false);
        } catch {}
        requireTrue("nothing was overturned", before_ == overturned);
    }

    function _anyone(Move move) private {
        if (move == Move.Reopen) return rounds.reopen(FEDERATION);
        if (move == Move.Consent) return _toggleConsent();
        uint32 last = rounds.headOf(FEDERATION).last;
        for (uint32 round = 1; round <= last; ++round) {
            if (move == Move.Finalise ? _tryFinalise(round) : _tryVoid(round)) return;
        }
        revert();
    }

    function _tryFinalise(uint32 round) internal returns (bool) {
        try rounds.finalise(FEDERATION, round) {
            return true;
        } catch {
            return false;
        }
    }

    function _tryVoid(uint32 round) internal returns (bool) {
        try rounds.void(FEDERATION, round) {
            return true;
        } catch {
            return false;
        }
    }

    /// @dev The last seat's contributor stops, and comes back.
    function _toggleConsent() private {
        if (contributors.contributorOf(4).suspended) contributors.reinstate(4);
        else contributors.suspend(4);
    }

    function _wait(Move move) private {
        if (move == Move.WaitShort) return vm.warp(block.timestamp + 60);
        uint32 tip = rounds.headOf(FEDERATION).tip;
        IRounds.Round memory state = rounds.roundOf(FEDERATION, tip);
        uint256 to = state.deadline;
        if (move == Move.WaitHalf) {
            if (state.state != IRounds.State.Sealed) revert();
            to = state.deadline - REPORT_WINDOW / 2;
        }
        if (to == 0) revert(); // a genesis has no deadline
        if (move == Move.WaitBefore) --to;
        if (block.timestamp >= to) {
            // Nothing to wait for in the rounds: the settlement's deadline is next.
            ISettlement.Account memory account = settlement.accountOf(FEDERATION);
            if (move == Move.WaitHalf || account.state != ISettlement.State.Proposed || block.timestamp >= account.deadline) revert();
            to = move == Move.WaitBefore ? account.deadline - 1 : account.deadline;
        }
        vm.warp(to);
    }

    function _settling(Move move) private {
        if (move <= Move.SettleScores) return _settle(SettlementLie(uint8(move) - uint8(Move.Settle)));
        if (move == Move.ChallengeSettlement) return _challenge(MALLORY);
        if (move == Move.Rule) return _rule();
        if (move == Move.ExitAndUnbond) return _unbond();
        settlement.finalise(FEDERATION);
        if (proposed.lie != SettlementLie.None) creditedLie = true;
        _bookSettlement();
    }

    function _settle(SettlementLie lie) private {
        SettlementStatement memory statement = _makeSettlement(lie);
        bytes32 digest = settlement.statementDigest(statement);
        settlement.propose(statement, proposed.scores, proposed.entitlements, _quorumOver(digest, proposed.signers));
    }

    /// @dev Governance is honest and in time: it recomputes the settlement.
    function _rule() internal {
        ISettlement.Account memory account = settlement.accountOf(FEDERATION);
        bool upheld = proposed.lie != SettlementLie.None;
        if (upheld) {
            _expectSettlementOverturn();
        } else {
            uint256 bond = arbitration.challengeOf(FEDERATION).bond;
            burntBonds += bond - bond * 40 / 100 - bond * 40 / 100 / THRESHOLD * THRESHOLD;
        }
        arbitration.rule(FEDERATION, account.nextIndex, account.attempt, upheld);
    }

    /// @dev A liar tries to leave with its stake.
    function _unbond() private {
        vm.prank(operatorOf[0]);
        try operators.startUnbonding(BOND) {} catch {}
        vm.prank(operatorOf[0]);
        try operators.withdraw() {
            requireTrue("no stake leaves while its owner signs", false);
        } catch {}
    }
}
