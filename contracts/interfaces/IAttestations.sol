// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IOperators} from "./IOperators.sol";

/// @title Attestations: what a report waits for when its federation's finality is not automatic
/// @notice Attested (finality 1): a threshold of the federation's attesters signs that the report's inputs could be retrieved. Governed (2): governance
/// approves the report as well, in any order. A report starts with as many holds as its finality says; each of the two releases one, once an attempt.
///
/// **Never more than the report began with.** A report is made under the configuration that its seal pins: `Rounds` reports the tip only, refuses to
/// reconfigure while the tip is Sealed or Open again, and voids an overturned round of an older configuration. That configuration is opened here by a
/// header proof, so what was reconfigured since changes nothing. Other judges release what they took themselves; so no attestation ever lifts a demand's hold.
/// @dev Trust assumptions:
///  - Governance (the owner) appoints attesters, and can change them at any time: with finality 1 or 2 it can keep rounds from becoming final. It cannot make
///    one final before its window is over.
///  - Attesters vouch for availability and for nothing else; they hold no bond. Who signed a report cannot attest to it, nor the one that reported alone.
/// Warning: replace this contract only while no report waits for it: a new one does not know what the old one released.
interface IAttestations {
    /// @param signers SSTORE2 pointer, see `SignerSet`. Zero: the federation has none.
    struct Board {
        address signers;
        uint8 size;
        uint8 threshold;
    }

    event AttestersAppointed(uint32 indexed federation, address[] attesters, uint8 threshold);
    event RoundAttested(uint32 indexed federation, uint32 indexed round, uint8 attempt, bytes32 reportHash, uint32 attesters);
    event RoundApproved(uint32 indexed federation, uint32 indexed round, uint8 attempt, bytes32 reportHash);

    error AttestationsBadThreshold(uint256 threshold, uint256 size);
    error AttestationsTooMany(uint256 size, uint256 limit);
    error AttestationsNotAscending(address attester);
    error AttestationsNoAttesters(uint32 federation);
    error AttestationsProofLength(uint256 length, uint256 expected);
    /// @notice The round's configuration does not ask for it.
    error AttestationsNotNeeded(uint8 finality);
    error AttestationsRepeated(uint32 federation, uint32 round, uint8 attempt);
    error AttestationsOtherAttempt(uint8 attempt, uint8 current);
    /// @notice The attester signed the report, so it cannot vouch for it.
    error AttestationsReporter(address attester);
    /// @notice One party reported alone, and who it was is not known: `Rounds` was given another place for such reports since.
    error AttestationsReporterUnknown(uint32 federation, uint32 round, uint8 attempt);

    /// @notice Governance replaces the attesters of a federation.
    /// @param attesters At most 32, strictly ascending. None, with threshold 0: the federation has no attesters.
    /// @param threshold 1 to as many as they are.
    function appoint(uint32 federation, address[] calldata attesters, uint8 threshold) external;

    /// @notice Releases the hold of a report that attesters vouch for. Relayed by anyone.
    /// @param quorum Signatures over `Attestation(uint32 federation,uint32 round,uint8 attempt,bytes32 reportHash)` of the report that the round holds.
    /// @param proof Header ‖ parent's report hash ‖ model root ‖ H(update roots) ‖ H(weights).
    function attest(uint32 federation, uint32 round, IOperators.Quorum calldata quorum, bytes calldata proof) external;

    /// @notice Governance releases the hold of a report that it approves.
    /// @param attempt With the round it fixes the report: after a fault, governance approves anew.
    /// @param proof As for `attest`.
    function approve(uint32 federation, uint32 round, uint8 attempt, bytes calldata proof) external;

    function boardOf(uint32 federation) external view returns (Board memory);
    function attestersOf(uint32 federation) external view returns (address[] memory);
    /// @notice EIP-712 digest, for signers that want to check theirs.
    function attestationDigest(uint32 federation, uint32 round, uint8 attempt, bytes32 reportHash) external view returns (bytes32);
    function isAttested(uint32 federation, uint32 round, uint8 attempt) external view returns (bool);
    function isApproved(uint32 federation, uint32 round, uint8 attempt) external view returns (bool);
}
