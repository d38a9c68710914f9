// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IOperators} from "../interfaces/IOperators.sol";

/// @title Signer sets kept as code, and quorums of compact signatures over them
/// @dev The code is a STOP byte and 20-byte addresses, strictly ascending (so never zero), at most 32. Reading a set costs one cold account whatever its
/// size. After SSTORE2 by 0xSequence.
library SignerSet {
    uint256 internal constant MAX_SIGNERS = 32;
    /// @dev Half the order of secp256k1: of the two signatures (s, order − s), only the lower is accepted.
    uint256 private constant HALF_ORDER = 0x7FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF5D576E7357A4501DDFE92F46681B20A0;

    error SignerSetNotWritten();

    function write(address[] calldata signers) internal returns (address pointer) {
        bytes memory set = hex"00"; // STOP: the set cannot be called
        for (uint256 i; i < signers.length; ++i) {
            set = bytes.concat(set, bytes20(signers[i]));
        }
        // PUSH2 length, DUP1, PUSH1 10, RETURNDATASIZE, CODECOPY, RETURNDATASIZE, RETURN: ten bytes that return what follows them
        bytes memory initcode = bytes.concat(hex"61", bytes2(uint16(set.length)), hex"80600a3d393df3", set);
        assembly ("memory-safe") {
            pointer := create(0, add(initcode, 0x20), mload(initcode))
        }
        if (pointer == address(0)) revert SignerSetNotWritten();
    }

    function read(address pointer) internal view returns (address[] memory signers) {
        bytes memory set = pointer.code;
        signers = new address[](set.length / 20);
        for (uint256 i; i < signers.length; ++i) {
            signers[i] = _at(set, i);
        }
    }

    /// @notice Reverts unless every signer of the bitmap signed `digest` and they are at least `threshold`.
    /// @dev Compact signatures (EIP-2098), unmalleable: an `s` in the upper half of the order is refused.
    function requireQuorum(
        address pointer,
        uint256 size,
        uint256 threshold,
        bytes32 digest,
        IOperators.Quorum calldata quorum
    ) internal view {
        uint256 left = quorum.signers;
        bytes calldata signatures = quorum.signatures;
        if (left >> size != 0) revert IOperators.OperatorsUnknownSigners(quorum.signers, size);
        uint256 signed = _popCount(left);
        if (signed < threshold) revert IOperators.OperatorsNoQuorum(signed, threshold);
        if (signatures.length != signed * 64) {
            revert IOperators.OperatorsBadSignatureLength(signatures.length, signed * 64);
        }

        uint256 failed = type(uint256).max;
        address expected;
        assembly ("memory-safe") {
            let input := mload(0x40) // free memory: the precompile's four words, then the set
            let set := add(input, 0x80)
            extcodecopy(pointer, set, 1, mul(size, 20)) // the addresses, without the STOP
            mstore(input, digest) // the first word never changes
            let cursor := signatures.offset // the next signature
            for { let i := 0 } left { i := add(i, 1) } {
                if and(left, 1) {
                    let vs := calldataload(add(cursor, 0x20)) // parity in the top bit, s in the others
                    let s := shr(1, shl(1, vs))
                    mstore(add(input, 0x20), add(27, shr(255, vs))) // v
                    mstore(add(input, 0x40), calldataload(cursor)) // r
                    mstore(add(input, 0x60), s)
                    mstore(0x00, 0) // the answer stays zero when nothing is recovered
                    pop(staticcall(gas(), 1, input, 0x80, 0x00, 0x20)) // ecrecover
                    expected := shr(96, mload(add(set, mul(i, 20)))) // never zero
                    if or(xor(mload(0x00), expected), gt(s, HALF_ORDER)) {
                        failed := i
                        break
                    }
                    cursor := add(cursor, 0x40)
                }
                left := shr(1, left)
            }
        }
        if (failed != type(uint256).max) revert IOperators.OperatorsBadSignature(failed, expected);
    }

    /// @dev The caller keeps `i` within the set.
    function _at(bytes memory set, uint256 i) private pure returns (address signer) {
        assembly ("memory-safe") {
            // The word that begins at the i-th address, behind length and STOP; its upper 20 bytes are the address.
            signer := shr(96, mload(add(add(set, 0x21), mul(i, 20))))
        }
    }

    /// @dev Sums bits in pairs, nibbles, bytes, then all bytes at once. For 32-bit bitmaps.
    function _popCount(uint256 bitmap) private pure returns (uint256) {
        unchecked {
            bitmap -= (bitmap >> 1) & 0x55555555; // no field borrows from the next
            bitmap = (bitmap & 0x33333333) + ((bitmap >> 2) & 0x33333333);
            bitmap = (bitmap + (bitmap >> 4)) & 0x0f0f0f0f;
            return ((bitmap * 0x01010101) >> 24) & 0xff;
        }
    }
}
