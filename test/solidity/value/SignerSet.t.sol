// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IOperators} from "../../../contracts/interfaces/IOperators.sol";
import {MockSignerSet} from "../../../contracts/test/value/MockSignerSet.sol";
import {ValueTest} from "./ValueTest.sol";

contract SignerSetTest is ValueTest {
    uint256 private constant SIZE = 9;
    MockSignerSet private library_;
    address private pointer;
    uint256[] private keys;

    function setUp() public {
        library_ = new MockSignerSet();
        for (uint256 i; i < SIZE; ++i) {
            keys.push(uint256(keccak256(abi.encode("signer", i))) >> 8);
        }
        // Ascending by address, as an epoch is.
        for (uint256 i; i < SIZE; ++i) {
            for (uint256 j = i + 1; j < SIZE; ++j) {
                if (vm.addr(keys[j]) < vm.addr(keys[i])) (keys[i], keys[j]) = (keys[j], keys[i]);
            }
        }
        address[] memory signers = new address[](SIZE);
        for (uint256 i; i < SIZE; ++i) {
            signers[i] = vm.addr(keys[i]);
        }
        pointer = library_.write(signers);
    }

    function testFuzz_write_readsBack_succeeds(address[] memory signers) public {
        if (signers.length > 32) {
            assembly {
                mstore(signers, 32)
            }
        }
        address written = library_.write(signers);
        address[] memory back = library_.read(written);
        assertTrue(keccak256(abi.encode(back)) == keccak256(abi.encode(signers)), "as written");
        assertEq(written.code.length, 1 + 20 * signers.length, "length");
        assertTrue(written.code[0] == 0, "cannot be called");
    }

    function testFuzz_requireQuorum_anySubset_succeeds(bytes32 digest, uint16 choice, uint8 threshold, bytes32 dirt)
        public
        view
    {
        uint32 bitmap = uint32(choice) % uint32(1 << SIZE);
        threshold = uint8(bound(threshold, 1, SIZE));
        (bytes memory signatures, uint256 count) = _sign(digest, bitmap);
        IOperators.Quorum memory quorum = IOperators.Quorum(bitmap, signatures);
        bool enough = count >= threshold;
        assertTrue(_accepts(threshold, digest, quorum) == enough, "clean memory");
        try library_.dirtyRequireQuorum(pointer, SIZE, threshold, digest, quorum, dirt) {
            assertTrue(enough, "dirty memory accepts");
        } catch {
            assertTrue(!enough, "dirty memory refuses");
        }
    }

    function testFuzz_requireQuorum_anyFlippedBit_reverts(bytes32 digest, uint16 choice, uint16 bit) public view {
        uint32 bitmap = uint32(choice) % uint32(1 << SIZE);
        vm.assume(bitmap != 0);
        (bytes memory signatures,) = _sign(digest, bitmap);
        uint256 position = bit % (signatures.length * 8);
        signatures[position / 8] ^= bytes1(uint8(1 << (position % 8)));
        assertTrue(!_accepts(1, digest, IOperators.Quorum(bitmap, signatures)), "a flipped bit was accepted");
    }

    function testFuzz_requireQuorum_otherDigestOrBitmap_reverts(bytes32 digest, bytes32 other, uint16 choice, uint32 bits)
        public
        view
    {
        uint32 bitmap = uint32(choice) % uint32(1 << SIZE);
        vm.assume(bitmap != 0 && other != digest && bits != bitmap && bits != 0);
        (bytes memory signatures,) = _sign(digest, bitmap);
        assertTrue(!_accepts(1, other, IOperators.Quorum(bitmap, signatures)), "another digest");
        assertTrue(!_accepts(1, digest, IOperators.Quorum(bits, signatures)), "another bitmap");
    }

    /// @dev The nonce 1 makes r the generator's x (its y is even), so that any s signs the digest s − r·key. Of the upper half, (order / 2, 2^255) fits.
    function testFuzz_requireQuorum_anyS_lowAcceptedHighRefused_succeeds(uint256 s, uint8 who, bool high) public view {
        uint256 order = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141;
        uint256 r = 0x79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798;
        uint256 key = keys[who % SIZE];
        s = high ? bound(s, order / 2 + 1, (1 << 255) - 1) : bound(s, 1, order / 2);
        bytes32 digest = bytes32(addmod(s, order - mulmod(r, key, order), order));
        assertTrue(ecrecover(digest, 27, bytes32(r), bytes32(s)) == vm.addr(key), "the precompile takes both");
        IOperators.Quorum memory quorum = IOperators.Quorum(uint32(1) << (who % SIZE), abi.encodePacked(r, s));
        assertTrue(_accepts(1, digest, quorum) == !high, "only the lower half");
    }

    /// @dev A signature from which nothing is recovered leaves the answer's word alone; what lay there must not pass for a signer.
    function testFuzz_requireQuorum_nothingRecovered_reverts(bytes32 digest, uint8 who, uint256 s) public view {
        s = bound(s, 0, (1 << 255) - 1);
        bytes32 dirt = bytes32(uint256(uint160(vm.addr(keys[who % SIZE]))));
        IOperators.Quorum memory quorum = IOperators.Quorum(uint32(1) << (who % SIZE), abi.encodePacked(uint256(0), s));
        try library_.dirtyRequireQuorum(pointer, SIZE, 1, digest, quorum, dirt) {
            assertTrue(false, "dirt passed for a signer");
        } catch {}
    }

    function testFuzz_requireQuorum_noise_reverts(bytes32 digest, uint32 bitmap, bytes calldata noise) public view {
        vm.assume(bitmap != 0);
        assertTrue(!_accepts(1, digest, IOperators.Quorum(bitmap, noise)), "noise was accepted");
    }

    function _accepts(uint256 threshold, bytes32 digest, IOperators.Quorum memory quorum) private view returns (bool) {
        try library_.requireQuorum(pointer, SIZE, threshold, digest, quorum) {
            return true;
        } catch {
            return false;
        }
    }

    function _sign(bytes32 digest, uint32 bitmap) private view returns (bytes memory signatures, uint256 count) {
        for (uint256 i; i < SIZE; ++i) {
            if ((bitmap >> i) & 1 == 1) {
                signatures = bytes.concat(signatures, compact(keys[i], digest));
                ++count;
            }
        }
    }
}
