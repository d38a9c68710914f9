// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {console} from "hardhat/console.sol";

import {hexOf, PropertyBroken, requireTrue, vm} from "./GameVm.sol";
import {Game} from "./Game.sol";

/// @title Every sequence of moves, and random ones
abstract contract Explorer is Game {
    struct Count {
        uint256 tried;
        uint256 accepted;
        uint256 ends;
    }

    /// @notice A property broke after these moves (numbers of `Move`; 255: time alone). Played again in this order, they break it again.
    error GameLost(bytes moves, string property, uint256 left, uint256 right);
    error GamePanicked(bytes moves, uint256 code);

    uint256 private constant TIME_ALONE = 255;

    /// @notice Plays every sequence of `depth` moves from here, and lets time end each of them. A move that is refused changes nothing, so what would follow it
    /// is a shorter sequence, and played as such.
    function explore(uint256 depth) external returns (Count memory count) {
        for (uint256 move; move < MOVES; ++move) {
            uint256 snapshot = vm.snapshotState();
            ++count.tried;
            if (_stepOrLose(move)) {
                ++count.accepted;
                if (depth > 1) _add(count, _exploreOrLose(move, depth - 1));
                else if (_drainOrLose(move)) ++count.ends;
            }
            vm.revertToStateAndDelete(snapshot);
        }
    }

    function _add(Count memory count, Count memory below) private pure {
        count.tried += below.tried;
        count.accepted += below.accepted;
        count.ends += below.ends;
    }

    function _stepOrLose(uint256 move) private returns (bool accepted) {
        try this.step(move) returns (bool accepted_) {
            return accepted_;
        } catch (bytes memory reason) {
            _lose(bytes.concat(bytes1(uint8(move))), reason);
        }
    }

    function _exploreOrLose(uint256 move, uint256 depth) private returns (Count memory below) {
        try this.explore(depth) returns (Count memory below_) {
            return below_;
        } catch (bytes memory reason) {
            _lose(bytes.concat(bytes1(uint8(move))), reason);
        }
    }

    function _drainOrLose(uint256 move) private returns (bool) {
        try this.drain() {
            return true;
        } catch (bytes memory reason) {
            _lose(abi.encodePacked(uint8(move), uint8(TIME_ALONE)), reason);
        }
    }

    /// @dev Fails with the moves that led here.
    function _lose(bytes memory moves, bytes memory reason) private pure {
        bytes4 selector = bytes4(reason);
        bytes memory arguments = new bytes(reason.length - 4);
        for (uint256 i = 4; i < reason.length; ++i) arguments[i - 4] = reason[i];
        if (selector == PropertyBroken.selector) {
            (string memory property, uint256 left, uint256 right) = abi.decode(arguments, (string, uint256, uint256));
            revert GameLost(moves, property, left, right);
        }
        if (selector == GameLost.selector) {
            (bytes memory rest, string memory property, uint256 left, uint256 right) = abi.decode(arguments, (bytes, string, uint256, uint256));
            revert GameLost(bytes.concat(moves, rest), property, left, right);
        }
        if (selector == GamePanicked.selector) {
            (bytes memory rest, uint256 code) = abi.decode(arguments, (bytes, uint256));
            revert GamePanicked(bytes.concat(moves, rest), code);
        }
        if (selector == 0x4e487b71) revert GamePanicked(moves, abi.decode(arguments, (uint256)));
        revert GameLost(moves, string.concat("a transaction of the honest side was refused: ", hexOf(selector)), 0, 0);
    }

    /// @dev With GAME_SHOW=1: for the figures in docs/testing.md.
    function _show(Count memory count) private view {
        if (vm.envOr("GAME_SHOW", 0) != 0) console.log("moves tried %d, accepted %d, games ended %d", count.tried, count.accepted, count.ends);
    }

    /// @param opening The moves that lead to where it begins, a byte each.
    function _exploreFrom(bytes memory opening, uint256 depth) internal {
        for (uint256 i; i < opening.length; ++i) requireTrue("the opening is accepted", this.step(uint8(opening[i])));
        Count memory count = this.explore(depth);
        _show(count);
        requireTrue("the game is played", count.accepted > 3 ** depth);
    }

    /// @notice One random game, which time ends.
    function playRandomly(uint256 seed, uint256 moves) external returns (uint256 accepted) {
        bytes memory trail = new bytes(moves);
        for (uint256 i; i < moves; ++i) {
            seed = uint256(keccak256(abi.encode(seed)));
            uint256 move = _choose(seed);
            trail[accepted] = bytes1(uint8(move));
            bool ok;
            (ok, accepted) = _randomStep(move, trail, accepted);
        }
        try this.drain() {} catch (bytes memory reason) {
            _lose(bytes.concat(_cut(trail, accepted), bytes1(uint8(TIME_ALONE))), reason);
        }
    }

    function _randomStep(uint256 move, bytes memory trail, uint256 accepted) private returns (bool, uint256) {
        try this.step(move) returns (bool accepted_) {
            return (accepted_, accepted_ ? accepted + 1 : accepted);
        } catch (bytes memory reason) {
            _lose(_cut(trail, accepted + 1), reason);
        }
    }

    function _cut(bytes memory trail, uint256 length) private pure returns (bytes memory cut) {
        cut = new bytes(length);
        for (uint256 i; i < length; ++i) cut[i] = trail[i];
    }

    /// @dev Half of all moves go on with the rounds, or nothing would ever become final.
    function _choose(uint256 seed) private pure returns (uint256) {
        if (seed >> 255 == 0) return seed % MOVES;
        bytes memory usual = abi.encodePacked(
            uint8(Move.Seal), uint8(Move.Seal), uint8(Move.Report), uint8(Move.Report), uint8(Move.ReportExcluding), uint8(Move.WaitShort),
            uint8(Move.WaitDeadline), uint8(Move.WaitHalf), uint8(Move.Finalise), uint8(Move.Finalise), uint8(Move.Settle), uint8(Move.FinaliseSettlement)
        );
        return uint8(usual[seed % usual.length]);
    }

    function _playGames(uint256 games, uint256 moves, uint256 salt) internal {
        uint256 accepted;
        for (uint256 game; game < games; ++game) {
            uint256 snapshot = vm.snapshotState();
            accepted += this.playRandomly(uint256(keccak256(abi.encode(salt, game))), moves);
            vm.revertToStateAndDelete(snapshot);
        }
        requireTrue("the games are played", accepted * 5 > games * moves);
        _show(Count(games * moves, accepted, games));
    }
}
