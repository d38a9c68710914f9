// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IContributors} from "../interfaces/IContributors.sol";
import {ISettlementVerifier, SettlementFaultContext} from "../interfaces/IDisputes.sol";
import {IRewardsVault} from "../interfaces/IRewardsVault.sol";
import {IRewardsVerifier} from "../interfaces/IRewardsVerifier.sol";
import {IRounds} from "../interfaces/IRounds.sol";
import {ISeats} from "../interfaces/ISeats.sol";
import {ITreasury} from "../interfaces/ITreasury.sol";
import {KernelHash} from "../libraries/KernelHash.sol";
import {PackedBytes} from "../libraries/PackedBytes.sol";
import {RewardsTree} from "../libraries/RewardsTree.sol";
import {SettlementStatement} from "../types/Kernel.sol";

/// @title RewardsVerifier
/// @dev See `IRewardsVerifier` for the layout of a proof. The same rules in TypeScript: `protocol/rewards/`.
contract RewardsVerifier is IRewardsVerifier {
    using PackedBytes for bytes;

    uint256 private constant FINAL_ROUND_AT = 136;
    uint256 private constant SEATS_AT = 140;
    uint256 private constant SCORES_AT = 142;
    uint256 private constant SCORE = 8;
    uint256 private constant ENTITLEMENT = 12;
    uint256 private constant MEMBER = 36;
    uint256 private constant PAYEE = 20;
    uint256 private constant ENTITLEMENT_FAULT = 0;
    uint256 private constant TABLE_FAULT = 1;

    IRounds public immutable ROUNDS;
    ISeats public immutable SEATS;
    IContributors public immutable CONTRIBUTORS;
    ITreasury public immutable TREASURY;

    /// @dev The columns within the proof, and what follows them.
    struct Columns {
        uint256 seats;
        uint256 entitlementsAt;
        uint256 faultAt;
    }

    /// @dev Who is paid: nobody unless a final round is covered, and no seat beyond those that were granted.
    struct Payees {
        uint32 federation;
        uint256 granted;
        uint256 time;
    }

    constructor(IRounds rounds, ISeats seats, IContributors contributors, ITreasury treasury) {
        ROUNDS = rounds;
        SEATS = seats;
        CONTRIBUTORS = contributors;
        TREASURY = treasury;
    }

    /// @inheritdoc ISettlementVerifier
    function verifySettlement(SettlementFaultContext calldata context, bytes calldata proof) external view returns (bool faulty) {
        _requireLongEnough(proof, SCORES_AT);
        Columns memory columns;
        columns.seats = proof.uintAt(SEATS_AT, 2);
        columns.entitlementsAt = SCORES_AT + (columns.seats + 1) * SCORE; // the seats', and nobody's
        columns.faultAt = columns.entitlementsAt + columns.seats * ENTITLEMENT;
        // The kind, and the seat or the number of members.
        _requireLongEnough(proof, columns.faultAt + 3);

        SettlementStatement memory statement = _statement(context, proof, columns);
        bytes32 opened = KernelHash.hash(statement);
        if (opened != context.statementHash) revert RewardsStatementMismatch(context.statementHash, opened);

        uint256 kind = proof.uintAt(columns.faultAt, 1);
        if (kind == ENTITLEMENT_FAULT) return _isEntitlementWrong(context, proof, columns, statement.lastReportHash);
        if (kind == TABLE_FAULT) return _isTreeWrong(context.federation, proof, columns, statement);
        revert RewardsUnknownKind(kind);
    }

    function _statement(SettlementFaultContext calldata context, bytes calldata proof, Columns memory columns)
        private
        pure
        returns (SettlementStatement memory statement)
    {
        statement.federation = context.federation;
        statement.index = context.index;
        statement.attempt = context.attempt;
        statement.firstRound = uint32(proof.uintAt(0, 4));
        statement.lastRound = uint32(proof.uintAt(4, 4));
        statement.lastReportHash = proof.wordAt(8);
        statement.scoresHash = keccak256(proof[SCORES_AT:columns.entitlementsAt]);
        statement.entitlementsHash = keccak256(proof[columns.entitlementsAt:columns.faultAt]);
        statement.rewardsRoot = proof.wordAt(40);
        statement.distributed = uint128(proof.uintAt(72, 16));
        statement.total = uint128(proof.uintAt(88, 16));
        statement.artefact = proof.wordAt(104);
    }

    // ------------------------------------------------------------------------------------------------ one entitlement

    function _isEntitlementWrong(SettlementFaultContext calldata context, bytes calldata proof, Columns memory columns, bytes32 lastReportHash)
        private
        view
        returns (bool)
    {
        _requireLength(proof, columns.faultAt + 3);
        uint256 seat = proof.uintAt(columns.faultAt + 1, 2);
        if (seat >= columns.seats) revert RewardsNoSuchSeat(seat, columns.seats);
        uint256 amount = proof.uintAt(columns.entitlementsAt + seat * ENTITLEMENT, ENTITLEMENT);
        uint256 share = _shareOf(context.pool, proof, columns.entitlementsAt, seat);
        // Whoever the payee is, it is the share or nothing.
        if (amount != 0 && amount != share) return true;
        if (share == 0) return false;
        bool declined = _payeeOf(_payees(context.federation, proof, lastReportHash), seat) == address(0);
        return (amount != 0) == declined;
    }

    /// @dev What the seat is to be paid if it has a payee. Nobody's score, the last, counts in the sum.
    function _shareOf(uint256 pool, bytes calldata proof, uint256 scoresEnd, uint256 seat) private pure returns (uint256) {
        // A sum of at most 65,536 terms of 64 bits, and a product of 128 and 64 bits.
        unchecked {
            uint256 sum;
            for (uint256 offset = SCORES_AT; offset < scoresEnd; offset += SCORE) {
                sum += proof.uintAt(offset, SCORE);
            }
            return sum == 0 ? 0 : pool * proof.uintAt(SCORES_AT + seat * SCORE, SCORE) / sum;
        }
    }

    // ------------------------------------------------------------------------------------------------ the tree

    function _isTreeWrong(uint32 federation, bytes calldata proof, Columns memory columns, SettlementStatement memory statement)
        private
        view
        returns (bool)
    {
        uint256 count = proof.uintAt(columns.faultAt + 1, 2);
        _requireLength(proof, columns.faultAt + 3 + count * MEMBER);
        bytes calldata members = proof[columns.faultAt + 3:];
        address vault = TREASURY.vaultOf(federation);
        _requirePresentTable(vault, federation, members);

        for (uint256 i = columns.seats; i < count; ++i) {
            if (_cumulativeAt(members, i) != 0) return true;
        }
        Payees memory payees = _payees(federation, proof, statement.lastReportHash);
        bytes calldata entitlements = proof[columns.entitlementsAt:columns.faultAt];
        return _nextRoot(vault, payees, entitlements, members) != statement.rewardsRoot;
    }

    /// @dev The root once the entitlements are added to the members.
    function _nextRoot(address vault, Payees memory payees, bytes calldata entitlements, bytes calldata members) private view returns (bytes32) {
        bytes32[] memory leaves = RewardsTree.emptyLeaves(entitlements.length / ENTITLEMENT);
        for (uint256 i; i < entitlements.length / ENTITLEMENT; ++i) {
            uint256 before = i < members.length / MEMBER ? _cumulativeAt(members, i) : 0;
            uint256 cumulative = before + entitlements.uintAt(i * ENTITLEMENT, ENTITLEMENT);
            if (cumulative == 0) continue;
            address payee = _payeeOf(payees, i);
            if (payee == address(0) && before != 0) payee = _payeeIn(members, i);
            leaves[i] = RewardsTree.leaf(block.chainid, vault, payees.federation, i, payee, cumulative);
        }
        return RewardsTree.rootOf(leaves);
    }

    /// @dev Requires that the vault pays by these members now: the table that the settlement adds to, because a federation has one settlement at a time.
    function _requirePresentTable(address vault, uint32 federation, bytes calldata members) private view {
        uint256 count = members.length / MEMBER;
        bytes32[] memory leaves = RewardsTree.emptyLeaves(count);
        for (uint256 i; i < count; ++i) {
            uint256 cumulative = _cumulativeAt(members, i);
            if (cumulative == 0) continue;
            leaves[i] = RewardsTree.leaf(block.chainid, vault, federation, i, _payeeIn(members, i), cumulative);
        }
        bytes32 opened = RewardsTree.rootOf(leaves);
        bytes32 held = IRewardsVault(vault).rewardsRoot();
        if (opened != held) revert RewardsTableMismatch(held, opened);
    }

    function _payeeIn(bytes calldata members, uint256 i) private pure returns (address) {
        return address(uint160(members.uintAt(i * MEMBER, PAYEE)));
    }

    function _cumulativeAt(bytes calldata members, uint256 i) private pure returns (uint256) {
        return members.uintAt(i * MEMBER + PAYEE, MEMBER - PAYEE);
    }

    // ------------------------------------------------------------------------------------------------ shared

    function _payees(uint32 federation, bytes calldata proof, bytes32 lastReportHash) private view returns (Payees memory payees) {
        payees.federation = federation;
        if (lastReportHash == 0) return payees;
        uint32 finalRound = uint32(proof.uintAt(FINAL_ROUND_AT, 4));
        IRounds.Round memory round = ROUNDS.roundOf(federation, finalRound);
        if (round.state != IRounds.State.Final || round.hash != lastReportHash) revert RewardsWrongRound(finalRound);
        payees.granted = SEATS.seatCount(federation);
        payees.time = round.deadline;
    }

    /// @return The zero address when nothing is to be paid.
    function _payeeOf(Payees memory payees, uint256 seat) private view returns (address) {
        if (seat >= payees.granted) return address(0);
        return CONTRIBUTORS.payeeAt(SEATS.seatOf(payees.federation, uint32(seat)).contributor, payees.time);
    }

    function _requireLongEnough(bytes calldata proof, uint256 expected) private pure {
        if (proof.length < expected) revert RewardsProofLength(proof.length, expected);
    }

    function _requireLength(bytes calldata proof, uint256 expected) private pure {
        if (proof.length != expected) revert RewardsProofLength(proof.length, expected);
    }
}
