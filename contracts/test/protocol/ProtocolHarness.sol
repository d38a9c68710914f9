// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {MessageHashUtils} from "@openzeppelin/contracts/utils/cryptography/MessageHashUtils.sol";
import {Columns} from "../../libraries/Columns.sol";
import {KernelHash} from "../../libraries/KernelHash.sol";
import {RewardsTree} from "../../libraries/RewardsTree.sol";
import {SszOpening} from "../../libraries/SszOpening.sol";
import {Contribution, FederationConfig, Report, Seal, SettlementStatement} from "../../types/Kernel.sol";

/// @dev Exposes the libraries that share formats with `protocol/`, for the vectors.
contract ProtocolHarness {
    using KernelHash for *;

    bytes32 private constant DOMAIN_TYPEHASH =
        keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)");

    function hashFederationConfig(FederationConfig calldata value) external pure returns (bytes32) {
        return value.hash();
    }

    function hashContribution(Contribution calldata value) external pure returns (bytes32) {
        return value.hash();
    }

    function hashSeal(Seal calldata value) external pure returns (bytes32) {
        return value.hash();
    }

    function hashReport(Report calldata value) external pure returns (bytes32) {
        return value.hash();
    }

    function hashSettlementStatement(SettlementStatement calldata value) external pure returns (bytes32) {
        return value.hash();
    }

    function sealHash(bytes32 structHash, bytes32 weightsHash) external pure returns (bytes32) {
        return KernelHash.sealHash(structHash, weightsHash);
    }

    function digest(uint256 chainId, address verifyingContract, bytes32 structHash) external pure returns (bytes32) {
        bytes32 separator = keccak256(abi.encode(DOMAIN_TYPEHASH, keccak256("Chongwen"), keccak256("1"), chainId, verifyingContract));
        return MessageHashUtils.toTypedDataHash(separator, structHash);
    }

    /// @param compact 64 bytes, EIP-2098.
    function recover(bytes32 hash, bytes32[2] calldata compact) external pure returns (address) {
        return ECDSA.recover(hash, compact[0], compact[1]);
    }

    function seatAt(bytes calldata seats, uint256 i) external pure returns (uint32) {
        return Columns.seatAt(seats, i);
    }

    function rootAt(bytes calldata roots, uint256 i) external pure returns (bytes32) {
        return Columns.rootAt(roots, i);
    }

    function weightAt(bytes calldata weights, uint256 i) external pure returns (uint256) {
        return Columns.weightAt(weights, i);
    }

    function equalRoots(bytes calldata roots, bytes calldata order, uint256 n) external pure returns (uint256) {
        return Columns.equalRoots(roots, order, n);
    }

    function rewardsLeaf(uint256 chainId, address vault, uint32 federation, uint32 index, address payee, uint256 cumulative)
        external
        pure
        returns (bytes32)
    {
        return RewardsTree.leaf(chainId, vault, federation, index, payee, cumulative);
    }

    function rewardsHolds(bytes32 expected, bytes32 leaf, uint256 index, bytes32[] calldata proof) external pure returns (bool) {
        return RewardsTree.holds(expected, leaf, index, proof);
    }

    function openingRoot(bytes calldata opening, uint256 depth, uint256 index) external view returns (bytes32) {
        return SszOpening.root(opening, depth, index);
    }

    /// @dev As `openingRoot`, with every word that the library may touch dirty, and a check that it touched no other.
    function openingRootInDirtyMemory(bytes calldata opening, uint256 depth, uint256 index) external view returns (bytes32 result, bool kept) {
        bytes32 free;
        assembly ("memory-safe") {
            mstore(0x00, not(0))
            mstore(0x20, not(0))
            free := mload(0x40)
            for { let i := 0 } lt(i, 0x200) { i := add(i, 0x20) } { mstore(add(free, i), not(0)) }
        }
        result = SszOpening.root(opening, depth, index);
        assembly ("memory-safe") {
            kept := and(eq(mload(0x40), free), iszero(mload(0x60)))
            for { let i := 0 } lt(i, 0x200) { i := add(i, 0x20) } { kept := and(kept, iszero(not(mload(add(free, i))))) }
        }
    }

    /// @dev Whether the library succeeds with this much gas, and with what.
    function openingRootWithGas(uint256 gasLimit, bytes calldata opening, uint256 depth, uint256 index) external view returns (bool ok, bytes32 result) {
        try this.openingRoot{gas: gasLimit}(opening, depth, index) returns (bytes32 found) {
            (ok, result) = (true, found);
        } catch {}
    }

    function openingGas(bytes calldata opening, uint256 depth, uint256 index) external view returns (uint256 used) {
        used = gasleft();
        SszOpening.root(opening, depth, index);
        used -= gasleft();
    }
}
