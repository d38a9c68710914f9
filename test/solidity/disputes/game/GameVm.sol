// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @notice The cheat codes that the games use.
interface GameVm {
    function warp(uint256 timestamp) external;
    function roll(uint256 blockNumber) external;
    function deal(address account, uint256 balance) external;
    function prank(address sender) external;
    function addr(uint256 key) external pure returns (address);
    function sign(uint256 key, bytes32 digest) external pure returns (uint8 v, bytes32 r, bytes32 s);
    function snapshotState() external returns (uint256 id);
    function revertToStateAndDelete(uint256 id) external returns (bool);
    function envOr(string calldata name, uint256 otherwise) external view returns (uint256);
}

GameVm constant vm = GameVm(address(uint160(uint256(keccak256("hevm cheat code")))));

/// @notice A property of the fault proofs does not hold. Moves are tried and may be refused; this is never taken for a refusal.
error PropertyBroken(string property, uint256 left, uint256 right);

function requireEqual(string memory property, uint256 left, uint256 right) pure {
    if (left != right) revert PropertyBroken(property, left, right);
}

function requireTrue(string memory property, bool holds) pure {
    if (!holds) revert PropertyBroken(property, 0, 1);
}

/// @notice EIP-2098.
function compact(uint256 key, bytes32 digest) pure returns (bytes memory) {
    (uint8 v, bytes32 r, bytes32 s) = vm.sign(key, digest);
    return abi.encodePacked(r, bytes32(uint256(s) | (uint256(v - 27) << 255)));
}

function hexOf(bytes4 word) pure returns (string memory) {
    bytes memory digits = new bytes(8);
    for (uint256 i; i < 8; ++i) digits[i] = bytes16("0123456789abcdef")[uint8(word[i / 2]) >> (i % 2 == 0 ? 4 : 0) & 15];
    return string(digits);
}
