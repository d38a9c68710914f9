// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title Treasury: the token's only minter, and the account of what was promised to whom
/// @notice Σ paid ≤ Σ worth of final entitlements ≤ reserved ≤ emission + recycled. Each federation is paid from a vault of its own, so that no root of one
/// federation can reach another's tokens. A reserve never shrinks, so a settlement that fits it once fits it for ever.
///
/// A federation's entitlements are SHU, worth themselves, once a reserve opened its vault. One that was opened in points earns points: worth nothing and
/// reserving nothing until governance attaches the token, once, at a rate that then holds for ever, for what was earned before and after alike:
///
///   worth(points) = ⌊points · rate / 10^18⌋            rate: 10^−18 SHU for 10^18 points
/// @dev Trust assumptions: governance (the owner) reserves emission for federations and appoints the settlement contract. It cannot take back what was
/// claimed, it cannot lower a total, and nobody can pause claims.
/// Warning: the root of a vault is worth what the settlement contract is worth. A settlement that governance appoints anew must take over the accounts of
/// the one before: all that is checked here is that no total shrinks or passes its reserve. What the one before had not made final, it no longer can.
interface ITreasury {
    struct Allocation {
        address account;
        uint256 amount;
    }

    /// @param cap Most SHU ever minted, genesis included; below 2^128.
    /// @param emissionPerEpoch SHU released at deployment, and again after each `epochLength` seconds.
    struct TokenParams {
        uint256 cap;
        uint256 emissionPerEpoch;
        uint256 epochLength;
    }

    event Reserved(uint32 indexed federation, uint256 amount);
    event VaultOpened(uint32 indexed federation, address vault);
    event Credited(uint32 indexed federation, bytes32 rewardsRoot, uint256 amount, uint256 total);
    event Recycled(address indexed from, uint256 amount);
    event SettlementChanged(address settlement);
    event PointsOpened(uint32 indexed federation);
    /// @param amount SHU moved into the vault for the points credited so far.
    event TokenAttached(uint32 indexed federation, uint128 rate, uint256 amount);

    error TreasuryNotSettlement(address caller);
    error TreasuryNoVault(uint32 federation);
    error TreasuryAboveEmission(uint256 reserved, uint256 available);
    error TreasuryAboveReserve(uint32 federation, uint256 total, uint256 reserved);
    error TreasuryTotalShrinks(uint32 federation, uint256 total, uint256 credited);
    error TreasuryZeroAmount();
    /// @notice The federation earns SHU or points already.
    error TreasuryVaultExists(uint32 federation, address vault);
    /// @notice The federation does not earn points, so there is nothing to attach to.
    error TreasuryNotPoints(uint32 federation);
    /// @notice The federation earns points without a token, and attaching one reserves what they are worth.
    error TreasuryNoRate(uint32 federation);
    /// @notice A rate holds for ever.
    error TreasuryRateFixed(uint32 federation, uint128 rate);
    error TreasuryZeroRate();

    /// @notice Governance sets emission (or recycled SHU) aside for a federation; opens its vault the first time.
    /// @dev Not for a federation in points before the token is attached: it says nothing of what points will be worth.
    function reserve(uint32 federation, uint256 amount) external;
    /// @notice Called by the settlement contract: moves the new entitlements into the federation's vault under the new root.
    /// @dev Recycled SHU is used up before any is minted.
    function credit(uint32 federation, bytes32 rewardsRoot, uint256 total) external;
    /// @notice Takes SHU (allowance needed) back into what can be reserved: the pool's share of a slash, or anyone's gift.
    /// @dev SHU merely sent to the treasury's address counts for nothing.
    function recycle(uint256 amount) external;
    function changeSettlement(address settlement) external;
    /// @notice Governance opens a vault in points: the federation can be settled, and nothing is reserved or moved.
    function openPoints(uint32 federation) external;
    /// @notice Governance attaches the token to a federation in points: reserves what all points so far are worth, those of the settlement under way
    /// included, and moves the credited part into the vault. What it earns later needs `reserve`, like everywhere.
    /// @param rate 10^−18 SHU for 10^18 points. Warning: it can never be changed.
    function attachToken(uint32 federation, uint128 rate) external;

    function token() external view returns (address);
    function settlement() external view returns (address);
    function vaultOf(uint32 federation) external view returns (address);
    function reservedOf(uint32 federation) external view returns (uint256);
    /// @notice Sum of all final entitlements, in the federation's own unit: SHU or points.
    function creditedOf(uint32 federation) external view returns (uint256);
    /// @notice Whether the federation earns points.
    function inPoints(uint32 federation) external view returns (bool);
    /// @notice Of a federation in points; 0 while no token is attached, and for others.
    function rateOf(uint32 federation) external view returns (uint128);
    /// @notice SHU that entitlements of this sum take from the reserve. For a federation in points without a token: nothing.
    function worthOf(uint32 federation, uint256 total) external view returns (uint256);
    function totalReserved() external view returns (uint256);
    function totalRecycled() external view returns (uint256);
    /// @notice Emission released so far plus everything recycled: the ceiling of `totalReserved`.
    function available() external view returns (uint256);
}
