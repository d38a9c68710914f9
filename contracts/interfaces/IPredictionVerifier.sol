// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IFaultVerifier} from "./IDisputes.sol";

/// @notice What a report says of its model on a holdout that everybody can read. Its EIP-712 struct hash is in the report's `metricsHash`.
/// @param headLane Lane of the model at which weight[0][0] stands; weight[i][c] is at `headLane + i * classes + c`, the biases follow the weights.
/// @param featureBits One unit of a feature is 2^-featureBits.
/// @param correct How many predictions are the label.
/// @param holdoutRoot SSZ root of `Vector[uint16, R * 2^k]`: int16 lanes, a record padded to R = 16 * 2^r of them, the records to 2^k.
/// @param labelsHash,predictionsHash Keccak-256 of a byte a record.
struct Evaluation {
    uint32 headLane;
    uint16 features;
    uint16 classes;
    uint8 featureBits;
    uint32 records;
    uint32 correct;
    bytes32 holdoutRoot;
    bytes32 labelsHash;
    bytes32 predictionsHash;
}

/// @title Disproves a report's evaluation: one wrong prediction, a wrong count, a column of another length, or a shape that it must not have
/// @notice Proof (packed, big-endian, exact length):
///
///   header (361) ‖ H(update roots) ‖ H(weights) ‖ H(metrics.json) ‖ evaluation (113) ‖ kind (1) ‖
///   kind 0   length (4) ‖ predictions ‖ record (4) ‖ opening of the head in the model ‖ opening of the record in the holdout
///            length (4) ‖ predictions ‖ model root, when there are not as many predictions as records
///   kind 1   model root ‖ predictions ‖ length (4) ‖ labels
///   kind 2   model root, when the evaluation is out of bounds or its head beyond the model's lanes
///
/// @dev Warning: it judges an evaluation by itself. That the holdout is a good one, that it is the same in every round, and that its labels are true,
/// nothing here says. What nobody published cannot be disproven either: `verifyRoundBundle` finds it missing.
interface IPredictionVerifier is IFaultVerifier {
    /// @notice The proof does not have exactly the bytes that its kind, its lengths and the evaluation ask for.
    error PredictionVerifierBadLength(uint256 length);
    /// @notice Kinds are 0, a prediction; 1, the count; 2, the shape.
    error PredictionVerifierBadKind(uint256 kind);
    /// @notice The evaluation is larger than what one transaction can carry, or empty. That is the fault: prove it, with kind 2.
    error PredictionVerifierOutOfBounds(uint256 features, uint256 classes, uint256 featureBits, uint256 records);
    /// @notice Evaluation and metrics are not those of the report.
    error PredictionVerifierOtherMetrics(bytes32 held, bytes32 opened);
    /// @notice Predictions or labels are not those of the evaluation.
    error PredictionVerifierOtherColumn(bytes32 held, bytes32 opened);
    /// @notice The record is not of the evaluation's holdout.
    error PredictionVerifierOtherHoldout(bytes32 held, bytes32 opened);
    error PredictionVerifierNoRecord(uint256 record, uint256 records);
    /// @notice What was to be disproven is right: the prediction, the count, or the head, whose last lane this is.
    error PredictionVerifierNoFault(uint256 value);
}
