// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ModelLanes} from "../../libraries/ModelLanes.sol";
import {NormTrace} from "../../libraries/NormTrace.sol";
import {SszSubtree} from "../../libraries/SszSubtree.sol";

/// @dev Exposes the libraries: in clean memory, in dirty memory, and starved of gas.
contract MockNormTrace {
    function sumOfSquares(bytes32 chunk) external pure returns (uint256) {
        return NormTrace.sumOfSquares(chunk);
    }

    function sumsOfSquares(bytes32[] calldata chunks) external pure returns (uint256[] memory sums) {
        sums = new uint256[](chunks.length);
        for (uint256 i; i < chunks.length; ++i) sums[i] = NormTrace.sumOfSquares(chunks[i]);
    }

    function valueAt(bytes32 chunk, uint256 index) external pure returns (uint256) {
        return NormTrace.valueAt(chunk, index);
    }

    function commit(bytes calldata lanes, uint256 height, uint256 before) external view returns (bytes32 update, bytes32 trace, uint256 sum) {
        return NormTrace.commit(lanes, height, before);
    }

    /// @dev Many vectors of the same height, each from zero.
    function commitAll(bytes[] calldata vectors, uint256 height) external view returns (bytes32[] memory updates, bytes32[] memory traces, uint256[] memory sums) {
        updates = new bytes32[](vectors.length);
        traces = new bytes32[](vectors.length);
        sums = new uint256[](vectors.length);
        for (uint256 i; i < vectors.length; ++i) (updates[i], traces[i], sums[i]) = NormTrace.commit(vectors[i], height, 0);
    }

    /// @dev With every word that the library may touch dirty. `kept`: what was allocated, the free memory pointer and the zero slot are as before.
    function commitInDirtyMemory(bytes calldata lanes, uint256 height, uint256 before, bytes32 dirt)
        external
        view
        returns (bytes32 update, bytes32 trace, uint256 sum, bool kept)
    {
        bytes memory held = abi.encode(dirt, ~dirt);
        bytes32 heldHash = keccak256(held);
        uint256 free;
        assembly ("memory-safe") {
            mstore(0x00, dirt)
            mstore(0x20, not(dirt))
            free := mload(0x40)
            let end := add(add(free, 0x200), mul(2, lanes.length))
            for { let at := free } lt(at, end) { at := add(at, 0x20) } { mstore(at, dirt) }
        }
        (update, trace, sum) = NormTrace.commit(lanes, height, before);
        assembly ("memory-safe") {
            kept := and(eq(mload(0x40), free), iszero(mload(0x60)))
        }
        kept = kept && keccak256(held) == heldHash;
    }

    function climb(bytes32 node, bytes calldata siblings, uint256 levels, uint256 index) external view returns (bytes32) {
        return SszSubtree.climb(node, siblings, levels, index);
    }

    /// @dev Whether the library succeeds with this much gas, and with what.
    function commitWithGas(uint256 gasLimit, bytes calldata lanes, uint256 height) external view returns (bool ok, bytes32 update, bytes32 trace) {
        try this.commit{gas: gasLimit}(lanes, height, 0) returns (bytes32 update_, bytes32 trace_, uint256) {
            (ok, update, trace) = (true, update_, trace_);
        } catch {}
    }

    function climbWithGas(uint256 gasLimit, bytes32 node, bytes calldata siblings, uint256 levels) external view returns (bool ok, bytes32 result) {
        try this.climb{gas: gasLimit}(node, siblings, levels, 0) returns (bytes32 found) {
            (ok, result) = (true, found);
        } catch {}
    }

    function gasOf(bytes calldata lanes, uint256 height) external view returns (uint256 used) {
        used = gasleft();
        NormTrace.commit(lanes, height, 0);
        used -= gasleft();
    }

    function lanesOf(bytes calldata opening) external pure returns (bytes32 root, uint256 lanes) {
        return ModelLanes.read(opening);
    }
}
