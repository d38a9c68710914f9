// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IOperators} from "../../interfaces/IOperators.sol";
import {SignerSet} from "../../libraries/SignerSet.sol";

contract MockSignerSet {
    function write(address[] calldata signers) external returns (address) {
        return SignerSet.write(signers);
    }

    function read(address pointer) external view returns (address[] memory) {
        return SignerSet.read(pointer);
    }

    function requireQuorum(
        address pointer,
        uint256 size,
        uint256 threshold,
        bytes32 digest,
        IOperators.Quorum calldata quorum
    ) external view {
        SignerSet.requireQuorum(pointer, size, threshold, digest, quorum);
    }

    /// @dev Same question asked after memory was filled with dirt.
    function dirtyRequireQuorum(
        address pointer,
        uint256 size,
        uint256 threshold,
        bytes32 digest,
        IOperators.Quorum calldata quorum,
        bytes32 dirt
    ) external view {
        assembly ("memory-safe") {
            mstore(0x00, dirt)
            mstore(0x20, dirt)
            let free := mload(0x40)
            for { let i := 0 } lt(i, 0x800) { i := add(i, 0x20) } { mstore(add(free, i), dirt) }
        }
        SignerSet.requireQuorum(pointer, size, threshold, digest, quorum);
    }
}
