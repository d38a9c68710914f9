// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {SszRange} from "../../../contracts/libraries/SszRange.sol";
import {SszOpening} from "../../../contracts/libraries/SszOpening.sol";
import {SszRangeHarness} from "../../../contracts/test/protocol/SszRangeHarness.sol";

/// @notice The opening of a run against a tree of which every node is computed and kept.
contract SszRangeTest {
    SszRangeHarness private immutable _RANGE = new SszRangeHarness();

    /// @dev All nodes by generalised index: 1 is the root, 2^depth the first chunk.
    function _tree(uint256 seed, uint256 depth) private pure returns (bytes32[] memory nodes) {
        uint256 width = 1 << depth;
        nodes = new bytes32[](2 * width);
        for (uint256 i; i < width; ++i) nodes[width + i] = keccak256(abi.encode(seed, i));
        for (uint256 i = width - 1; i > 0; --i) nodes[i] = sha256(abi.encodePacked(nodes[2 * i], nodes[2 * i + 1]));
    }

    /// @dev As the documentation words it: the run, then at each level the neighbours that it lacks to be made of whole pairs.
    function _opening(bytes32[] memory nodes, uint256 depth, uint256 first, uint256 count) private pure returns (bytes memory opening) {
        uint256 low = (1 << depth) + first;
        uint256 high = low + count - 1;
        for (uint256 i = low; i <= high; ++i) opening = abi.encodePacked(opening, nodes[i]);
        for (; low > 1; (low, high) = (low / 2, high / 2)) {
            if (low % 2 == 1) opening = abi.encodePacked(opening, nodes[low - 1]);
            if (high % 2 == 0) opening = abi.encodePacked(opening, nodes[high + 1]);
        }
    }

    function _run(uint256 depth, uint256 a, uint256 b) private pure returns (uint256 first, uint256 count) {
        (a, b) = (a % (1 << depth), b % (1 << depth));
        (first, count) = a < b ? (a, b - a + 1) : (b, a - b + 1);
    }

    /// @dev An opening of some run of some tree, and the tree's root.
    function _case(uint256 seed, uint8 height, uint16 a, uint16 b)
        private
        pure
        returns (bytes memory opening, uint256 depth, uint256 first, uint256 count, bytes32 root)
    {
        depth = height % 9;
        (first, count) = _run(depth, a, b);
        bytes32[] memory nodes = _tree(seed, depth);
        (opening, root) = (_opening(nodes, depth, first, count), nodes[1]);
    }

    function _expectBadLength(bytes memory opening, uint256 depth, uint256 first, uint256 count) private view {
        try _RANGE.root(opening, depth, first, count) {
            assert(false);
        } catch (bytes memory reason) {
            assert(keccak256(reason) == keccak256(abi.encodeWithSelector(SszRange.SszRangeBadLength.selector, opening.length, depth, first, count)));
        }
    }

    function _expectBadIndex(bytes memory opening, uint256 depth, uint256 first, uint256 count) private view {
        try _RANGE.root(opening, depth, first, count) {
            assert(false);
        } catch (bytes memory reason) {
            assert(keccak256(reason) == keccak256(abi.encodeWithSelector(SszRange.SszRangeBadIndex.selector, first, count, depth)));
        }
    }

    function testFuzz_root_sameAsWholeTree_succeeds(uint256 seed, uint8 height, uint16 a, uint16 b, bytes32 dirt) external view {
        (bytes memory opening, uint256 depth, uint256 first, uint256 count, bytes32 root) = _case(seed, height, a, b);
        assert(_RANGE.root(opening, depth, first, count) == root);
        (bytes32 dirty, bool kept) = _RANGE.rootInDirtyMemory(opening, depth, first, count, dirt);
        assert(dirty == root && kept);
    }

    function test_root_everyRunOfATree_succeeds() external view {
        bytes32[] memory nodes = _tree(7, 4);
        for (uint256 first; first < 16; ++first) {
            for (uint256 count = 1; count <= 16 - first; ++count) {
                assert(_RANGE.root(_opening(nodes, 4, first, count), 4, first, count) == nodes[1]);
            }
        }
    }

    function testFuzz_root_oneChunk_sameAsSszOpening_succeeds(bytes32[] calldata words, uint256 index) external view {
        if (words.length == 0) return;
        uint256 depth = words.length - 1;
        if (depth < 256) index &= (1 << depth) - 1;
        bytes memory opening = abi.encodePacked(words);
        assert(_RANGE.root(opening, depth, index, 1) == this.openingRoot(opening, depth, index));
    }

    function openingRoot(bytes calldata opening, uint256 depth, uint256 index) external view returns (bytes32) {
        return SszOpening.root(opening, depth, index);
    }

    function testFuzz_root_anyChangedBit_differs(uint256 seed, uint8 height, uint16 a, uint16 b, uint256 bit) external view {
        (bytes memory opening, uint256 depth, uint256 first, uint256 count, bytes32 root) = _case(seed, height, a, b);
        bit %= 8 * opening.length;
        opening[bit / 8] ^= bytes1(uint8(1 << (bit % 8)));
        assert(_RANGE.root(opening, depth, first, count) != root);
    }

    /// @dev Read as another run, an opening is refused by its length, implies another root, or shows what does stand there: chunk 0 with chunk 1 as its
    /// sibling is also the opening of both. So nothing false is ever shown.
    function testFuzz_root_readAsAnotherRun_neverShowsWhatIsNotThere(uint256 seed, uint8 height, uint16 a, uint16 b, uint16 c, uint16 d) external view {
        (bytes memory opening, uint256 depth, uint256 first, uint256 count, bytes32 root) = _case(seed, height, a, b);
        (uint256 otherFirst, uint256 otherCount) = _run(depth, c, d);
        // Half of the time the same number of chunks, shifted.
        if (c % 2 == 0 && otherFirst + count <= 1 << depth) otherCount = count;
        if (otherFirst == first && otherCount == count) return;
        try _RANGE.root(opening, depth, otherFirst, otherCount) returns (bytes32 found) {
            if (found != root) return;
            bytes32[] memory nodes = _tree(seed, depth);
            for (uint256 i; i < otherCount; ++i) assert(_wordAt(opening, i) == nodes[(1 << depth) + otherFirst + i]);
        } catch (bytes memory reason) {
            assert(bytes4(reason) == SszRange.SszRangeBadLength.selector);
        }
    }

    function _wordAt(bytes memory packed, uint256 i) private pure returns (bytes32 word) {
        assembly ("memory-safe") {
            word := mload(add(add(packed, 0x20), shl(5, i)))
        }
    }

    function testFuzz_root_anyOtherLength_reverts(uint256 seed, uint8 height, uint16 a, uint16 b, uint8 more, uint16 fewer) external view {
        (bytes memory opening, uint256 depth, uint256 first, uint256 count,) = _case(seed, height, a, b);
        if (more != 0) _expectBadLength(abi.encodePacked(opening, new bytes(more)), depth, first, count);
        uint256 length = fewer % opening.length;
        bytes memory cut = new bytes(length);
        for (uint256 i; i < length; ++i) cut[i] = opening[i];
        _expectBadLength(cut, depth, first, count);
    }

    function testFuzz_root_anyOtherDepth_reverts(uint256 seed, uint8 height, uint16 a, uint16 b, uint256 depth) external view {
        (bytes memory opening, uint256 right, uint256 first, uint256 count,) = _case(seed, height, a, b);
        if (depth == right) return;
        if (depth > 255 || first + count - 1 >> depth != 0) _expectBadIndex(opening, depth, first, count);
        else _expectBadLength(opening, depth, first, count);
    }

    function testFuzz_root_beyondTheTree_reverts(uint256 seed, uint8 height, uint16 a, uint16 b, uint256 first, uint256 count) external view {
        (bytes memory opening, uint256 depth,,,) = _case(seed, height, a, b);
        _expectBadIndex(opening, depth, first, 0);
        unchecked {
            if (count == 0 || first <= type(uint256).max - count && first + count <= 1 << depth) return;
            _expectBadIndex(opening, depth, first, count);
            _expectBadIndex(opening, depth, first % (1 << depth), (1 << depth) - first % (1 << depth) + 1);
        }
    }

    function test_root_hugeNumbers_reverts() external view {
        uint256 most = type(uint256).max;
        for (uint256 words; words < 4; ++words) {
            bytes memory opening = new bytes(32 * words);
            for (uint256 depth = 256; depth < 600; ++depth) {
                _expectBadIndex(opening, depth, 0, 0);
                _expectBadIndex(opening, depth, 0, 1);
                _expectBadIndex(opening, depth, 1, most);
                _expectBadIndex(opening, most - depth, 0, 1);
                _expectBadIndex(opening, most - depth, (1 << 255) - 1, 2);
            }
            // The last tree that is one: its runs may be as long as they like, their openings are not.
            _expectBadLength(opening, 255, 0, 1);
            _expectBadLength(opening, 255, 0, 1 << 255);
            _expectBadLength(opening, 255, 1, (1 << 255) - 1);
            _expectBadLength(opening, 255, (1 << 254) - 1, 2);
            _expectBadIndex(opening, 255, 1, 1 << 255);
            _expectBadIndex(opening, 255, 1 << 254, most - (1 << 253));
        }
    }
}
