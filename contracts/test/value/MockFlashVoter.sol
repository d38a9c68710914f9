// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ContributionToken} from "../../token/ContributionToken.sol";

/// @dev Borrows, delegates to itself, looks at its past votes and gives everything back, in one transaction.
contract MockFlashVoter {
    uint256 public votesNow;
    uint256 public votesThen;

    function attack(ContributionToken token, address lender, uint256 amount) external {
        token.transferFrom(lender, address(this), amount);
        token.delegate(address(this));
        votesNow = token.getVotes(address(this));
        votesThen = token.getPastVotes(address(this), block.timestamp - 1);
        token.transfer(lender, amount);
    }
}
