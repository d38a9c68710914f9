// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ModelLanes} from "../../../contracts/libraries/ModelLanes.sol";
import {NormTrace} from "../../../contracts/libraries/NormTrace.sol";
import {SszSubtree} from "../../../contracts/libraries/SszSubtree.sol";
import {MockNormTrace} from "../../../contracts/test/disputes/MockNormTrace.sol";

/// @notice Sums, traces and subtrees against the slow way: lane by lane, byte by byte, node by node.
contract NormTraceTest {
    MockNormTrace private immutable _HARNESS = new MockNormTrace();

    // ------------------------------------------------------------------------------------------------ the slow way

    function _laneOf(bytes memory lanes, uint256 x) private pure returns (int256) {
        uint256 low = 2 * x < lanes.length ? uint8(lanes[2 * x]) : 0;
        uint256 high = 2 * x + 1 < lanes.length ? uint8(lanes[2 * x + 1]) : 0;
        return int256(int16(uint16(high << 8 | low)));
    }

    function _squares(bytes memory lanes, uint256 chunk) private pure returns (uint256 sum) {
        for (uint256 x = 16 * chunk; x < 16 * chunk + 16; ++x) {
            int256 q = _laneOf(lanes, x);
            sum += uint256(q * q);
        }
    }

    function _littleEndian(uint64 value) private pure returns (bytes memory packed) {
        for (uint256 i; i < 8; ++i) packed = bytes.concat(packed, bytes1(uint8(value >> 8 * i)));
    }

    function _wordAt(bytes memory packed, uint256 i) private pure returns (bytes32 word) {
        for (uint256 k; k < 32 && 32 * i + k < packed.length; ++k) word |= bytes32(packed[32 * i + k]) >> 8 * k;
    }

    /// @dev Root of `packed`, zero-padded to 2^height chunks.
    function _root(bytes memory packed, uint256 height) private pure returns (bytes32) {
        bytes32[] memory level = new bytes32[](1 << height);
        for (uint256 i; i < level.length; ++i) level[i] = _wordAt(packed, i);
        for (uint256 width = level.length / 2; width > 0; width /= 2) {
            for (uint256 i; i < width; ++i) level[i] = sha256(bytes.concat(level[2 * i], level[2 * i + 1]));
        }
        return level[0];
    }

    function _commit(bytes memory lanes, uint256 height, uint256 before) private pure returns (bytes32 update, bytes32 trace, uint256 sum) {
        bytes memory values;
        sum = before;
        for (uint256 j; j < 1 << height; ++j) {
            sum += _squares(lanes, j);
            values = bytes.concat(values, _littleEndian(uint64(sum)));
        }
        return (_root(lanes, height), _root(values, height - 2), sum);
    }

    /// @dev Random bytes, of which some of the first `2^height` chunks' are there.
    function _lanes(uint256 seed, uint256 height, uint256 length) private pure returns (bytes memory lanes) {
        lanes = new bytes(length % ((32 << height) + 1));
        for (uint256 i; i < lanes.length; ++i) lanes[i] = bytes1(uint8(uint256(keccak256(abi.encode(seed, i / 32))) >> 8 * (i % 32)));
    }

    // ------------------------------------------------------------------------------------------------ sums and values

    function testFuzz_sumOfSquares_sameAsLaneByLane_succeeds(bytes32 chunk) external pure {
        assert(NormTrace.sumOfSquares(chunk) == _squares(bytes.concat(chunk), 0));
    }

    function test_sumOfSquares_extremes_succeeds() external pure {
        // 0, −1, 1, −32768, 32767, −32767, −256, 255: alone at each place, and all over.
        bytes16 values = 0x0000ffff01000080ff7f018000ffff00;
        for (uint256 v; v < 8; ++v) {
            bytes2 value = bytes2(values << 16 * v);
            bytes memory all;
            for (uint256 x; x < 16; ++x) {
                bytes32 alone = bytes32(value) >> 16 * x;
                assert(NormTrace.sumOfSquares(alone) == _squares(bytes.concat(alone), 0));
                all = bytes.concat(all, value);
            }
            assert(NormTrace.sumOfSquares(bytes32(all)) == _squares(all, 0));
        }
        bytes32 least = 0x0080008000800080008000800080008000800080008000800080008000800080;
        assert(NormTrace.sumOfSquares(least) == 1 << 34);
    }

    function testFuzz_valueAt_sameAsByteByByte_succeeds(uint64 a, uint64 b, uint64 c, uint64 d, uint256 index) external pure {
        bytes32 chunk = bytes32(bytes.concat(_littleEndian(a), _littleEndian(b), _littleEndian(c), _littleEndian(d)));
        uint64[4] memory values = [a, b, c, d];
        assert(NormTrace.valueAt(chunk, index) == values[index % 4]);
    }

    // ------------------------------------------------------------------------------------------------ whole runs

    function testFuzz_commit_sameAsNodeByNode_succeeds(uint256 seed, uint8 height_, uint16 length, uint64 before, bytes32 dirt) external view {
        uint256 height = 2 + height_ % 5;
        before >>= 1; // or the sum behind it would not fit its lane
        bytes memory lanes = _lanes(seed, height, length);
        (bytes32 update, bytes32 trace, uint256 sum) = _commit(lanes, height, before);
        (bytes32 update_, bytes32 trace_, uint256 sum_) = _HARNESS.commit(lanes, height, before);
        assert(update_ == update && trace_ == trace && sum_ == sum);
        bool kept;
        (update_, trace_, sum_, kept) = _HARNESS.commitInDirtyMemory(lanes, height, before, dirt);
        assert(update_ == update && trace_ == trace && sum_ == sum && kept);
    }

    function test_commit_everyLengthOfASmallVector_succeeds() external view {
        for (uint256 length; length <= 256; ++length) {
            bytes memory lanes = _lanes(length, 3, length);
            (bytes32 update, bytes32 trace, uint256 sum) = _commit(lanes, 3, 5);
            (bytes32 update_, bytes32 trace_, uint256 sum_, bool kept) = _HARNESS.commitInDirtyMemory(lanes, 3, 5, bytes32(type(uint256).max));
            assert(update_ == update && trace_ == trace && sum_ == sum && kept);
        }
    }

    /// @dev Halves that follow one another are the whole.
    function testFuzz_commit_twoParts_areTheWhole_succeeds(uint256 seed, uint8 height_, uint16 length) external view {
        uint256 height = 2 + height_ % 4;
        bytes memory lanes = _lanes(seed, height + 1, length);
        (bytes memory first, bytes memory second) = _cut(lanes, 32 << height);
        (bytes32 update, bytes32 trace, uint256 sum) = _HARNESS.commit(first, height, 0);
        bytes32 next;
        bytes32 nextTrace;
        (next, nextTrace, sum) = _HARNESS.commit(second, height, sum);
        (update, trace) = (sha256(bytes.concat(update, next)), sha256(bytes.concat(trace, nextTrace)));
        _requireCommitted(lanes, height + 1, update, trace, sum);
    }

    function _cut(bytes memory lanes, uint256 length) private pure returns (bytes memory first, bytes memory second) {
        if (length > lanes.length) length = lanes.length;
        (first, second) = (new bytes(length), new bytes(lanes.length - length));
        for (uint256 i; i < lanes.length; ++i) {
            if (i < length) first[i] = lanes[i];
            else second[i - length] = lanes[i];
        }
    }

    function _requireCommitted(bytes memory lanes, uint256 height, bytes32 update, bytes32 trace, uint256 sum) private view {
        (bytes32 update_, bytes32 trace_, uint256 sum_) = _HARNESS.commit(lanes, height, 0);
        assert(update_ == update && trace_ == trace && sum_ == sum);
    }

    // ------------------------------------------------------------------------------------------------ the way up

    function testFuzz_climb_everyPosition_succeeds(uint256 seed, uint8 height_, uint16 index_) external view {
        uint256 height = height_ % 7;
        uint256 index = index_ % (1 << height);
        bytes memory leaves = _lanes(seed, height, 32 << height);
        bytes memory siblings;
        for (uint256 h; h < height; ++h) {
            uint256 beside = (index >> h) ^ 1;
            bytes memory subtree;
            for (uint256 i = beside << h; i < beside + 1 << h; ++i) subtree = bytes.concat(subtree, _wordAt(leaves, i));
            siblings = bytes.concat(siblings, _root(subtree, h));
        }
        assert(_HARNESS.climb(_wordAt(leaves, index), siblings, height, index) == _root(leaves, height));
    }

    function testFuzz_climb_anyOtherLength_reverts(bytes calldata siblings, uint8 levels) external view {
        if (siblings.length == 32 * uint256(levels)) return;
        try _HARNESS.climb(0, siblings, levels, 0) {
            assert(false);
        } catch (bytes memory reason) {
            assert(keccak256(reason) == keccak256(abi.encodeWithSelector(SszSubtree.SszSubtreeBadLength.selector, siblings.length, levels)));
        }
    }

    // ------------------------------------------------------------------------------------------------ the end of a model

    function testFuzz_lanesOf_anyOtherLength_reverts(uint8 before, uint8 dimensions, uint16 length) external view {
        bytes memory opening = new bytes(3 + uint256(length));
        (opening[1], opening[2]) = (bytes1(before), bytes1(dimensions));
        uint256 expected = 44 + 32 * uint256(before) + 4 * uint256(dimensions);
        if (opening.length == expected) return;
        try _HARNESS.lanesOf(opening) {
            assert(false);
        } catch (bytes memory reason) {
            assert(keccak256(reason) == keccak256(abi.encodeWithSelector(ModelLanes.ModelLanesBadLength.selector, opening.length, expected)));
        }
    }
}
