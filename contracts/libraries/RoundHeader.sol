// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {FaultContext} from "../interfaces/IDisputes.sol";
import {IRounds} from "../interfaces/IRounds.sol";
import {FederationConfig, Report, Seal} from "../types/Kernel.sol";
import {KernelHash} from "./KernelHash.sol";
import {PackedBytes} from "./PackedBytes.sol";

/// @notice A round's statements, opened: what its hash on the ledger stands for.
/// @param weightsHash keccak-256 of the weights column.
/// @param sealHash Set by `requireHeld`.
struct Header {
    FederationConfig config;
    Seal seal;
    bytes32 weightsHash;
    bytes32 sealHash;
    Report report;
}

using RoundHeader for Header global;

/// @title The part that every proof about a round begins with
///
///   seal's attempt (1) ‖ configuration (136) ‖ H(seats) ‖ H(norms) ‖ H(norm traces) ‖ H(signatures) ‖ H(metrics) ‖ excluded ‖ artefact      361 bytes
///
/// @dev The configuration is the one that the seal pins, which need not be the federation's present one. A configuration's fields follow one another at
/// their natural width. What is not here, a verifier computes from the proof or reads from it, sets, and then calls `requireHeld`: H(update roots),
/// H(weights), the model's root. Everything else is the ledger's.
library RoundHeader {
    using KernelHash for *;
    using PackedBytes for bytes;

    uint256 internal constant LENGTH = 361;

    /// @notice The proof is shorter than a header.
    error RoundHeaderTooShort(uint256 length);
    /// @notice The proof opens something else than what the ledger holds for the round: another attempt, other columns, another model.
    error RoundHeaderMismatch(bytes32 held, bytes32 opened);
    /// @notice Nothing of this kind can be proven of a round in this state.
    error RoundHeaderWrongState(IRounds.State state);

    /// @notice Reads the first `LENGTH` bytes of a proof.
    function read(FaultContext calldata context, bytes calldata proof) internal pure returns (Header memory h) {
        _fill(h, context.federation, context.round, context.state.attempt, context.parentHash, proof);
    }

    /// @notice As `read`, for who read the round itself.
    function open(uint32 federation, uint32 round, uint8 attempt, bytes32 parentHash, bytes calldata proof) internal pure returns (Header memory h) {
        _fill(h, federation, round, attempt, parentHash, proof);
    }

    /// @dev Into a header that the caller made: one that is returned twice is made twice.
    function _fill(Header memory h, uint32 federation, uint32 round, uint8 attempt, bytes32 parentHash, bytes calldata proof) private pure {
        if (proof.length < LENGTH) revert RoundHeaderTooShort(proof.length);
        _readConfig(h.config, proof[1:]);
        Seal memory seal = h.seal;
        seal.federation = federation;
        seal.round = round;
        seal.attempt = uint8(proof.uintAt(0, 1));
        seal.parentReportHash = parentHash;
        seal.configHash = h.config.hash();
        seal.seatsHash = proof.wordAt(137);
        seal.normsHash = proof.wordAt(169);
        seal.normTracesHash = proof.wordAt(201);
        seal.signaturesHash = proof.wordAt(233);
        Report memory report = h.report;
        report.federation = federation;
        report.round = round;
        report.attempt = attempt;
        report.metricsHash = proof.wordAt(265);
        report.excluded = uint256(proof.wordAt(297));
        report.artefact = proof.wordAt(329);
    }

    function _readConfig(FederationConfig memory c, bytes calldata packed) private pure {
        c.ruleId = uint16(packed.uintAt(0, 2));
        c.ruleParam = uint64(packed.uintAt(2, 8));
        c.scoringId = uint16(packed.uintAt(10, 2));
        c.privacyMode = uint8(packed.uintAt(12, 1));
        c.elementWidth = uint8(packed.uintAt(13, 1));
        c.hasBase = packed.uintAt(14, 1) != 0;
        c.depth = uint8(packed.uintAt(15, 1));
        c.modelSpecRoot = packed.wordAt(16);
        c.termsHash = packed.wordAt(48);
        c.recordsPerWeight = uint32(packed.uintAt(80, 4));
        c.maxSeats = uint16(packed.uintAt(84, 2));
        c.minContributors = uint16(packed.uintAt(86, 2));
        c.maxExcludedBps = uint16(packed.uintAt(88, 2));
        c.rhoPerRound = uint48(packed.uintAt(90, 6));
        c.normSqBound = uint64(packed.uintAt(96, 8));
        c.forceWindow = uint32(packed.uintAt(104, 4));
        c.reportWindow = uint32(packed.uintAt(108, 4));
        c.challengeWindow = uint32(packed.uintAt(112, 4));
        c.maxAttempts = uint8(packed.uintAt(116, 1));
        c.settleEvery = uint16(packed.uintAt(117, 2));
        c.poolPerRound = uint96(packed.uintAt(119, 12));
        c.finality = uint8(packed.uintAt(131, 1));
        c.approvalWindow = uint32(packed.uintAt(132, 4));
    }

    /// @notice Requires that the statements are what the ledger holds: a seal while Sealed, a report over it while Reported.
    function requireHeld(Header memory h, FaultContext calldata context) internal pure {
        h.requireHash(context.state.state, context.state.hash);
    }

    /// @notice As `requireHeld`, for who read the round itself.
    function requireHash(Header memory h, IRounds.State state, bytes32 held) internal pure {
        h.sealHash = KernelHash.sealHash(h.seal.hash(), h.weightsHash);
        bytes32 opened = h.sealHash;
        if (state == IRounds.State.Reported) {
            h.report.sealHash = h.sealHash;
            opened = h.report.hash();
        } else if (state == IRounds.State.Sealed) {
            // There is no report yet: what the proof says of one is dropped.
            delete h.report;
        } else {
            revert RoundHeaderWrongState(state);
        }
        if (opened != held) revert RoundHeaderMismatch(held, opened);
    }

    /// @notice As `requireHeld`, for faults of a report.
    function requireReported(Header memory h, FaultContext calldata context) internal pure {
        if (context.state.state != IRounds.State.Reported) revert RoundHeaderWrongState(context.state.state);
        h.requireHeld(context);
    }

    /// @notice Whether the report leaves entry `i` out.
    function isExcluded(Header memory h, uint256 i) internal pure returns (bool) {
        return h.report.excluded >> i & 1 != 0;
    }
}
