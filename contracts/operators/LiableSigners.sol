// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IOperators} from "../interfaces/IOperators.sol";

/// @title The signers of a set that a bitmap names
/// @dev Reads what `SignerSet` writes: a STOP byte, then 20-byte addresses. A slash is paid for by whoever proves the fault, so only those are read.
library LiableSigners {
    /// @return liable Their addresses in the set's order, as words: the caller may write something else over each.
    function read(address pointer, uint32 signers) internal view returns (uint256[] memory liable) {
        uint256 size;
        assembly ("memory-safe") {
            size := div(extcodesize(pointer), 20) // the STOP is less than an address
        }
        if (uint256(signers) >> size != 0) revert IOperators.OperatorsUnknownSigners(signers, size);
        assembly ("memory-safe") {
            liable := mload(0x40) // free memory: the length, room for every signer, then the set
            let end := add(liable, 0x20) // behind the last liable one
            let set := add(end, mul(size, 0x20)) // the next of the set
            extcodecopy(pointer, set, 1, mul(size, 20)) // without the STOP
            for {} signers { signers := shr(1, signers) } {
                mstore(end, shr(96, mload(set))) // the next one overwrites it, unless its bit is set
                end := add(end, shl(5, and(signers, 1)))
                set := add(set, 20)
            }
            mstore(liable, sub(shr(5, sub(end, liable)), 1)) // how many: the words in between, less the length's own
            mstore(0x40, end)
        }
    }
}
