// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IOperators} from "../../../../contracts/interfaces/IOperators.sol";
import {IRounds} from "../../../../contracts/interfaces/IRounds.sol";
import {ISettlement} from "../../../../contracts/interfaces/ISettlement.sol";
import {requireEqual, requireTrue} from "./GameVm.sol";
import {Moves} from "./Moves.sol";

/// @title What always holds, whether anybody watches or not
abstract contract Properties is Moves {
    /// @dev What each ended round was when it ended.
    mapping(uint32 round => bytes32) private _ended;
    uint32 private _settledThrough;

    function _checkAccounts() internal {
        _checkRounds();
        _checkHolds();
        _checkStakes();
        _checkOperators();
        _checkDemands();
        _checkLoneReports();
        _checkSettlement();
        _checkTreasury();
        _checkArbitration();
    }

    function _isEnded(IRounds.State state) internal pure returns (bool) {
        return state == IRounds.State.Final || state == IRounds.State.Void;
    }

    function _checkRounds() internal {
        uint32 last = rounds.headOf(FEDERATION).last;
        uint256 attempts;
        uint256 live;
        for (uint32 round = 1; round <= last; ++round) {
            IRounds.Round memory state = rounds.roundOf(FEDERATION, round);
            attempts += state.attempt;
            live += _unitsOf(state);
            requireTrue("no round has more attempts than it may", state.attempt <= config.maxAttempts);
            requireTrue("only a reported round is held", state.holds == 0 || state.state == IRounds.State.Reported || _isEnded(state.state));
            if (!_isEnded(state.state)) continue;
            bytes32 hash = keccak256(abi.encode(state));
            if (_ended[round] != 0) requireTrue("what has ended never changes", _ended[round] == hash);
            _ended[round] = hash;
            if (state.state == IRounds.State.Final) _checkParent(state);
        }
        requireEqual("nothing is overturned but what we expected", attempts, overturned);
        requireEqual("live units are what rounds hold", rounds.liveUnits(), live);
        _checkChain();
    }

    function _checkParent(IRounds.Round memory state) private view {
        IRounds.Round memory parent = rounds.roundOf(FEDERATION, state.parentRound);
        requireTrue("a final round stands on a final one", parent.state == IRounds.State.Final && parent.attempt == state.parentAttempt);
    }

    /// @dev From the tip's parent down, all is reported or final, and each round pins what its parent is.
    function _checkChain() private view {
        IRounds.Head memory head = rounds.headOf(FEDERATION);
        for (uint32 round = head.tip; round != 0;) {
            IRounds.Round memory state = rounds.roundOf(FEDERATION, round);
            IRounds.Round memory parent = rounds.roundOf(FEDERATION, state.parentRound);
            bool stands = parent.state == IRounds.State.Reported || parent.state == IRounds.State.Final;
            requireTrue("the chain is reported or final below its tip", stands && parent.attempt == state.parentAttempt);
            round = state.parentRound;
        }
    }

    function _unitsOf(IRounds.Round memory state) private pure returns (uint256) {
        if (state.state == IRounds.State.Reported) return state.reportEpoch == 0 ? 1 : 2;
        if (state.state == IRounds.State.Sealed) return state.reporters == 0 ? 2 : 1;
        return 0;
    }

    /// @dev Only what was demanded and not answered keeps a report, besides its finality.
    function _checkHolds() internal view {
        uint32 last = rounds.headOf(FEDERATION).last;
        for (uint32 round = 1; round <= last; ++round) {
            IRounds.Round memory state = rounds.roundOf(FEDERATION, round);
            if (state.state != IRounds.State.Reported) continue;
            uint256 open;
            for (uint256 i; i < openDemands.length; ++i) {
                if (openDemands[i].key.round == round && openDemands[i].key.attempt == state.attempt) ++open;
            }
            requireEqual("a report is held by its open demands and its finality", state.holds, open + config.finality);
        }
    }

    function _checkStakes() internal view {
        uint256 live = rounds.liveUnits() + settlement.liveUnits();
        IOperators.Epoch memory epoch = operators.currentEpoch();
        uint256 slashed;
        for (uint256 i; i < OPERATORS; ++i) {
            IOperators.Operator memory record = operators.operatorOf(operatorOf[i]);
            requireEqual("each lie costs its signers one unit, and nothing else costs anything", record.stake + lostUnits[i] * BOND, _startStake());
            requireTrue("live bonds are within the slashable stake", live * BOND <= record.stake);
            uint256 needed = (uint256(epoch.roundUnits) + epoch.settlementUnits) * BOND;
            requireTrue("what the epoch allows is bonded", needed <= record.stake - record.unbonding);
            slashed += lostUnits[i] * BOND;
        }
        requireTrue("no more is slashed than was at stake", slashed <= OPERATORS * _startStake());
    }

    /// @dev To one wei, as all that follow.
    function _checkOperators() internal view {
        uint256 held;
        for (uint256 i; i < OPERATORS; ++i) held += operators.operatorOf(operatorOf[i]).stake;
        for (uint256 i; i < evidence.length; ++i) held += operators.awardOf(evidence[i]).amount;
        (uint256 toPool, uint256 burnt) = operators.unsettled();
        requireEqual("operators hold stakes, awards and what is to be settled", token.balanceOf(address(operators)), held + toPool + burnt);
    }

    function _checkDemands() internal view {
        uint256 native;
        for (uint256 i; i < openDemands.length; ++i) {
            native += openDemands[i].deposit;
            requireTrue("an open demand has its demander", demands.demandOf(demands.idOf(openDemands[i].key)).demander != address(0));
        }
        requireEqual("demands hold the open deposits and the credits", address(demands).balance, native + credits);
    }

    function _checkLoneReports() internal view {
        (uint256 toPool, uint256 burnt) = loneReports.unsettled();
        uint256 held = _loneBonds(address(0)) + loneReports.creditOf(WATCHER) + loneReports.creditOf(MALLORY) + toPool + burnt;
        requireEqual("lone reports hold bonds, credits and what is to be settled", token.balanceOf(address(loneReports)), held);
    }

    /// @param who Zero: everybody's.
    function _loneBonds(address who) internal view returns (uint256 bonds) {
        uint32 last = rounds.headOf(FEDERATION).last;
        for (uint32 round = 1; round <= last; ++round) {
            uint8 attempts = rounds.roundOf(FEDERATION, round).attempt;
            // The first attempt is a quorum's.
            for (uint8 attempt = 1; attempt <= attempts; ++attempt) {
                if (!loneReports.isBonded(FEDERATION, round, attempt)) continue;
                if (who == address(0) || loneReports.reporterOf(FEDERATION, round, attempt) == who) bonds += LONE_BOND;
            }
        }
    }

    function _checkSettlement() internal {
        ISettlement.Account memory account = settlement.accountOf(FEDERATION);
        bool underWay = account.state == ISettlement.State.Proposed;
        requireEqual("a settlement under way binds one unit", settlement.liveUnits(), underWay ? 1 : 0);
        requireTrue("what is settled stays settled", account.settledThrough >= _settledThrough && account.settledThrough <= rounds.headOf(FEDERATION).last);
        _settledThrough = account.settledThrough;
        requireEqual("the total is what final settlements distributed", account.total, treasury.creditedOf(FEDERATION));
        requireTrue("frozen only while it is under way", !account.frozen || underWay);
        requireTrue("frozen exactly while a challenge stands", account.frozen == _isChallenged(account));
    }

    function _isChallenged(ISettlement.Account memory account) private view returns (bool) {
        uint32 index = arbitration.challengeOf(FEDERATION).index;
        uint8 attempt = arbitration.challengeOf(FEDERATION).attempt;
        bool open = arbitration.challengeOf(FEDERATION).challenger != address(0);
        return open && account.state == ISettlement.State.Proposed && index == account.nextIndex && attempt == account.attempt;
    }

    function _checkTreasury() internal view {
        uint32 last = rounds.headOf(FEDERATION).last;
        uint256 finals;
        for (uint32 round = 1; round <= last; ++round) if (rounds.roundOf(FEDERATION, round).state == IRounds.State.Final) ++finals;
        uint256 credited = treasury.creditedOf(FEDERATION);
        requireTrue("only final rounds are paid for", credited <= finals * POOL);
        requireTrue("what is credited was reserved", credited <= treasury.reservedOf(FEDERATION) && treasury.totalReserved() <= treasury.available());
        requireEqual("the vault holds what is credited", token.balanceOf(treasury.vaultOf(FEDERATION)), credited);
        requireEqual("nobody prints or burns", token.totalSupply() + burntBonds, genesisSupply + token.mintedEmission());
    }

    function _checkArbitration() internal view {
        uint256 owed = arbitration.challengeOf(FEDERATION).bond + arbitration.owedTo(WATCHER) + arbitration.owedTo(MALLORY);
        for (uint256 i; i < OPERATORS; ++i) owed += arbitration.owedTo(operatorOf[i]);
        // Rounding is burnt, so nothing else is there.
        requireEqual("arbitration holds open bonds and what it owes", token.balanceOf(address(arbitration)), owed);
    }
}
