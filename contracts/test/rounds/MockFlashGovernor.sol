// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IGovernor} from "@openzeppelin/contracts/governance/IGovernor.sol";
import {ContributionToken} from "../../token/ContributionToken.sol";

/// @notice Borrows votes for one transaction: to vote, or to propose.
contract MockFlashGovernor {
    ContributionToken private immutable _TOKEN;
    IGovernor private immutable _GOVERNOR;

    constructor(ContributionToken token, IGovernor governor) {
        _TOKEN = token;
        _GOVERNOR = governor;
    }

    modifier withLoan(address lender, uint256 amount) {
        _TOKEN.transferFrom(lender, address(this), amount);
        _TOKEN.delegate(address(this));
        _;
        _TOKEN.transfer(lender, amount);
    }

    function vote(address lender, uint256 amount, uint256 proposal) external withLoan(lender, amount) {
        _GOVERNOR.castVote(proposal, 1);
    }

    function propose(address lender, uint256 amount, address target, bytes calldata data) external withLoan(lender, amount) {
        address[] memory targets = new address[](1);
        bytes[] memory calldatas = new bytes[](1);
        (targets[0], calldatas[0]) = (target, data);
        _GOVERNOR.propose(targets, new uint256[](1), calldatas, "flash");
    }
}
