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
    IRounds public immutable ROUNDS;
    ISettlement public immutable SETTLEMENT;

    mapping(address verifier => bool) public override isTrusted;

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
    function prove(uint32 federation, uint32 round, IFaultVerifier verifier, Report calldata report, bytes calldata proof) external {
        _requireTrusted(address(verifier));
        IRounds.Round memory r = ROUNDS.roundOf(federation, round);
        FaultContext memory context = FaultContext({
            federation: federation,
            round: round,
            attempt: r.attempt,
            state: r.state,
            roundHash: r.hash,
            parentHash: ROUNDS.roundOf(federation, r.parentRound).hash,
            configHash: ROUNDS.configHashOf(federation)
        });
        IRounds.FaultKind kind = verifier.verify(context, proof);
        if (kind == IRounds.FaultKind.None) revert DisputesNoFault(address(verifier));
        emit DisputeWon(federation, round, r.attempt, address(verifier), kind, msg.sender);
        ROUNDS.overturn(federation, round, kind, report, msg.sender);
    }

    /// @inheritdoc IDisputes
    function proveSettlement(uint32 federation, ISettlementVerifier verifier, bytes calldata proof) external {
        _requireTrusted(address(verifier));
        ISettlement.Account memory account = SETTLEMENT.accountOf(federation);
        SettlementFaultContext memory context = SettlementFaultContext({
            federation: federation,
            index: account.nextIndex,
            attempt: account.attempt,
            statementHash: account.statementHash,
            configHash: ROUNDS.configHashOf(federation)
        });
        if (!verifier.verifySettlement(context, proof)) revert DisputesNoFault(address(verifier));
        emit SettlementDisputeWon(federation, account.nextIndex, account.attempt, address(verifier), msg.sender);
        SETTLEMENT.overturn(federation, msg.sender);
    }

    function _requireTrusted(address verifier) private view {
        if (!isTrusted[verifier]) revert DisputesVerifierUnknown(verifier);
    }
}
