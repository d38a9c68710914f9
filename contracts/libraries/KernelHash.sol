// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {FederationConfig, Contribution, Seal, Report, SettlementStatement} from "../types/Kernel.sol";

/// @title EIP-712 struct hashes of everything the kernel signs or pins
/// @dev All fields are static, so a struct in memory is its own EIP-712 `encodeData`: every field a word, in order. Only the type hash is to stand before it.
library KernelHash {
    bytes32 internal constant FEDERATION_CONFIG_TYPEHASH = keccak256(
        "FederationConfig(uint16 ruleId,uint64 ruleParam,uint16 scoringId,uint8 privacyMode,uint8 elementWidth,"
        "bool hasBase,uint8 depth,bytes32 modelSpecRoot,bytes32 termsHash,uint32 recordsPerWeight,uint16 maxSeats,"
        "uint16 minContributors,uint16 maxExcludedBps,uint48 rhoPerRound,uint64 normSqBound,uint32 forceWindow,"
        "uint32 reportWindow,uint32 challengeWindow,uint8 maxAttempts,uint16 settleEvery,uint96 poolPerRound,"
        "uint8 finality,uint32 approvalWindow)"
    );
    bytes32 internal constant CONTRIBUTION_TYPEHASH = keccak256(
        "Contribution(uint32 federation,uint32 round,bytes32 parentReportHash,uint32 seat,bytes32 updateRoot,"
        "uint48 rho,uint64 normSq,bytes32 normTraceRoot,bytes32 configHash)"
    );
    bytes32 internal constant SEAL_TYPEHASH = keccak256(
        "Seal(uint32 federation,uint32 round,uint8 attempt,bytes32 parentReportHash,bytes32 configHash,"
        "bytes32 seatsHash,bytes32 updateRootsHash,bytes32 normsHash,bytes32 normTracesHash,bytes32 signaturesHash)"
    );
    bytes32 internal constant REPORT_TYPEHASH = keccak256(
        "Report(uint32 federation,uint32 round,uint8 attempt,bytes32 sealHash,bytes32 modelRoot,bytes32 metricsHash,"
        "uint256 excluded,bytes32 artefact)"
    );
    bytes32 internal constant SETTLEMENT_STATEMENT_TYPEHASH = keccak256(
        "SettlementStatement(uint32 federation,uint32 index,uint8 attempt,uint32 firstRound,uint32 lastRound,"
        "bytes32 lastReportHash,bytes32 scoresHash,bytes32 entitlementsHash,bytes32 rewardsRoot,uint128 distributed,"
        "uint128 total,bytes32 artefact)"
    );

    function hash(FederationConfig memory config) internal pure returns (bytes32) {
        uint256 pointer;
        assembly ("memory-safe") {
            pointer := config
        }
        return _hash(FEDERATION_CONFIG_TYPEHASH, pointer, 23);
    }

    function hash(Contribution memory contribution) internal pure returns (bytes32) {
        uint256 pointer;
        assembly ("memory-safe") {
            pointer := contribution
        }
        return _hash(CONTRIBUTION_TYPEHASH, pointer, 9);
    }

    function hash(Seal memory seal) internal pure returns (bytes32) {
        uint256 pointer;
        assembly ("memory-safe") {
            pointer := seal
        }
        return _hash(SEAL_TYPEHASH, pointer, 10);
    }

    function hash(Report memory report) internal pure returns (bytes32) {
        uint256 pointer;
        assembly ("memory-safe") {
            pointer := report
        }
        return _hash(REPORT_TYPEHASH, pointer, 8);
    }

    function hash(SettlementStatement memory statement) internal pure returns (bytes32) {
        uint256 pointer;
        assembly ("memory-safe") {
            pointer := statement
        }
        return _hash(SETTLEMENT_STATEMENT_TYPEHASH, pointer, 12);
    }

    /// @dev keccak256(type hash ‖ the struct's words), without copying them. The compiler keeps every field in a struct clean.
    function _hash(bytes32 typehash, uint256 pointer, uint256 fields) private pure returns (bytes32 result) {
        assembly ("memory-safe") {
            let before := sub(pointer, 0x20) // the word before the struct is somebody else's
            let kept := mload(before)
            mstore(before, typehash)
            result := keccak256(before, shl(5, add(fields, 1)))
            mstore(before, kept) // and is theirs again
        }
    }

    /// @dev Binds the set that was signed to the weights that the contract gave it.
    function sealHash(bytes32 sealStructHash, bytes32 weightsHash) internal pure returns (bytes32) {
        return keccak256(abi.encode(sealStructHash, weightsHash));
    }
}
