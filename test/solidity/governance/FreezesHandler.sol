// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Freezes} from "../../../contracts/governance/Freezes.sol";
import {IFreezes} from "../../../contracts/interfaces/IFreezes.sol";
import {IRounds} from "../../../contracts/interfaces/IRounds.sol";
import {PropertyBroken, requireTrue, vm} from "../disputes/game/GameVm.sol";
import {Properties} from "../disputes/game/Properties.sol";

/// @notice The moves of the games, under a council that freezes whenever it may. This contract is governance, and appointed the council.
/// @dev What breaks inside of an action is kept in `broken`: a failed assertion in a handler would be swallowed.
contract FreezesHandler is Properties {
    address internal constant COUNCIL = address(0xC0C1);
    uint256 internal constant PERIOD = 10 days;

    Freezes public freezes;
    string public broken;
    uint256 public begun;
    /// @dev Seconds in which the federation was frozen, and how often it was.
    uint256 public frozenFor;
    uint256 public freezesMade;
    uint256 private _countedUntil;
    mapping(uint256 group => uint256) public calls;
    mapping(uint256 group => uint256) public accepted;

    constructor() {
        _build(0);
        config = _config(0);
        datasets.changeCouncil(COUNCIL);
        freezes = new Freezes(address(this), rounds, datasets, operators, PERIOD);
        rounds.changeJudge(address(freezes), true);
        begun = _countedUntil = block.timestamp;
    }

    function _isAlwaysWatched() internal pure override returns (bool) {
        return false;
    }

    function check() external {
        _count();
        _checkAccounts();
        uint256 until = freezes.frozenUntil(FEDERATION);
        requireTrue("a freeze lasts no longer than its period", until <= block.timestamp + PERIOD);
        uint256 possible = (block.timestamp - begun) / freezes.restPeriod() + 1;
        requireTrue("freezes are as rare as the rest between them says", freezesMade <= possible);
        requireTrue("frozen time is bounded", frozenFor <= possible * PERIOD);
        _checkDeadlines(until);
    }

    /// @dev Nothing that a freeze met ends before a whole window after it; what it did not meet ends when it would have.
    function _checkDeadlines(uint256 until) private view {
        uint32 last = rounds.headOf(FEDERATION).last;
        for (uint32 round = 1; round <= last; ++round) {
            IRounds.Round memory r = rounds.roundOf(FEDERATION, round);
            if (_isEnded(r.state)) continue;
            uint256 window = r.state == IRounds.State.Reported ? CHALLENGE_WINDOW : REPORT_WINDOW;
            uint256 deadline = rounds.deadlineOf(FEDERATION, round);
            uint256 anew = until + window;
            requireTrue("a deadline is its own, or a window after the freeze", deadline == (until == 0 || anew < r.deadline ? r.deadline : anew));
        }
    }

    function _count() private {
        uint256 until = rounds.frozenUntil(FEDERATION);
        uint256 to = until < block.timestamp ? until : block.timestamp;
        if (to > _countedUntil) frozenFor += to - _countedUntil;
        _countedUntil = block.timestamp;
    }

    function attempt(uint256 move) external {
        _play(Move(move));
    }

    /// @dev Tries a move, and looks whether a freeze let something through.
    function _act(uint256 group, uint256 move) private {
        _count();
        ++calls[group];
        bool frozen = block.timestamp < rounds.frozenUntil(FEDERATION);
        bytes32 before_ = frozen ? _used() : bytes32(0);
        try this.attempt(move) {
            ++accepted[group];
        } catch (bytes memory reason) {
            if (bytes4(reason) == PropertyBroken.selector) broken = "a property";
            else if (bytes4(reason) == 0x4e487b71) broken = "a panic";
        }
        if (frozen && block.timestamp < rounds.frozenUntil(FEDERATION) && before_ != _used()) broken = "something was sealed, reported, final or overdue in a freeze";
    }

    /// @dev What a freeze must leave as it is: the highest round, who is charged, and each round's place among sealed, reported, final and void, but for
    /// what a fault or a change of consent may do at any time (this handler proves none, and reopening leaves the mark as it was).
    function _used() private view returns (bytes32 mark) {
        IRounds.Head memory head = rounds.headOf(FEDERATION);
        mark = keccak256(abi.encode(head.last, head.tip));
        for (uint32 round = 1; round <= head.last; ++round) {
            IRounds.State state = rounds.roundOf(FEDERATION, round).state;
            mark = keccak256(abi.encode(mark, state == IRounds.State.Open ? IRounds.State.Sealed : state));
        }
        for (uint32 seat; seat < SEATS; ++seat) mark = keccak256(abi.encode(mark, seats.laneOf(FEDERATION, seat).lastRound));
    }

    function seal() external {
        _act(0, uint256(Move.Seal));
    }

    function report() external {
        _act(1, uint256(Move.Report));
    }

    function end(uint8 how) external {
        _act(2, uint256(Move.Finalise) + how % 3);
    }

    function consent(uint8 chance) external {
        if (chance % 4 == 0) _act(3, uint256(Move.Consent));
    }

    function wait(uint8 how) external {
        _act(4, how % 2 == 0 ? uint256(Move.WaitShort) : uint256(Move.WaitHalf) + how / 2 % 3);
    }

    /// @dev Days, so that freezes end and the rest between them too.
    function waitLong(uint8 days_) external {
        _count();
        vm.warp(block.timestamp + uint256(days_ % 16) * 1 days + 1);
    }

    function freeze(uint8 reason) external {
        _count();
        ++calls[5];
        uint256 until = freezes.frozenUntil(FEDERATION);
        bool may = reason != 0 && (until == 0 || block.timestamp >= until + freezes.restPeriod());
        vm.prank(COUNCIL);
        try freezes.freeze(FEDERATION, bytes32(uint256(reason))) {
            ++accepted[5];
            ++freezesMade;
            if (!may) broken = "a freeze in the rest after the last, or without a reason";
            if (freezes.frozenUntil(FEDERATION) != block.timestamp + PERIOD) broken = "another period";
        } catch {
            if (may) broken = "the council was refused";
        }
    }

    /// @dev The council or governance; sometimes somebody else, who must not.
    function lift(uint8 who) external {
        if (who % 2 != 0) return;
        _count();
        ++calls[6];
        address caller = who % 16 == 0 ? MALLORY : who % 4 == 0 ? COUNCIL : address(this);
        bool may = caller != MALLORY && block.timestamp < freezes.frozenUntil(FEDERATION);
        vm.prank(caller);
        try freezes.lift(FEDERATION) {
            ++accepted[6];
            if (!may) broken = "lifted by nobody's right, or twice";
        } catch {
            if (may) broken = "a lift was refused";
        }
    }

    /// @dev Whoever is not the council, governance included, cannot freeze; and nobody but a judge reaches the ledger.
    function intrude(address caller) external {
        if (caller == COUNCIL || caller == address(freezes)) return;
        vm.prank(caller);
        try freezes.freeze(FEDERATION, "reason") {
            broken = "frozen by another than the council";
        } catch (bytes memory reason) {
            if (bytes4(reason) != IFreezes.FreezesNotCouncil.selector) broken = "refused for another reason";
        }
        if (rounds.isJudge(caller)) return;
        vm.prank(caller);
        try rounds.freeze(FEDERATION, type(uint40).max) {
            broken = "frozen past the contract that may";
        } catch {}
    }

    function finals() external view returns (uint256 count) {
        uint32 last = rounds.headOf(FEDERATION).last;
        for (uint32 round = 1; round <= last; ++round) if (rounds.roundOf(FEDERATION, round).state == IRounds.State.Final) ++count;
    }
}
