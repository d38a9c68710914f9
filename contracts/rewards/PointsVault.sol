// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IPointsVault} from "../interfaces/IPointsVault.sol";
import {Points} from "../libraries/Points.sol";
import {RewardsVault} from "./RewardsVault.sol";

/// @title Points vault
/// @dev The rewards vault, with a rate between what a leaf says and what is paid. In a contract of its own, so that ordinary claims pay nothing for it.
contract PointsVault is IPointsVault, RewardsVault {
    /// @inheritdoc IPointsVault
    uint128 public rate;

    constructor(address token_, uint32 federation_, address seats_, address contributors_)
        RewardsVault(token_, federation_, seats_, contributors_)
    {}

    /// @inheritdoc IPointsVault
    function fixRate(uint128 rate_) external {
        if (msg.sender != treasury) revert VaultNotTreasury(msg.sender);
        rate = rate_;
        emit RateFixed(rate_);
    }

    /// @return paid What the points that are marked as claimed are worth.
    function _take(uint32 index, address payee, address recipient, uint256 cumulative, bytes32[] calldata proof)
        internal
        override
        returns (uint256 paid)
    {
        uint128 fixedRate = rate;
        if (fixedRate == 0) revert VaultNoToken();
        uint256 points = super._take(index, payee, recipient, cumulative, proof);
        uint256 claimed = cumulative - points;
        paid = Points.worth(cumulative, fixedRate) - Points.worth(claimed, fixedRate);
        // Points that are not worth 10^−18 SHU yet are not used up by a claim that pays nothing.
        if (paid == 0) revert VaultNothingToClaim(index, cumulative, claimed);
        emit PointsPaid(index, recipient, points, paid);
    }
}
