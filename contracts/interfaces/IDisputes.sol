// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IRounds} from "./IRounds.sol";
import {Report} from "../types/Kernel.sol";

/// @notice What a verifier may rely on: read from the ledger, not from the challenger.
/// @param roundHash What the round holds now: its seal hash when Sealed, its report hash when Reported.
struct FaultContext {
    uint32 federation;
    uint32 round;
    uint8 attempt;
    IRounds.State state;
    bytes32 roundHash;
    bytes32 parentHash;
    bytes32 configHash;
}

/// @title One kind of fault proof
/// @dev A verifier is a pure judge: it must revert when the proof does not prove a fault, must depend on nothing but its arguments, and holds no funds.
interface IFaultVerifier {
    /// @return kind Where the fault lies. Never None.
    function verify(FaultContext calldata context, bytes calldata proof) external view returns (IRounds.FaultKind kind);
}

/// @title Disputes: where a proven fault overturns a report or a seal
/// @notice Permissionless and without a bond: an invalid proof reverts.
/// @dev Trust assumptions: governance (the owner) appoints verifiers. A wrong verifier can overturn honest work within its window but can move nothing
/// else: no claim, no final round, no dataset.
interface IDisputes {
    event VerifierChanged(address indexed verifier, bool trusted);
    event DisputeWon(uint32 indexed federation, uint32 indexed round, uint8 attempt, address indexed verifier, IRounds.FaultKind kind, address challenger);

    error DisputesVerifierUnknown(address verifier);
    error DisputesNoFault(address verifier);

    function changeVerifier(address verifier, bool trusted) external;
    /// @param report The report that the round holds, when it is Reported; ignored when it is Sealed.
    function prove(uint32 federation, uint32 round, IFaultVerifier verifier, Report calldata report, bytes calldata proof) external;

    function isTrusted(address verifier) external view returns (bool);
}
