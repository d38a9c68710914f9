// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title Operators: k of n bonded signers
/// @notice Operators bond SHU, are admitted by governance, and sign in epochs. One epoch's signer set is a piece of code (SSTORE2), so a quorum check reads
/// one slot and one code blob whatever the number of signers.
/// @dev Trust assumptions:
///  - Governance (the owner) admits operators, forms epochs and appoints the ledgers; no organisation (or cluster) holds a third of an epoch, so the
///    smallest epoch has four operators of four organisations.
///  - Ledgers (`Rounds`, `Settlement`) may slash, never for themselves: 40 % challenger, 40 % pool, 20 % burnt; what rounding leaves, four wei at
///    most, is the challenger's. Signers who convict themselves through a friendly challenger still lose the pool's part and the burnt part.
///  - Bonds are equal. Each ledger may have at most its allotment of live units; one unit = one `bondPerUnit` of every signer. Σ live units ≤ slashable stake.
///  - Unbonding outlasts every window and every attempt; until withdrawn, stake stays slashable. Federations must keep their windows below it.
///  - SHU's cap fits 96 bits, so that every amount does. The constructor refuses another token.
///  - *Standing* is what the ledger knows of an operator's work: beta reputation with decay (`libraries/Standing.sol`), raised by settlements that became
///    final, lowered by every slash. It is bound to the address: it cannot be moved, bought, or reset by leaving and coming back. It only removes: nobody
///    is in an epoch of whom it is certain that it does worse than even. It never multiplies a signature, or old operators would become unassailable.
///    Governance admits newcomers, of whom nothing is known; a new address of an old operator is one, so an organisation's record is governance's to weigh.
/// A slash takes the bonded part of a stake first and the unbonding part last, and one unit from the current epoch: of the ledger that slashes or, when
/// it has none left, of the other. So what an epoch still allows is always backed by every one of its signers.
interface IOperators {
    /// @param stake Slashable SHU, unbonding part included.
    /// @param unbonding Part of the stake on its way out, withdrawable at `withdrawableAt`. Never above `stake`.
    /// @param upheld,overturned Evidence for and against, in parts per million; shares the slot that a slash writes anyway.
    /// @param lastEpoch Last epoch that the operator was part of.
    struct Operator {
        uint96 stake;
        uint96 unbonding;
        uint32 upheld;
        uint32 overturned;
        uint32 organisation;
        uint48 withdrawableAt;
        uint32 lastEpoch;
        bool admitted;
    }

    /// @param signers SSTORE2 pointer: a STOP byte, then 20-byte addresses, strictly ascending.
    /// @param roundUnits,settlementUnits Live units that each ledger may still have under this epoch.
    struct Epoch {
        address signers;
        uint8 size;
        uint8 threshold;
        uint32 number;
        uint16 roundUnits;
        uint16 settlementUnits;
    }

    /// @param signers Bit i set: the i-th address of the epoch's set signed. `signatures` are 64-byte EIP-2098 pairs in the same order.
    struct Quorum {
        uint32 signers;
        bytes signatures;
    }

    /// @param challenger Who proved the fault; never zero once the evidence was used.
    /// @param amount SHU that waits for the challenger; zero once collected.
    struct Award {
        address challenger;
        uint96 amount;
    }

    event OperatorAdmitted(address indexed operator, uint32 indexed organisation);
    event OperatorRemoved(address indexed operator);
    event Bonded(address indexed operator, uint256 amount);
    event UnbondingStarted(address indexed operator, uint256 amount, uint256 withdrawableAt);
    event Withdrawn(address indexed operator, uint256 amount);
    event EpochFormed(uint32 indexed epoch, address[] operators, uint8 threshold, uint16 roundUnits, uint16 settlementUnits);
    /// @param signers Who is liable, as a bitmap over the set of `epoch`. `taken` has one amount for each of them, in the set's order.
    event Slashed(
        bytes32 indexed evidence,
        uint32 epoch,
        uint32 signers,
        address indexed challenger,
        uint256[] taken,
        uint256 toChallenger,
        uint256 toPool,
        uint256 burnt
    );
    /// @notice A settlement that these signed became final. With `Slashed`, all that standings follow from.
    /// @param signers Bitmap over the set of `epoch`.
    event Upheld(uint32 indexed epoch, uint32 signers);
    event AwardCollected(bytes32 indexed evidence, address indexed challenger, uint256 amount);
    event SlashesSettled(uint256 toPool, uint256 burnt);
    event LedgersChanged(address rounds, address settlement);

