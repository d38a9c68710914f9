// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {SettlementStatement} from "../types/Kernel.sol";
import {IOperators} from "./IOperators.sol";

/// @title Settlement: what final rounds pay, proposed by quorum, open to challenge, then final
/// @notice One settlement at a time and federation. It covers rounds from the last one on without a gap, at most 256, and at least `settleEvery` final ones
/// unless it covers 256; void rounds add nothing to the pool. Every covered final round counts at the pool per round that the federation's configuration
/// has when the settlement is proposed.
/// @dev Trust assumptions: the quorum proposes; judges may overturn within the window, or freeze within it and overturn later; nobody can alter or stop a
/// final settlement. Governance (the owner) appoints judges: `Disputes`, which follows proofs, and `Arbitration`, which follows governance.
/// Warning: a freeze has no end of its own. A judge must end every freeze that it began; one that is dismissed leaves its freezes to its successor.
/// What the contract enforces: rounds covered once and in order, pool, reserve, total, and that the columns are public and add up. What a fault proof must
/// show: entitlements, root. What only arbitration can judge: scores.
interface ISettlement {
    enum State {
        None,
        Proposed
    }

    /// @param nextIndex Index of the next settlement to propose, or of the one under way. The first is 1.
    /// @param attempt How often a settlement of this index was overturned.
    /// @param deadline The one under way can be overturned before it, and made final from it on, unless it is frozen.
    /// @param settledThrough Last round covered by a final settlement.
    /// @param proposedThrough Last round covered by the one under way.
    /// @param signers,operatorEpoch Who is liable for the one under way.
    /// @param frozen The one under way cannot become final, and can be overturned at any time.
    /// @param carry Pool that the last final settlement did not distribute.
    /// @param pool,distributed,statementHash,rewardsRoot Of the one under way, else of the last final one.
    /// @param total Sum of everything that final settlements distributed.
    struct Account {
        uint32 nextIndex;
        uint8 attempt;
        State state;
        uint40 deadline;
        uint32 settledThrough;
        uint32 proposedThrough;
        uint32 signers;
        uint32 operatorEpoch;
        bool frozen;
        uint128 carry;
        uint128 pool;
        uint128 distributed;
        uint128 total;
        bytes32 statementHash;
        bytes32 rewardsRoot;
    }

    event SettlementProposed(uint32 indexed federation, uint32 indexed index, SettlementStatement statement, uint256 pool, uint32 signers, uint256 deadline);
    event SettlementFinalised(uint32 indexed federation, uint32 indexed index, bytes32 rewardsRoot, uint256 distributed, uint256 carry);
    event SettlementOverturned(uint32 indexed federation, uint32 indexed index, uint8 attempt, address indexed challenger, uint32 liable);
    event SettlementFreezeChanged(uint32 indexed federation, uint32 indexed index, uint8 attempt, bool frozen);
    event JudgeChanged(address indexed judge, bool appointed);

    error SettlementUnderWay(uint32 federation, uint32 index);
    error SettlementNotUnderWay(uint32 federation);
    error SettlementBadField(string field);
    error SettlementRoundNotFinal(uint32 federation, uint32 round);
    error SettlementTooFewRounds(uint256 finalRounds, uint256 needed);
    error SettlementAbovePool(uint256 distributed, uint256 pool);
    /// @notice Governance has not set enough aside for the federation; it can be proposed again once it has.
    error SettlementAboveReserve(uint256 total, uint256 reserved);
    /// @notice Nothing was ever reserved for the federation, and it was not opened in points.
    error SettlementNoVault(uint32 federation);
    error SettlementWindowOpen(uint256 deadline);
    error SettlementDeadlinePassed(uint256 deadline);
    error SettlementNotJudge(address caller);
    error SettlementFrozen(uint32 federation);
    error SettlementNotFrozen(uint32 federation);
    /// @notice Payees are those of that second, which must be over: until then they can change.
    error SettlementTooEarly(uint256 payeesAt);
    /// @notice The columns have not 8 and 12 bytes for each of the same number of seats, and 8 more for nobody's score.
    error SettlementColumnLength(uint256 scores, uint256 entitlements);
    error SettlementTooManySeats(uint256 seats, uint256 granted);
    error SettlementExposureExhausted(uint256 live, uint256 units);

    /// @notice Proposes the next settlement. `statement.federation`, `index`, `attempt`, `firstRound` and `lastReportHash` must be what the ledger expects.
    /// @dev The columns travel in calldata so that nobody can hide what a proof against them needs.
    /// @param scores Big-endian uint64 by seat index, for the federation's first seats, then one more: nobody's, whose part of the pool rolls over.
    /// `statement.scoresHash` is its hash.
    /// @param entitlements Big-endian uint96 of the same seats and no more; they sum to `statement.distributed`.
    /// @param quorum Signatures over `SettlementStatement`, in this contract's domain.
    function propose(SettlementStatement calldata statement, bytes calldata scores, bytes calldata entitlements, IOperators.Quorum calldata quorum) external;
    /// @notice Anyone, after the window, unless it is frozen: the entitlements become claimable.
    function finalise(uint32 federation) external;

    // --- judges ---

    /// @notice Overturns the settlement under way, before its deadline or while it is frozen: signers slashed, the same rounds can be settled again.
    function overturn(uint32 federation, address challenger) external;
    /// @notice Keeps the settlement under way from becoming final. Only before its deadline, and not twice at a time.
    function freeze(uint32 federation) external;
    /// @notice Ends a freeze. The deadline is what it was; when it has passed, the settlement can be made final at once.
    function unfreeze(uint32 federation) external;

    // --- governance ---

    /// @notice Warning: dismiss a judge only when it holds no freeze.
    function changeJudge(address judge, bool appointed) external;

    // --- views ---

    function isJudge(address account) external view returns (bool);
    function accountOf(uint32 federation) external view returns (Account memory);
    /// @notice What a settlement through `lastRound` could distribute, and how many final rounds it would cover.
    function poolThrough(uint32 federation, uint32 lastRound) external view returns (uint256 pool, uint256 finalRounds);
    function statementDigest(SettlementStatement calldata statement) external view returns (bytes32);
    /// @notice Settlements under way, over all federations.
    function liveUnits() external view returns (uint256);
}
