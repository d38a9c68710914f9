// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title What the aggregation rules do to one lane
/// @notice The integer arithmetic of `docs/protocol.md`, "Aggregation", over the column of one lane: the value of each entry there, and each entry's
/// effective weight. Entries of weight 0 are left out everywhere.
/// @dev Values fit int16, weights fit uint16 and there are at most 2^16 entries, so every sum is below 2^47. Sources: McMahan et al. 2017 (FedAvg), Sun et
/// al. 2019 (norm threshold), Yin et al. 2018 (trimmed mean, median).
library Aggregation {
    /// @notice No entry has weight: there is nothing to aggregate.
    error AggregationNoWeight();
    /// @notice Nothing is left after trimming: `count` entries, `trim` on each side.
    error AggregationTooFewValues(uint256 count, uint256 trim);
    /// @notice These are not the smallest and the largest value that stay after trimming.
    error AggregationWrongRanks(int256 lowest, int256 highest);

    /// @notice rhu, round half up: `floor((2a + b) / (2b))`. @param b At least 1.
    function roundHalfUp(int256 a, int256 b) internal pure returns (int256) {
        // Arguments are sums of at most 2^16 products of an int16 and a uint16: nowhere near 2^255.
        unchecked {
            return floorDiv(2 * a + b, 2 * b);
        }
    }

    /// @notice Quotient rounded towards minus infinity. @param divisor At least 1.
    function floorDiv(int256 value, int256 divisor) internal pure returns (int256 quotient) {
        // Division cuts off towards zero; what it cuts off a negative value is made good. Cannot overflow: the divisor is positive.
        assembly ("memory-safe") {
            quotient := sub(sdiv(value, divisor), slt(smod(value, divisor), 0))
        }
    }

    /// @notice Cut off at the ends of int32.
    function clamp32(int256 value) internal pure returns (int256) {
        if (value < type(int32).min) return type(int32).min;
        return value > type(int32).max ? int256(type(int32).max) : value;
    }

    /// @notice Norm clipping: `floor(value·bound / (isqrt(normSq) + 1))` when the update's norm is above the bound, else the value.
    /// @param normSq Σq² of the whole update, below 2^64. @param bound C, below 2^64.
    function clip(int256 value, uint256 normSq, uint256 bound) internal pure returns (int256) {
        // Bound and root have 64 bits, the value 16. What is 0 stays 0 and needs no root.
        unchecked {
            if (value == 0 || normSq <= bound * bound) return value;
            return floorDiv(value * int256(bound), int256(squareRoot(normSq)) + 1);
        }
    }

    /// @notice Largest r with r² ≤ n, for n below 2^64; Newton's iteration from above.
    function squareRoot(uint256 n) internal pure returns (uint256 root) {
        assembly ("memory-safe") {
            // A power of two, at least √n and at most 2√n: the relative error is at most 1, and 1 → 1/4 → 1/40 → 2^-11 → 2^-24 → 2^-49 in five steps,
            // where a root of 32 bits is exact or one too large. (Of 0 the first step makes 0, and dividing by that is 0 here.)
            root := shl(shr(1, sub(257, clz(n))), 1)
            root := shr(1, add(root, div(n, root)))
            root := shr(1, add(root, div(n, root)))
            root := shr(1, add(root, div(n, root)))
            root := shr(1, add(root, div(n, root)))
            root := shr(1, add(root, div(n, root)))
            root := sub(root, gt(root, div(n, root)))
        }
    }

    /// @notice Federated averaging: `rhu(Σ wᵢ·qᵢ, Σ wᵢ)`.
    function weightedMean(int256[] memory values, uint256[] memory weights) internal pure returns (int256) {
        int256 sum;
        int256 total;
        // Both arrays word for word; for sums see the library's bounds.
        assembly ("memory-safe") {
            let shift := sub(values, weights)
            let end := add(weights, shl(5, mload(weights))) // the last weight
            for { let at := weights } lt(at, end) {} {
                at := add(at, 0x20)
                let weight := mload(at)
                sum := add(sum, mul(weight, mload(add(at, shift))))
                total := add(total, weight)
            }
        }
        if (total == 0) revert AggregationNoWeight();
        return roundHalfUp(sum, total);
    }

    /// @notice How many a median trims on each side: all but the middle one, or the two middle ones.
    function medianTrim(uint256 count) internal pure returns (uint256) {
        return count == 0 ? 0 : (count - 1) / 2;
    }

    /// @notice Entries that count.
    function countOf(uint256[] memory weights) internal pure returns (uint256 count) {
        uint256 n = weights.length;
        // Bounded by the array's length.
        unchecked {
            for (uint256 i; i < n; ++i) if (weights[i] != 0) ++count;
        }
    }

    /// @notice `rhu` of what stays of the column without its `trim` smallest and `trim` largest values.
    /// @param lowest,highest The smallest and the largest value that stay. They are not trusted: `lowest` stays at rank `trim` from below exactly when
    /// at most `trim` values are smaller and more than `trim` are no larger, and likewise from above. So one pass replaces sorting.
    function trimmedMean(int256[] memory values, uint256[] memory weights, uint256 trim, int256 lowest, int256 highest) internal pure returns (int256) {
        uint256 below; // smaller than `lowest`
        uint256 atLowest;
        uint256 above; // larger than `highest`
        uint256 atHighest;
        int256 sum; // of what lies strictly between
        uint256 count;
        uint256 n = weights.length;
        // Counts are bounded by the array's length; for sums see the library's bounds.
        unchecked {
            for (uint256 i; i < n; ++i) {
                if (weights[i] == 0) continue;
                int256 value = values[i];
                ++count;
                if (value < lowest) ++below;
                else if (value == lowest) ++atLowest;
                if (value > highest) ++above;
                else if (value == highest) ++atHighest;
                else if (value > lowest) sum += value;
            }
            if (count <= 2 * trim) revert AggregationTooFewValues(count, trim);
            if (below > trim || below + atLowest <= trim || above > trim || above + atHighest <= trim) revert AggregationWrongRanks(lowest, highest);
            // All that stay are equal. (Below, they would be counted from both ends.)
            if (lowest == highest) return lowest;
            // Values equal to one that is trimmed stay as often as the ranks leave them.
            sum += lowest * int256(below + atLowest - trim) + highest * int256(above + atHighest - trim);
            return roundHalfUp(sum, int256(count - 2 * trim));
        }
    }
}
