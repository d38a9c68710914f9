// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IDemands} from "../../../../contracts/interfaces/IDemands.sol";
import {IOperators} from "../../../../contracts/interfaces/IOperators.sol";
import {IRounds} from "../../../../contracts/interfaces/IRounds.sol";
import {Aggregation} from "../../../../contracts/libraries/Aggregation.sol";
import {KernelHash} from "../../../../contracts/libraries/KernelHash.sol";
import {Contribution, FederationConfig, Report, Seal} from "../../../../contracts/types/Kernel.sol";
import {compact} from "./GameVm.sol";
import {TinyModel} from "./TinyModel.sol";
import {World} from "./World.sol";

/// @title What was really sealed and reported, and the proofs that follow from it
/// @notice The books of the game: they know what is a lie. The contracts do not see them.
abstract contract Statements is World {
    using KernelHash for *;

    /// @dev What is wrong with a seal.
    enum SealLie {
        None,
        Forged, // one signature is somebody else's
        TooLarge // one declared norm is above the bound
    }

    /// @dev What is wrong with a report.
    enum ReportLie {
        None,
        Aggregate, // not what the rule says
        Norm // an entry that counts declares a norm that is not its update's
    }

    struct Sealed {
        Seal seal;
        bytes seatIds;
        bytes updateRoots;
        bytes weights;
        bytes norms;
        bytes traces;
        bytes signatures;
        int16[SEATS] values; // by entry
        uint256 entries;
        uint32 signers;
        SealLie lie;
        bool hasFalseNorm; // of entry 0, above what is true and below the bound
    }

    struct Reported {
        Report report;
        int32 lane;
        uint32 signers;
        ReportLie lie;
        bool withheld; // nobody but the liars has the model
    }

    error NothingToReport();

    FederationConfig internal config;
    uint256 private _salt;
    mapping(uint32 round => Sealed) internal sealedOf;
    mapping(uint32 round => Reported) internal reportedOf;

    // --- making ---

    /// @dev The round that is open: the tip when that is redone, else the next one.
    function _openRound() internal view returns (uint32 round, uint8 attempt, uint32 parent) {
        IRounds.Head memory head = rounds.headOf(FEDERATION);
        IRounds.Round memory tip = rounds.roundOf(FEDERATION, head.tip);
        if (tip.state == IRounds.State.Open) return (head.tip, tip.attempt, tip.parentRound);
        return (head.last + 1, 0, head.tip);
    }

    function _makeSeal(SealLie lie, bool falseNorm) internal returns (uint32 round, IRounds.SealInput memory input) {
        Sealed memory s;
        (round, s.seal.attempt, s.seal.parentReportHash) = _sealBase();
        s.seal.federation = FEDERATION;
        s.seal.round = round;
        s.seal.configHash = config.hash();
        (s.lie, s.hasFalseNorm) = (lie, falseNorm);
        ++_salt;
        for (uint32 seat; seat < SEATS; ++seat) if (seats.laneOf(FEDERATION, seat).status == 1) _addEntry(s, seat);
        s.seal.seatsHash = keccak256(s.seatIds);
        s.seal.updateRootsHash = keccak256(s.updateRoots);
        s.seal.normsHash = keccak256(s.norms);
        s.seal.normTracesHash = keccak256(s.traces);
        s.seal.signaturesHash = keccak256(s.signatures);
        sealedOf[round] = s;
        input = IRounds.SealInput(s.seatIds, s.updateRoots, _order(s.updateRoots), s.seal.normsHash, s.seal.normTracesHash, s.seal.signaturesHash);
    }

    function _sealBase() private view returns (uint32 round, uint8 attempt, bytes32 parentHash) {
        uint32 parent;
        (round, attempt, parent) = _openRound();
        parentHash = rounds.roundOf(FEDERATION, parent).hash;
    }

    function _addEntry(Sealed memory s, uint32 seat) private view {
        uint256 i = s.entries++;
        // Each seat in a range of its own: equal roots would be dropped.
        int16 value = int16(int256(uint256(keccak256(abi.encode(_salt, seat))) % 200 + 225 * seat)) - 450;
        s.values[i] = value;
        bytes32 root = TinyModel.updateRoot(value);
        uint64 normSq = TinyModel.normSq(value);
        bytes32 trace = TinyModel.traceRoot(normSq);
        if (i == 0 && s.lie == SealLie.TooLarge) normSq = NORM_BOUND + 1;
        if (i == 0 && s.hasFalseNorm) normSq += 1;
        Contribution memory c = Contribution(
            FEDERATION, s.seal.round, s.seal.parentReportHash, seat, root, 0, normSq, trace, s.seal.configHash
        );
        // The forger has no key of the seat's.
        uint256 key = i == 1 && s.lie == SealLie.Forged ? operatorKeys[0] : seatKeys[seat];
        s.seatIds = abi.encodePacked(s.seatIds, seat);
        s.updateRoots = abi.encodePacked(s.updateRoots, root);
        s.weights = abi.encodePacked(s.weights, weightOf[seat]);
        s.norms = abi.encodePacked(s.norms, normSq);
        s.traces = abi.encodePacked(s.traces, trace);
        s.signatures = abi.encodePacked(s.signatures, compact(key, rounds.contributionDigest(c)));
    }

    /// @dev Entries by root.
    function _order(bytes memory roots) private pure returns (bytes memory order) {
        uint256 n = roots.length / 32;
        order = new bytes(n);
        for (uint256 i; i < n; ++i) {
            uint256 rank;
            for (uint256 j; j < n; ++j) {
                (bytes32 a, bytes32 b) = (_wordIn(roots, j), _wordIn(roots, i));
                if (a < b || (a == b && j < i)) ++rank;
            }
            order[rank] = bytes1(uint8(i));
        }
    }

    function _wordIn(bytes memory words, uint256 i) private pure returns (bytes32 word) {
        assembly ("memory-safe") {
            word := mload(add(add(words, 32), shl(5, i)))
        }
    }

    /// @dev The report of the tip that the rule demands, or a lie beside it.
    function _makeReport(ReportLie lie, bool withheld, uint256 excluded) internal returns (uint32 round, IRounds.ReportInput memory input) {
        round = rounds.headOf(FEDERATION).tip;
        IRounds.Round memory state = rounds.roundOf(FEDERATION, round);
        if (state.state != IRounds.State.Sealed) revert NothingToReport();
        Reported memory r;
        (r.lie, r.withheld) = (lie, withheld);
        r.lane = _trueLane(round, excluded);
        if (lie == ReportLie.Aggregate) r.lane += 1;
        // Whoever reports vouches for the norms of what counts.
        else if (sealedOf[round].hasFalseNorm && excluded & 1 == 0) r.lie = ReportLie.Norm;
        r.report = Report({
            federation: FEDERATION,
            round: round,
            attempt: state.attempt,
            sealHash: state.hash,
            modelRoot: TinyModel.modelRoot(r.lane),
            metricsHash: keccak256("metrics"),
            excluded: excluded,
            artefact: keccak256(abi.encode("bundle", ++_salt))
        });
        reportedOf[round] = r;
        input = IRounds.ReportInput(r.report.modelRoot, r.report.metricsHash, r.report.excluded, r.report.artefact);
    }

    function _laneOf(uint32 round) internal view returns (int32) {
        return round == 0 ? GENESIS_LANE : reportedOf[round].lane;
    }

    function _trueLane(uint32 round, uint256 excluded) internal view returns (int32) {
        Sealed storage s = sealedOf[round];
        bytes memory weights = s.weights;
        int256 sum;
        int256 total;
        for (uint256 i; i < s.entries; ++i) {
            if (excluded >> i & 1 != 0) continue;
            int256 weight = int256(uint256(uint16(bytes2(weights[2 * i])) | uint8(weights[2 * i + 1])));
            sum += weight * s.values[i];
            total += weight;
        }
        return int32(_laneOf(rounds.roundOf(FEDERATION, round).parentRound) + _roundHalfUp(sum, total));
    }

    /// @dev As the protocol defines it, written another way than the library that is tested: `floor(a / b + 1/2)`.
    function _roundHalfUp(int256 a, int256 b) private pure returns (int256) {
        int256 shifted = a + b * 1_000_000; // positive: no update is as low as −1,000,000
        return (2 * shifted + b) / (2 * b) - 1_000_000;
    }

    // --- proofs ---

    function _header(uint32 round) internal view returns (bytes memory) {
        Sealed memory s = sealedOf[round];
        Report memory r = reportedOf[round].report;
        if (rounds.roundOf(FEDERATION, round).state != IRounds.State.Reported) delete r;
        bytes memory columns = bytes.concat(s.seal.seatsHash, s.seal.normsHash, s.seal.normTracesHash, s.seal.signaturesHash);
        return bytes.concat(bytes1(s.seal.attempt), _packedConfig(), columns, abi.encodePacked(r.metricsHash, r.excluded, r.artefact));
    }

    function _packedConfig() private view returns (bytes memory) {
        FederationConfig memory c = config;
        bytes memory a = abi.encodePacked(c.ruleId, c.ruleParam, c.scoringId, c.privacyMode, c.elementWidth, c.hasBase, c.depth);
        bytes memory b = abi.encodePacked(c.modelSpecRoot, c.termsHash, c.recordsPerWeight, c.maxSeats, c.minContributors, c.maxExcludedBps);
        bytes memory d = abi.encodePacked(c.rhoPerRound, c.normSqBound, c.forceWindow, c.reportWindow, c.challengeWindow, c.maxAttempts);
        return bytes.concat(a, b, d, abi.encodePacked(c.settleEvery, c.poolPerRound, c.finality, c.approvalWindow));
    }

    function _aggregateProof(uint32 round) internal view returns (bytes memory) {
        Sealed memory s = sealedOf[round];
        uint256 excluded = reportedOf[round].report.excluded;
        bytes memory items;
        for (uint256 i; i < s.entries; ++i) {
            bool counts = excluded >> i & 1 == 0;
            items = bytes.concat(items, counts ? TinyModel.updateOpening(s.values[i]) : bytes.concat(TinyModel.updateRoot(s.values[i])));
        }
        uint32 parent = rounds.roundOf(FEDERATION, round).parentRound;
        bytes memory openings = bytes.concat(TinyModel.modelOpening(_laneOf(parent)), TinyModel.modelOpening(reportedOf[round].lane));
        return bytes.concat(_header(round), _parentPart(parent), bytes4(0), s.weights, items, openings);
    }

    /// @dev All of the parent's report that is not in its slot. A genesis has but its artefact.
    function _parentPart(uint32 parent) private view returns (bytes memory) {
        if (parent == 0) return bytes.concat(new bytes(96), bytes32("genesis"));
        Report memory r = reportedOf[parent].report;
        return abi.encodePacked(r.sealHash, r.metricsHash, r.excluded, r.artefact);
    }

    function _signatureProof(uint32 round, uint8 entry) internal view returns (bytes memory) {
        Sealed memory s = sealedOf[round];
        bytes memory columns = bytes.concat(_column(s.norms), _column(s.traces), _column(s.signatures));
        return bytes.concat(_header(round), keccak256(s.weights), _modelRootIfReported(round), bytes1(entry), s.seatIds, s.updateRoots, columns);
    }

    function _boundProof(uint32 round, uint8 entry) internal view returns (bytes memory) {
        Sealed memory s = sealedOf[round];
        bytes memory hashes = bytes.concat(s.seal.updateRootsHash, keccak256(s.weights), _modelRootIfReported(round));
        return bytes.concat(_header(round), bytes1(0), hashes, bytes1(entry), s.norms);
    }

    function _normTotalProof(uint32 round, uint8 entry) internal view returns (bytes memory) {
        Sealed memory s = sealedOf[round];
        bytes memory roots = bytes.concat(reportedOf[round].report.modelRoot, s.seal.updateRootsHash);
        bytes memory trace = bytes.concat(TinyModel.traceRoot(TinyModel.normSq(s.values[entry])));
        return bytes.concat(_header(round), bytes1(uint8(2)), roots, s.weights, s.norms, s.traces, bytes1(entry), trace);
    }

    function _column(bytes memory column) private pure returns (bytes memory) {
        return abi.encodePacked(uint32(column.length), column);
    }

    function _modelRootIfReported(uint32 round) private view returns (bytes memory) {
        if (rounds.roundOf(FEDERATION, round).state != IRounds.State.Reported) return "";
        return abi.encodePacked(reportedOf[round].report.modelRoot);
    }

    function _demandProof(uint32 round, IDemands.Kind kind) internal view returns (bytes memory) {
        Sealed memory s = sealedOf[round];
        bytes memory front = bytes.concat(_header(round), s.seal.parentReportHash, reportedOf[round].report.modelRoot);
        if (kind == IDemands.Kind.Update) return bytes.concat(front, s.weights, s.updateRoots);
        return bytes.concat(front, s.seal.updateRootsHash, keccak256(s.weights));
    }

    // --- signing ---

    function _quorumOver(bytes32 digest, uint32 signers) internal view returns (IOperators.Quorum memory) {
        return IOperators.Quorum(signers, _sign(digest, signers));
    }
}
