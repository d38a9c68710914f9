// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @notice The cheat codes that the tests of the registry use.
interface Vm {
    function warp(uint256 timestamp) external;
    function assume(bool condition) external pure;
    function expectRevert(bytes calldata revertData) external;
}

Vm constant vm = Vm(address(uint160(uint256(keccak256("hevm cheat code")))));

error NotEqual(string what, uint256 expected, uint256 actual);

function assertEq(string memory what, uint256 expected, uint256 actual) pure {
    if (expected != actual) revert NotEqual(what, expected, actual);
}

/// @dev A number in [low, high] from any number.
function bound(uint256 x, uint256 low, uint256 high) pure returns (uint256) {
    unchecked {
        return high - low == type(uint256).max ? x : low + x % (high - low + 1);
    }
}
