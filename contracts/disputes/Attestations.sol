// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Ownable} from "@openzeppelin/contracts/access/Ownable.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {IAttestations} from "../interfaces/IAttestations.sol";
import {ILoneReports} from "../interfaces/ILoneReports.sol";
import {IOperators} from "../interfaces/IOperators.sol";
import {IRounds} from "../interfaces/IRounds.sol";
import {PackedBytes} from "../libraries/PackedBytes.sol";
import {Header, RoundHeader} from "../libraries/RoundHeader.sol";
import {SignerSet} from "../libraries/SignerSet.sol";

/// @title Attestations
/// @dev See `IAttestations`.
contract Attestations is IAttestations, EIP712, Ownable {
    using PackedBytes for bytes;

    bytes32 private constant ATTESTATION_TYPEHASH = keccak256("Attestation(uint32 federation,uint32 round,uint8 attempt,bytes32 reportHash)");
    /// @dev Values of `FederationConfig.finality`, and which of its two holds they ask for.
    uint8 private constant ATTESTED = 1;
    uint8 private constant GOVERNED = 2;
    uint256 private constant PROOF_LENGTH = RoundHeader.LENGTH + 128;

    IRounds public immutable ROUNDS;
    IOperators public immutable OPERATORS;

    mapping(uint32 federation => Board) private _boards;
    /// @dev Keyed by federation, round and attempt: bit `finality - 1` is set when the hold that this finality added was released.
    mapping(uint256 key => uint256) private _released;

    constructor(address owner, IRounds rounds, IOperators operators) EIP712("Chongwen", "1") Ownable(owner) {
        ROUNDS = rounds;
        OPERATORS = operators;
    }

    /// @inheritdoc IAttestations
    function appoint(uint32 federation, address[] calldata attesters, uint8 threshold) external onlyOwner {
        uint256 size = attesters.length;
        if (size > SignerSet.MAX_SIGNERS) revert AttestationsTooMany(size, SignerSet.MAX_SIGNERS);
        if (threshold > size || (threshold == 0) != (size == 0)) revert AttestationsBadThreshold(threshold, size);
        address previous;
        for (uint256 i; i < size; ++i) {
            if (attesters[i] <= previous) revert AttestationsNotAscending(attesters[i]); // so zero is refused too
            previous = attesters[i];
        }
        if (size == 0) delete _boards[federation];
        else _boards[federation] = Board(SignerSet.write(attesters), uint8(size), threshold);
        emit AttestersAppointed(federation, attesters, threshold);
    }

    /// @inheritdoc IAttestations
    function attest(uint32 federation, uint32 round, IOperators.Quorum calldata quorum, bytes calldata proof) external {
        IRounds.Round memory state = _reported(federation, round);
        Board memory board = _boards[federation];
        // A quorum of nobody would be one.
        if (board.signers == address(0)) revert AttestationsNoAttesters(federation);
        bytes32 digest = attestationDigest(federation, round, state.attempt, state.hash);
        SignerSet.requireQuorum(board.signers, board.size, board.threshold, digest, quorum);
        _requireDisjoint(federation, round, state, SignerSet.read(board.signers), quorum.signers);
        _release(federation, round, state, ATTESTED, proof);
        emit RoundAttested(federation, round, state.attempt, state.hash, quorum.signers);
    }

    /// @inheritdoc IAttestations
    function approve(uint32 federation, uint32 round, uint8 attempt, bytes calldata proof) external onlyOwner {
        IRounds.Round memory state = _reported(federation, round);
        if (attempt != state.attempt) revert AttestationsOtherAttempt(attempt, state.attempt);
        _release(federation, round, state, GOVERNED, proof);
        emit RoundApproved(federation, round, attempt, state.hash);
    }

    /// @dev Releases the hold that a configuration of at least this finality added, once an attempt.
    function _release(uint32 federation, uint32 round, IRounds.Round memory state, uint8 finality, bytes calldata proof) private {
        uint8 finalityThere = _finality(federation, round, state, proof);
        if (finalityThere < finality) revert AttestationsNotNeeded(finalityThere);
        uint256 key = _key(federation, round, state.attempt);
        uint256 bit = 1 << (finality - 1);
        uint256 released = _released[key];
        if (released & bit != 0) revert AttestationsRepeated(federation, round, state.attempt);
        _released[key] = released | bit;
        ROUNDS.release(federation, round, state.attempt);
    }

    function _reported(uint32 federation, uint32 round) private view returns (IRounds.Round memory state) {
        state = ROUNDS.roundOf(federation, round);
        if (state.state != IRounds.State.Reported) revert RoundHeader.RoundHeaderWrongState(state.state);
    }

    /// @dev Of the configuration that the round was sealed under, and so reported: not the federation's present one.
    function _finality(uint32 federation, uint32 round, IRounds.Round memory state, bytes calldata proof) private pure returns (uint8) {
        if (proof.length != PROOF_LENGTH) revert AttestationsProofLength(proof.length, PROOF_LENGTH);
        Header memory h = RoundHeader.open(federation, round, state.attempt, proof.wordAt(RoundHeader.LENGTH), proof);
        h.report.modelRoot = proof.wordAt(RoundHeader.LENGTH + 32);
        h.seal.updateRootsHash = proof.wordAt(RoundHeader.LENGTH + 64);
        h.weightsHash = proof.wordAt(RoundHeader.LENGTH + 96);
        h.requireHash(state.state, state.hash);
        return h.config.finality;
    }

    function _requireDisjoint(uint32 federation, uint32 round, IRounds.Round memory state, address[] memory attesters, uint32 signed) private view {
        // No epoch of operators has the number 0: it marks a report that one party made alone.
        address[] memory reporters;
        uint32 reported = state.reporters;
        if (state.reportEpoch == 0) {
            address loneReports = ROUNDS.loneReports();
            address reporter = loneReports == address(0) ? address(0) : ILoneReports(loneReports).reporterOf(federation, round, state.attempt);
            if (reporter == address(0)) revert AttestationsReporterUnknown(federation, round, state.attempt);
            reporters = new address[](1);
            reporters[0] = reporter;
        } else {
            reporters = OPERATORS.signersOf(state.reportEpoch);
        }
        for (uint256 i; i < attesters.length; ++i) {
            if (signed >> i & 1 == 0) continue;
            for (uint256 j; j < reporters.length; ++j) {
                if (reported >> j & 1 != 0 && reporters[j] == attesters[i]) revert AttestationsReporter(attesters[i]);
            }
        }
    }

    function _key(uint32 federation, uint32 round, uint8 attempt) private pure returns (uint256) {
        return uint256(federation) << 40 | uint256(round) << 8 | attempt;
    }

    /// @inheritdoc IAttestations
    function boardOf(uint32 federation) external view returns (Board memory) {
        return _boards[federation];
    }

    /// @inheritdoc IAttestations
    function attestersOf(uint32 federation) external view returns (address[] memory) {
        address signers = _boards[federation].signers;
        return signers == address(0) ? new address[](0) : SignerSet.read(signers);
    }

    /// @inheritdoc IAttestations
    function attestationDigest(uint32 federation, uint32 round, uint8 attempt, bytes32 reportHash) public view returns (bytes32) {
        return _hashTypedDataV4(keccak256(abi.encode(ATTESTATION_TYPEHASH, federation, round, attempt, reportHash)));
    }

    /// @inheritdoc IAttestations
    function isAttested(uint32 federation, uint32 round, uint8 attempt) external view returns (bool) {
        return _released[_key(federation, round, attempt)] & 1 << (ATTESTED - 1) != 0;
    }

    /// @inheritdoc IAttestations
    function isApproved(uint32 federation, uint32 round, uint8 attempt) external view returns (bool) {
        return _released[_key(federation, round, attempt)] & 1 << (GOVERNED - 1) != 0;
    }
}
