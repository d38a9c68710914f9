// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Ownable} from "@openzeppelin/contracts/access/Ownable.sol";
import {IHoldouts} from "../interfaces/IHoldouts.sol";
import {IRounds} from "../interfaces/IRounds.sol";

/// @title Holdouts
/// @dev Specified in {IHoldouts}. One slot a commitment; written once, never changed.
contract Holdouts is IHoldouts, Ownable {
    IRounds public immutable ROUNDS;

    /// @inheritdoc IHoldouts
    mapping(uint32 federation => mapping(address account => bool)) public isCustodian;
    mapping(bytes32 commitment => Holdout) private _holdouts;

    constructor(address owner, IRounds rounds) Ownable(owner) {
        ROUNDS = rounds;
    }

    /// @inheritdoc IHoldouts
    function changeCustodian(uint32 federation, address custodian, bool appointed) external onlyOwner {
        isCustodian[federation][custodian] = appointed;
        emit CustodianChanged(federation, custodian, appointed);
    }

    /// @inheritdoc IHoldouts
    function commit(uint32 federation, bytes32 commitment) external returns (uint32 fromRound) {
        if (!isCustodian[federation][msg.sender]) revert HoldoutsNotCustodian(federation, msg.sender);
        if (commitment == 0) revert HoldoutsEmpty();
        if (_holdouts[commitment].custodian != address(0)) revert HoldoutsCommitted(commitment);
        fromRound = firstUnknownRound(federation);
        _holdouts[commitment] = Holdout(msg.sender, federation, fromRound);
        emit HoldoutCommitted(federation, commitment, msg.sender, fromRound);
    }

    /// @inheritdoc IHoldouts
    function holdoutOf(bytes32 commitment) external view returns (Holdout memory) {
        return _holdouts[commitment];
    }

    /// @inheritdoc IHoldouts
    function firstUnknownRound(uint32 federation) public view returns (uint32) {
        if (federation > ROUNDS.federationCount()) return 1;
        IRounds.Head memory head = ROUNDS.headOf(federation);
        IRounds.Round memory tip = ROUNDS.roundOf(federation, head.tip);
        // A round opens with a report. Every way back from one counts an attempt, or leads to a parent that is reported; `reopen` comes before it. So a tip
        // that is sealed, or open again, without a fault was never reported, and is the newest round.
        bool neverReported = tip.attempt == 0 && (tip.state == IRounds.State.Sealed || tip.state == IRounds.State.Open);
        return head.last + (neverReported ? 1 : 2);
    }
}
