// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IPostings} from "../interfaces/IPostings.sol";
import {IRounds} from "../interfaces/IRounds.sol";
import {Columns} from "../libraries/Columns.sol";
import {ModelLanes} from "../libraries/ModelLanes.sol";
import {NormTrace} from "../libraries/NormTrace.sol";
import {PackedBytes} from "../libraries/PackedBytes.sol";
import {Header, RoundHeader} from "../libraries/RoundHeader.sol";
import {SszSubtree} from "../libraries/SszSubtree.sol";

/// @title Postings
/// @dev See `IPostings`.
contract Postings is IPostings {
    using Columns for bytes;
    using PackedBytes for bytes;

    /// @dev A whole part is a subtree of 2^11 chunks of the update, and one of 2^9 chunks of the trace.
    uint256 private constant PART_HEIGHT = 11;

    /// @inheritdoc IPostings
    uint256 public constant PART_CHUNKS = 1 << PART_HEIGHT;
    IRounds public immutable ROUNDS;

    /// @inheritdoc IPostings
    mapping(bytes32 sealHash => mapping(uint256 entry => Progress)) public override progressOf;

    /// @dev At most 2^16 parts, 2^61 of Σq², 2^32 bytes.
    struct Progress {
        uint16 next;
        uint64 normSq;
        uint40 end;
    }

    /// @dev What a proof opens. A part has 2^height chunks, and its node is `levels` below the root.
    struct Opened {
        bytes32 sealHash;
        bytes32 specRoot;
        bytes32 updateRoot;
        bytes32 traceRoot;
        uint256 normSq;
        uint256 entry;
        uint256 part;
        uint256 height;
        uint256 levels;
    }

    constructor(IRounds rounds) {
        ROUNDS = rounds;
    }

    /// @inheritdoc IPostings
    function post(uint32 federation, uint32 round, bytes calldata proof, bytes calldata lanes) external {
        (Opened memory o, bytes calldata rest) = _open(federation, round, proof);
        if (ROUNDS.postedOf(o.sealHash) >> o.entry & 1 != 0) revert PostingsAlreadyPosted(o.entry);
        Progress memory progress = progressOf[o.sealHash][o.entry];
        if (o.part != progress.next) revert PostingsOutOfOrder(o.part, progress.next);

        uint256 sum = _requirePart(o, rest, lanes, progress.normSq);
        uint256 end = lanes.length == 0 ? progress.end : (o.part << o.height + 5) + lanes.length;
        emit PartPosted(federation, round, o.sealHash, o.entry, o.part, lanes);
        if (o.part + 1 >> o.levels == 0) {
            progressOf[o.sealHash][o.entry] = Progress(uint16(o.part + 1), uint64(sum), uint40(end));
            return;
        }
        if (sum != o.normSq) revert PostingsWrongNorm(o.normSq, sum);
        _requireWithinModel(o.specRoot, rest[64 * o.levels:], end);
        delete progressOf[o.sealHash][o.entry];
        ROUNDS.markPosted(federation, round, o.sealHash, o.entry);
    }

    /// @dev Reads the proof against the ledger. @return rest Siblings, and in the last part the specification.
    function _open(uint32 federation, uint32 round, bytes calldata proof) private view returns (Opened memory o, bytes calldata rest) {
        IRounds.Round memory state = ROUNDS.roundOf(federation, round);
        if (state.state != IRounds.State.Sealed) revert RoundHeader.RoundHeaderWrongState(state.state);
        bytes32 parentHash = ROUNDS.roundOf(federation, state.parentRound).hash;
        Header memory h = RoundHeader.open(federation, round, state.attempt, parentHash, proof);
        uint256 offset = RoundHeader.LENGTH + 74 * uint256(state.entries);
        if (proof.length < offset + 3) revert PostingsBadLength(proof.length, offset + 3);
        _openEntry(o, h, proof[RoundHeader.LENGTH:], state.entries);
        h.requireHash(state.state, state.hash);
        o.sealHash = h.sealHash;
        o.specRoot = h.config.modelSpecRoot;

        if (h.config.privacyMode != 0) revert PostingsNotPublic(h.config.privacyMode);
        if (h.config.elementWidth != 2) revert PostingsElementWidth(h.config.elementWidth);
        if (h.config.normSqBound != 0 && o.normSq > h.config.normSqBound) revert PostingsNormAboveBound(o.normSq, h.config.normSqBound);
        // As `Rounds` will ask of the last part: the others would be paid for in vain.
        uint256 half = ROUNDS.deadlineOf(federation, round) - h.config.reportWindow / 2;
        if (block.timestamp >= half) revert IRounds.RoundsPostingClosed(half);

        uint256 depth = uint256(h.config.depth) + 2;
        o.height = depth < PART_HEIGHT ? depth : PART_HEIGHT;
        o.levels = depth - o.height;
        rest = proof[offset + 3:];
        // Only the last part has something behind its siblings, of a length that `ModelLanes` checks.
        if (o.part + 1 >> o.levels == 0 ? rest.length != 64 * o.levels : rest.length < 64 * o.levels) {
            revert PostingsBadLength(proof.length, offset + 3 + 64 * o.levels);
        }
    }

    /// @param packed The columns, then entry and part.
    function _openEntry(Opened memory o, Header memory h, bytes calldata packed, uint256 n) private pure {
        bytes calldata updateRoots = packed[2 * n:34 * n];
        bytes calldata norms = packed[34 * n:42 * n];
        bytes calldata traces = packed[42 * n:74 * n];
        h.weightsHash = keccak256(packed[:2 * n]);
        h.seal.updateRootsHash = keccak256(updateRoots);
        if (keccak256(norms) != h.seal.normsHash) revert PostingsWrongColumn("norms");
        if (keccak256(traces) != h.seal.normTracesHash) revert PostingsWrongColumn("normTraces");

        uint256 entry = packed.uintAt(74 * n, 1);
        if (entry >= n) revert PostingsBadEntry(entry, n);
        if (packed.uintAt(2 * entry, 2) == 0) revert PostingsDropped(entry);
        o.entry = entry;
        o.part = packed.uintAt(74 * n + 1, 2);
        o.updateRoot = updateRoots.rootAt(entry);
        o.traceRoot = traces.rootAt(entry);
        o.normSq = norms.uintAt(8 * entry, 8);
    }

    /// @dev The lanes are those of the entry's update at this part, and so is their trace.
    /// @param before Σq² of the parts before. @return sum Σq² with this one.
    function _requirePart(Opened memory o, bytes calldata rest, bytes calldata lanes, uint256 before) private view returns (uint256 sum) {
        uint256 limit = 32 << o.height;
        if (lanes.length > limit) revert PostingsTooLong(lanes.length, limit);
        if (lanes.length != 0 && lanes[lanes.length - 1] == 0) revert PostingsTrailingZero();
        bytes32 update;
        bytes32 trace;
        (update, trace, sum) = NormTrace.commit(lanes, o.height, before);
        uint256 size = 32 * o.levels;
        update = SszSubtree.climb(update, rest[:size], o.levels, o.part);
        if (update != o.updateRoot) revert PostingsWrongUpdate(o.updateRoot, update);
        trace = SszSubtree.climb(trace, rest[size:2 * size], o.levels, o.part);
        if (trace != o.traceRoot) revert PostingsWrongTrace(o.traceRoot, trace);
    }

    /// @dev A lane behind the model could not be in a model's file, nor its payload be left out: no report of the round would be possible.
    function _requireWithinModel(bytes32 specRoot, bytes calldata spec, uint256 end) private pure {
        (bytes32 root, uint256 lanes) = ModelLanes.read(spec);
        if (root != specRoot) revert PostingsWrongSpec(specRoot, root);
        if (end > 2 * lanes) revert PostingsBehindModel(end, 2 * lanes);
    }
}
