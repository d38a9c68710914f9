// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {FaultContext, IFaultVerifier} from "../interfaces/IDisputes.sol";
import {Evaluation, IPredictionVerifier} from "../interfaces/IPredictionVerifier.sol";
import {IRounds} from "../interfaces/IRounds.sol";
import {PackedBytes} from "../libraries/PackedBytes.sol";
import {Predictions} from "../libraries/Predictions.sol";
import {Header, RoundHeader} from "../libraries/RoundHeader.sol";
import {SszRange} from "../libraries/SszRange.sol";
import {Report} from "../types/Kernel.sol";

/// @title PredictionVerifier
/// @dev See `IPredictionVerifier`.
contract PredictionVerifier is IPredictionVerifier {
    using PackedBytes for bytes;

    bytes32 private constant EVALUATION_TYPEHASH = keccak256(
        "Evaluation(uint32 headLane,uint16 features,uint16 classes,uint8 featureBits,uint32 records,uint32 correct,"
        "bytes32 holdoutRoot,bytes32 labelsHash,bytes32 predictionsHash)"
    );

    /// @dev Both proofs of the largest evaluation fit 128 KiB, the largest transaction that nodes pass on: head, record and a column, or two columns.
    uint256 private constant MAX_FEATURES = 4_096;
    uint256 private constant MAX_CLASSES = 256; // a prediction is a byte
    uint256 private constant MAX_WEIGHTS = 8_192;
    uint256 private constant MAX_RECORDS = 65_000;
    uint256 private constant MAX_FEATURE_BITS = 30;

    uint256 private constant METRICS_FILE = RoundHeader.LENGTH + 64;
    uint256 private constant EVALUATION = RoundHeader.LENGTH + 96;
    uint256 private constant KIND = EVALUATION + 113;

    /// @inheritdoc IFaultVerifier
    function verify(FaultContext calldata context, bytes calldata proof) external view returns (IRounds.FaultKind, Report memory) {
        Header memory h = RoundHeader.read(context, proof);
        if (proof.length <= KIND) revert PredictionVerifierBadLength(proof.length);
        h.seal.updateRootsHash = proof.wordAt(RoundHeader.LENGTH);
        h.weightsHash = proof.wordAt(RoundHeader.LENGTH + 32);
        Evaluation memory evaluation = _read(proof[EVALUATION:]);
        bytes32 metricsHash = keccak256(abi.encode(keccak256(abi.encode(EVALUATION_TYPEHASH, evaluation)), proof.wordAt(METRICS_FILE)));
        if (metricsHash != h.report.metricsHash) revert PredictionVerifierOtherMetrics(h.report.metricsHash, metricsHash);
        uint256 kind = proof.uintAt(KIND, 1);
        if (kind == 0) h.report.modelRoot = _wrongPrediction(evaluation, h.config.depth, proof[KIND + 1:]);
        else if (kind == 1) h.report.modelRoot = _wrongCount(evaluation, proof[KIND + 1:]);
        else if (kind == 2) h.report.modelRoot = _wrongShape(evaluation, h.config.depth, proof[KIND + 1:]);
        else revert PredictionVerifierBadKind(kind);
        h.requireReported(context);
        return (IRounds.FaultKind.Report, h.report);
    }

    function _read(bytes calldata packed) private pure returns (Evaluation memory evaluation) {
        evaluation.headLane = uint32(packed.uintAt(0, 4));
        evaluation.features = uint16(packed.uintAt(4, 2));
        evaluation.classes = uint16(packed.uintAt(6, 2));
        evaluation.featureBits = uint8(packed.uintAt(8, 1));
        evaluation.records = uint32(packed.uintAt(9, 4));
        evaluation.correct = uint32(packed.uintAt(13, 4));
        evaluation.holdoutRoot = packed.wordAt(17);
        evaluation.labelsHash = packed.wordAt(49);
        evaluation.predictionsHash = packed.wordAt(81);
    }

    function _inBounds(Evaluation memory evaluation) private pure returns (bool) {
        (uint256 features, uint256 classes, uint256 records) = (evaluation.features, evaluation.classes, evaluation.records);
        return features != 0 && features <= MAX_FEATURES && classes != 0 && classes <= MAX_CLASSES && features * classes <= MAX_WEIGHTS
            && evaluation.featureBits <= MAX_FEATURE_BITS && records != 0 && records <= MAX_RECORDS;
    }

    function _requireInBounds(Evaluation memory evaluation) private pure {
        if (_inBounds(evaluation)) return;
        revert PredictionVerifierOutOfBounds(evaluation.features, evaluation.classes, evaluation.featureBits, evaluation.records);
    }

    /// @dev Lanes of the head, weights and biases.
    function _lanes(Evaluation memory evaluation) private pure returns (uint256) {
        return (uint256(evaluation.features) + 1) * evaluation.classes;
    }

    /// @return The model's root, as the opening of the head implies it; as the proof says when the number of predictions is the fault.
    function _wrongPrediction(Evaluation memory evaluation, uint256 depth, bytes calldata rest) private view returns (bytes32) {
        _requireInBounds(evaluation);
        uint256 length = rest.uintAt(0, 4);
        // The record's number stands behind the predictions, or the model's root, which is longer.
        if (rest.length < 8 + length) revert PredictionVerifierBadLength(rest.length);
        bytes calldata predictions = rest[4:4 + length];
        _requireColumn(evaluation.predictionsHash, predictions);
        if (length != evaluation.records) {
            if (rest.length != 36 + length) revert PredictionVerifierBadLength(rest.length);
            return rest.wordAt(4 + length);
        }
        uint256 record = rest.uintAt(4 + length, 4);
        if (record >= length) revert PredictionVerifierNoRecord(record, length);
        (bytes32 modelRoot, uint256 prediction) = _predict(evaluation, depth, record, rest[8 + length:]);
        if (prediction == uint8(predictions[record])) revert PredictionVerifierNoFault(prediction);
        return modelRoot;
    }

    /// @param openings The head's run of chunks in the model, then the record's in the holdout.
    function _predict(Evaluation memory evaluation, uint256 depth, uint256 record, bytes calldata openings)
        private
        view
        returns (bytes32 modelRoot, uint256 prediction)
    {
        (bytes calldata head, bytes calldata row) = _openRecord(evaluation, record, openings);
        (modelRoot, head) = _openHead(evaluation, depth, head);
        prediction = Predictions.predict(_shape(evaluation), head, row);
    }

    function _shape(Evaluation memory evaluation) private pure returns (Predictions.Shape memory) {
        return Predictions.Shape(evaluation.headLane % 8, evaluation.features, evaluation.classes, evaluation.featureBits);
    }

    /// @return root The model's, as the opening implies it. @return chunks Those with the head's lanes.
    function _openHead(Evaluation memory evaluation, uint256 depth, bytes calldata opening)
        private
        view
        returns (bytes32 root, bytes calldata chunks)
    {
        uint256 count = (evaluation.headLane % 8 + _lanes(evaluation) + 7) / 8;
        root = SszRange.root(opening, depth + 3, evaluation.headLane / 8, count);
        chunks = opening[:32 * count];
    }

    /// @return head What stands before the record's opening. @return row The record's chunks.
    function _openRecord(Evaluation memory evaluation, uint256 record, bytes calldata openings)
        private
        view
        returns (bytes calldata head, bytes calldata row)
    {
        uint256 rowDepth = _log2(evaluation.features, 16);
        uint256 depth = rowDepth + _log2(evaluation.records, 1);
        // A record is a whole subtree: its chunks, and one sibling at each level above.
        uint256 size = 32 * ((1 << rowDepth) + depth - rowDepth);
        if (openings.length < size) revert PredictionVerifierBadLength(openings.length);
        (head, row) = (openings[:openings.length - size], openings[openings.length - size:]);
        bytes32 root = SszRange.root(row, depth, record << rowDepth, 1 << rowDepth);
        if (root != evaluation.holdoutRoot) revert PredictionVerifierOtherHoldout(evaluation.holdoutRoot, root);
        row = row[:32 << rowDepth];
    }

    /// @return The model's root, as the proof says.
    function _wrongCount(Evaluation memory evaluation, bytes calldata rest) private pure returns (bytes32) {
        _requireInBounds(evaluation);
        uint256 records = evaluation.records;
        uint256 length = rest.uintAt(32 + records, 4);
        if (rest.length != 36 + records + length) revert PredictionVerifierBadLength(rest.length);
        bytes calldata predictions = rest[32:32 + records];
        bytes calldata labels = rest[36 + records:];
        _requireColumn(evaluation.predictionsHash, predictions);
        _requireColumn(evaluation.labelsHash, labels);
        if (length == records) {
            uint256 correct = Predictions.hits(predictions, labels);
            if (correct == evaluation.correct) revert PredictionVerifierNoFault(correct);
        }
        return rest.wordAt(0);
    }

    /// @return The model's root, as the proof says.
    function _wrongShape(Evaluation memory evaluation, uint256 depth, bytes calldata rest) private pure returns (bytes32) {
        if (rest.length != 32) revert PredictionVerifierBadLength(rest.length);
        if (_inBounds(evaluation)) {
            // The model has 2^(depth + 6) lanes.
            uint256 last = evaluation.headLane + _lanes(evaluation) - 1;
            if (last >> (depth + 6) == 0) revert PredictionVerifierNoFault(last);
        }
        return rest.wordAt(0);
    }

    function _requireColumn(bytes32 held, bytes calldata column) private pure {
        bytes32 opened = keccak256(column);
        if (opened != held) revert PredictionVerifierOtherColumn(held, opened);
    }

    /// @dev The smallest h with `unit << h >= size`.
    function _log2(uint256 size, uint256 unit) private pure returns (uint256 h) {
        while (unit << h < size) ++h;
    }
}
