// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {MessageHashUtils} from "@openzeppelin/contracts/utils/cryptography/MessageHashUtils.sol";
import {IContributors} from "../interfaces/IContributors.sol";
import {IDatasets} from "../interfaces/IDatasets.sol";
import {FaultContext, IFaultVerifier} from "../interfaces/IDisputes.sol";
import {IRounds} from "../interfaces/IRounds.sol";
import {ISeats} from "../interfaces/ISeats.sol";
import {ISignatureVerifier} from "../interfaces/ISignatureVerifier.sol";
import {Columns} from "../libraries/Columns.sol";
import {KernelHash} from "../libraries/KernelHash.sol";
import {PackedBytes} from "../libraries/PackedBytes.sol";
import {Header, RoundHeader} from "../libraries/RoundHeader.sol";
import {Contribution, Report} from "../types/Kernel.sol";

/// @title SignatureVerifier
/// @dev See `ISignatureVerifier`.
contract SignatureVerifier is ISignatureVerifier {
    using Columns for bytes;
    using KernelHash for Contribution;
    using PackedBytes for bytes;

    bytes32 private constant DOMAIN_TYPEHASH = keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)");
    bytes32 private constant NAME_HASH = keccak256("Chongwen");
    bytes32 private constant VERSION_HASH = keccak256("1");
    /// @dev Bytes an item: a norm, the root of a norm trace, a signature.
    uint256 private constant NORM = 8;
    uint256 private constant TRACE = 32;
    uint256 private constant SIGNATURE = 64;

    IRounds public immutable ROUNDS;
    ISeats public immutable SEATS;
    IContributors public immutable CONTRIBUTORS;
    IDatasets public immutable DATASETS;
    uint256 private immutable _FIRST_CHAIN_ID = block.chainid;

    constructor(IRounds rounds, ISeats seats, IContributors contributors, IDatasets datasets) {
        ROUNDS = rounds;
        SEATS = seats;
        CONTRIBUTORS = contributors;
        DATASETS = datasets;
    }

    /// @inheritdoc IFaultVerifier
    function verify(FaultContext calldata context, bytes calldata proof) external view returns (IRounds.FaultKind kind, Report memory report) {
        Header memory h = RoundHeader.read(context, proof);
        uint256 offset = RoundHeader.LENGTH + 32;
        h.weightsHash = proof.wordAt(RoundHeader.LENGTH);
        if (context.state.state == IRounds.State.Reported) {
            h.report.modelRoot = proof.wordAt(offset);
            offset += 32;
        }
        uint256 n = context.state.entries;
        uint256 entry = proof.uintAt(offset, 1);
        if (proof.length < offset + 1 + 36 * n) revert SignatureVerifierBadLength(proof.length, offset + 1 + 36 * n);
        if (entry >= n) revert SignatureVerifierBadEntry(entry, n);
        if (_isWhole(h, context, proof[offset + 1:], n, entry)) revert SignatureVerifierNoFault(entry);
        return (IRounds.FaultKind.Seal, h.report);
    }

    /// @dev Whether the columns are the sealed ones (else it reverts), each has an item an entry, and this entry is signed.
    function _isWhole(Header memory h, FaultContext calldata context, bytes calldata columns, uint256 n, uint256 entry) private view returns (bool whole) {
        Contribution memory c;
        c.seat = columns.seatAt(entry);
        c.updateRoot = columns.wordAt(4 * n + 32 * entry);
        _requireColumn("seats", h.seal.seatsHash, columns[:4 * n]);
        h.seal.updateRootsHash = keccak256(columns[4 * n:36 * n]);
        // Where a column is too short, what is read of it is not used.
        (bytes calldata column, bytes calldata rest) = _shift(columns[36 * n:]);
        _requireColumn("norms", h.seal.normsHash, column);
        whole = column.length == NORM * n;
        c.normSq = uint64(column.uintAt(NORM * entry, NORM));
        (column, rest) = _shift(rest);
        _requireColumn("normTraces", h.seal.normTracesHash, column);
        whole = whole && column.length == TRACE * n;
        c.normTraceRoot = column.wordAt(TRACE * entry);
        (column, rest) = _shift(rest);
        _requireColumn("signatures", h.seal.signaturesHash, column);
        whole = whole && column.length == SIGNATURE * n;
        if (rest.length != 0) revert SignatureVerifierBadLength(columns.length, columns.length - rest.length);
        h.requireHeld(context);

        c.federation = context.federation;
        c.round = context.round;
        c.parentReportHash = context.parentHash;
        c.configHash = h.seal.configHash;
        return whole && _isSigned(c, h.config.rhoPerRound, context.state.parentRound, column, SIGNATURE * entry);
    }

    /// @param c All but what it costs in privacy, which the seat's data decides.
    function _isSigned(Contribution memory c, uint48 rhoPerRound, uint32 parentRound, bytes calldata signatures, uint256 offset) private view returns (bool) {
        if (c.seat >= SEATS.seatCount(c.federation)) return false;
        ISeats.Seat memory seat = SEATS.seatOf(c.federation, c.seat);
        // A support seat has no dataset to ask. Its entry has no weight, but one that it did not sign is a fault like any other.
        c.rho = seat.dataset != 0 && DATASETS.termsOf(seat.dataset).exempt ? 0 : rhoPerRound;
        (bytes32 structHash, bytes calldata signature) = (c.hash(), signatures[offset:]);
        uint256 parentDeadline = ROUNDS.roundOf(c.federation, parentRound).deadline;
        return _isKeyOf(seat.contributor, _recover(structHash, block.chainid, signature), parentDeadline)
            || _isKeyOf(seat.contributor, _recover(structHash, _FIRST_CHAIN_ID, signature), parentDeadline);
    }

    /// @param parentDeadline At most `rotationDelay` after the parent was reported, which is when the round opened.
    function _isKeyOf(uint32 contributor, address key, uint256 parentDeadline) private view returns (bool) {
        (uint32 owner, bool used, uint48 retiredAt) = CONTRIBUTORS.keyRecordOf(key);
        // Contributors count from 1: nobody's key, the zero address included, has contributor 0.
        return owner == contributor && used && (retiredAt == 0 || retiredAt + CONTRIBUTORS.rotationDelay() >= parentDeadline);
    }

    /// @return signer Zero when nobody can have made the signature, and for the other form of one (high s).
    function _recover(bytes32 structHash, uint256 chainId, bytes calldata signature) private view returns (address signer) {
        bytes32 domain = keccak256(abi.encode(DOMAIN_TYPEHASH, NAME_HASH, VERSION_HASH, chainId, ROUNDS));
        (signer,,) = ECDSA.tryRecover(MessageHashUtils.toTypedDataHash(domain, structHash), signature.wordAt(0), signature.wordAt(32));
    }

    function _requireColumn(string memory name, bytes32 sealed_, bytes calldata column) private pure {
        if (keccak256(column) != sealed_) revert SignatureVerifierWrongColumn(name);
    }

    /// @dev A column with its length in front, and what follows it.
    function _shift(bytes calldata packed) private pure returns (bytes calldata column, bytes calldata rest) {
        uint256 end = 4 + packed.uintAt(0, 4);
        if (packed.length < end) revert SignatureVerifierBadLength(packed.length, end);
        return (packed[4:end], packed[end:]);
    }
}
