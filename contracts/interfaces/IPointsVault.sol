// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IRewardsVault} from "./IRewardsVault.sol";

/// @title Points vault: the rewards vault of a federation that began without a token
/// @notice Leaves, and what a seat was paid for, are counted in points, for ever. When governance attaches the token, one rate is fixed, and what was earned
/// before is worth as much as what is earned after:
///
///   worth(points) = ⌊points · rate / 10^18⌋            rate: 10^−18 SHU for 10^18 points (one whole point)
///
/// A claim pays worth(cumulative) − worth(claimed). Whatever steps a seat claims in, it is paid worth(cumulative) in all; and because
/// Σ ⌊x · r⌋ ≤ ⌊Σ x · r⌋, what the treasury moves here for the sum of all leaves is always enough. Less than one 10^−18 SHU a seat is left over.
/// @dev Until then every claim reverts, and nothing is lost by it.
interface IPointsVault is IRewardsVault {
    event RateFixed(uint128 rate);
    /// @notice Beside `Claimed`, whose amounts are points.
    event PointsPaid(uint32 indexed index, address indexed recipient, uint256 points, uint256 paid);

    /// @notice No token is attached yet: the points stay, and can be claimed once it is.
    error VaultNoToken();

    /// @notice Called by the treasury, once.
    function fixRate(uint128 rate) external;
    /// @notice 0 until the token is attached.
    function rate() external view returns (uint128);
}
