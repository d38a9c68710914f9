// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IAggregateVerifier} from "../interfaces/IAggregateVerifier.sol";
import {FaultContext, IFaultVerifier} from "../interfaces/IDisputes.sol";
import {IRounds} from "../interfaces/IRounds.sol";
import {Aggregation} from "../libraries/Aggregation.sol";
import {FederationRules} from "../libraries/FederationRules.sol";
import {KernelHash} from "../libraries/KernelHash.sol";
import {PackedBytes} from "../libraries/PackedBytes.sol";
import {Header, RoundHeader} from "../libraries/RoundHeader.sol";
import {SszOpening} from "../libraries/SszOpening.sol";
import {UpdateColumn} from "../libraries/UpdateColumn.sol";
import {FederationConfig, Report} from "../types/Kernel.sol";

/// @title AggregateVerifier
/// @dev See `IAggregateVerifier`.
contract AggregateVerifier is IAggregateVerifier {
    using Aggregation for int256;
    using KernelHash for Report;
    using PackedBytes for bytes;

    /// @dev Where the sections of a proof begin, and what decides where.
    struct Sections {
        uint256[] weights; // effective, of each entry
        uint256 lane;
        uint256 endsAt;
        uint256 weightsAt;
        uint256 normsAt;
        uint256 updatesAt;
        uint256 baseAt;
        uint256 modelAt;
    }

    /// @inheritdoc IFaultVerifier
    function verify(FaultContext calldata context, bytes calldata proof) external view returns (IRounds.FaultKind, Report memory) {
        Header memory h = RoundHeader.read(context, proof);
        FederationConfig memory config = h.config;
        if (config.ruleId < FederationRules.FEDAVG || config.ruleId > FederationRules.MEDIAN) revert AggregateVerifierUnknownRule(config.ruleId);
        if (config.elementWidth != 2) revert AggregateVerifierUnsupportedWidth(config.elementWidth);
        Sections memory section = _sections(h, context.state.entries, proof);

        int256[] memory values;
        (h.seal.updateRootsHash, values) = UpdateColumn.open(proof[section.updatesAt:section.baseAt], config.depth, section.lane, section.weights);
        h.weightsHash = keccak256(proof[section.weightsAt:section.normsAt]);
        if (config.ruleId == FederationRules.NORM_CLIP) h.seal.normsHash = keccak256(proof[section.normsAt:section.updatesAt]);
        h.report.modelRoot = SszOpening.root(proof[section.modelAt:], uint256(config.depth) + 3, section.lane >> 3);
        h.requireReported(context);

        int256 expected = _delta(config, section, proof, values);
        if (config.hasBase) {
            _requireParent(context, proof, SszOpening.root(proof[section.baseAt:section.modelAt], uint256(config.depth) + 3, section.lane >> 3));
            expected += proof.int32LaneAt(section.baseAt, section.lane & 7);
        }
        expected = expected.clamp32();
        if (expected == proof.int32LaneAt(section.modelAt, section.lane & 7)) revert AggregateVerifierNoFault(section.lane, expected);
        return (IRounds.FaultKind.Report, h.report);
    }

    /// @dev Finds the sections. After it no position is beyond the trees, and no read beyond the proof.
    function _sections(Header memory h, uint256 n, bytes calldata proof) private pure returns (Sections memory section) {
        FederationConfig memory config = h.config;
        // Sums of a few numbers below 2^32.
        unchecked {
            uint256 laneAt = RoundHeader.LENGTH + (config.hasBase ? 128 : 0);
            section.lane = proof.uintAt(laneAt, 4);
            section.endsAt = laneAt + 4;
            section.weightsAt = section.endsAt + (config.ruleId >= FederationRules.TRIMMED_MEAN ? 4 : 0);
            section.normsAt = section.weightsAt + 2 * n;
            section.updatesAt = section.normsAt + (config.ruleId == FederationRules.NORM_CLIP ? 8 * n : 0);
            uint256 count;
            (section.weights, count) = UpdateColumn.effectiveWeights(proof, section.weightsAt, n, h.report.excluded);
            uint256 opening = 32 * (uint256(config.depth) + 4);
            section.baseAt = section.updatesAt + 32 * n + count * (opening - 64);
            section.modelAt = section.baseAt + (config.hasBase ? opening : 0);
            if (proof.length != section.modelAt + opening) revert AggregateVerifierBadLength(section.modelAt + opening, proof.length);
            uint256 lanes = 64 << config.depth;
            if (section.lane >= lanes) revert AggregateVerifierLaneOutOfRange(section.lane, lanes);
        }
    }

    /// @dev How far the rule moves the base.
    function _delta(FederationConfig memory config, Sections memory section, bytes calldata proof, int256[] memory values) private pure returns (int256) {
        if (config.ruleId >= FederationRules.TRIMMED_MEAN) {
            uint256 trim = config.ruleId == FederationRules.MEDIAN ? Aggregation.medianTrim(Aggregation.countOf(section.weights)) : config.ruleParam;
            int256 lowest = int16(uint16(proof.uintAt(section.endsAt, 2)));
            int256 highest = int16(uint16(proof.uintAt(section.endsAt + 2, 2)));
            return Aggregation.trimmedMean(values, section.weights, trim, lowest, highest);
        }
        if (config.ruleId == FederationRules.NORM_CLIP) {
            for (uint256 i; i < values.length; ++i) values[i] = values[i].clip(proof.uintAt(section.normsAt + 8 * i, 8), config.ruleParam);
        }
        return Aggregation.weightedMean(values, section.weights);
    }

    /// @dev The base must be the model of the report that the seal pins; a genesis is a report too.
    function _requireParent(FaultContext calldata context, bytes calldata proof, bytes32 baseRoot) private pure {
        bytes32 opened = Report({
            federation: context.federation,
            round: context.state.parentRound,
            attempt: context.state.parentAttempt,
            sealHash: proof.wordAt(RoundHeader.LENGTH),
            modelRoot: baseRoot,
            metricsHash: proof.wordAt(RoundHeader.LENGTH + 32),
            excluded: uint256(proof.wordAt(RoundHeader.LENGTH + 64)),
            artefact: proof.wordAt(RoundHeader.LENGTH + 96)
        }).hash();
        if (opened != context.parentHash) revert AggregateVerifierWrongParent(context.parentHash, opened);
    }
}
