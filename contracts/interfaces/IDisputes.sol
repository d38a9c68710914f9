// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IRounds} from "./IRounds.sol";
import {Report} from "../types/Kernel.sol";

/// @notice What a verifier may rely on: read from the ledger, not from the challenger.
/// @param parentHash What the parent holds now. A child of a replaced parent pins another hash: nothing can be proven of it, and anyone may void it.
/// @param state The round as the ledger has it; `state.hash` is its seal hash when Sealed, its report hash when Reported.
struct FaultContext {
    uint32 federation;
    uint32 round;
    bytes32 parentHash;
    IRounds.Round state;
}

/// @notice The settlement under way, as the ledger has it.
struct SettlementFaultContext {
    uint32 federation;
    uint32 index;
    uint8 attempt;
    bytes32 statementHash;
    uint128 pool;
}

/// @title One kind of fault proof
/// @dev A verifier judges and does nothing else: it must revert when the proof does not prove a fault, depends on its arguments and on what the ledger and
/// the registry say now, and holds no funds.
interface IFaultVerifier {
    /// @param proof Packed as `docs/protocol.md` says: no padding, exact length.
    /// @return kind Where the fault lies. Never None.
    /// @return report The report that the round holds, opened by the proof; all zero when the round is Sealed.
    function verify(FaultContext calldata context, bytes calldata proof) external view returns (IRounds.FaultKind kind, Report memory report);
}

/// @title One kind of fault proof about a settlement
/// @dev As `IFaultVerifier`: a judge that must revert, or answer false, when the proof does not prove a fault.
interface ISettlementVerifier {
    function verifySettlement(SettlementFaultContext calldata context, bytes calldata proof) external view returns (bool faulty);
}

/// @title Disputes: where a proven fault overturns a report, a seal or a settlement
/// @notice Permissionless and without a bond: an invalid proof reverts. Two steps, so that nobody takes a proof out of the mempool: `commit` to it, and
/// `prove` it 1 to 256 blocks later. The first valid proof wins. A commitment delays nothing: nobody but its author can tell what it is for.
/// @dev Trust assumptions: governance (the owner) appoints verifiers. A wrong verifier can overturn honest work within its window but can move nothing
/// else: no claim, no final round, no dataset.
interface IDisputes {
    event VerifierChanged(address indexed verifier, bool trusted);
    event ProofCommitted(address indexed challenger, bytes32 commitment);
    /// @notice Which verifier judged. What follows from it, and for whom, is in the ledger's own event of the same transaction.
    event DisputeWon(uint32 indexed federation, uint32 indexed round, address indexed verifier);
    event SettlementDisputeWon(uint32 indexed federation, uint32 indexed index, address indexed verifier);

    error DisputesVerifierUnknown(address verifier);
    error DisputesNoFault(address verifier);
    /// @notice The challenger did not commit to this proof, or did so in this block, or more than 256 blocks ago. Commit, wait a block, prove.
    /// @param committedAt Block of the commitment; 0 when there is none.
    error DisputesNotCommitted(bytes32 commitment, uint256 committedAt);

    function changeVerifier(address verifier, bool trusted) external;

    /// @notice First step. Committing to the same again only moves its block.
    /// @param commitment `commitmentOf` the proof. It names the challenger: copied by another, it is worth nothing.
    function commit(bytes32 commitment) external;
    /// @notice Second step: overturns the report or the seal of the round.
    function prove(uint32 federation, uint32 round, IFaultVerifier verifier, bytes calldata proof) external;
    /// @notice Second step: overturns the settlement under way. Its signers are slashed, its rounds can be settled again.
    function proveSettlement(uint32 federation, ISettlementVerifier verifier, bytes calldata proof) external;

    /// @param target Number of the round, or index of the settlement.
    function commitmentOf(address challenger, uint32 federation, uint32 target, address verifier, bytes32 proofHash) external pure returns (bytes32);
    /// @notice Block in which the challenger made the commitment; 0 when it did not, or used it.
    function committedAt(address challenger, bytes32 commitment) external view returns (uint256);
    function isTrusted(address verifier) external view returns (bool);
}
