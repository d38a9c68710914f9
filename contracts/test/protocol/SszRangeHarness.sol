// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {SszRange} from "../../libraries/SszRange.sol";

/// @dev Exposes the library: in clean memory, in dirty memory, and starved of gas.
contract SszRangeHarness {
    function root(bytes calldata opening, uint256 depth, uint256 first, uint256 count) external view returns (bytes32) {
        return SszRange.root(opening, depth, first, count);
    }

    /// @dev With every word that the library may touch dirty. `kept`: what was allocated, the free memory pointer and the zero slot are as before.
    function rootInDirtyMemory(bytes calldata opening, uint256 depth, uint256 first, uint256 count, bytes32 dirt)
        external
        view
        returns (bytes32 result, bool kept)
    {
        bytes memory held = abi.encode(dirt, ~dirt);
        bytes32 heldHash = keccak256(held);
        uint256 free;
        assembly ("memory-safe") {
            mstore(0x00, dirt)
            mstore(0x20, not(dirt))
            free := mload(0x40)
            let end := add(add(free, 0x100), opening.length)
            for { let at := free } lt(at, end) { at := add(at, 0x20) } { mstore(at, dirt) }
        }
        result = SszRange.root(opening, depth, first, count);
        assembly ("memory-safe") {
            kept := and(eq(mload(0x40), free), iszero(mload(0x60)))
        }
        kept = kept && keccak256(held) == heldHash;
    }

    /// @dev Whether the library succeeds with this much gas, and with what.
    function rootWithGas(uint256 gasLimit, bytes calldata opening, uint256 depth, uint256 first, uint256 count)
        external
        view
        returns (bool ok, bytes32 result)
    {
        try this.root{gas: gasLimit}(opening, depth, first, count) returns (bytes32 found) {
            (ok, result) = (true, found);
        } catch {}
    }

    function gasOf(bytes calldata opening, uint256 depth, uint256 first, uint256 count) external view returns (uint256 used) {
        used = gasleft();
        SszRange.root(opening, depth, first, count);
        used -= gasleft();
    }
}
