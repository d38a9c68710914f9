// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {MockColumns} from "../../../contracts/test/rounds/MockColumns.sol";
import {Columns} from "../../../contracts/libraries/Columns.sol";

/// @notice The readers of packed columns against models that anyone can check by eye.
contract ColumnsTest {
    MockColumns private immutable _COLUMNS = new MockColumns();

    /// @dev Few different roots, so that equal ones are common.
    function _roots(uint256 seed, uint256 n, uint256 kinds) private pure returns (bytes32[] memory roots) {
        roots = new bytes32[](n);
        for (uint256 i; i < n; ++i) {
            uint256 kind = uint256(keccak256(abi.encode(seed, i))) % kinds;
            // Roots that differ in their last byte only, and roots that differ in every one.
            roots[i] = seed & 1 == 0 ? bytes32(kind) : keccak256(abi.encode(seed, kind));
        }
    }

    /// @dev Indices sorted by (root, index): insertion sort.
    function _order(bytes32[] memory roots) private pure returns (bytes memory order) {
        uint256 n = roots.length;
        uint256[] memory sorted = new uint256[](n);
        for (uint256 i; i < n; ++i) {
            uint256 k = i;
            for (; k > 0 && roots[sorted[k - 1]] > roots[i]; --k) sorted[k] = sorted[k - 1];
            sorted[k] = i;
        }
        order = new bytes(n);
        for (uint256 i; i < n; ++i) order[i] = bytes1(uint8(sorted[i]));
    }

    /// @dev Compares every pair.
    function _equal(bytes32[] memory roots) private pure returns (uint256 equal) {
        for (uint256 i; i < roots.length; ++i) {
            for (uint256 j; j < roots.length; ++j) {
                if (i != j && roots[i] == roots[j]) equal |= 1 << i;
            }
        }
    }

    function testFuzz_equalRoots_sameAsEveryPair_succeeds(uint256 seed, uint8 size, uint8 kinds) external view {
        bytes32[] memory roots = _roots(seed, uint256(size) % 40, uint256(kinds) % 50 + 1);
        uint256 found = _COLUMNS.equalRoots(abi.encodePacked(roots), _order(roots), roots.length);
        assert(found == _equal(roots));
    }

    function test_equalRoots_256AllEqualOrAllDifferent_succeeds() external view {
        bytes32[] memory roots = new bytes32[](256);
        assert(_COLUMNS.equalRoots(abi.encodePacked(roots), _order(roots), 256) == type(uint256).max);
        for (uint256 i; i < 256; ++i) roots[i] = bytes32(i * 7 % 256);
        assert(_COLUMNS.equalRoots(abi.encodePacked(roots), _order(roots), 256) == 0);
    }

    /// @dev Whatever the order bytes are: either they are the one right order, or they are refused. So no pair can be hidden.
    function testFuzz_equalRoots_anyOtherOrder_reverts(uint256 seed, uint8 size, bytes32 noise, uint8 place, uint8 value) external view {
        uint256 n = uint256(size) % 32 + 1;
        bytes32[] memory roots = _roots(seed, n, 3);
        bytes memory right = _order(roots);
        bytes memory order = abi.encodePacked(right);
        if (uint256(noise) % 3 == 0) {
            for (uint256 i; i < n; ++i) order[i] = noise[i];
        } else if (uint256(noise) % 3 == 1) {
            order[place % n] = bytes1(value);
        } else {
            (order[place % n], order[value % n]) = (order[value % n], order[place % n]);
        }
        bool same = keccak256(order) == keccak256(right);
        try _COLUMNS.equalRoots(abi.encodePacked(roots), order, n) returns (uint256 found) {
            assert(same && found == _equal(roots));
        } catch (bytes memory reason) {
            assert(!same && bytes4(reason) == Columns.ColumnsBadRootOrder.selector);
        }
    }

    function testFuzz_indexOf_sameAsScan_succeeds(uint32[] memory steps, uint32 wanted, uint8 hit) external view {
        uint256 n = steps.length % 64;
        bytes memory column;
        uint32[] memory ids = new uint32[](n);
        uint256 last;
        for (uint256 i; i < n; ++i) {
            last += 1 + steps[i] % 1_000;
            ids[i] = uint32(last);
            column = abi.encodePacked(column, uint32(last));
        }
        if (n != 0 && hit & 1 == 0) wanted = ids[hit % n];
        uint256 expected = n;
        for (uint256 i; i < n; ++i) if (ids[i] == wanted) expected = i;
        assert(_COLUMNS.indexOf(column, n, wanted) == expected);
    }

    function testFuzz_readers_sameAsSlices_succeeds(uint32[4] memory ids, bytes32[4] memory roots, uint8 place) external view {
        uint256 i = place % 4;
        assert(_COLUMNS.seatAt(abi.encodePacked(ids[0], ids[1], ids[2], ids[3]), i) == ids[i]);
        assert(_COLUMNS.rootAt(abi.encodePacked(roots), i) == roots[i]);
    }

    function testFuzz_count_sameAsShifting_succeeds(uint256 word) external view {
        uint256 bits;
        for (uint256 i; i < 256; ++i) bits += word >> i & 1;
        assert(_COLUMNS.count(word) == bits);
    }
}
