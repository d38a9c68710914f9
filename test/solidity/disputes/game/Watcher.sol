// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IFaultVerifier} from "../../../../contracts/interfaces/IDisputes.sol";
import {IDemands} from "../../../../contracts/interfaces/IDemands.sol";
import {IRounds} from "../../../../contracts/interfaces/IRounds.sol";
import {ISettlement} from "../../../../contracts/interfaces/ISettlement.sol";
import {requireEqual, requireTrue, vm} from "./GameVm.sol";
import {Settling} from "./Settling.sol";
import {TinyModel} from "./TinyModel.sol";

/// @title The honest side: one watcher, who acts right after every move when there is something to prove, to answer, to expire or to report
/// @notice It never tries: each of its transactions must succeed, or the game is lost. Whatever it sends waits in the mempool first, where Mallory copies it.
abstract contract Watcher is Settling {
    struct OpenDemand {
        IDemands.DemandKey key;
        IDemands.Kind kind;
        uint8 entry;
        bool ofWatcher;
        uint256 bond;
        uint256 deposit;
    }

    OpenDemand[] internal openDemands;
    /// @dev Bonds that each operator should have lost, in units.
    uint256[OPERATORS] internal lostUnits;
    uint256 internal lostLoneBonds;
    uint256 internal overturned;
    uint256 internal proofs;
    /// @dev What the watcher paid for data that others had withheld: the bonds of its demands that they answered.
    uint256 internal paidForData;
    /// @dev What answers left of deposits: all demanders', and the watcher's.
    uint256 internal credits;
    uint256 internal watcherCredit;
    /// @dev Evidence of every slash, to collect.
    bytes32[] internal evidence;

    // --- what it does ---

    function _watch() internal virtual {
        // Places for demands first: what Mallory asks for and everybody has.
        for (uint256 i = openDemands.length; i > 0; --i) _watchDemand(i - 1);
        // From the tip down the chain: a proof deeper down makes what is above stale, and void for nothing.
        uint32 tip = rounds.headOf(FEDERATION).tip;
        for (uint32 round = tip; round != 0; round = rounds.roundOf(FEDERATION, round).parentRound) _watchRound(round);
        _watchSettlement();
        _reportAlone();
    }

    function _watchRound(uint32 round) private {
        IRounds.Round memory state = rounds.roundOf(FEDERATION, round);
        bool reported = state.state == IRounds.State.Reported;
        if (!reported && state.state != IRounds.State.Sealed) return;
        if (block.timestamp >= rounds.deadlineOf(FEDERATION, round) && state.holds == 0) return;
        if (sealedOf[round].lie == SealLie.Forged) return _prove(round, signatureVerifier, _signatureProof(round, 1), IRounds.FaultKind.Seal);
        if (sealedOf[round].lie == SealLie.TooLarge) return _prove(round, normVerifier, _boundProof(round, 0), IRounds.FaultKind.Seal);
        if (!reported) return;
        Reported storage r = reportedOf[round];
        if (r.lie == ReportLie.Norm) return _prove(round, normVerifier, _normTotalProof(round, 0), IRounds.FaultKind.Report);
        if (r.withheld) {
            if (_hasDemanded(round, state.attempt) || !_canDemand(round)) return;
            _demand(WATCHER, round, IDemands.Kind.Model, 0, 0, uint16(TinyModel.MODEL_CHUNKS));
        } else if (r.lie == ReportLie.Aggregate) {
            _prove(round, aggregateVerifier, _aggregateProof(round), IRounds.FaultKind.Report);
        }
    }

    function _canDemand(uint32 round) private view returns (bool) {
        return block.timestamp + ANSWER_WINDOW <= rounds.deadlineOf(FEDERATION, round);
    }

    function _hasDemanded(uint32 round, uint8 attempt) private view returns (bool) {
        for (uint256 i; i < openDemands.length; ++i) {
            if (openDemands[i].ofWatcher && openDemands[i].key.round == round && openDemands[i].key.attempt == attempt) return true;
        }
        return false;
    }

    function _watchDemand(uint256 i) private {
        OpenDemand memory open = openDemands[i];
        if (!_isInChain(open.key.round)) _voidThrough(open.key.round);
        IRounds.Round memory state = rounds.roundOf(FEDERATION, open.key.round);
        if (state.state != IRounds.State.Reported || state.attempt != open.key.attempt) return _refund(i);
        if (block.timestamp >= demands.demandOf(demands.idOf(open.key)).deadline) return _expire(WATCHER, i);
        bool known = open.kind != IDemands.Kind.Model || !reportedOf[open.key.round].withheld;
        if (known) _answer(WATCHER, i);
    }

    function _isInChain(uint32 round) private view returns (bool) {
        uint32 here = rounds.headOf(FEDERATION).tip;
        while (here > round) here = rounds.roundOf(FEDERATION, here).parentRound;
        return here == round;
    }

    /// @dev What stands on a replaced round is void anyway, parents first; only then do its demands' bonds go back.
    function _voidThrough(uint32 round) private {
        for (uint32 stale = 1; stale <= round; ++stale) {
            IRounds.State state = rounds.roundOf(FEDERATION, stale).state;
            bool ended = state == IRounds.State.Final || state == IRounds.State.Void;
            if (!ended && !_isInChain(stale)) rounds.void(FEDERATION, stale);
        }
    }

    function _watchSettlement() private {
        ISettlement.Account memory account = settlement.accountOf(FEDERATION);
        if (account.state != ISettlement.State.Proposed) return;
        if (!account.frozen && block.timestamp >= account.deadline) return;
        if (proposed.lie == SettlementLie.Entitlement) return _proveSettlement(_settlementProof(0, 3));
        if (proposed.lie == SettlementLie.Table) return _proveSettlement(_settlementProof(1, 0));
        if (proposed.lie == SettlementLie.Scores && !account.frozen) _challenge(WATCHER);
    }

    /// @dev When nobody else reports a round again, it does, as soon as one party may.
    function _reportAlone() private {
        uint32 round = rounds.headOf(FEDERATION).tip;
        IRounds.Round memory state = rounds.roundOf(FEDERATION, round);
        if (state.state != IRounds.State.Sealed || state.attempt == 0 || block.timestamp >= state.deadline) return;
        if (block.timestamp < state.deadline - REPORT_WINDOW / 2 || seats.consentEpoch(FEDERATION) != state.consentEpoch) return;
        if (token.balanceOf(WATCHER) < LONE_BOND) return;
        _lone(WATCHER, ReportLie.None, false);
    }

    /// @dev Else true data is sometimes demanded and shown by nobody: then that is the fault.
    function _isAlwaysWatched() internal view virtual returns (bool) {
        return true;
    }

    // --- how ---

    function _prove(uint32 round, IFaultVerifier verifier, bytes memory proof, IRounds.FaultKind kind) internal {
        _commit(_commitment(WATCHER, round, address(verifier), proof));
        // In the mempool: Mallory copies the commitment and the proof into this very block, and the proof alone.
        bytes32 copied = _commitment(MALLORY, round, address(verifier), proof);
        vm.prank(MALLORY);
        disputes.commit(copied);
        vm.prank(MALLORY);
        try disputes.prove(FEDERATION, round, verifier, proof) {
            requireTrue("a copied proof is worth nothing", false);
        } catch {}
        _expectOverturn(round, kind, WATCHER);
        vm.prank(WATCHER);
        disputes.prove(FEDERATION, round, verifier, proof);
        ++proofs;
    }

    function _proveSettlement(bytes memory proof) internal {
        uint32 index = settlement.accountOf(FEDERATION).nextIndex;
        _commit(_commitment(WATCHER, index, address(rewardsVerifier), proof));
        bytes32 copied = _commitment(MALLORY, index, address(rewardsVerifier), proof);
        vm.prank(MALLORY);
        disputes.commit(copied);
        vm.prank(MALLORY);
        try disputes.proveSettlement(FEDERATION, rewardsVerifier, proof) {
            requireTrue("a copied proof is worth nothing", false);
        } catch {}
        _expectSettlementOverturn();
        vm.prank(WATCHER);
        disputes.proveSettlement(FEDERATION, rewardsVerifier, proof);
        ++proofs;
    }

    function _commitment(address challenger, uint32 target, address verifier, bytes memory proof) internal view returns (bytes32) {
        return disputes.commitmentOf(challenger, FEDERATION, target, verifier, keccak256(proof));
    }

    /// @dev A block later. It changes nothing that anyone waits for.
    function _commit(bytes32 commitment) private {
        bytes32 before_ = _ledgerHash();
        vm.prank(WATCHER);
        disputes.commit(commitment);
        requireTrue("a commitment delays nothing", before_ == _ledgerHash());
        vm.roll(block.number + 1);
    }

    function _ledgerHash() internal view returns (bytes32 hash) {
        IRounds.Head memory head = rounds.headOf(FEDERATION);
        hash = keccak256(abi.encode(head, settlement.accountOf(FEDERATION)));
        for (uint32 round; round <= head.last; ++round) hash = keccak256(abi.encode(hash, rounds.roundOf(FEDERATION, round)));
    }

    function _demand(address who, uint32 round, IDemands.Kind kind, uint8 entry, uint32 first, uint16 count) internal {
        OpenDemand memory open;
        open.key = _demandKey(round, kind, entry, first, count);
        (open.kind, open.entry, open.ofWatcher) = (kind, entry, who == WATCHER);
        open.bond = demands.bondOf(_chunksOf(round, kind, count));
        open.deposit = _depositOf(round, open.bond);
        bytes memory proof = _demandProof(round, kind);
        vm.prank(who);
        bytes32 id = demands.demand{value: open.deposit}(FEDERATION, round, IDemands.DemandInput(kind, entry, first, count), proof);
        requireTrue("a demand's name follows from what it is for", id == demands.idOf(open.key));
        openDemands.push(open);
    }

    function _chunksOf(uint32 round, IDemands.Kind kind, uint16 count) private view returns (uint256) {
        uint256 n = sealedOf[round].entries;
        if (kind == IDemands.Kind.Norms) return (n + 3) / 4;
        return kind == IDemands.Kind.Signatures ? 2 * n : count;
    }

    function _depositOf(uint32 round, uint256 bond) private view returns (uint256) {
        uint256 holds = rounds.roundOf(FEDERATION, round).holds;
        return holds < PLAIN_OPEN ? bond : bond << holds - PLAIN_OPEN + 1;
    }

    function _demandKey(uint32 round, IDemands.Kind kind, uint8 entry, uint32 first, uint16 count) private view returns (IDemands.DemandKey memory key) {
        Sealed storage s = sealedOf[round];
        bytes32 commitment = kind == IDemands.Kind.Model ? reportedOf[round].report.modelRoot : TinyModel.updateRoot(s.values[entry]);
        uint8 depth = kind == IDemands.Kind.Model ? 3 : 2;
        if (kind == IDemands.Kind.Norms) (commitment, depth) = (s.seal.normsHash, 0);
        if (kind == IDemands.Kind.Signatures) (commitment, depth) = (s.seal.signaturesHash, 0);
        return IDemands.DemandKey(FEDERATION, round, reportedOf[round].report.attempt, commitment, depth, first, count);
    }

    /// @dev Demands are of a whole vector or column, or of its first chunk.
    function _answer(address who, uint256 i) internal {
        OpenDemand memory open = openDemands[i];
        IDemands.DemandKey memory key = open.key;
        bytes memory data = _dataOf(open);
        uint256 before_ = who.balance;
        vm.prank(who);
        demands.answer(FEDERATION, key.round, key.attempt, key.depth, key.first, key.count, data);
        requireEqual("who answers is paid", who.balance, before_ + open.bond);
        if (open.ofWatcher && who != WATCHER) paidForData += open.bond;
        credits += open.deposit - open.bond;
        if (open.ofWatcher) watcherCredit += open.deposit - open.bond;
        // Now it is in calldata for all to read.
        if (open.kind == IDemands.Kind.Model && key.count == TinyModel.MODEL_CHUNKS) reportedOf[key.round].withheld = false;
        _dropDemand(i);
    }

    function _dataOf(OpenDemand memory open) private view returns (bytes memory) {
        Sealed storage s = sealedOf[open.key.round];
        if (open.kind == IDemands.Kind.Norms) return s.norms;
        if (open.kind == IDemands.Kind.Signatures) return s.signatures;
        bool whole = open.key.count > 1;
        if (open.kind == IDemands.Kind.Update) return whole ? TinyModel.updateChunks(s.values[open.entry]) : TinyModel.updateOpening(s.values[open.entry]);
        int32 lane = reportedOf[open.key.round].lane;
        if (open.key.first != 0) return TinyModel.paddingOpening(lane, open.key.first);
        return whole ? TinyModel.modelChunks(lane) : TinyModel.modelOpening(lane);
    }

    function _expire(address who, uint256 i) internal {
        OpenDemand memory open = openDemands[i];
        _expectOverturn(open.key.round, IRounds.FaultKind.Report, open.ofWatcher ? WATCHER : MALLORY);
        vm.prank(who);
        demands.expire(open.key, reportedOf[open.key.round].report);
        _dropDemand(i);
    }

    function _refund(uint256 i) internal {
        demands.refund(openDemands[i].key);
        _dropDemand(i);
    }

    function _dropDemand(uint256 i) private {
        openDemands[i] = openDemands[openDemands.length - 1];
        openDemands.pop();
    }

    function _lone(address who, ReportLie lie, bool withheld) internal {
        // Whoever is honest leaves out what declares a false norm.
        bool excludes = who == WATCHER && sealedOf[rounds.headOf(FEDERATION).tip].hasFalseNorm;
        (, IRounds.ReportInput memory input) = _makeReport(lie, withheld, excludes ? 1 : 0);
        vm.prank(who);
        loneReports.report(FEDERATION, input);
    }

    function _challenge(address who) internal {
        ISettlement.Account memory account = settlement.accountOf(FEDERATION);
        vm.prank(who);
        arbitration.challenge(FEDERATION, account.nextIndex, account.attempt, keccak256("recompute the scores"));
    }

    // --- the books ---

    /// @dev Before a statement is overturned: it must be a lie, and who said it loses one unit.
    function _expectOverturn(uint32 round, IRounds.FaultKind kind, address challenger) internal {
        IRounds.Round memory state = rounds.roundOf(FEDERATION, round);
        bool isReport = kind == IRounds.FaultKind.Report;
        Reported storage r = reportedOf[round];
        if (isReport) requireTrue("no true report is overturned", r.lie != ReportLie.None || r.withheld || !_isAlwaysWatched());
        else requireTrue("no true seal is overturned", sealedOf[round].lie != SealLie.None);
        requireTrue("somebody gains by it", challenger != address(0));
        ++overturned;
        if (isReport && state.reportEpoch == 0) {
            ++lostLoneBonds;
            return;
        }
        _loseUnits(isReport ? r.signers : sealedOf[round].signers);
        evidence.push(keccak256(abi.encode(address(rounds), FEDERATION, round, state.attempt, kind)));
    }

    function _expectSettlementOverturn() internal {
        requireTrue("no true settlement is overturned", proposed.lie != SettlementLie.None);
        ISettlement.Account memory account = settlement.accountOf(FEDERATION);
        _loseUnits(proposed.signers);
        evidence.push(keccak256(abi.encode(address(settlement), FEDERATION, account.nextIndex, account.attempt)));
        delete proposed;
    }

    function _loseUnits(uint32 signers) private {
        for (uint256 i; i < OPERATORS; ++i) if (signers >> i & 1 != 0) ++lostUnits[i];
    }
}
