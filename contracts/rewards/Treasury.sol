// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Ownable} from "@openzeppelin/contracts/access/Ownable.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IContributionToken} from "../interfaces/IContributionToken.sol";
import {IRewardsVault} from "../interfaces/IRewardsVault.sol";
import {ITreasury} from "../interfaces/ITreasury.sol";
import {ContributionToken} from "../token/ContributionToken.sol";
import {RewardsVault} from "./RewardsVault.sol";

/// @title Treasury
/// @dev Creates the token with itself as minter: there is no moment, and no function, in which anyone else could mint.
/// The token is ours, has no hooks and reverts instead of returning false, so its calls need neither a guard nor SafeERC20.
contract Treasury is ITreasury, Ownable {
    /// @inheritdoc ITreasury
    address public immutable token;
    address public immutable seats;
    address public immutable contributors;

    /// @inheritdoc ITreasury
    address public settlement;
    /// @inheritdoc ITreasury
    uint256 public totalReserved;
    /// @inheritdoc ITreasury
    uint256 public totalRecycled;
    /// @dev Part of `totalRecycled` that is still here.
    uint256 private _recycledLeft;

    /// @inheritdoc ITreasury
    mapping(uint32 federation => address) public vaultOf;
    /// @inheritdoc ITreasury
    mapping(uint32 federation => uint256) public reservedOf;
    /// @inheritdoc ITreasury
    mapping(uint32 federation => uint256) public creditedOf;

    constructor(
        address owner,
        address seats_,
        address contributors_,
        TokenParams memory tokenParams,
        Allocation[] memory genesis
    ) Ownable(owner) {
        seats = seats_;
        contributors = contributors_;
        token = address(new ContributionToken(address(this), tokenParams, genesis));
    }

    /// @inheritdoc ITreasury
    function reserve(uint32 federation, uint256 amount) external onlyOwner {
        if (amount == 0) revert TreasuryZeroAmount();
        uint256 reserved = totalReserved + amount;
        uint256 limit = available();
        if (reserved > limit) revert TreasuryAboveEmission(reserved, limit);
        totalReserved = reserved;
        reservedOf[federation] += amount;
        emit Reserved(federation, amount);
        if (vaultOf[federation] == address(0)) {
            // CREATE2: a vault's address, which every leaf binds, does not depend on the order in which vaults are opened.
            address vault =
                address(new RewardsVault{salt: bytes32(uint256(federation))}(token, federation, seats, contributors));
            vaultOf[federation] = vault;
            emit VaultOpened(federation, vault);
        }
    }

    /// @inheritdoc ITreasury
    function credit(uint32 federation, bytes32 rewardsRoot, uint256 total) external {
        if (msg.sender != settlement) revert TreasuryNotSettlement(msg.sender);
        address vault = vaultOf[federation];
        if (vault == address(0)) revert TreasuryNoVault(federation);
        uint256 credited = creditedOf[federation];
        if (total < credited) revert TreasuryTotalShrinks(federation, total, credited);
        uint256 reserved = reservedOf[federation];
        if (total > reserved) revert TreasuryAboveReserve(federation, total, reserved);

        uint256 amount = total - credited;
        uint256 reused = _recycledLeft < amount ? _recycledLeft : amount;
        creditedOf[federation] = total;
        _recycledLeft -= reused;
        emit Credited(federation, rewardsRoot, amount, total);

        // Never above the emission: Σ credited ≤ totalReserved ≤ released + totalRecycled, and recycled SHU goes first.
        if (reused != 0) IERC20(token).transfer(vault, reused);
        if (reused != amount) IContributionToken(token).mint(vault, amount - reused);
        IRewardsVault(vault).update(rewardsRoot, total);
    }

    /// @inheritdoc ITreasury
    function recycle(uint256 amount) external {
        if (amount == 0) revert TreasuryZeroAmount();
        totalRecycled += amount;
        _recycledLeft += amount;
        emit Recycled(msg.sender, amount);
        IERC20(token).transferFrom(msg.sender, address(this), amount);
    }

    /// @inheritdoc ITreasury
    function changeSettlement(address settlement_) external onlyOwner {
        settlement = settlement_;
        emit SettlementChanged(settlement_);
    }

    /// @inheritdoc ITreasury
    function available() public view returns (uint256) {
        return IContributionToken(token).releasedEmission() + totalRecycled;
    }
}
