// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Aggregation} from "../../../contracts/libraries/Aggregation.sol";
import {AggregateHarness} from "../../../contracts/test/disputes/AggregateHarness.sol";

/// @notice The rules' arithmetic against its own definitions.
contract AggregationTest {
    AggregateHarness private immutable _HARNESS = new AggregateHarness();

    function testFuzz_squareRoot_anyNorm_isTheLargestRoot(uint64 n) external pure {
        _checkRoot(n);
        _checkRoot(n >> (n % 64));
        // Squares and their neighbours, where a root that is off by one shows.
        uint256 root = n >> 32;
        _checkRoot(root * root);
        if (root != 0) _checkRoot(root * root - 1);
        _checkRoot(root * root + 1);
    }

    function test_squareRoot_endsAndPowersOfTwo_succeeds() external pure {
        for (uint256 i; i < 64; ++i) {
            _checkRoot(1 << i);
            _checkRoot((1 << i) - 1);
        }
        for (uint256 i; i < 300; ++i) _checkRoot(i);
        _checkRoot(type(uint64).max);
        _checkRoot(uint256(type(uint32).max) ** 2);
        _checkRoot(uint256(type(uint32).max) ** 2 - 1);
    }

    function _checkRoot(uint256 n) private pure {
        uint256 root = Aggregation.squareRoot(n);
        assert(root * root <= n && (root + 1) * (root + 1) > n);
    }

    function testFuzz_floorDiv_anyQuotient_isTheLargestBelow(int128 value, uint64 divisor) external pure {
        if (divisor == 0) return;
        int256 d = int256(uint256(divisor));
        int256 quotient = Aggregation.floorDiv(value, d);
        assert(quotient * d <= value && (quotient + 1) * d > value);
    }

    function testFuzz_roundHalfUp_anyFraction_isNearestAndHalvesGoUp(int64 a, uint32 b) external pure {
        if (b == 0) return;
        int256 divisor = int256(uint256(b));
        int256 rounded = Aggregation.roundHalfUp(a, divisor);
        // -1/2 < rounded - a/b <= 1/2
        int256 twice = 2 * (rounded * divisor - a);
        assert(-divisor < twice && twice <= divisor);
    }

    function testFuzz_clamp32_anyNumber_isTheNearestInt32(int256 value) external pure {
        _checkClamp(value);
        _checkClamp(value % 2 ** 33);
    }

    function _checkClamp(int256 value) private pure {
        int256 clamped = Aggregation.clamp32(value);
        if (value > type(int32).max) assert(clamped == type(int32).max);
        else if (value < type(int32).min) assert(clamped == type(int32).min);
        else assert(clamped == value);
    }

    function testFuzz_clip_anyNorm_neverLonger(int16 value, uint64 normSq, uint64 bound) external pure {
        if (bound == 0) return;
        int256 clipped = Aggregation.clip(value, normSq, bound);
        if (normSq <= uint256(bound) * bound) assert(clipped == value);
        else assert(value >= 0 ? clipped >= 0 && clipped <= value : clipped < 0 && clipped >= value);
    }

    /// @dev Whatever hints are given, what is not refused is the mean of the sorted column's middle.
    function testFuzz_trimmedMean_anyHints_wrongOnesRevert(int16[9] calldata column, uint8 zeros, uint8 trim, bool few, int16 low, int16 high) external view {
        (int256[] memory values, uint256[] memory weights) = (new int256[](9), new uint256[](9));
        int256[] memory sorted = new int256[](9);
        uint256 count;
        for (uint256 i; i < 9; ++i) {
            values[i] = few ? int256(column[i]) % 3 : int256(column[i]);
            if (i < 8 && zeros >> i & 1 != 0) continue;
            weights[i] = i + 1;
            sorted[count++] = values[i];
        }
        _sort(sorted, count);
        uint256 t = trim % ((count + 1) / 2);
        int256 sum;
        for (uint256 i = t; i < count - t; ++i) sum += sorted[i];
        int256 expected = Aggregation.roundHalfUp(sum, int256(count - 2 * t));
        (int256 lowest, int256 highest) = (sorted[t], sorted[count - 1 - t]);
        assert(Aggregation.trimmedMean(values, weights, t, lowest, highest) == expected);
        (int256 a, int256 b) = few ? (int256(low) % 3, int256(high) % 3) : (int256(low), int256(high));
        if (a == lowest && b == highest) return;
        try _HARNESS.trimmedMean(values, weights, t, a, b) {
            assert(false);
        } catch (bytes memory reason) {
            assert(keccak256(reason) == keccak256(abi.encodeWithSelector(Aggregation.AggregationWrongRanks.selector, a, b)));
        }
    }

    function _sort(int256[] memory list, uint256 count) private pure {
        for (uint256 i = 1; i < count; ++i) {
            for (uint256 j = i; j > 0 && list[j] < list[j - 1]; --j) (list[j], list[j - 1]) = (list[j - 1], list[j]);
        }
    }

    function test_medianTrim_evenAndOdd_leavesTheMiddle() external pure {
        assert(Aggregation.medianTrim(0) == 0);
        for (uint256 count = 1; count <= 256; ++count) assert(count - 2 * Aggregation.medianTrim(count) == (count % 2 == 1 ? 1 : 2));
    }
}
