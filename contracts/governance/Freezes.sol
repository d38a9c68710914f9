// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Ownable} from "@openzeppelin/contracts/access/Ownable.sol";

import {IDatasets} from "../interfaces/IDatasets.sol";
import {IFreezes} from "../interfaces/IFreezes.sol";
import {IOperators} from "../interfaces/IOperators.sol";
import {IRounds} from "../interfaces/IRounds.sol";

/// @title Freezes
/// @dev Specified in {IFreezes}. Stateless: the ledger keeps when a freeze ends, and this contract decides who may set it, and how often.
contract Freezes is IFreezes, Ownable {
    IRounds public immutable ROUNDS;
    IDatasets public immutable DATASETS;
    /// @inheritdoc IFreezes
    uint256 public immutable freezePeriod;
    /// @inheritdoc IFreezes
    uint256 public immutable restPeriod;

    constructor(address owner, IRounds rounds, IDatasets datasets, IOperators operators, uint256 freezePeriod_) Ownable(owner) {
        restPeriod = operators.unbondingPeriod();
        // The other half is for the attempts of a round (`FederationRules`): so stake outlasts both.
        if (freezePeriod_ == 0 || freezePeriod_ > restPeriod / 2) revert FreezesBadPeriod(freezePeriod_, restPeriod / 2);
        ROUNDS = rounds;
        DATASETS = datasets;
        freezePeriod = freezePeriod_;
    }

    /// @inheritdoc IFreezes
    function freeze(uint32 federation, bytes32 reasonHash) external returns (uint40 until) {
        if (msg.sender != DATASETS.council()) revert FreezesNotCouncil(msg.sender);
        if (reasonHash == 0) revert FreezesNoReason();
        uint256 since = nextFreeze(federation);
        if (block.timestamp < since) revert FreezesResting(federation, since);
        until = uint40(block.timestamp + freezePeriod);
        emit FreezeDecided(federation, reasonHash, until);
        ROUNDS.freeze(federation, until);
    }

    /// @inheritdoc IFreezes
    function lift(uint32 federation) external {
        if (msg.sender != owner() && msg.sender != DATASETS.council()) revert FreezesNotCouncilOrGovernance(msg.sender);
        if (block.timestamp >= frozenUntil(federation)) revert FreezesNotFrozen(federation);
        emit FreezeLifted(federation, msg.sender);
        ROUNDS.freeze(federation, uint40(block.timestamp));
    }

    /// @inheritdoc IFreezes
    function frozenUntil(uint32 federation) public view returns (uint40) {
        return ROUNDS.frozenUntil(federation);
    }

    /// @inheritdoc IFreezes
    function nextFreeze(uint32 federation) public view returns (uint256) {
        uint256 last = frozenUntil(federation);
        return last == 0 ? 0 : last + restPeriod;
    }
}
