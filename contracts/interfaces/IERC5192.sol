// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title Minimal soulbound tokens, https://eips.ethereum.org/EIPS/eip-5192
/// @dev ERC-165 identifier 0xb45a3c0e.
interface IERC5192 {
    /// @notice The token can not be transferred from now on.
    event Locked(uint256 tokenId);
    /// @notice The token can be transferred from now on. Never emitted here.
    event Unlocked(uint256 tokenId);

    /// @notice Whether the token is locked. Reverts for a token that nobody holds.
    function locked(uint256 tokenId) external view returns (bool);
}
