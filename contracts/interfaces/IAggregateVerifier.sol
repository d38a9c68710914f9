// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IFaultVerifier} from "./IDisputes.sol";

/// @title AggregateVerifier: the reported model is not what the rule makes of the updates
/// @notice One coordinate (lane) is enough: every update opened there, the base and the new model too. Proves a wrong sum, a wrong weight, a payload that was
/// left out without being excluded, and a model that does not extend the one it claims to extend. A fault of the report.
///
///   header (361) ‖ [parent: seal hash ‖ H(metrics) ‖ excluded ‖ artefact (128)]¹ ‖ lane (4) ‖ [lowest kept (2) ‖ highest kept (2)]² ‖ weights (2n)
///   ‖ [norms (8n)]³ ‖ n × (opening of the update (32·(depth + 3)), or its root (32) where the effective weight is 0)
///   ‖ [opening of the base (32·(depth + 4))]¹ ‖ opening of the new model (32·(depth + 4))
///
///   ¹ federations with a base   ² trimmed mean, median   ³ norm clip
///
/// @dev The prover chooses the lane, and what it opens must hash to what the ledger holds for the round and for its parent: weights, exclusions, rule, depth and
/// update roots are the sealed ones. For trimmed mean and median it also says which values stay at the ends; they are checked by their ranks.
/// Lanes behind the model's last parameter are ordinary: zero in honest vectors, so zero in an honest result.
/// Trust assumptions: none of its own. It has no owner and no state.
interface IAggregateVerifier is IFaultVerifier {
    /// @notice The model has at this lane what it should. There is no fault here.
    error AggregateVerifierNoFault(uint256 lane, int256 expected);
    /// @notice The sealed configuration has a rule that this verifier does not know.
    error AggregateVerifierUnknownRule(uint256 ruleId);
    /// @notice Only updates of int16 lanes can be judged.
    error AggregateVerifierUnsupportedWidth(uint256 elementWidth);
    error AggregateVerifierBadLength(uint256 expected, uint256 actual);
    /// @notice The vectors have only `lanes` lanes, padding included.
    error AggregateVerifierLaneOutOfRange(uint256 lane, uint256 lanes);
    /// @notice The base model is not that of the report which this round pins as its parent.
    error AggregateVerifierWrongParent(bytes32 pinned, bytes32 opened);
}
