// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title Treasury: the token's only minter, and the account of what was promised to whom
/// @notice Σ paid ≤ Σ final entitlements ≤ reserved ≤ emission + recycled. Each federation is paid from a vault of its own, so that no root of one
/// federation can reach another's tokens. A reserve never shrinks, so a settlement that fits it once fits it for ever.
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

    error TreasuryNotSettlement(address caller);
    error TreasuryNoVault(uint32 federation);
    error TreasuryAboveEmission(uint256 reserved, uint256 available);
    error TreasuryAboveReserve(uint32 federation, uint256 total, uint256 reserved);
    error TreasuryTotalShrinks(uint32 federation, uint256 total, uint256 credited);
    error TreasuryZeroAmount();

    /// @notice Governance sets emission (or recycled SHU) aside for a federation; opens its vault the first time.
    function reserve(uint32 federation, uint256 amount) external;
    /// @notice Called by the settlement contract: moves the new entitlements into the federation's vault under the new root.
    /// @dev Recycled SHU is used up before any is minted.
    function credit(uint32 federation, bytes32 rewardsRoot, uint256 total) external;
    /// @notice Takes SHU (allowance needed) back into what can be reserved: the pool's share of a slash, or anyone's gift.
    /// @dev SHU merely sent to the treasury's address counts for nothing.
    function recycle(uint256 amount) external;
    function changeSettlement(address settlement) external;

    function token() external view returns (address);
    function settlement() external view returns (address);
    function vaultOf(uint32 federation) external view returns (address);
    function reservedOf(uint32 federation) external view returns (uint256);
    function creditedOf(uint32 federation) external view returns (uint256);
    function totalReserved() external view returns (uint256);
    function totalRecycled() external view returns (uint256);
    /// @notice Emission released so far plus everything recycled: the ceiling of `totalReserved`.
    function available() external view returns (uint256);
}
