// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Ownable} from "@openzeppelin/contracts/access/Ownable.sol";
import {FaultContext, IDisputes, IFaultVerifier, ISettlementVerifier, SettlementFaultContext} from "../interfaces/IDisputes.sol";
import {IRounds} from "../interfaces/IRounds.sol";
import {ISettlement} from "../interfaces/ISettlement.sol";
import {Report} from "../types/Kernel.sol";

/// @title Disputes
/// @dev See `IDisputes`.
contract Disputes is IDisputes, Ownable {
    /// @dev Blocks for which a commitment can be used: as many as the chain itself remembers.
    uint256 private constant LIFETIME = 256;

    IRounds public immutable ROUNDS;
    ISettlement public immutable SETTLEMENT;

    mapping(address verifier => bool) public override isTrusted;
    mapping(address challenger => mapping(bytes32 commitment => uint256)) public override committedAt;

    constructor(address owner, IRounds rounds, ISettlement settlement) Ownable(owner) {
        ROUNDS = rounds;
        SETTLEMENT = settlement;
    }

    /// @inheritdoc IDisputes
    function changeVerifier(address verifier, bool trusted) external onlyOwner {
        isTrusted[verifier] = trusted;
        emit VerifierChanged(verifier, trusted);
    }

    /// @inheritdoc IDisputes
    function commit(bytes32 commitment) external {
        committedAt[msg.sender][commitment] = block.number;
        emit ProofCommitted(msg.sender, commitment);
    }

    /// @inheritdoc IDisputes
    function prove(uint32 federation, uint32 round, IFaultVerifier verifier, bytes calldata proof) external {
        _requireTrusted(address(verifier));
        _useCommitment(federation, round, address(verifier), proof);
        FaultContext memory context;
        context.federation = federation;
        context.round = round;
        context.state = ROUNDS.roundOf(federation, round);
        context.parentHash = ROUNDS.roundOf(federation, context.state.parentRound).hash;
        (IRounds.FaultKind kind, Report memory report) = verifier.verify(context, proof);
        if (kind == IRounds.FaultKind.None) revert DisputesNoFault(address(verifier));
        emit DisputeWon(federation, round, address(verifier));
        ROUNDS.overturn(federation, round, kind, report, msg.sender);
    }

    /// @inheritdoc IDisputes
    function proveSettlement(uint32 federation, ISettlementVerifier verifier, bytes calldata proof) external {
        _requireTrusted(address(verifier));
        ISettlement.Account memory account = SETTLEMENT.accountOf(federation);
        _useCommitment(federation, account.nextIndex, address(verifier), proof);
        SettlementFaultContext memory context = SettlementFaultContext({
            federation: federation,
            index: account.nextIndex,
            attempt: account.attempt,
            statementHash: account.statementHash,
            pool: account.pool
        });
        if (!verifier.verifySettlement(context, proof)) revert DisputesNoFault(address(verifier));
        emit SettlementDisputeWon(federation, account.nextIndex, address(verifier));
        SETTLEMENT.overturn(federation, msg.sender);
    }

    /// @inheritdoc IDisputes
    function commitmentOf(address challenger, uint32 federation, uint32 target, address verifier, bytes32 proofHash) public pure returns (bytes32) {
        return keccak256(abi.encode(challenger, federation, target, verifier, proofHash));
    }

    function _requireTrusted(address verifier) private view {
        if (!isTrusted[verifier]) revert DisputesVerifierUnknown(verifier);
    }

    /// @dev Not in the block of the commitment: who sees a proof waiting could commit to it and use it at once.
    function _useCommitment(uint32 federation, uint32 target, address verifier, bytes calldata proof) private {
        bytes32 commitment = commitmentOf(msg.sender, federation, target, verifier, keccak256(proof));
        uint256 madeAt = committedAt[msg.sender][commitment];
        if (madeAt == 0 || madeAt == block.number || block.number - madeAt > LIFETIME) revert DisputesNotCommitted(commitment, madeAt);
        delete committedAt[msg.sender][commitment];
    }
}
