// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IRounds} from "../../../../contracts/interfaces/IRounds.sol";
import {ISettlement} from "../../../../contracts/interfaces/ISettlement.sol";
import {KernelHash} from "../../../../contracts/libraries/KernelHash.sol";
import {RewardsTree} from "../../../../contracts/libraries/RewardsTree.sol";
import {SettlementStatement} from "../../../../contracts/types/Kernel.sol";
import {vm} from "./GameVm.sol";
import {Statements} from "./Statements.sol";

/// @title What was really earned, the settlements that say so or otherwise, and the proofs that follow
abstract contract Settling is Statements {
    enum SettlementLie {
        None,
        Entitlement, // one seat gets what another earned
        Table, // the tree is not that of the entitlements
        Scores // the entitlements follow from scores that do not follow from the rounds
    }

    struct Proposed {
        SettlementStatement statement;
        uint32 finalRound;
        bytes scores;
        bytes entitlements;
        uint32 signers;
        SettlementLie lie;
    }

    Proposed internal proposed;
    /// @dev What each seat has earned by settlements that are final.
    uint256[SEATS] internal earned;

    function _makeSettlement(SettlementLie lie) internal returns (SettlementStatement memory) {
        ISettlement.Account memory account = settlement.accountOf(FEDERATION);
        Proposed memory p;
        SettlementStatement memory s = p.statement;
        (s.federation, s.index, s.attempt) = (FEDERATION, account.nextIndex, account.attempt);
        s.firstRound = account.settledThrough + 1;
        s.lastRound = _lastSettleable(s.firstRound);
        uint256[SEATS] memory scores;
        (scores, p.finalRound) = _scores(s.firstRound, s.lastRound);
        s.lastReportHash = p.finalRound == 0 ? bytes32(0) : rounds.roundOf(FEDERATION, p.finalRound).hash;
        if (lie == SettlementLie.Scores) scores[0] += 1;
        p.lie = lie;
        _share(p, scores, account.total);
        s.artefact = keccak256("settlement bundle");
        p.signers = lie == SettlementLie.None ? 0xe : 0x7;
        proposed = p;
        return s;
    }

    /// @dev As far as every round is final or void.
    function _lastSettleable(uint32 first) private view returns (uint32 last) {
        last = first;
        uint32 end = rounds.headOf(FEDERATION).last;
        for (uint32 round = first; round <= end; ++round) {
            IRounds.State state = rounds.roundOf(FEDERATION, round).state;
            if (state != IRounds.State.Final && state != IRounds.State.Void) break;
            last = round;
        }
    }

    /// @dev A seat's weight for each final round in which it counts.
    function _scores(uint32 first, uint32 last) private view returns (uint256[SEATS] memory scores, uint32 finalRound) {
        for (uint32 round = first; round <= last; ++round) {
            if (rounds.roundOf(FEDERATION, round).state != IRounds.State.Final) continue;
            finalRound = round;
            bytes memory ids = sealedOf[round].seatIds;
            for (uint256 i; i < ids.length / 4; ++i) {
                if (reportedOf[round].report.excluded >> i & 1 == 0) scores[uint8(ids[4 * i + 3])] += weightOf[uint8(ids[4 * i + 3])];
            }
        }
    }

    function _share(Proposed memory p, uint256[SEATS] memory scores, uint256 total) private view {
        SettlementStatement memory s = p.statement;
        (uint256 pool,) = settlement.poolThrough(FEDERATION, s.lastRound);
        uint256 sum;
        for (uint256 i; i < SEATS; ++i) sum += scores[i];
        uint256[SEATS] memory amounts;
        for (uint256 i; i < SEATS; ++i) amounts[i] = sum == 0 ? 0 : pool * scores[i] / sum;
        // The third seat is never left out, so it always has something to lose.
        if (p.lie == SettlementLie.Entitlement) (amounts[2], amounts[3]) = (0, amounts[3] + amounts[2]);
        for (uint256 i; i < SEATS; ++i) {
            p.scores = abi.encodePacked(p.scores, uint64(scores[i]));
            p.entitlements = abi.encodePacked(p.entitlements, uint96(amounts[i]));
            s.distributed += uint128(amounts[i]);
        }
        p.scores = abi.encodePacked(p.scores, uint64(0)); // nobody's
        s.total = uint128(total + s.distributed);
        s.scoresHash = keccak256(p.scores);
        s.entitlementsHash = keccak256(p.entitlements);
        if (p.lie == SettlementLie.Table) (amounts[2], amounts[3]) = (amounts[3], amounts[2]);
        s.rewardsRoot = _table(amounts);
    }

    function _table(uint256[SEATS] memory amounts) private view returns (bytes32) {
        bytes32[] memory leaves = new bytes32[](SEATS);
        for (uint256 i; i < SEATS; ++i) {
            uint256 cumulative = earned[i] + amounts[i];
            if (cumulative != 0) leaves[i] = RewardsTree.leaf(block.chainid, treasury.vaultOf(FEDERATION), FEDERATION, i, vm.addr(seatKeys[i]), cumulative);
        }
        return RewardsTree.rootOf(leaves);
    }

    /// @dev Once it is final.
    function _bookSettlement() internal {
        for (uint256 i; i < SEATS; ++i) earned[i] += _amountAt(i);
        delete proposed;
    }

    function _amountAt(uint256 seat) internal view returns (uint96 amount) {
        bytes memory entitlements = proposed.entitlements;
        for (uint256 k; k < 12; ++k) amount = amount << 8 | uint8(entitlements[12 * seat + k]);
    }

    function _settlementProof(uint8 kind, uint16 seat) internal view returns (bytes memory) {
        Proposed memory p = proposed;
        SettlementStatement memory s = p.statement;
        bytes memory front = abi.encodePacked(s.firstRound, s.lastRound, s.lastReportHash, s.rewardsRoot, s.distributed, s.total, s.artefact);
        bytes memory columns = abi.encodePacked(p.finalRound, uint16(SEATS), p.scores, p.entitlements, kind);
        if (kind == 0) return bytes.concat(front, columns, bytes2(seat));
        bytes memory members;
        bool any = treasury.creditedOf(FEDERATION) != 0;
        for (uint256 i; any && i < SEATS; ++i) {
            address payee = earned[i] == 0 ? address(0) : vm.addr(seatKeys[i]);
            members = abi.encodePacked(members, payee, uint128(earned[i]));
        }
        return bytes.concat(front, columns, bytes2(any ? uint16(SEATS) : 0), members);
    }
}
