// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @dev Something for accounts to call: it remembers, refuses, burns gas, or calls back.
contract MockTarget {
    error TargetRefused(uint256 why);

    uint256 public total;
    address public last;
    bool public reentered;

    function add(uint256 amount) external payable {
        total += amount;
        last = msg.sender;
    }

    function refuse(uint256 why) external pure {
        revert TargetRefused(why);
    }

    function burn() external pure {
        for (uint256 i; i < type(uint256).max; ++i) {}
    }

    /// @dev Calls `to` in the midst of the account's batch.
    function callBack(address to, bytes calldata data) external {
        (reentered,) = to.call(data);
    }
}