    error OperatorsNotAdmitted(address operator);
    error OperatorsAlreadyAdmitted(address operator);
    error OperatorsUnknownOrganisation(uint32 organisation);
    error OperatorsNotLedger(address caller);
    error OperatorsZeroAmount();
    error OperatorsBadThreshold(uint256 threshold, uint256 size);
    error OperatorsTooMany(uint256 size, uint256 limit);
    error OperatorsNotAscending(address operator);
    error OperatorsOrganisationTooStrong(uint32 organisation, uint256 seats, uint256 size);
    error OperatorsStakeTooLow(address operator, uint256 stake, uint256 needed);
    /// @notice What is known of the operator leaves no doubt that it does worse than even: `upper` is R + u, in parts per million.
    error OperatorsStandingTooLow(address operator, uint256 upper, uint256 floor);
    /// @notice The operator signs in the current epoch and must keep its bond; ask governance to form an epoch without it first.
    error OperatorsStillSigning(address operator);
    error OperatorsUnbondingUntil(uint256 withdrawableAt);
    error OperatorsNothingToWithdraw();
    error OperatorsNoEpoch();
    /// @notice The bitmap names signers that the epoch does not have.
    error OperatorsUnknownSigners(uint32 signers, uint256 size);
    error OperatorsNoQuorum(uint256 signed, uint256 threshold);
    error OperatorsBadSignature(uint256 position, address expected);
    error OperatorsBadSignatureLength(uint256 length, uint256 expected);
    error OperatorsEvidenceUsed(bytes32 evidence);
    /// @notice The zero address cannot be paid, and would leave the evidence unused.
    error OperatorsNoChallenger();
    /// @notice The award was collected before, or there never was one: nothing was slashed on this evidence, or nothing was left to take.
    error OperatorsNothingToCollect(bytes32 evidence);
    error OperatorsNothingToSettle();

    /// @notice Governance admits an operator, with the standing that its address has: none for a newcomer, what it was for one who comes back.
    /// Warning: look at R − u (`standingOf`) and at the organisation's other addresses first; whoever did badly may come with a fresh one.
    function admit(address operator, uint32 organisation) external;
    /// @notice Refused while the operator signs in the current epoch. Its stake stays its own: unbond and withdraw. Its standing stays too.
    function remove(address operator) external;
    /// @notice Adds to the caller's own bond (SHU allowance needed).
    function bond(uint256 amount) external;
    /// @notice A signer of the current epoch can unbond only what exceeds the bond its epoch needs. Unbonding more restarts the clock of all of it.
    function startUnbonding(uint256 amount) external;
    function withdraw() external;
    /// @notice Governance forms the next epoch.
    /// @param operators At most 32, strictly ascending; each admitted and with `bondPerUnit × (roundUnits + settlementUnits)` of stake that is not unbonding,
    /// and R + u of at least `STANDING_FLOOR`.
    /// @param threshold k; more than half of the set.
    function formEpoch(address[] calldata operators, uint8 threshold, uint16 roundUnits, uint16 settlementUnits) external;

    /// @notice Reverts unless at least k operators of the current epoch signed `digest`.
    /// @return epoch The current epoch, with the caller's remaining units.
    function requireQuorum(bytes32 digest, Quorum calldata quorum) external view returns (Epoch memory epoch);

    /// @notice Called by a ledger on a proven fault: takes one unit's bond, or what is left of it, from every liable signer, lowers its standing, and divides
    /// what was taken. The shares wait
    /// here: `collect` and `settleSlashes` pay them out.
    /// @param evidence Names the fault; binds the ledger. One evidence, one slash.
    /// @param signers Bitmap over the set of `epoch`.
    /// @param challenger Not zero.
    function slash(bytes32 evidence, uint32 epoch, uint32 signers, address challenger) external;
    /// @notice Called by `Settlement` when a settlement becomes final: raises the standing of who signed it. A round gives none: it is paid for by the
    /// settlement that covers it, and would cost every operator's storage each time.
    function uphold(uint32 epoch, uint32 signers) external;
    /// @notice Anyone: pays the challenger what the slash on this evidence set aside for it. It does not expire.
    function collect(bytes32 evidence) external;
    /// @notice Anyone: gives the pool's part of all slashes since the last time back to the treasury, and burns the rest.
    function settleSlashes() external;
    /// @notice Governance appoints the two ledgers.
    /// @dev Warning: a ledger that is replaced can no longer slash, nor raise standing; replace one only when nothing in it is live.
    function changeLedgers(address rounds, address settlement) external;

    function token() external view returns (address);
    function rounds() external view returns (address);
    function settlement() external view returns (address);
    function evidenceUsed(bytes32 evidence) external view returns (bool);
    function awardOf(bytes32 evidence) external view returns (Award memory);
    /// @notice What `settleSlashes` would recycle and burn now.
    function unsettled() external view returns (uint256 toPool, uint256 burnt);
    function bondPerUnit() external view returns (uint256);
    function unbondingPeriod() external view returns (uint256);
    function currentEpoch() external view returns (Epoch memory);
    function signersOf(uint32 epoch) external view returns (address[] memory);
    function operatorOf(address operator) external view returns (Operator memory);
    /// @notice R and u of an operator, in parts per million; 1/2 and 1 for an address that nothing is known of. R − u is what can be relied on, and what
    /// people are shown; it is below zero for a newcomer.
    function standingOf(address operator) external view returns (uint256 mean, uint256 uncertainty);
}
