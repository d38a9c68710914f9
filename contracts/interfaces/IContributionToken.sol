// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title Chongwen Contribution (SHU, 书): ERC-20 with permit, votes and burning
/// @notice Hard cap, one minter fixed at creation, emission released per epoch. Votes are counted by timestamp (ERC-6372).
/// @dev Nobody can pause, freeze or take tokens. Burnt tokens cannot be minted again. The cap fits 128 bits, and so does every amount of SHU.
interface IContributionToken {
    error TokenNotMinter(address caller);
    error TokenAboveEmission(uint256 minted, uint256 released);
    error TokenBadSchedule();

    /// @notice Mints released emission. Only the minter.
    function mint(address to, uint256 amount) external;
    function minter() external view returns (address);
    /// @notice Most SHU that can ever be minted, genesis included.
    function cap() external view returns (uint256);
    function genesisSupply() external view returns (uint256);
    function emissionPerEpoch() external view returns (uint256);
    function epochLength() external view returns (uint256);
    /// @notice Timestamp of deployment, when the first epoch began.
    function start() external view returns (uint256);
    /// @notice Emission released by now: one epoch's at deployment, one more at each epoch's end, never above `cap - genesisSupply`.
    function releasedEmission() external view returns (uint256);
    /// @notice Emission minted so far, burnt or not.
    function mintedEmission() external view returns (uint256);
}
