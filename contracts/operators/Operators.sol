// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Ownable} from "@openzeppelin/contracts/access/Ownable.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {ERC20Burnable} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Burnable.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {IContributionToken} from "../interfaces/IContributionToken.sol";
import {IContributors} from "../interfaces/IContributors.sol";
import {IOperators} from "../interfaces/IOperators.sol";
import {ITreasury} from "../interfaces/ITreasury.sol";
import {Holding} from "../libraries/Holding.sol";
import {SignerSet} from "../libraries/SignerSet.sol";
import {Standing} from "../libraries/Standing.sol";
import {LiableSigners} from "./LiableSigners.sol";

/// @title Operators
/// @dev Stakes are internal accounts: SHU merely sent here belongs to nobody. Effects come before the token's calls, which have no hooks.
contract Operators is IOperators, Ownable {
    /// @notice Lowest R + u of a signer, in parts per million: below a half, it is certain that it does worse than even.
    uint256 public constant STANDING_FLOOR = 500_000;

    /// @inheritdoc IOperators
    address public immutable token;
    ITreasury public immutable treasury;
    IContributors public immutable contributors;
    /// @inheritdoc IOperators
    uint256 public immutable bondPerUnit;
    /// @inheritdoc IOperators
    uint256 public immutable unbondingPeriod;

    /// @inheritdoc IOperators
    address public rounds;
    /// @dev What is to be burnt; the pool waits for exactly twice as much. Here because every slash reads this slot anyway, and it is never empty.
    uint96 private _unsettledBurn;
    /// @inheritdoc IOperators
    address public settlement;
    /// @dev `IOperators.Operator` as it is kept: the first slot is all that a slash touches.
    struct Record {
        Holding holding;
        uint32 organisation;
        uint48 withdrawableAt;
        uint32 lastEpoch;
        bool admitted;
    }

    Epoch private _current;
    mapping(uint32 epoch => address pointer) private _signers;
    mapping(address operator => Record) private _operators;
    mapping(bytes32 evidence => Award) private _awards;

    constructor(
        address owner,
        address token_,
        address treasury_,
        address contributors_,
        uint256 bondPerUnit_,
        uint256 unbondingPeriod_
    ) Ownable(owner) {
        if (bondPerUnit_ == 0) revert OperatorsZeroAmount();
        token = token_;
        treasury = ITreasury(treasury_);
        contributors = IContributors(contributors_);
        bondPerUnit = SafeCast.toUint96(bondPerUnit_);
        unbondingPeriod = SafeCast.toUint32(unbondingPeriod_);
        // An award, and all that waits to be settled, is SHU that is here: within the cap, it fits its 96 bits.
        SafeCast.toUint96(IContributionToken(token_).cap());
        // The treasury pulls only from whoever calls `recycle`: this allowance serves `settleSlashes` alone.
        IERC20(token_).approve(treasury_, type(uint256).max);
    }

    // --- membership and epochs (governance) ---

    /// @inheritdoc IOperators
    function admit(address operator, uint32 organisation) external onlyOwner {
        Record storage record = _operators[operator];
        if (record.admitted) revert OperatorsAlreadyAdmitted(operator);
        if (contributors.organisationOf(organisation).account == address(0)) {
            revert OperatorsUnknownOrganisation(organisation);
        }
        record.admitted = true;
        record.organisation = organisation;
        emit OperatorAdmitted(operator, organisation);
    }

    /// @inheritdoc IOperators
    function remove(address operator) external onlyOwner {
        Record storage record = _operators[operator];
        if (!record.admitted) revert OperatorsNotAdmitted(operator);
        if (_isSigning(record)) revert OperatorsStillSigning(operator);
        record.admitted = false;
        emit OperatorRemoved(operator);
    }

    /// @inheritdoc IOperators
    function formEpoch(address[] calldata operators, uint8 threshold, uint16 roundUnits, uint16 settlementUnits)
        external
        onlyOwner
    {
        uint256 size = operators.length;
        if (size > SignerSet.MAX_SIGNERS) revert OperatorsTooMany(size, SignerSet.MAX_SIGNERS);
        if (threshold > size || uint256(threshold) * 2 <= size) revert OperatorsBadThreshold(threshold, size);

        uint32 number = _current.number + 1;
        uint256 needed = bondPerUnit * (uint256(roundUnits) + settlementUnits);
        address previous;
        for (uint256 i; i < size; ++i) {
            address operator = operators[i];
            if (operator <= previous) revert OperatorsNotAscending(operator); // so zero is refused too
            previous = operator;
            Record storage record = _operators[operator];
            if (!record.admitted) revert OperatorsNotAdmitted(operator);
            uint256 bonded = _bonded(record);
            if (bonded < needed) revert OperatorsStakeTooLow(operator, bonded, needed);
            _requireStanding(operator, record.holding);
            record.lastEpoch = number;
        }
        _requireNoStrongOrganisation(operators);

        address pointer = SignerSet.write(operators);
        _signers[number] = pointer;
        _current = Epoch(pointer, uint8(size), threshold, number, roundUnits, settlementUnits);
        emit EpochFormed(number, operators, threshold, roundUnits, settlementUnits);
    }

    /// @inheritdoc IOperators
    function changeLedgers(address rounds_, address settlement_) external onlyOwner {
        rounds = rounds_;
        settlement = settlement_;
        emit LedgersChanged(rounds_, settlement_);
    }

    // --- bonds (operators) ---

    /// @inheritdoc IOperators
    function bond(uint256 amount) external {
        if (amount == 0) revert OperatorsZeroAmount();
        Record storage record = _operators[msg.sender];
        if (!record.admitted) revert OperatorsNotAdmitted(msg.sender);
        Holding holding = record.holding;
        record.holding = holding.withStakes(SafeCast.toUint96(holding.stake() + amount), uint96(holding.unbonding()));
        emit Bonded(msg.sender, amount);
        IERC20(token).transferFrom(msg.sender, address(this), amount);
    }

    /// @inheritdoc IOperators
    function startUnbonding(uint256 amount) external {
        if (amount == 0) revert OperatorsZeroAmount();
        Record storage record = _operators[msg.sender];
        uint256 bonded = _bonded(record);
        if (bonded < amount) revert OperatorsStakeTooLow(msg.sender, bonded, amount);
        if (_isSigning(record) && bonded - amount < _neededNow()) revert OperatorsStillSigning(msg.sender);
        uint256 withdrawableAt = block.timestamp + unbondingPeriod;
        Holding holding = record.holding;
        // Fits: at most the stake.
        record.holding = holding.withStakes(uint96(holding.stake()), uint96(holding.unbonding() + amount));
        record.withdrawableAt = uint48(withdrawableAt);
        emit UnbondingStarted(msg.sender, amount, withdrawableAt);
    }

    /// @inheritdoc IOperators
    function withdraw() external {
        Record storage record = _operators[msg.sender];
        Holding holding = record.holding;
        uint256 amount = holding.unbonding();
        if (amount == 0) revert OperatorsNothingToWithdraw();
        if (block.timestamp < record.withdrawableAt) revert OperatorsUnbondingUntil(record.withdrawableAt);
        record.holding = holding.withStakes(uint96(holding.stake() - amount), 0);
        emit Withdrawn(msg.sender, amount);
        IERC20(token).transfer(msg.sender, amount);
    }

    // --- quorum and slash (ledgers) ---

    /// @inheritdoc IOperators
    function requireQuorum(bytes32 digest, Quorum calldata quorum)
        external
        view
        returns (Epoch memory epoch)
    {
        epoch = _current;
        if (epoch.number == 0) revert OperatorsNoEpoch();
        SignerSet.requireQuorum(epoch.signers, epoch.size, epoch.threshold, digest, quorum);
    }

    /// @inheritdoc IOperators
    /// @dev Never reverts for want of stake: a proven fault must take effect even when there is nothing left to take. Moves no token, because whoever
    /// proves the fault pays for it. A fifth is burnt, two fifths go to the pool, the challenger has the rest: the rounding, four wei at most, too.
    function slash(bytes32 evidence, uint32 epoch, uint32 signers, address challenger) external {
        bool ofRounds = msg.sender == rounds;
        if (!ofRounds && msg.sender != settlement) revert OperatorsNotLedger(msg.sender);
        if (challenger == address(0)) revert OperatorsNoChallenger();
        Award storage award = _awards[evidence];
        if (award.challenger != address(0)) revert OperatorsEvidenceUsed(evidence);

        (uint256[] memory taken, uint256 sum) = _take(epoch, signers);
        _dropUnit(ofRounds);
        // Nothing overflows, nor do the casts: what is divided, and what waits already, is SHU that is here.
        unchecked {
            uint256 burnt = sum / 5;
            uint256 toPool = burnt * 2;
            uint256 toChallenger = sum - burnt - toPool;
            _unsettledBurn += uint96(burnt);
            (award.challenger, award.amount) = (challenger, uint96(toChallenger));
            emit Slashed(evidence, epoch, signers, challenger, taken, toChallenger, toPool, burnt);
        }
    }

    /// @inheritdoc IOperators
    /// @dev Reverts for nothing but a wrong caller or a set that never was: what is final must be able to become so.
    function uphold(uint32 epoch, uint32 signers) external {
        if (msg.sender != settlement) revert OperatorsNotLedger(msg.sender);
        uint256[] memory those = LiableSigners.read(_pointerOf(epoch), signers);
        for (uint256 i; i < those.length; ++i) {
            Record storage record = _operators[address(uint160(those[i]))];
            record.holding = record.holding.afterUpheld();
        }
        emit Upheld(epoch, signers);
    }

    /// @inheritdoc IOperators
    function collect(bytes32 evidence) external {
        Award memory award = _awards[evidence];
        if (award.amount == 0) revert OperatorsNothingToCollect(evidence);
        _awards[evidence].amount = 0;
        emit AwardCollected(evidence, award.challenger, award.amount);
        IERC20(token).transfer(award.challenger, award.amount);
    }

    /// @inheritdoc IOperators
    function settleSlashes() external {
        (uint256 toPool, uint256 burnt) = unsettled();
        if (burnt == 0) revert OperatorsNothingToSettle();
        _unsettledBurn = 0;
        emit SlashesSettled(toPool, burnt);
        treasury.recycle(toPool);
        ERC20Burnable(token).burn(burnt);
    }

    // --- views ---

    /// @inheritdoc IOperators
    function currentEpoch() external view returns (Epoch memory) {
        return _current;
    }

    /// @inheritdoc IOperators
    function operatorOf(address operator) external view returns (Operator memory) {
        Record storage record = _operators[operator];
        Holding holding = record.holding;
        return Operator({
            stake: uint96(holding.stake()),
            unbonding: uint96(holding.unbonding()),
            upheld: uint32(holding.upheld()),
            overturned: uint32(holding.overturned()),
            organisation: record.organisation,
            withdrawableAt: record.withdrawableAt,
            lastEpoch: record.lastEpoch,
            admitted: record.admitted
        });
    }

    /// @inheritdoc IOperators
    function standingOf(address operator) external view returns (uint256 mean, uint256 uncertainty) {
        Holding holding = _operators[operator].holding;
        return Standing.reputation(holding.upheld(), holding.overturned());
    }

    /// @inheritdoc IOperators
    function awardOf(bytes32 evidence) external view returns (Award memory) {
        return _awards[evidence];
    }

    /// @inheritdoc IOperators
    function evidenceUsed(bytes32 evidence) external view returns (bool) {
        return _awards[evidence].challenger != address(0);
    }

    /// @inheritdoc IOperators
    function unsettled() public view returns (uint256 toPool, uint256 burnt) {
        burnt = _unsettledBurn;
        toPool = burnt * 2;
    }

    /// @inheritdoc IOperators
    function signersOf(uint32 epoch) public view returns (address[] memory) {
        return SignerSet.read(_pointerOf(epoch));
    }

    // --- private ---

    function _pointerOf(uint32 epoch) private view returns (address pointer) {
        // The present epoch's slot is read anyway where it matters.
        (address signers, uint32 number) = (_current.signers, _current.number);
        pointer = epoch == number ? signers : _signers[epoch];
        if (pointer == address(0)) revert OperatorsNoEpoch();
    }

    function _isSigning(Record storage record) private view returns (bool) {
        return record.lastEpoch != 0 && record.lastEpoch == _current.number;
    }

    function _bonded(Record storage record) private view returns (uint256) {
        Holding holding = record.holding;
        return holding.stake() - holding.unbonding();
    }

    function _requireStanding(address operator, Holding holding) private pure {
        (uint256 mean, uint256 uncertainty) = Standing.reputation(holding.upheld(), holding.overturned());
        uint256 upper = mean + uncertainty;
        if (upper < STANDING_FLOOR) revert OperatorsStandingTooLow(operator, upper, STANDING_FLOOR);
    }

    /// @dev Bond that each signer of the current epoch must keep.
    function _neededNow() private view returns (uint256) {
        return bondPerUnit * (uint256(_current.roundUnits) + _current.settlementUnits);
    }

    /// @dev Takes one unit's bond, or what is left of it, and standing from every signer of the bitmap. The bonded part goes first, the unbonding part last.
    function _take(uint32 epoch, uint32 signers) private returns (uint256[] memory taken, uint256 sum) {
        taken = LiableSigners.read(_pointerOf(epoch), signers);
        // Nothing overflows: at most 32 signers, and parts below 2^96.
        unchecked {
            for (uint256 i; i < taken.length; ++i) {
                Record storage record = _operators[address(uint160(taken[i]))];
                Holding holding = record.holding;
                uint256 part = holding.stake();
                if (part > bondPerUnit) part = bondPerUnit;
                record.holding = holding.afterSlash(part);
                taken[i] = part;
                sum += part;
            }
        }
    }

    /// @dev Keeps bonded ≥ needed for every signer: none lost more than one unit's bond.
    function _dropUnit(bool ofRounds) private {
        (uint16 roundUnits, uint16 settlementUnits) = (_current.roundUnits, _current.settlementUnits);
        // Neither falls below zero.
        unchecked {
            if (settlementUnits != 0 && (!ofRounds || roundUnits == 0)) _current.settlementUnits = settlementUnits - 1;
            else if (roundUnits != 0) _current.roundUnits = roundUnits - 1;
        }
    }

    /// @dev Organisations of one cluster count as one. At most 32 operators, so comparing all pairs is cheaper than any bookkeeping.
    function _requireNoStrongOrganisation(address[] calldata operators) private view {
        uint256 size = operators.length;
        uint256[] memory groups = new uint256[](size);
        for (uint256 i; i < size; ++i) {
            uint32 organisation = _operators[operators[i]].organisation;
            uint32 cluster = contributors.organisationOf(organisation).cluster;
            groups[i] = cluster == 0 ? organisation : (1 << 32) | uint256(cluster);
            uint256 count = 1;
            for (uint256 j; j < i; ++j) {
                if (groups[j] == groups[i]) ++count;
            }
            if (count * 3 >= size) revert OperatorsOrganisationTooStrong(organisation, count, size);
        }
    }
}
