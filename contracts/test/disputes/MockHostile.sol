// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @dev A demander or answerer that does as it was told when it is paid: takes the money, refuses it, burns gas, or calls back.
contract MockHostile {
    enum Mode {
        Honest,
        Refusing,
        GasBurner,
        Reentrant // calls `reentry` on `callee`, and takes the money whatever comes of it
    }

    Mode public mode;
    address public callee;
    bytes public reentry;
    uint256 public reentries;
    bytes public answer;

    function setMode(Mode mode_, address callee_, bytes calldata reentry_) external {
        (mode, callee, reentry) = (mode_, callee_, reentry_);
    }

    function call(address callee_, bytes calldata data) external payable {
        (bool ok, bytes memory result) = callee_.call{value: msg.value}(data);
        if (!ok) {
            assembly ("memory-safe") {
                revert(add(result, 0x20), mload(result)) // the reason, as it came
            }
        }
    }

    receive() external payable {
        if (mode == Mode.Refusing) revert();
        if (mode == Mode.GasBurner) while (true) {}
        if (mode == Mode.Reentrant) {
            ++reentries;
            (bool ok, bytes memory result) = callee.call(reentry);
            answer = ok ? bytes("went through") : result;
        }
    }
}
