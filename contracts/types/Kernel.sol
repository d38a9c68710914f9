// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title The kernel's words: structures that are signed, hashed or stored by more than one contract
/// @dev Every struct here that is hashed has its EIP-712 type in `libraries/KernelHash.sol`; field order is part of the format.

/// @notice What a federation is. Its EIP-712 struct hash (`configHash`) is in every contribution and every seal.
/// @param ruleId Aggregation rule: 1 fedavg, 2 norm-clip, 3 trimmed-mean, 4 median.
/// @param ruleParam fedavg, median: 0 · norm-clip: bound C on the L2 norm · trimmed-mean: entries trimmed per side.
/// @param scoringId Scoring rule of settlements: 1 = size-v1 (the seat's weight) · 2 = quality-v1 (by the terms, which it needs).
/// @param privacyMode 0 A auditable-local · 1 B escrowed · 2 C masked.
/// @param elementWidth Bytes of an update's element: 2 (int16). 4 (int32) is kept for masked sums.
/// @param hasBase The aggregate moves a base model (true) or stands alone (false: sums, meter readings).
/// @param depth Vectors are committed at P = 64·2^depth lanes, the smallest with room for the model. Fixes the length of every proof.
/// @param modelSpecRoot Struct hash of the ModelSpec: names, shapes, offsets and fraction bits.
/// @param termsHash Keccak-256 of the canonical JSON of rules that only software reads (tier shares, scoring parameters); 0 = none.
/// @param recordsPerWeight Records that one unit of weight stands for.
/// @param maxSeats Most seats; also bounds a seat's weight so that a round's total fits 16 bits.
/// @param minContributors Fewest entries with weight that a seal, and a report after exclusions, may have.
/// @param maxExcludedBps Largest share of sealed entries, in 1/10000, that a report may exclude as withheld.
/// @param rhoPerRound Nano-ρ (zCDP) charged to each seat that is not exempt, once a round.
/// @param normSqBound Largest Σq² of an update; 0 = none.
/// @param forceWindow Seconds from a round's opening during which anyone can force an entry in; a seal comes only after.
/// @param reportWindow Seconds from the seal within which the report must come.
/// @param challengeWindow Seconds from the report (or settlement) during which faults can be proven.
/// @param maxAttempts Proven faults after which the round is void.
/// @param settleEvery Final rounds that one settlement pays, at least.
/// @param poolPerRound SHU (10^-18), or points in a federation that earns points, that one final round adds to its settlement's pool.
/// @param finality What a report needs to become final besides time: 0 Automatic, nothing · 1 Attested, attesters vouch that its inputs could be
/// retrieved · 2 Governed, attested and approved by governance.
/// @param approvalWindow Seconds after the challenge window within which that must come, or anyone voids the round. 0 exactly when Automatic.
struct FederationConfig {
    uint16 ruleId;
    uint64 ruleParam;
    uint16 scoringId;
    uint8 privacyMode;
    uint8 elementWidth;
    bool hasBase;
    uint8 depth;
    bytes32 modelSpecRoot;
    bytes32 termsHash;
    uint32 recordsPerWeight;
    uint16 maxSeats;
    uint16 minContributors;
    uint16 maxExcludedBps;
    uint48 rhoPerRound;
    uint64 normSqBound;
    uint32 forceWindow;
    uint32 reportWindow;
    uint32 challengeWindow;
    uint8 maxAttempts;
    uint16 settleEvery;
    uint96 poolPerRound;
    uint8 finality;
    uint32 approvalWindow;
}

/// @notice What a contributor signs. The domain binds chain and ledger.
struct Contribution {
    uint32 federation;
    uint32 round;
    bytes32 parentReportHash;
    uint32 seat;
    bytes32 updateRoot;
    uint48 rho;
    uint64 normSq;
    bytes32 normTraceRoot;
    bytes32 configHash;
}

/// @notice What the operators' quorum signs to freeze a round's set. Columns are packed big-endian, one item an entry, ids ascending.
struct Seal {
    uint32 federation;
    uint32 round;
    uint8 attempt;
    bytes32 parentReportHash;
    bytes32 configHash;
    bytes32 seatsHash; // uint32 ids
    bytes32 updateRootsHash; // bytes32
    bytes32 normsHash; // uint64 Σq²
    bytes32 normTracesHash; // bytes32
    bytes32 signaturesHash; // 64-byte EIP-2098 signatures over Contribution
}

/// @notice What the operators' quorum signs to report the aggregate. Its struct hash is the `reportHash` that the next round pins.
/// @param sealHash keccak256(struct hash of Seal ‖ keccak256(weights column)).
/// @param modelRoot SSZ root of the new model, Vector[uint32, P] over int32 lanes.
/// @param metricsHash Keccak-256 of the metrics file of the bundle.
/// @param excluded Bit i set: the payload of entry i never came; it has no weight and is not paid.
/// @param artefact SHA-256 multihash digest of the bundle's directory in the content-addressed store.
struct Report {
    uint32 federation;
    uint32 round;
    uint8 attempt;
    bytes32 sealHash;
    bytes32 modelRoot;
    bytes32 metricsHash;
    uint256 excluded;
    bytes32 artefact;
}

/// @notice What the operators' quorum signs to pay for rounds `firstRound … lastRound`.
/// @param lastReportHash Report hash of the last final round covered: pins every round before it.
/// @param scoresHash,entitlementsHash Keccak-256 of the packed columns of the bundle (uint64 scores, and nobody's; uint96 amounts), by seat index.
/// @param rewardsRoot Root of the cumulative tree by seat index.
/// @param distributed Sum of this settlement's entitlements.
/// @param total Sum of all cumulative amounts: previous total + distributed.
struct SettlementStatement {
    uint32 federation;
    uint32 index;
    uint8 attempt;
    uint32 firstRound;
    uint32 lastRound;
    bytes32 lastReportHash;
    bytes32 scoresHash;
    bytes32 entitlementsHash;
    bytes32 rewardsRoot;
    uint128 distributed;
    uint128 total;
    bytes32 artefact;
}
