// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {IERC1271} from "@openzeppelin/contracts/interfaces/IERC1271.sol";

/// @dev A contract payee (ERC-1271) with an honest mode and several bad ones.
contract MockWallet is IERC1271 {
    enum Mode {
        Honest,
        Anything, // accepts every signature
        Reentrant, // accepts, after trying `reentry` on `target`
        Refusing,
        GasBurner
    }

    address public immutable owner;
    Mode public mode;
    address public target;
    bytes public reentry;

    constructor(address owner_) {
        owner = owner_;
    }

    function setMode(Mode mode_, address target_, bytes calldata reentry_) external {
        mode = mode_;
        target = target_;
        reentry = reentry_;
    }

    function call(address target_, bytes calldata data) external returns (bytes memory result) {
        bool ok;
        (ok, result) = target_.call(data);
        if (!ok) {
            assembly ("memory-safe") {
                revert(add(result, 0x20), mload(result)) // the reason, as it came
            }
        }
    }

    function isValidSignature(bytes32 hash, bytes calldata signature) external view returns (bytes4) {
        if (mode == Mode.Reentrant) {
            // Static context: whatever changes state fails, and the wallet goes on as if nothing had happened.
            (bool ok,) = target.staticcall(reentry);
            require(!ok, "reentry went through");
            return IERC1271.isValidSignature.selector;
        }
        if (mode == Mode.GasBurner) {
            while (true) {}
        }
        if (mode == Mode.Refusing) return 0xffffffff;
        if (mode == Mode.Anything || ECDSA.recover(hash, signature) == owner) {
            return IERC1271.isValidSignature.selector;
        }
        return 0xffffffff;
    }
}
