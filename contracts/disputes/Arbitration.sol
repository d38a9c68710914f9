// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Ownable} from "@openzeppelin/contracts/access/Ownable.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {ERC20Burnable} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Burnable.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {IArbitration} from "../interfaces/IArbitration.sol";
import {IOperators} from "../interfaces/IOperators.sol";
import {ISettlement} from "../interfaces/ISettlement.sol";
import {ITreasury} from "../interfaces/ITreasury.sol";
import {Bits} from "../libraries/Bits.sol";

/// @title Arbitration
/// @dev See `IArbitration`. Effects come before calls; those go to contracts of ours and to our token, which has no hooks and reverts instead of returning
/// false. Invariant: the balance here is at least Σ bonds of open challenges + Σ owed.
contract Arbitration is IArbitration, Ownable {
    uint256 private constant SIGNERS_PERCENT = 40;
    uint256 private constant POOL_PERCENT = 40;

    ISettlement public immutable SETTLEMENT;
    IOperators public immutable OPERATORS;
    ITreasury public immutable TREASURY;
    address public immutable TOKEN;
    /// @notice SHU of a first challenge.
    uint256 public immutable BOND;
    /// @notice Seconds that governance has for a ruling.
    uint256 public immutable PERIOD;

    mapping(uint32 federation => Challenge) private _challenges;
    /// @inheritdoc IArbitration
    mapping(uint32 federation => mapping(uint32 index => mapping(uint8 attempt => uint256))) public rejectedOf;
    /// @inheritdoc IArbitration
    mapping(address account => uint256) public owedTo;

    constructor(address owner, ISettlement settlement, IOperators operators, ITreasury treasury, uint256 bond, uint256 period) Ownable(owner) {
        if (bond == 0 || bond > type(uint128).max || period == 0 || period >= operators.unbondingPeriod()) revert ArbitrationBadParameters(bond, period);
        SETTLEMENT = settlement;
        OPERATORS = operators;
        TREASURY = treasury;
        TOKEN = treasury.token();
        BOND = bond;
        PERIOD = period;
        // The treasury pulls only from whoever calls `recycle`: this allowance serves rejections alone.
        IERC20(TOKEN).approve(address(treasury), type(uint256).max);
    }

    /// @inheritdoc IArbitration
    function challenge(uint32 federation, uint32 index, uint8 attempt, bytes32 reasonHash) external {
        if (msg.sender == owner()) revert ArbitrationOwnCause(msg.sender);
        ISettlement.Account memory account = SETTLEMENT.accountOf(federation);
        if (account.nextIndex != index || account.attempt != attempt) revert ArbitrationOtherSettlement(account.nextIndex, account.attempt);
        Challenge memory open = _challenges[federation];
        if (open.challenger != address(0)) {
            if (_stands(open, account)) revert ArbitrationChallengeOpen(federation, open.deadline);
            _release(federation, open);
        }

        uint256 bond = _bondOf(federation, index, attempt);
        uint256 deadline = block.timestamp + PERIOD;
        _challenges[federation] = Challenge({
            challenger: msg.sender,
            deadline: uint40(deadline),
            index: index,
            attempt: attempt,
            bond: SafeCast.toUint128(bond),
            signers: account.signers,
            epoch: account.operatorEpoch
        });
        emit SettlementChallenged(federation, index, attempt, msg.sender, bond, reasonHash, deadline);
        IERC20(TOKEN).transferFrom(msg.sender, address(this), bond);
        SETTLEMENT.freeze(federation);
    }

    /// @inheritdoc IArbitration
    function rule(uint32 federation, uint32 index, uint8 attempt, bool upheld) external onlyOwner {
        Challenge memory c = _standing(federation);
        if (c.index != index || c.attempt != attempt) revert ArbitrationOtherSettlement(c.index, c.attempt);
        if (block.timestamp >= c.deadline) revert ArbitrationPeriodOver(c.deadline);
        if (!upheld) return _reject(federation, c, true);
        delete _challenges[federation];
        owedTo[c.challenger] += c.bond;
        emit ChallengeUpheld(federation, index, attempt, c.challenger);
        SETTLEMENT.overturn(federation, c.challenger);
    }

    /// @inheritdoc IArbitration
    function expire(uint32 federation) external {
        Challenge memory c = _standing(federation);
        if (block.timestamp < c.deadline) revert ArbitrationPeriodOpen(c.deadline);
        _reject(federation, c, false);
    }

    /// @inheritdoc IArbitration
    function release(uint32 federation) external {
        Challenge memory c = _known(federation);
        if (_stands(c, SETTLEMENT.accountOf(federation))) revert ArbitrationNotMoot(federation);
        delete _challenges[federation];
        _release(federation, c);
    }

    /// @inheritdoc IArbitration
    function withdraw() external {
        uint256 amount = owedTo[msg.sender];
        if (amount == 0) revert ArbitrationNothingOwed(msg.sender);
        owedTo[msg.sender] = 0;
        emit Withdrawn(msg.sender, amount);
        IERC20(TOKEN).transfer(msg.sender, amount);
    }

    /// @inheritdoc IArbitration
    function challengeOf(uint32 federation) external view returns (Challenge memory) {
        return _challenges[federation];
    }

    /// @inheritdoc IArbitration
    function bondOf(uint32 federation) external view returns (uint256) {
        ISettlement.Account memory account = SETTLEMENT.accountOf(federation);
        return _bondOf(federation, account.nextIndex, account.attempt);
    }

    // --- private ---

    function _bondOf(uint32 federation, uint32 index, uint8 attempt) private view returns (uint256) {
        return BOND * 2 ** rejectedOf[federation][index][attempt];
    }

    function _known(uint32 federation) private view returns (Challenge memory c) {
        c = _challenges[federation];
        if (c.challenger == address(0)) revert ArbitrationNoChallenge(federation);
    }

    function _standing(uint32 federation) private view returns (Challenge memory c) {
        c = _known(federation);
        if (!_stands(c, SETTLEMENT.accountOf(federation))) revert ArbitrationMoot(federation);
    }

    /// @dev Whether its settlement is still under way, and frozen: an index and an attempt never come back.
    function _stands(Challenge memory c, ISettlement.Account memory account) private pure returns (bool) {
        return account.frozen && account.nextIndex == c.index && account.attempt == c.attempt;
    }

    /// @dev The caller has taken the challenge out of the way.
    function _release(uint32 federation, Challenge memory c) private {
        owedTo[c.challenger] += c.bond;
        emit ChallengeReleased(federation, c.index, c.attempt, c.challenger);
    }

    function _reject(uint32 federation, Challenge memory c, bool ruled) private {
        delete _challenges[federation];
        rejectedOf[federation][c.index][c.attempt] += 1;
        uint256 toEachSigner = uint256(c.bond) * SIGNERS_PERCENT / 100 / Bits.count(c.signers);
        uint256 toPool = uint256(c.bond) * POOL_PERCENT / 100;
        uint256 burnt = c.bond - toPool - _creditSigners(c.epoch, c.signers, toEachSigner);
        emit ChallengeRejected(federation, c.index, c.attempt, c.challenger, ruled, toEachSigner, toPool, burnt);
        if (toPool != 0) TREASURY.recycle(toPool);
        ERC20Burnable(TOKEN).burn(burnt);
        SETTLEMENT.unfreeze(federation);
    }

    /// @return sum What all of them were given.
    function _creditSigners(uint32 epoch, uint32 signers, uint256 amount) private returns (uint256 sum) {
        address[] memory set = OPERATORS.signersOf(epoch);
        for (uint256 i; i < set.length; ++i) {
            if (signers >> i & 1 == 0) continue;
            owedTo[set[i]] += amount;
            sum += amount;
        }
    }
}
