// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Explorer} from "./game/Explorer.sol";
import {vm} from "./game/GameVm.sol";

/// @notice Random games of 30 moves, of which the contracts accept about a third. GAMES is how many: `.ci/run` plays 10,000. Half of them are in each contract,
/// because those run side by side.
contract GameRandomTest is Explorer {
    function setUp() external {
        _start(0);
    }

    function test_random_honestNeverLoses_succeeds() external {
        _playGames(vm.envOr("GAMES", 400) / 2, 30, vm.envOr("GAME_SEED", 1));
    }
}

contract GameRandomAgainTest is Explorer {
    function setUp() external {
        _start(0);
    }

    function test_random_honestNeverLoses_succeeds() external {
        _playGames(vm.envOr("GAMES", 400) / 2, 30, vm.envOr("GAME_SEED", 1) + 1_000_000);
    }
}
