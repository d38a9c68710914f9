// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Predictions} from "../../libraries/Predictions.sol";

/// @dev Exposes the library, many cases a call.
contract PredictionsHarness {
    struct Case {
        Predictions.Shape shape;
        bytes head;
        bytes row;
    }

    function predictAll(Case[] calldata cases) external pure returns (uint256[] memory predictions) {
        predictions = new uint256[](cases.length);
        for (uint256 i; i < cases.length; ++i) predictions[i] = Predictions.predict(cases[i].shape, cases[i].head, cases[i].row);
    }

    /// @dev With dirty memory behind the free pointer. `kept`: scratch space, zero slot and what was allocated are as before.
    function predictInDirtyMemory(Case calldata one, bytes32 dirt) external pure returns (uint256 prediction, bool kept) {
        bytes memory held = abi.encode(dirt, ~dirt);
        bytes32 heldHash = keccak256(held);
        Predictions.Shape memory shape = one.shape;
        assembly ("memory-safe") {
            let free := mload(0x40)
            let end := add(add(free, 0x100), add(one, 0x2000))
            for { let at := free } lt(at, end) { at := add(at, 0x20) } { mstore(at, dirt) }
        }
        prediction = Predictions.predict(shape, one.head, one.row);
        uint256 zero;
        assembly ("memory-safe") {
            zero := mload(0x60)
        }
        kept = zero == 0 && keccak256(held) == heldHash;
    }

    function hits(bytes calldata left, bytes calldata right) external pure returns (uint256) {
        return Predictions.hits(left, right);
    }

    function gasOf(Case calldata one) external view returns (uint256 used) {
        Predictions.Shape memory shape = one.shape;
        used = gasleft();
        Predictions.predict(shape, one.head, one.row);
        used -= gasleft();
    }
}
