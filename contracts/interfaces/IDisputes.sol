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

/// @notice The settlement under way, as the ledger has it.
struct SettlementFaultContext {
    uint32 federation;
    uint32 index;
    uint8 attempt;
    bytes32 statementHash;
    bytes32 configHash;
}

/// @title One kind of fault proof
/// @dev A verifier is a pure judge: it must revert when the proof does not prove a fault, must depend on nothing but its arguments, and holds no funds.
interface IFaultVerifier {
    /// @return kind Where the fault lies. Never None.
    function verify(FaultContext calldata context, bytes calldata proof) external view returns (IRounds.FaultKind kind);
}

/// @title One kind of fault proof about a settlement
/// @dev As `IFaultVerifier`: a pure judge that must revert, or answer false, when the proof does not prove a fault.
interface ISettlementVerifier {
    function verifySettlement(SettlementFaultContext calldata context, bytes calldata proof) external view returns (bool faulty);
}

/// @title Disputes: where a proven fault overturns a report, a seal or a settlement
/// @notice Permissionless and without a bond: an invalid proof reverts.
/// @dev Trust assumptions: governance (the owner) appoints verifiers. A wrong verifier can overturn honest work within its window but can move nothing
/// else: no claim, no final round, no dataset.
interface IDisputes {
    event VerifierChanged(address indexed verifier, bool trusted);
    event DisputeWon(uint32 indexed federation, uint32 indexed round, uint8 attempt, address indexed verifier, IRounds.FaultKind kind, address challenger);

    event SettlementDisputeWon(
        uint32 indexed federation, uint32 indexed index, uint8 attempt, address indexed verifier, address challenger
    );

    error DisputesVerifierUnknown(address verifier);
    error DisputesNoFault(address verifier);

    function changeVerifier(address verifier, bool trusted) external;
    /// @param report The report that the round holds, when it is Reported; ignored when it is Sealed.
    function prove(uint32 federation, uint32 round, IFaultVerifier verifier, Report calldata report, bytes calldata proof) external;

    /// @notice Overturns the settlement under way: its signers are slashed, its rounds can be settled again.
    function proveSettlement(uint32 federation, ISettlementVerifier verifier, bytes calldata proof) external;

    function isTrusted(address verifier) external view returns (bool);
}
