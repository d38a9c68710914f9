// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Ownable} from "@openzeppelin/contracts/access/Ownable.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {IOperators} from "../interfaces/IOperators.sol";
import {IRounds} from "../interfaces/IRounds.sol";
import {ISeats} from "../interfaces/ISeats.sol";
import {ISettlement} from "../interfaces/ISettlement.sol";
import {ITreasury} from "../interfaces/ITreasury.sol";
import {KernelHash} from "../libraries/KernelHash.sol";
import {PackedBytes} from "../libraries/PackedBytes.sol";
import {SettlementStatement} from "../types/Kernel.sol";

/// @title Settlement
/// @dev Calls before effects are static; calls after them go to contracts of ours, once the account says what they will see.
contract Settlement is ISettlement, EIP712, Ownable {
    using PackedBytes for bytes;

    /// @dev Bounds the gas of a proposal (about 7k a round).
    uint256 private constant MAX_ROUNDS = 256;
    /// @dev Bytes of a score and of an entitlement.
    uint256 private constant SCORE = 8;
    uint256 private constant ENTITLEMENT = 12;

    IRounds public immutable rounds;
    IOperators public immutable operators;
    ITreasury public immutable treasury;
    ISeats public immutable seats;

    /// @inheritdoc ISettlement
    mapping(address account => bool) public isJudge;
    /// @inheritdoc ISettlement
    uint256 public liveUnits;
    mapping(uint32 federation => Account) private _accounts;

    constructor(address owner, address rounds_, address operators_, address treasury_, address seats_)
        EIP712("Chongwen", "1")
        Ownable(owner)
    {
        rounds = IRounds(rounds_);
        operators = IOperators(operators_);
        treasury = ITreasury(treasury_);
        seats = ISeats(seats_);
    }

    /// @inheritdoc ISettlement
    function propose(SettlementStatement calldata statement, bytes calldata scores, bytes calldata entitlements, IOperators.Quorum calldata quorum)
        external
    {
        uint32 federation = statement.federation;
        Account memory account = accountOf(federation);
        if (account.state != State.None) revert SettlementUnderWay(federation, account.nextIndex);
        if (statement.index != account.nextIndex) revert SettlementBadField("index");
        if (statement.attempt != account.attempt) revert SettlementBadField("attempt");
        if (statement.firstRound != account.settledThrough + 1) revert SettlementBadField("firstRound");

        (uint256 pool, uint32 window) = _checkedPool(account, statement);
        _requireFunded(account, statement);
        _requireColumns(statement, scores, entitlements);

        bytes32 statementHash = KernelHash.hash(statement);
        IOperators.Epoch memory epoch = operators.requireQuorum(_hashTypedDataV4(statementHash), quorum);
        uint256 live = liveUnits;
        if (live >= epoch.settlementUnits) revert SettlementExposureExhausted(live, epoch.settlementUnits);
        liveUnits = live + 1;

        account.state = State.Proposed;
        account.deadline = uint40(block.timestamp + window);
        account.proposedThrough = statement.lastRound;
        account.signers = quorum.signers;
        account.operatorEpoch = epoch.number;
        account.pool = SafeCast.toUint128(pool);
        account.distributed = statement.distributed;
        account.statementHash = statementHash;
        account.rewardsRoot = statement.rewardsRoot;
        _accounts[federation] = account;
        emit SettlementProposed(federation, statement.index, statement, pool, quorum.signers, account.deadline);
    }

    /// @inheritdoc ISettlement
    function finalise(uint32 federation) external {
        Account storage account = _accounts[federation];
        if (account.state != State.Proposed) revert SettlementNotUnderWay(federation);
        if (block.timestamp < account.deadline) revert SettlementWindowOpen(account.deadline);
        if (account.frozen) revert SettlementFrozen(federation);
        uint32 index = account.nextIndex;
        uint128 distributed = account.distributed;
        uint128 carry = account.pool - distributed;
        uint128 total = account.total + distributed;
        bytes32 rewardsRoot = account.rewardsRoot;

        account.state = State.None;
        account.nextIndex = index + 1;
        account.attempt = 0;
        account.settledThrough = account.proposedThrough;
        account.carry = carry;
        account.total = total;
        liveUnits -= 1;
        emit SettlementFinalised(federation, index, rewardsRoot, distributed, carry);
        // Fails only when governance has replaced this ledger: whom it pays must not depend on that. The credit below needs more gas than a sixty-fourth
        // of what this needs, so nobody can let this alone run dry.
        try operators.uphold(account.operatorEpoch, account.signers) {} catch {}
        treasury.credit(federation, rewardsRoot, total);
    }

    /// @inheritdoc ISettlement
    function overturn(uint32 federation, address challenger) external {
        Account storage account = _judged(federation);
        if (!account.frozen && block.timestamp >= account.deadline) revert SettlementDeadlinePassed(account.deadline);
        uint32 index = account.nextIndex;
        uint8 attempt = account.attempt;
        uint32 signers = account.signers;

        account.state = State.None;
        if (attempt == type(uint8).max) {
            // Attempts are counted in a byte: a new index goes on instead, so that no settlement ever becomes impossible to overturn.
            account.nextIndex = index + 1;
            account.attempt = 0;
        } else {
            account.attempt = attempt + 1;
        }
        account.proposedThrough = account.settledThrough;
        account.signers = 0;
        account.frozen = false;
        account.pool = 0;
        account.distributed = 0;
        account.statementHash = 0;
        account.rewardsRoot = 0;
        liveUnits -= 1;
        emit SettlementOverturned(federation, index, attempt, challenger, signers);
        bytes32 evidence = keccak256(abi.encode(address(this), federation, index, attempt));
        operators.slash(evidence, account.operatorEpoch, signers, challenger);
    }

    /// @inheritdoc ISettlement
    function freeze(uint32 federation) external {
        Account storage account = _judged(federation);
        if (account.frozen) revert SettlementFrozen(federation);
        if (block.timestamp >= account.deadline) revert SettlementDeadlinePassed(account.deadline);
        account.frozen = true;
        emit SettlementFreezeChanged(federation, account.nextIndex, account.attempt, true);
    }

    /// @inheritdoc ISettlement
    function unfreeze(uint32 federation) external {
        Account storage account = _judged(federation);
        if (!account.frozen) revert SettlementNotFrozen(federation);
        account.frozen = false;
        emit SettlementFreezeChanged(federation, account.nextIndex, account.attempt, false);
    }

    /// @inheritdoc ISettlement
    function changeJudge(address judge, bool appointed) external onlyOwner {
        isJudge[judge] = appointed;
        emit JudgeChanged(judge, appointed);
    }

    /// @inheritdoc ISettlement
    function poolThrough(uint32 federation, uint32 lastRound)
        external
        view
        returns (uint256 pool, uint256 finalRounds)
    {
        Account memory account = accountOf(federation);
        (uint96 poolPerRound,,) = rounds.settlementRuleOf(federation);
        (finalRounds,,) = _covered(federation, account.settledThrough + 1, lastRound);
        pool = account.carry + finalRounds * poolPerRound;
    }

    /// @inheritdoc ISettlement
    function statementDigest(SettlementStatement calldata statement) external view returns (bytes32) {
        return _hashTypedDataV4(KernelHash.hash(statement));
    }

    /// @inheritdoc ISettlement
    function accountOf(uint32 federation) public view returns (Account memory account) {
        account = _accounts[federation];
        if (account.nextIndex == 0) account.nextIndex = 1;
    }

    /// @dev What a judge judges: the settlement under way.
    function _judged(uint32 federation) private view returns (Account storage account) {
        if (!isJudge[msg.sender]) revert SettlementNotJudge(msg.sender);
        account = _accounts[federation];
        if (account.state != State.Proposed) revert SettlementNotUnderWay(federation);
    }

    /// @dev The rule's side of a proposal: enough final rounds, what they are worth, and no more than that distributed.
    function _checkedPool(Account memory account, SettlementStatement calldata statement) private view returns (uint256 pool, uint32 window) {
        (uint32 federation, uint32 lastRound) = (statement.federation, statement.lastRound);
        uint96 poolPerRound;
        uint16 settleEvery;
        (poolPerRound, settleEvery, window) = rounds.settlementRuleOf(federation);
        if (settleEvery == 0) revert SettlementBadField("federation");
        (uint256 finalRounds, bytes32 lastReportHash, uint40 payeesAt) = _covered(federation, account.settledThrough + 1, lastRound);
        // A full range may hold fewer, or a long run of void rounds could never be left behind.
        if (finalRounds < settleEvery && lastRound - account.settledThrough < MAX_ROUNDS) {
            revert SettlementTooFewRounds(finalRounds, settleEvery);
        }
        if (block.timestamp <= payeesAt) revert SettlementTooEarly(payeesAt);
        if (statement.lastReportHash != lastReportHash) revert SettlementBadField("lastReportHash");
        pool = account.carry + finalRounds * poolPerRound;
        if (statement.distributed > pool) revert SettlementAbovePool(statement.distributed, pool);
    }

    /// @dev Now, and not only when it is credited: what is proposed must be able to become final. A reserve never shrinks, and covers it when a token is attached.
    function _requireFunded(Account memory account, SettlementStatement calldata statement) private view {
        // In 256 bits: a sum beyond 128 is a wrong field, not an arithmetic panic.
        if (statement.total != uint256(account.total) + statement.distributed) revert SettlementBadField("total");
        if (treasury.vaultOf(statement.federation) == address(0)) revert SettlementNoVault(statement.federation);
        uint256 reserved = treasury.reservedOf(statement.federation);
        uint256 worth = treasury.worthOf(statement.federation, statement.total);
        if (worth > reserved) revert SettlementAboveReserve(worth, reserved);
    }

    /// @dev The columns are the ones that were signed, of the federation's first seats, and add up.
    function _requireColumns(SettlementStatement calldata statement, bytes calldata scores, bytes calldata entitlements) private view {
        if (keccak256(scores) != statement.scoresHash) revert SettlementBadField("scoresHash");
        if (keccak256(entitlements) != statement.entitlementsHash) revert SettlementBadField("entitlementsHash");
        uint256 count = entitlements.length / ENTITLEMENT;
        // One score more than there are seats: the last is nobody's.
        if (entitlements.length != count * ENTITLEMENT || scores.length != (count + 1) * SCORE) {
            revert SettlementColumnLength(scores.length, entitlements.length);
        }
        uint256 granted = seats.seatCount(statement.federation);
        if (count > granted) revert SettlementTooManySeats(count, granted);
        uint256 sum;
        for (uint256 i; i < count; ++i) {
            sum += entitlements.uintAt(i * ENTITLEMENT, ENTITLEMENT);
        }
        if (sum != statement.distributed) revert SettlementBadField("distributed");
    }

    /// @dev Counts the final rounds of a range in which every round is final or void.
    /// @return finalRounds How many. @return lastReportHash,payeesAt Report hash and deadline of the last of them; zero when there is none.
    function _covered(uint32 federation, uint32 firstRound, uint32 lastRound)
        private
        view
        returns (uint256 finalRounds, bytes32 lastReportHash, uint40 payeesAt)
    {
        if (lastRound < firstRound || lastRound - firstRound >= MAX_ROUNDS) revert SettlementBadField("lastRound");
        for (uint256 round = firstRound; round <= lastRound; ++round) {
            IRounds.Round memory covered = rounds.roundOf(federation, uint32(round));
            if (covered.state == IRounds.State.Final) {
                ++finalRounds;
                (lastReportHash, payeesAt) = (covered.hash, covered.deadline);
            } else if (covered.state != IRounds.State.Void) {
                revert SettlementRoundNotFinal(federation, uint32(round));
            }
        }
    }
}
