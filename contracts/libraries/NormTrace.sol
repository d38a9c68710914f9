// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {SszSubtree} from "./SszSubtree.sol";

/// @title The norm trace: `P_j = P_{j-1} + Σ q²` over the 16 lanes of chunk j
/// @notice An update's chunk has 16 little-endian int16 lanes, its trace's 4 little-endian uint64: values `4k` to `4k + 3` stand in chunk k.
/// @dev No sum wraps: a square is at most 2^30, so 16 of them are at most 2^34 and the 2^31 lanes of the longest vector at most 2^61. Callers add in 256
/// bits, where even a declared value of 2^64 − 1 and one chunk more stay apart.
library NormTrace {
    /// @dev Every second byte, every second pair, every second four of a word.
    uint256 private constant BYTES = 0x00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff;
    uint256 private constant PAIRS = 0x0000ffff0000ffff0000ffff0000ffff0000ffff0000ffff0000ffff0000ffff;
    uint256 private constant FOURS = 0x00000000ffffffff00000000ffffffff00000000ffffffff00000000ffffffff;
    uint256 private constant SIGNS = 0x8000800080008000800080008000800080008000800080008000800080008000;
    /// @dev The lowest 16 bits, and the lowest bit, of each quarter.
    uint256 private constant LANES = 0x000000000000ffff000000000000ffff000000000000ffff000000000000ffff;
    uint256 private constant ONES = 0x0000000000000001000000000000000100000000000000010000000000000001;
    /// @dev The third quarter from below. The second is the same, 64 bits lower.
    uint256 private constant THIRD = 0x0000000000000000ffffffffffffffff00000000000000000000000000000000;

    /// @notice Σq² over the lanes of an update's chunk.
    function sumOfSquares(bytes32 chunk) internal pure returns (uint256) {
        assembly ("memory-safe") {
            mstore(0x00, chunk)
        }
        return _accumulate(0x00, 1, 0x20, 0); // all of it in scratch space
    }

    /// @notice Value `index` of a trace, read from the chunk that holds it.
    function valueAt(bytes32 chunk, uint256 index) internal pure returns (uint256 value) {
        uint256 swapped = _swapQuarters(uint256(chunk));
        // The first value of a chunk is in its highest quarter.
        return swapped >> 192 - 64 * (index & 3) & type(uint64).max;
    }

    /// @notice Commits to a run of an update's lanes and to its trace.
    /// @param lanes Little-endian lanes; what is missing at the end is zero. At most `32 << height` bytes.
    /// @param height The run has `2^height` chunks, at least four.
    /// @param before The trace's value before the run.
    /// @dev Takes memory, and gives it back before it returns.
    /// @return update Node of the update's tree over the run. @return trace Node of the trace's. @return sum The trace's value after it.
    function commit(bytes calldata lanes, uint256 height, uint256 before) internal view returns (bytes32 update, bytes32 trace, uint256 sum) {
        uint256 chunks = (lanes.length + 31) / 32;
        uint256 values = (chunks + 3) / 4;
        uint256 nodes;
        uint256 traceNodes;
        assembly ("memory-safe") {
            nodes := mload(0x40)
            calldatacopy(nodes, lanes.offset, lanes.length)
            mstore(add(nodes, lanes.length), 0) // the rest of the last chunk, whatever lies behind the lanes
            traceNodes := add(nodes, shl(5, add(chunks, 1))) // a word more: for that zero, and for the subtree
            mstore(0x40, add(traceNodes, shl(5, add(values, 1))))
        }
        sum = _accumulate(nodes, chunks, traceNodes, before);
        _pack(traceNodes, chunks, values, sum);
        update = SszSubtree.root(nodes, chunks, height, 0);
        // Behind the lanes the trace stays at its last value.
        trace = SszSubtree.root(traceNodes, values, height - 2, bytes32(_swapQuarters(sum * ONES)));
        assembly ("memory-safe") {
            mstore(0x40, nodes)
        }
    }

    /// @dev Adds up the squares of the chunks from `chunks` on, and writes each sum behind the one before, in eight bytes, big-endian.
    ///
    /// Four lanes at a time. With x = q + 2^15, between 0 and 65535, q² = 2^30 − x·(2^16 − x): what is to be summed is a product of numbers that are
    /// not negative. A word with a lane in each quarter times the word of their partners in reverse order has, in its highest quarter, the four products'
    /// sum (as polynomials multiply). No quarter carries into the next: each gets at most 16 products of at most 2^32.
    function _accumulate(uint256 chunks, uint256 count, uint256 values, uint256 sum) private pure returns (uint256 total) {
        total = sum;
        assembly ("memory-safe") {
            // Kept on the stack: the optimiser computes such constants anew wherever they stand.
            let bytes_ := BYTES
            let lanes := LANES
            let ones := ONES
            let third := THIRD
            let signs := SIGNS
            for { let end := add(chunks, shl(5, count)) } lt(chunks, end) { chunks := add(chunks, 0x20) } {
                let x := mload(chunks)
                x := or(and(shr(8, x), bytes_), shl(8, and(x, bytes_))) // each lane big-endian
                x := xor(x, signs) // q + 2^15
                let y := not(x) // 2^16 − 1 − x
                y := or(or(shl(192, y), shr(192, y)), or(and(shl(64, y), third), shr(64, and(y, third)))) // its quarters in reverse order
                let products := mul(and(x, lanes), add(and(y, lanes), ones))
                products := add(products, mul(and(shr(16, x), lanes), add(and(shr(16, y), lanes), ones)))
                products := add(products, mul(and(shr(32, x), lanes), add(and(shr(32, y), lanes), ones)))
                products := add(products, mul(and(shr(48, x), lanes), add(and(shr(48, y), lanes), ones)))
                total := add(total, sub(0x400000000, shr(192, products))) // 16 · 2^30 less what was too much
                mstore(values, shl(192, total)) // the next one overwrites the zeros behind it
                values := add(values, 8)
            }
        }
    }

    /// @dev Turns the sums from `words` on into the chunks of a trace: all little-endian, and the last chunk filled up with the last sum.
    function _pack(uint256 words, uint256 count, uint256 chunks, uint256 sum) private pure {
        // Counts what calldata holds.
        unchecked {
            for (; count < 4 * chunks; ++count) {
                assembly ("memory-safe") {
                    mstore(add(words, shl(3, count)), shl(192, sum))
                }
            }
        }
        assembly ("memory-safe") {
            let bytes_ := BYTES
            let pairs := PAIRS
            let fours := FOURS
            for { let end := add(words, shl(5, chunks)) } lt(words, end) { words := add(words, 0x20) } {
                let word := mload(words)
                word := or(and(shr(8, word), bytes_), shl(8, and(word, bytes_))) // as in `_swapQuarters`
                word := or(and(shr(16, word), pairs), shl(16, and(word, pairs)))
                mstore(words, or(and(shr(32, word), fours), shl(32, and(word, fours))))
            }
        }
    }

    /// @dev Reverses the bytes of each quarter.
    function _swapQuarters(uint256 word) private pure returns (uint256) {
        word = (word >> 8 & BYTES) | (word & BYTES) << 8;
        word = (word >> 16 & PAIRS) | (word & PAIRS) << 16;
        return (word >> 32 & FOURS) | (word & FOURS) << 32;
    }
}
