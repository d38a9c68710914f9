// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title Arbitration: bonded challenges of settlements, for what no proof can show
/// @notice Whether scores follow from the rounds takes more than fits a transaction. Anyone who posts a bond of SHU can challenge the settlement under way
/// before its deadline: it is frozen, and governance (the owner) rules within a period.
///
///   upheld               the settlement is overturned: its signers are slashed, 40 % of that to the challenger; the bond is returned
///   rejected, or no      unfrozen, with the deadline it had. The bond: 40 % to the settlement's signers in equal parts, 40 % to the pool, the rest burnt
///   ruling in time
///   moot                 a proof overturned the settlement meanwhile: the bond is returned
///
/// One challenge at a time for each federation. A rejected one doubles the bond of the next against the same attempt.
/// @dev Trust assumptions: governance judges **the settlement**, by recomputing it, and not the reason that a challenger gives. So nothing is gained by a
/// friendly challenger who takes the place first and argues badly: everybody can show governance what is wrong, proofs (`Disputes`) are accepted as long as
/// the freeze lasts, beyond the deadline too, and when the challenge is upheld the signers lose what they would have lost, the pool's and the burnt part
/// included. What the real challenger loses to a friendly one is the reward.
/// Who judges gains nothing: the owner receives no part of any bond or slash, and cannot be the challenger.
/// Governance can side with a wrong challenger. The signers then lose one unit's bond each and the rounds are settled again; no claim is touched.
/// Warning: stake must outlast the freeze: unbonding period ≥ challenge window + arbitration period. The period must outlast a vote and the timelock.
/// Warning: must be a judge of `Settlement`. When it is dismissed with a challenge open, the settlement stays frozen until it is appointed again.
interface IArbitration {
    /// @param challenger Zero when there is none.
    /// @param deadline Governance rules before it; from it on, anyone ends the challenge as rejected.
    /// @param index,attempt The settlement that is challenged.
    /// @param signers,epoch Who signed it.
    struct Challenge {
        address challenger;
        uint40 deadline;
        uint32 index;
        uint8 attempt;
        uint128 bond;
        uint32 signers;
        uint32 epoch;
    }

    event SettlementChallenged(
        uint32 indexed federation, uint32 indexed index, uint8 attempt, address indexed challenger, uint256 bond, bytes32 reasonHash, uint256 deadline
    );
    event ChallengeUpheld(uint32 indexed federation, uint32 indexed index, uint8 attempt, address indexed challenger);
    /// @param ruled False when the period passed without a ruling.
    /// @param toEachSigner,toPool,burnt How the bond was divided.
    event ChallengeRejected(
        uint32 indexed federation,
        uint32 indexed index,
        uint8 attempt,
        address indexed challenger,
        bool ruled,
        uint256 toEachSigner,
        uint256 toPool,
        uint256 burnt
    );
    event ChallengeReleased(uint32 indexed federation, uint32 indexed index, uint8 attempt, address indexed challenger);
    event Withdrawn(address indexed account, uint256 amount);

    /// @notice The bond is 0 or above 128 bits, or the period is 0 or not below the unbonding period.
    error ArbitrationBadParameters(uint256 bond, uint256 period);
    /// @notice Who judges does not challenge.
    error ArbitrationOwnCause(address caller);
    error ArbitrationChallengeOpen(uint32 federation, uint256 deadline);
    error ArbitrationNoChallenge(uint32 federation);
    /// @notice Not the settlement that is under way, or that is challenged: this one is.
    error ArbitrationOtherSettlement(uint32 index, uint8 attempt);
    /// @notice The settlement was overturned meanwhile: `release` the challenge.
    error ArbitrationMoot(uint32 federation);
    error ArbitrationNotMoot(uint32 federation);
    error ArbitrationPeriodOpen(uint256 until);
    error ArbitrationPeriodOver(uint256 since);
    error ArbitrationNothingOwed(address account);

    /// @notice Challenges and freezes the settlement under way; needs an allowance of `bondOf(federation)` SHU. Refused from its deadline on.
    /// @param index,attempt The settlement that is meant: whoever was overtaken by another must not pay for it.
    /// @param reasonHash Keccak-256 of what the challenger says, published wherever it likes. Nothing depends on it.
    function challenge(uint32 federation, uint32 index, uint8 attempt, bytes32 reasonHash) external;
    /// @notice Governance rules, before the challenge's deadline.
    /// @param index,attempt The settlement that was voted on: a vote takes days, and must not fall on another.
    function rule(uint32 federation, uint32 index, uint8 attempt, bool upheld) external;
    /// @notice Anyone, when the period passed without a ruling: the challenge is rejected.
    function expire(uint32 federation) external;
    /// @notice Anyone, when the challenged settlement is not under way any more. The next challenge does the same if nobody has.
    function release(uint32 federation) external;
    /// @notice The caller takes what bonds gave it or gave it back.
    function withdraw() external;

    function challengeOf(uint32 federation) external view returns (Challenge memory);
    /// @notice What a challenge of the federation's settlement under way costs now.
    function bondOf(uint32 federation) external view returns (uint256);
    function rejectedOf(uint32 federation, uint32 index, uint8 attempt) external view returns (uint256);
    function owedTo(address account) external view returns (uint256);
}
