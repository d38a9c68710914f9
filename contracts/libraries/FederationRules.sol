// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IRounds} from "../interfaces/IRounds.sol";
import {FederationConfig} from "../types/Kernel.sol";

/// @title Which configurations a federation can have
/// @dev Only what this version can run is accepted: an unknown rule is refused at creation, never discovered at settlement.
library FederationRules {
    uint16 internal constant FEDAVG = 1;
    uint16 internal constant NORM_CLIP = 2;
    uint16 internal constant TRIMMED_MEAN = 3;
    uint16 internal constant MEDIAN = 4;
    uint16 internal constant SIZE_V1 = 1;
    uint16 internal constant QUALITY_V1 = 2;
    uint8 internal constant LAST_PRIVACY_MODE = 2;
    uint8 internal constant GOVERNED = 2;
    /// @dev P = 2^31 lanes, the most that a model specification has.
    uint8 internal constant MAX_DEPTH = 25;
    /// @dev Common mempools take transactions of 128 KiB; what is left is for the call around the proof.
    uint256 internal constant MAX_PROOF_BYTES = 128_000;

    /// @param rotationDelay Keys must not change twice within one dispute window.
    /// @param unbondingPeriod Stake must outlast every attempt of a round, and the one freeze (`Freezes`) that can fall into them: half of the period is for the
    /// freeze itself, the other for the attempts, with one more for the window that a freeze gives anew.
    function check(FederationConfig calldata c, uint256 rotationDelay, uint256 unbondingPeriod) internal pure {
        bool hasParam = c.ruleId == NORM_CLIP || c.ruleId == TRIMMED_MEAN;
        // A report that waits for its holds is void one more report window later.
        uint256 attempt = uint256(c.forceWindow) + 2 * uint256(c.reportWindow) + c.challengeWindow + c.approvalWindow;
        _require(c.ruleId >= FEDAVG && c.ruleId <= MEDIAN, "ruleId");
        _require(c.scoringId == SIZE_V1 || c.scoringId == QUALITY_V1, "scoringId");
        // What quality-v1 gives is decided by terms: shares of the pool, utility, ceilings.
        _require(c.scoringId != QUALITY_V1 || c.termsHash != 0, "termsHash");
        _require(c.privacyMode <= LAST_PRIVACY_MODE, "privacyMode");
        // int32 elements are for masked sums, which no software here aggregates yet.
        _require(c.elementWidth == 2, "elementWidth");
        _require(c.depth <= MAX_DEPTH, "depth");
        _require(c.recordsPerWeight != 0, "recordsPerWeight");
        _require(c.maxSeats != 0 && c.maxSeats <= 256, "maxSeats");
        _require(c.minContributors != 0 && c.minContributors <= c.maxSeats, "minContributors");
        _require(c.maxExcludedBps < 10_000, "maxExcludedBps");
        _require(c.rhoPerRound != type(uint48).max, "rhoPerRound");
        _require(c.reportWindow != 0, "reportWindow");
        _require(c.challengeWindow != 0, "challengeWindow");
        _require(c.maxAttempts != 0, "maxAttempts");
        _require(c.settleEvery != 0 && c.settleEvery <= 256, "settleEvery");
        _require(hasParam == (c.ruleParam != 0), "ruleParam");
        _require(c.ruleId != TRIMMED_MEAN || c.minContributors > 2 * uint256(c.ruleParam), "ruleParam");
        _require(c.finality <= GOVERNED, "finality");
        _require((c.finality == 0) == (c.approvalWindow == 0), "approvalWindow");
        // A round that nobody can disprove in one transaction is not to be trusted: it is not to be opened either.
        _require(_longestProof(c) <= MAX_PROOF_BYTES, "maxSeats and depth exceed a proof's size");
        _require(attempt <= type(uint24).max, "windows exceed 2^24 seconds");
        _require(attempt <= rotationDelay, "windows exceed the key rotation delay");
        _require(2 * attempt * (uint256(c.maxAttempts) + 1) <= unbondingPeriod, "windows exceed the unbonding period");
    }

    /// @dev `AggregateVerifier`: header, parent and hints, then an opening, a weight and a norm for each entry, and two openings of models.
    function _longestProof(FederationConfig calldata c) private pure returns (uint256) {
        return 512 + uint256(c.maxSeats) * (32 * (uint256(c.depth) + 3) + 10) + 64 * (uint256(c.depth) + 4);
    }

    function _require(bool ok, string memory field) private pure {
        if (!ok) revert IRounds.RoundsBadConfig(field);
    }
}
