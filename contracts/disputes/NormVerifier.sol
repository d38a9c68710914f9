// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {FaultContext, IFaultVerifier} from "../interfaces/IDisputes.sol";
import {INormVerifier} from "../interfaces/INormVerifier.sol";
import {IRounds} from "../interfaces/IRounds.sol";
import {Columns} from "../libraries/Columns.sol";
import {NormTrace} from "../libraries/NormTrace.sol";
import {PackedBytes} from "../libraries/PackedBytes.sol";
import {Header, RoundHeader} from "../libraries/RoundHeader.sol";
import {SszOpening} from "../libraries/SszOpening.sol";
import {Report} from "../types/Kernel.sol";

/// @title NormVerifier
/// @dev See `INormVerifier`.
contract NormVerifier is INormVerifier {
    using Columns for bytes;
    using NormTrace for bytes32;
    using PackedBytes for bytes;

    uint256 private constant BOUND = 0;
    uint256 private constant STEP = 1;
    uint256 private constant TOTAL = 2;
    /// @dev Where the part of a kind begins.
    uint256 private constant START = RoundHeader.LENGTH + 1;

    IRounds public immutable ROUNDS;

    /// @dev The entry that a proof is about, and what it committed to.
    struct Judged {
        uint256 entry;
        bytes32 updateRoot;
        bytes32 traceRoot;
    }

    constructor(IRounds rounds) {
        ROUNDS = rounds;
    }

    /// @inheritdoc IFaultVerifier
    function verify(FaultContext calldata context, bytes calldata proof) external view returns (IRounds.FaultKind kind, Report memory report) {
        Header memory h = RoundHeader.read(context, proof);
        if (h.config.elementWidth != 2) revert NormVerifierElementWidth(h.config.elementWidth);
        uint256 shown = proof.uintAt(RoundHeader.LENGTH, 1);
        if (shown == BOUND) {
            _bound(h, context, proof);
            return (IRounds.FaultKind.Seal, h.report);
        }
        if (shown == STEP) _step(h, context, proof);
        else if (shown == TOTAL) _total(h, context, proof);
        else revert NormVerifierUnknownKind(shown);
        return (IRounds.FaultKind.Report, h.report);
    }

    function _bound(Header memory h, FaultContext calldata context, bytes calldata proof) private pure {
        uint256 n = context.state.entries;
        bool reported = context.state.state == IRounds.State.Reported;
        uint256 offset = START + (reported ? 96 : 64);
        _requireLength(proof, offset + 1 + 8 * n);
        h.seal.updateRootsHash = proof.wordAt(START);
        h.weightsHash = proof.wordAt(START + 32);
        if (reported) h.report.modelRoot = proof.wordAt(START + 64);
        bytes calldata norms = proof[offset + 1:];
        _requireColumn("norms", h.seal.normsHash, norms);
        h.requireHeld(context);

        uint256 entry = _entryAt(proof, offset, n);
        uint256 bound = h.config.normSqBound;
        if (bound == 0 || norms.uintAt(8 * entry, 8) <= bound) revert NormVerifierNoFault(entry);
    }

    function _step(Header memory h, FaultContext calldata context, bytes calldata proof) private view {
        uint256 offset = START + 32 + 66 * uint256(context.state.entries);
        uint256 depth = h.config.depth;
        uint256 chunk = proof.uintAt(offset + 1, 4);
        bytes calldata openings = _openings(proof, offset + 5, 32 * (depth + 3) + 32 * (depth + 1) * (_crosses(chunk) ? 2 : 1));
        Judged memory judged = _openUpdate(h, context, proof);

        bytes32 opened = _chunkOf("update", judged.updateRoot, openings[:32 * (depth + 3)], depth + 2, chunk);
        if (_isStep(judged.traceRoot, openings[32 * (depth + 3):], depth, chunk, opened.sumOfSquares())) revert NormVerifierNoFault(judged.entry);
    }

    /// @dev The first value of a trace's chunk follows the last one of the chunk before it.
    function _crosses(uint256 chunk) private pure returns (bool) {
        return chunk & 3 == 0 && chunk != 0;
    }

    /// @dev Whether the trace's value at `chunk` is the one before it and `sum`. In 256 bits: nothing wraps.
    function _isStep(bytes32 traceRoot, bytes calldata openings, uint256 depth, uint256 chunk, uint256 sum) private view returns (bool) {
        bytes32 opened = _chunkOf("normTrace", traceRoot, openings[:32 * (depth + 1)], depth, chunk >> 2);
        uint256 value = opened.valueAt(chunk);
        if (_crosses(chunk)) opened = _chunkOf("normTrace", traceRoot, openings[32 * (depth + 1):], depth, (chunk >> 2) - 1);
        if (chunk != 0) sum += opened.valueAt(chunk - 1);
        return value == sum;
    }

    function _total(Header memory h, FaultContext calldata context, bytes calldata proof) private view {
        uint256 n = context.state.entries;
        uint256 offset = START + 64 + 42 * n;
        uint256 depth = h.config.depth;
        bytes calldata opening = _openings(proof, offset + 1, 32 * (depth + 1));
        bytes calldata columns = proof[START + 64:offset];
        h.report.modelRoot = proof.wordAt(START);
        h.seal.updateRootsHash = proof.wordAt(START + 32);
        h.weightsHash = keccak256(columns[:2 * n]);
        _requireColumn("norms", h.seal.normsHash, columns[2 * n:10 * n]);
        _requireColumn("normTraces", h.seal.normTracesHash, columns[10 * n:]);
        h.requireReported(context);

        uint256 entry = _entryAt(proof, offset, n);
        _requireCounted(h, entry, columns);
        bytes32 opened = _chunkOf("normTrace", columns.wordAt(10 * n + 32 * entry), opening, depth, (1 << depth) - 1);
        if (opened.valueAt(3) == columns.uintAt(2 * n + 8 * entry, 8)) revert NormVerifierNoFault(entry);
    }

    /// @dev Model root ‖ weights ‖ update roots ‖ norm traces ‖ entry. The caller has checked the length.
    function _openUpdate(Header memory h, FaultContext calldata context, bytes calldata proof)
        private
        view
        returns (Judged memory judged)
    {
        uint256 n = context.state.entries;
        bytes calldata columns = proof[START + 32:START + 32 + 66 * n];
        bytes calldata updateRoots = columns[2 * n:34 * n];
        bytes calldata traces = columns[34 * n:];
        h.report.modelRoot = proof.wordAt(START);
        h.weightsHash = keccak256(columns[:2 * n]);
        h.seal.updateRootsHash = keccak256(updateRoots);
        _requireColumn("normTraces", h.seal.normTracesHash, traces);
        h.requireReported(context);

        uint256 entry = _entryAt(proof, START + 32 + 66 * n, n);
        _requireCounted(h, entry, columns);
        return Judged(entry, updateRoots.rootAt(entry), traces.rootAt(entry));
    }

    function _openings(bytes calldata proof, uint256 offset, uint256 length) private pure returns (bytes calldata) {
        _requireLength(proof, offset + length);
        return proof[offset:];
    }

    function _entryAt(bytes calldata proof, uint256 offset, uint256 n) private pure returns (uint256 entry) {
        entry = proof.uintAt(offset, 1);
        if (entry >= n) revert NormVerifierBadEntry(entry, n);
    }

    /// @param weights The weights column, whatever follows it.
    function _requireCounted(Header memory h, uint256 entry, bytes calldata weights) private view {
        if (weights.uintAt(2 * entry, 2) == 0 || h.isExcluded(entry)) revert NormVerifierNotCounted(entry);
        if (ROUNDS.postedOf(h.sealHash) >> entry & 1 != 0) revert NormVerifierPosted(entry);
    }

    function _chunkOf(string memory vector, bytes32 root, bytes calldata opening, uint256 depth, uint256 index) private view returns (bytes32) {
        if (SszOpening.root(opening, depth, index) != root) revert NormVerifierWrongOpening(vector);
        return opening.wordAt(0);
    }

    function _requireColumn(string memory name, bytes32 sealed_, bytes calldata column) private pure {
        if (keccak256(column) != sealed_) revert NormVerifierWrongColumn(name);
    }

    function _requireLength(bytes calldata proof, uint256 expected) private pure {
        if (proof.length != expected) revert NormVerifierBadLength(proof.length, expected);
    }
}
