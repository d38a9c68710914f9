// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {requireTrue} from "../disputes/game/GameVm.sol";
import {FreezesHandler} from "./FreezesHandler.sol";

/// @notice A council that freezes whenever it may, over the real contracts: nothing is used in a freeze, none is too long, too soon or by anybody else, and
/// no account is out because of it.
contract FreezesInvariantTest {
    FreezesHandler private handler;

    function setUp() external {
        handler = new FreezesHandler();
    }

    function targetContracts() external view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(handler);
    }

    struct FuzzSelector {
        address addr;
        bytes4[] selectors;
    }

    function targetSelectors() external view returns (FuzzSelector[] memory targets) {
        targets = new FuzzSelector[](1);
        targets[0].addr = address(handler);
        bytes4[] memory selectors = new bytes4[](11);
        (selectors[0], selectors[1], selectors[2]) = (handler.seal.selector, handler.report.selector, handler.end.selector);
        (selectors[3], selectors[4], selectors[5]) = (handler.consent.selector, handler.wait.selector, handler.waitLong.selector);
        (selectors[6], selectors[7], selectors[8]) = (handler.freeze.selector, handler.lift.selector, handler.intrude.selector);
        (selectors[9], selectors[10]) = (handler.seal.selector, handler.report.selector);
        targets[0].selectors = selectors;
    }

    /// @dev One campaign for all: each would walk the same way again.
    function invariant_noFreezeUsesDataOrLasts() external {
        handler.check();
        requireTrue(handler.broken(), bytes(handler.broken()).length == 0);
    }

    /// @dev The handler is no scarecrow: in a walk of its own everything happens.
    function test_handler_everyKindOfCallActs_succeeds() external {
        uint256 seed = 11;
        for (uint256 i; i < 400; ++i) {
            seed = uint256(keccak256(abi.encode(seed)));
            _call(seed % 24, uint8(seed >> 8));
        }
        handler.check();
        requireTrue(handler.broken(), bytes(handler.broken()).length == 0);
        requireTrue("rounds become final", handler.finals() > 5);
        requireTrue("the federation is frozen more than once", handler.freezesMade() > 2);
        requireTrue("and was for a while", handler.frozenFor() > 1 days);
        for (uint256 group; group < 7; ++group) requireTrue(string.concat("calls of each kind act: ", string(abi.encodePacked(bytes1(uint8(48 + group))))), handler.accepted(group) > 0);
        requireTrue("and some are refused", handler.calls(0) > handler.accepted(0) && handler.calls(5) > handler.accepted(5));
    }

    function _call(uint256 kind, uint8 r) private {
        if (kind < 6) handler.seal();
        else if (kind < 11) handler.report();
        else if (kind < 14) handler.end(r);
        else if (kind == 14) handler.consent(r);
        else if (kind < 18) handler.wait(r);
        else if (kind == 18) handler.waitLong(r);
        else if (kind < 21) handler.freeze(r);
        else if (kind < 23) handler.lift(r);
        else handler.intrude(address(uint160(r)));
    }
}
