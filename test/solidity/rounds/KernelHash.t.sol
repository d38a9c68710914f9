// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {KernelHash} from "../../../contracts/libraries/KernelHash.sol";
import {Contribution, FederationConfig, Report, Seal, SettlementStatement} from "../../../contracts/types/Kernel.sol";

/// @notice Hashing in place is `keccak256(abi.encode(typehash, struct))`, and leaves memory as it was.
contract KernelHashTest {
    using KernelHash for *;

    function testFuzz_hash_federationConfig_succeeds(bytes memory before, FederationConfig memory s, bytes memory behind) external pure {
        bytes32 around = keccak256(abi.encode(before, s, behind));
        assert(s.hash() == keccak256(abi.encode(KernelHash.FEDERATION_CONFIG_TYPEHASH, s)));
        assert(keccak256(abi.encode(before, s, behind)) == around);
    }

    function testFuzz_hash_contribution_succeeds(bytes memory before, Contribution memory s, bytes memory behind) external pure {
        bytes32 around = keccak256(abi.encode(before, s, behind));
        assert(s.hash() == keccak256(abi.encode(KernelHash.CONTRIBUTION_TYPEHASH, s)));
        assert(keccak256(abi.encode(before, s, behind)) == around);
    }

    function testFuzz_hash_seal_succeeds(bytes memory before, Seal memory s, bytes memory behind) external pure {
        bytes32 around = keccak256(abi.encode(before, s, behind));
        assert(s.hash() == keccak256(abi.encode(KernelHash.SEAL_TYPEHASH, s)));
        assert(keccak256(abi.encode(before, s, behind)) == around);
    }

    function testFuzz_hash_report_succeeds(bytes memory before, Report memory s, bytes memory behind) external pure {
        bytes32 around = keccak256(abi.encode(before, s, behind));
        assert(s.hash() == keccak256(abi.encode(KernelHash.REPORT_TYPEHASH, s)));
        assert(keccak256(abi.encode(before, s, behind)) == around);
    }

    function testFuzz_hash_settlementStatement_succeeds(bytes memory before, SettlementStatement memory s, bytes memory behind) external pure {
        bytes32 around = keccak256(abi.encode(before, s, behind));
        assert(s.hash() == keccak256(abi.encode(KernelHash.SETTLEMENT_STATEMENT_TYPEHASH, s)));
        assert(keccak256(abi.encode(before, s, behind)) == around);
    }

    /// @dev Values written by narrowing casts of dirty words: the hash sees the field, not what was beside it.
    function testFuzz_hash_dirtyWords_succeeds(uint256 word) external pure {
        Report memory s;
        assembly ("memory-safe") {
            s := mload(0x40)
            mstore(0x40, add(s, 0x100))
            for { let i := 0 } lt(i, 8) { i := add(i, 1) } { mstore(add(s, shl(5, i)), word) }
        }
        (s.federation, s.round, s.attempt) = (uint32(word), uint32(word >> 1), uint8(word >> 2));
        assert(s.hash() == keccak256(abi.encode(KernelHash.REPORT_TYPEHASH, s)));
    }

    function testFuzz_sealHash_isOfBoth_succeeds(bytes32 a, bytes32 b) external pure {
        assert(KernelHash.sealHash(a, b) == keccak256(bytes.concat(a, b)));
    }
}
