// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Ownable} from "@openzeppelin/contracts/access/Ownable.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {ERC20Burnable} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Burnable.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {IContributors} from "../interfaces/IContributors.sol";
import {IOperators} from "../interfaces/IOperators.sol";
import {ITreasury} from "../interfaces/ITreasury.sol";
import {SignerSet} from "../libraries/SignerSet.sol";

/// @title Operators
/// @dev Stakes are internal accounts: SHU merely sent here belongs to nobody. Effects come before the token's calls, which have no hooks.
contract Operators is IOperators, Ownable {
    uint256 private constant CHALLENGER_PERCENT = 40;
    uint256 private constant POOL_PERCENT = 40;

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
    /// @inheritdoc IOperators
    address public settlement;
    Epoch private _current;
    mapping(uint32 epoch => address pointer) private _signers;
    mapping(address operator => Operator) private _operators;
    /// @inheritdoc IOperators
    mapping(bytes32 evidence => bool) public evidenceUsed;

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
        bondPerUnit = SafeCast.toUint128(bondPerUnit_);
        unbondingPeriod = SafeCast.toUint32(unbondingPeriod_);
        // The treasury pulls only from whoever calls `recycle`: this allowance serves `slash` alone.
        IERC20(token_).approve(treasury_, type(uint256).max);
    }

    // --- membership and epochs (governance) ---

    /// @inheritdoc IOperators
    function admit(address operator, uint32 organisation) external onlyOwner {
        Operator storage record = _operators[operator];
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
        Operator storage record = _operators[operator];
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
            Operator storage record = _operators[operator];
            if (!record.admitted) revert OperatorsNotAdmitted(operator);
            uint256 bonded = record.stake - record.unbonding;
            if (bonded < needed) revert OperatorsStakeTooLow(operator, bonded, needed);
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
        Operator storage record = _operators[msg.sender];
        if (!record.admitted) revert OperatorsNotAdmitted(msg.sender);
        record.stake += SafeCast.toUint128(amount);
        emit Bonded(msg.sender, amount);
        IERC20(token).transferFrom(msg.sender, address(this), amount);
    }

    /// @inheritdoc IOperators
    function startUnbonding(uint256 amount) external {
        if (amount == 0) revert OperatorsZeroAmount();
        Operator storage record = _operators[msg.sender];
        uint256 bonded = record.stake - record.unbonding;
        if (bonded < amount) revert OperatorsStakeTooLow(msg.sender, bonded, amount);
        if (_isSigning(record) && bonded - amount < _neededNow()) revert OperatorsStillSigning(msg.sender);
        uint256 withdrawableAt = block.timestamp + unbondingPeriod;
        record.unbonding += uint128(amount); // fits: at most the stake
        record.withdrawableAt = uint48(withdrawableAt);
        emit UnbondingStarted(msg.sender, amount, withdrawableAt);
    }

    /// @inheritdoc IOperators
    function withdraw() external {
        Operator storage record = _operators[msg.sender];
        uint128 amount = record.unbonding;
        if (amount == 0) revert OperatorsNothingToWithdraw();
        if (block.timestamp < record.withdrawableAt) revert OperatorsUnbondingUntil(record.withdrawableAt);
        record.unbonding = 0;
        record.stake -= amount;
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
    /// @dev Never reverts for want of stake: a proven fault must take effect even when there is nothing left to take.
    function slash(bytes32 evidence, uint32 epoch, uint32 signers, address challenger) external {
        if (msg.sender != rounds && msg.sender != settlement) revert OperatorsNotLedger(msg.sender);
        if (evidenceUsed[evidence]) revert OperatorsEvidenceUsed(evidence);
        address[] memory set = signersOf(epoch);
        if (uint256(signers) >> set.length != 0) revert OperatorsUnknownSigners(signers, set.length);
        evidenceUsed[evidence] = true;

        uint256 sum;
        for (uint256 i; i < set.length; ++i) {
            if ((signers >> i) & 1 == 0) continue;
            Operator storage record = _operators[set[i]];
            uint256 stake = record.stake;
            uint256 taken = stake < bondPerUnit ? stake : bondPerUnit;
            uint128 rest = uint128(stake - taken); // fits: at most the stake
            record.stake = rest;
            if (record.unbonding > rest) record.unbonding = rest;
            sum += taken;
            emit OperatorSlashed(set[i], evidence, taken);
        }
        _dropUnit(msg.sender == rounds);

        uint256 toChallenger = (sum * CHALLENGER_PERCENT) / 100;
        uint256 toPool = (sum * POOL_PERCENT) / 100;
        uint256 burnt = sum - toChallenger - toPool;
        emit SlashDivided(evidence, challenger, toChallenger, toPool, burnt);
        if (toPool != 0) treasury.recycle(toPool);
        ERC20Burnable(token).burn(burnt);
        IERC20(token).transfer(challenger, toChallenger);
    }

    // --- views ---

    /// @inheritdoc IOperators
    function currentEpoch() external view returns (Epoch memory) {
        return _current;
    }

    /// @inheritdoc IOperators
    function operatorOf(address operator) external view returns (Operator memory) {
        return _operators[operator];
    }

    /// @inheritdoc IOperators
    function signersOf(uint32 epoch) public view returns (address[] memory) {
        address pointer = _signers[epoch];
        if (pointer == address(0)) revert OperatorsNoEpoch();
        return SignerSet.read(pointer);
    }

    // --- private ---

    function _isSigning(Operator storage record) private view returns (bool) {
        return record.lastEpoch != 0 && record.lastEpoch == _current.number;
    }

    /// @dev Bond that each signer of the current epoch must keep.
    function _neededNow() private view returns (uint256) {
        return bondPerUnit * (uint256(_current.roundUnits) + _current.settlementUnits);
    }

    /// @dev Keeps bonded ≥ needed for every signer: none lost more than one unit's bond.
    function _dropUnit(bool ofRounds) private {
        Epoch storage epoch = _current;
        if (epoch.settlementUnits != 0 && (!ofRounds || epoch.roundUnits == 0)) epoch.settlementUnits -= 1;
        else if (epoch.roundUnits != 0) epoch.roundUnits -= 1;
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
