// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {MockRewardsTree} from "../../../contracts/test/value/MockRewardsTree.sol";
import {ValueTest} from "./ValueTest.sol";

contract RewardsTreeTest is ValueTest {
    MockRewardsTree private library_;

    function setUp() public {
        library_ = new MockRewardsTree();
    }

    function testFuzz_root_sameAsPlain_succeeds(bytes32 node, uint32 index, bytes32[] calldata proof, bytes32 dirt) public view {
        bytes32 plain = library_.plainRoot(node, index, proof);
        assertTrue(library_.root(node, index, proof) == plain, "clean memory");
        (bytes32 dirty, bool intact) = library_.dirtyRoot(node, index, proof, dirt);
        assertTrue(dirty == plain, "dirty memory");
        assertTrue(intact, "memory left as it was");
    }

    function testFuzz_root_everyDepth_succeeds(bytes32 node, uint32 index, bytes32 seed) public view {
        for (uint256 depth; depth <= 32; ++depth) {
            bytes32[] memory proof = new bytes32[](depth);
            for (uint256 i; i < depth; ++i) {
                proof[i] = keccak256(abi.encode(seed, i));
            }
            assertTrue(library_.root(node, index, proof) == library_.plainRoot(node, index, proof), "depth");
        }
    }

    function testFuzz_leaf_isAbiEncoding_succeeds(
        uint256 chainId,
        address vault,
        uint32 federation,
        uint32 index,
        address payee,
        uint256 cumulative,
        bytes32 dirt
    ) public view {
        bytes32 expected = keccak256(abi.encode(chainId, vault, federation, index, payee, cumulative));
        assertTrue(library_.leaf(chainId, vault, federation, index, payee, cumulative) == expected, "clean memory");
        bytes32 dirty = library_.dirtyLeaf(chainId, vault, federation, index, payee, cumulative, dirt);
        assertTrue(dirty == expected, "dirty memory");
    }

    function testFuzz_holds_onlyTheProvenPosition_succeeds(bytes32 node, uint32 index, uint32 other, bytes32[] calldata proof)
        public
        view
    {
        vm.assume(proof.length < 32);
        uint256 position = index % (1 << proof.length);
        bytes32 root = library_.root(node, position, proof);
        assertTrue(library_.holds(root, node, position, proof), "the position itself");
        if (other != position) assertTrue(!library_.holds(root, node, other, proof), "another position");
        assertTrue(!library_.holds(root, keccak256(abi.encode(node)), position, proof), "another leaf");
    }

    /// @dev Whoever finds a leaf or node equal to zero has broken keccak; what can be checked is that zero is not taken for one.
    function testFuzz_holds_zeroRoot_succeeds(bytes32 node, uint32 index, bytes32[] calldata proof) public view {
        vm.assume(node != 0);
        assertTrue(!library_.holds(bytes32(0), node, index, proof), "zero root");
    }
}
