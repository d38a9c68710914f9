// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IFaultVerifier} from "./IDisputes.sol";

/// @title A norm that is too large, or is not that of its update
/// @notice Kind 0 convicts the signers of a seal (Seal, while Sealed or Reported), the others those of a report (Report). `norms`, `norm traces`, `update
/// roots`, `weights` are the round's columns, D is the configuration's depth, C a chunk of an update, counted from 0.
///
///   proof = header (361) ‖ kind (1) ‖
///     0 bound  H(update roots) ‖ H(weights) ‖ [model root, Reported] ‖ entry (1) ‖ norms (8n)
///              the declared norm exceeds the configuration's bound
///     1 step   model root ‖ weights (2n) ‖ update roots (32n) ‖ norm traces (32n) ‖ entry (1) ‖ C (4) ‖ opening of C in the update (32(D+3))
///              ‖ opening of C/4 in the trace (32(D+1)) ‖ [opening of C/4 − 1, when C is the first of its trace chunk, but 0]
///              the trace's value at C is not the one before it and C's squares
///     2 total  model root ‖ H(update roots) ‖ weights (2n) ‖ norms (8n) ‖ norm traces (32n) ‖ entry (1) ‖ opening of the trace's last chunk (32(D+1))
///              the trace's last value is not the declared norm
///
/// Steps and last values are the contributor's, but whoever reports has the payload: an entry whose trace does not follow from it is to be left out. So only
/// entries that count are judged (a weight, not excluded), and none that is posted: those were checked on chain, and could not be left out. A trace that nobody
/// can open is not for this contract: its chunks are demanded (`Demands`).
/// @dev Trust assumptions: `Rounds` says what was posted.
interface INormVerifier is IFaultVerifier {
    error NormVerifierUnknownKind(uint256 kind);
    error NormVerifierBadLength(uint256 length, uint256 expected);
    error NormVerifierBadEntry(uint256 entry, uint256 entries);
    /// @notice The column is not the one that was sealed.
    error NormVerifierWrongColumn(string column);
    /// @notice The opening, or the lanes, are not those of the entry's commitment.
    error NormVerifierWrongOpening(string vector);
    /// @notice The entry does not count in the report: it has no weight, or is excluded.
    error NormVerifierNotCounted(uint256 entry);
    error NormVerifierPosted(uint256 entry);
    /// @notice Norms are those of int16 lanes.
    error NormVerifierElementWidth(uint256 elementWidth);
    error NormVerifierNoFault(uint256 entry);
}
