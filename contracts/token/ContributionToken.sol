// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {ERC20Burnable} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Burnable.sol";
import {ERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Permit.sol";
import {ERC20Votes} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Votes.sol";
import {Nonces} from "@openzeppelin/contracts/utils/Nonces.sol";
import {Time} from "@openzeppelin/contracts/utils/types/Time.sol";
import {ERC6372Utils} from "@openzeppelin/contracts/utils/ERC6372Utils.sol";
import {IContributionToken} from "../interfaces/IContributionToken.sol";
import {ITreasury} from "../interfaces/ITreasury.sol";

/// @title Chongwen Contribution (SHU, 书)
contract ContributionToken is IContributionToken, ERC20, ERC20Burnable, ERC20Permit, ERC20Votes {
    /// @inheritdoc IContributionToken
    address public immutable minter;
    /// @inheritdoc IContributionToken
    uint256 public immutable cap;
    /// @inheritdoc IContributionToken
    uint256 public immutable genesisSupply;
    /// @inheritdoc IContributionToken
    uint256 public immutable emissionPerEpoch;
    /// @inheritdoc IContributionToken
    uint256 public immutable epochLength;
    /// @inheritdoc IContributionToken
    uint256 public immutable start;
    /// @inheritdoc IContributionToken
    uint256 public mintedEmission;

    constructor(address minter_, ITreasury.TokenParams memory params, ITreasury.Allocation[] memory genesis)
        ERC20("Chongwen Contribution", "SHU")
        ERC20Permit("Chongwen Contribution")
    {
        for (uint256 i; i < genesis.length; ++i) {
            _mint(genesis[i].account, genesis[i].amount);
        }
        uint256 supply = totalSupply();
        if (
            params.cap > type(uint128).max || supply > params.cap || params.emissionPerEpoch > params.cap
                || params.epochLength == 0
        ) revert TokenBadSchedule();
        minter = minter_;
        cap = params.cap;
        genesisSupply = supply;
        emissionPerEpoch = params.emissionPerEpoch;
        epochLength = params.epochLength;
        start = block.timestamp;
    }

    /// @inheritdoc IContributionToken
    function mint(address to, uint256 amount) external {
        if (msg.sender != minter) revert TokenNotMinter(msg.sender);
        uint256 minted = mintedEmission + amount;
        uint256 released = releasedEmission();
        if (minted > released) revert TokenAboveEmission(minted, released);
        mintedEmission = minted;
        _mint(to, amount);
    }

    /// @inheritdoc IContributionToken
    /// @dev No overflow: epochs < 2^64 or so, emissionPerEpoch < 2^128.
    function releasedEmission() public view returns (uint256) {
        uint256 epochs = 1 + (block.timestamp - start) / epochLength;
        uint256 released = epochs * emissionPerEpoch;
        uint256 most = cap - genesisSupply;
        return released < most ? released : most;
    }

    /// @notice Votes are counted by timestamp, so that snapshots mean the same on chains of any block time.
    function clock() public view override returns (uint48) {
        return Time.timestamp();
    }

    // solhint-disable-next-line func-name-mixedcase
    function CLOCK_MODE() public view override returns (string memory) {
        return ERC6372Utils.timestampClockMode(clock());
    }

    function nonces(address owner) public view override(ERC20Permit, Nonces) returns (uint256) {
        return super.nonces(owner);
    }

    function _update(address from, address to, uint256 value) internal override(ERC20, ERC20Votes) {
        super._update(from, to, value);
    }
}
