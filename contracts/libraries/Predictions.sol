// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title The integer head: a linear classifier over lanes as they are committed
///
///   logit_c    = bias_c · 2^featureBits + Σ x_i · weight[i][c]
///   prediction = the class with the largest logit, the lowest of equals
///
/// @dev Exact for int32 weights, int16 features, at most 4,096 of these and featureBits up to 30: see `_largest`.
library Predictions {
    uint256 private constant ODD_BYTES = 0x00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff;
    uint256 private constant ODD_PAIRS = 0x0000ffff0000ffff0000ffff0000ffff0000ffff0000ffff0000ffff0000ffff;
    uint256 private constant LOWER_HALVES = 0x00000000ffffffff00000000ffffffff00000000ffffffff00000000ffffffff;
    uint256 private constant SIGNS = 0x8000000080000000800000008000000080000000800000008000000080000000;
    uint256 private constant LOW_BITS = 0x7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f;
    uint256 private constant ONES = 0x0101010101010101010101010101010101010101010101010101010101010101;

    /// @param skip Lanes before weight[0][0] in the first chunk. @param featureBits One unit of a feature is 2^-featureBits.
    struct Shape {
        uint256 skip;
        uint256 features;
        uint256 classes;
        uint256 featureBits;
    }

    /// @param head The model's chunks that hold the head, int32 little-endian. @param row The record's chunks, int16 little-endian.
    /// @dev Unchecked: callers check that `head` holds `skip + (features + 1) * classes` lanes, `row` `features` of them, and that there is a class.
    function predict(Shape memory shape, bytes calldata head, bytes calldata row) internal pure returns (uint256) {
        uint256 weights = _bigEndian(head, 4);
        uint256 values = _bigEndian(row, 2);
        // Cannot overflow: pointers, and lanes that are there.
        unchecked {
            return _largest(weights + 4 * shape.skip, values, values + 2 * shape.features, shape.classes, shape.featureBits);
        }
    }

    /// @notice Positions at which two columns of bytes have the same.
    /// @dev Unchecked: callers check that both are equally long.
    function hits(bytes calldata left, bytes calldata right) internal pure returns (uint256 equal) {
        uint256 length = left.length;
        assembly ("memory-safe") {
            for { let i := 0 } lt(i, length) { i := add(i, 0x20) } {
                let difference := xor(calldataload(add(left.offset, i)), calldataload(add(right.offset, i)))
                let more := sub(length, i)
                // What lies behind the last word's end is shifted out; the zeros that come in count as equal, and are taken off again.
                if lt(more, 0x20) {
                    let shift := sub(0x20, more)
                    difference := shr(shl(3, shift), difference)
                    equal := sub(equal, shift)
                }
                // 0x80 in every byte that is zero: adding 0x7f to its low bits does not reach the top, and it has no top bit itself.
                let zeros := not(or(or(add(and(difference, LOW_BITS), LOW_BITS), difference), LOW_BITS))
                equal := add(equal, shr(248, mul(shr(7, zeros), ONES))) // their number: at most 32, so the sum of bytes stays in the top one
            }
        }
    }

    /// @dev A copy in memory, each lane of `width` (2 or 4) bytes turned round; one of 4 bytes moreover as the unsigned number that is 2^31 more.
    function _bigEndian(bytes calldata lanes, uint256 width) private pure returns (uint256 pointer) {
        assembly ("memory-safe") {
            pointer := mload(0x40)
            let end := add(pointer, lanes.length)
            // A lane is read as the first bytes of a word: a word more is kept free behind the last one.
            mstore(0x40, add(end, 0x20))
            let from := lanes.offset
            for { let to := pointer } lt(to, end) { to := add(to, 0x20) } {
                let word := calldataload(from)
                word := or(and(shr(8, word), ODD_BYTES), shl(8, and(word, ODD_BYTES))) // the bytes of each pair
                if eq(width, 4) {
                    word := or(and(shr(16, word), ODD_PAIRS), shl(16, and(word, ODD_PAIRS))) // the pairs of each four
                    word := xor(word, SIGNS) // plus 2^31
                }
                mstore(to, word)
                from := add(from, 0x20)
            }
        }
    }

    /// @dev Weights by feature, then class, 4 bytes each and the biases last, as `_bigEndian` leaves them; features from `first` to `end`, 2 bytes each.
    ///
    /// Eight classes at once, in two words of four 64-bit sums: those of the even and of the odd places. Each weight stands there as w + 2^31, which is
    /// never negative, and a product with a negative feature borrows from the sum above it, which taking the sums off again from below returns. All classes
    /// get the same 2^31 · (Σ x_i + 2^featureBits) more, so their order is that of the logits. A sum is at most 2^62 + 4096 · 2^47 < 2^63 in amount.
    function _largest(uint256 weights, uint256 first, uint256 end, uint256 classes, uint256 featureBits) private pure returns (uint256 best) {
        assembly ("memory-safe") {
            let highest := shl(255, 1) // the lowest there is
            for { let c := 0 } lt(c, classes) { c := add(c, 8) } {
                let weight := add(weights, shl(2, c))
                let even := 0 // places 0, 2, 4 and 6: the upper half of each 64 bits
                let odd := 0
                for { let value := first } lt(value, end) { value := add(value, 2) } {
                    let eight := mload(weight)
                    let feature := sar(240, mload(value)) // the lane is the top of its word, with its sign
                    even := add(even, mul(feature, and(shr(32, eight), LOWER_HALVES)))
                    odd := add(odd, mul(feature, and(eight, LOWER_HALVES)))
                    weight := add(weight, shl(2, classes))
                }
                let biases := mload(weight) // behind the last feature
                even := add(even, shl(featureBits, and(shr(32, biases), LOWER_HALVES)))
                odd := add(odd, shl(featureBits, and(biases, LOWER_HALVES)))
                // The last of the eight is the lowest of the odd ones, the one before it the lowest of the even ones. Lanes behind the last class are not
                // looked at.
                for { let class := add(c, 8) } gt(class, c) {} {
                    class := sub(class, 1)
                    let sum := signextend(7, odd)
                    let rest := sar(64, sub(odd, sum))
                    odd := even
                    even := rest
                    if and(lt(class, classes), or(sgt(sum, highest), and(eq(sum, highest), lt(class, best)))) {
                        best := class
                        highest := sum
                    }
                }
            }
        }
    }
}
