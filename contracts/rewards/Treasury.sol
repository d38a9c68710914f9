// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Ownable} from "@openzeppelin/contracts/access/Ownable.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IContributionToken} from "../interfaces/IContributionToken.sol";
import {IPointsVault} from "../interfaces/IPointsVault.sol";
import {IRewardsVault} from "../interfaces/IRewardsVault.sol";
import {ISettlement} from "../interfaces/ISettlement.sol";
import {ITreasury} from "../interfaces/ITreasury.sol";
import {Points} from "../libraries/Points.sol";
import {ContributionToken} from "../token/ContributionToken.sol";
import {PointsVault} from "./PointsVault.sol";
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

    mapping(uint32 federation => Account) private _accounts;
    /// @inheritdoc ITreasury
    mapping(uint32 federation => uint256) public reservedOf;
    /// @inheritdoc ITreasury
    mapping(uint32 federation => uint256) public creditedOf;

    /// @dev Of an ordinary federation only the first word is read.
    struct Account {
        address vault;
        bool inPoints;
        uint128 rate;
    }

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
        Account storage account = _accounts[federation];
        if (account.inPoints && account.rate == 0) revert TreasuryNoRate(federation);
        _reserve(federation, amount);
        if (account.vault == address(0)) {
            // CREATE2: a vault's address, which every leaf binds, does not depend on the order in which vaults are opened.
            account.vault = address(new RewardsVault{salt: bytes32(uint256(federation))}(token, federation, seats, contributors));
            emit VaultOpened(federation, account.vault);
        }
    }

    /// @inheritdoc ITreasury
    function openPoints(uint32 federation) external onlyOwner {
        Account storage account = _accounts[federation];
        if (account.vault != address(0)) revert TreasuryVaultExists(federation, account.vault);
        account.vault = address(new PointsVault{salt: bytes32(uint256(federation))}(token, federation, seats, contributors));
        account.inPoints = true;
        emit PointsOpened(federation);
        emit VaultOpened(federation, account.vault);
    }

    /// @inheritdoc ITreasury
    function attachToken(uint32 federation, uint128 rate) external onlyOwner {
        Account storage account = _accounts[federation];
        if (!account.inPoints) revert TreasuryNotPoints(federation);
        if (account.rate != 0) revert TreasuryRateFixed(federation, account.rate);
        if (rate == 0) revert TreasuryZeroRate();
        account.rate = rate;
        uint256 credited = creditedOf[federation];
        // What was proposed must be able to become final: a settlement that needed no reserve now finds one.
        _reserve(federation, Points.worth(_promised(federation, credited), rate));
        uint256 amount = Points.worth(credited, rate);
        emit TokenAttached(federation, rate, amount);
        IPointsVault(account.vault).fixRate(rate);
        _pay(account.vault, amount);
    }

    /// @inheritdoc ITreasury
    function credit(uint32 federation, bytes32 rewardsRoot, uint256 total) external {
        if (msg.sender != settlement) revert TreasuryNotSettlement(msg.sender);
        address vault = vaultOf(federation);
        if (vault == address(0)) revert TreasuryNoVault(federation);
        uint256 credited = creditedOf[federation];
        if (total < credited) revert TreasuryTotalShrinks(federation, total, credited);
        uint256 reserved = reservedOf[federation];
        uint256 worth = worthOf(federation, total);
        if (worth > reserved) revert TreasuryAboveReserve(federation, worth, reserved);

        creditedOf[federation] = total;
        emit Credited(federation, rewardsRoot, total - credited, total);
        _pay(vault, worth - worthOf(federation, credited));
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
    function inPoints(uint32 federation) external view returns (bool) {
        return _accounts[federation].inPoints;
    }

    /// @inheritdoc ITreasury
    function rateOf(uint32 federation) external view returns (uint128) {
        return _accounts[federation].rate;
    }

    /// @inheritdoc ITreasury
    function available() public view returns (uint256) {
        return IContributionToken(token).releasedEmission() + totalRecycled;
    }

    /// @inheritdoc ITreasury
    function vaultOf(uint32 federation) public view returns (address) {
        return _accounts[federation].vault;
    }

    /// @inheritdoc ITreasury
    function worthOf(uint32 federation, uint256 total) public view returns (uint256) {
        Account storage account = _accounts[federation];
        return account.inPoints ? Points.worth(total, account.rate) : total;
    }

    function _reserve(uint32 federation, uint256 amount) private {
        uint256 reserved = totalReserved + amount;
        uint256 limit = available();
        if (reserved > limit) revert TreasuryAboveEmission(reserved, limit);
        totalReserved = reserved;
        reservedOf[federation] += amount;
        emit Reserved(federation, amount);
    }

    /// @dev Never above the emission: Σ worth of what is credited ≤ totalReserved ≤ released + totalRecycled, and recycled SHU goes first.
    function _pay(address vault, uint256 amount) private {
        uint256 reused = _recycledLeft < amount ? _recycledLeft : amount;
        _recycledLeft -= reused;
        if (reused != 0) IERC20(token).transfer(vault, reused);
        if (reused != amount) IContributionToken(token).mint(vault, amount - reused);
    }

    /// @return total What is credited, with the settlement under way.
    function _promised(uint32 federation, uint256 credited) private view returns (uint256 total) {
        if (settlement.code.length == 0) return credited;
        ISettlement.Account memory settled = ISettlement(settlement).accountOf(federation);
        total = settled.state == ISettlement.State.Proposed ? uint256(settled.total) + settled.distributed : 0;
        // Never less than what is there to be paid, whatever a settlement contract says.
        if (total < credited) total = credited;
    }
}
