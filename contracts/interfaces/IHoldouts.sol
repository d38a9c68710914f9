// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title Holdouts: a holdout is chosen before the rounds that it judges
/// @notice A custodian commits to the records and labels that will judge a federation's contributions; they are revealed with the settlement that uses them.
/// Here stands who committed to what, and from which round on nothing was known when it did. A settlement may only use a commitment whose `fromRound`
/// is not above its first round, and none that a settlement used before: whoever recomputes a settlement checks both.
///
///     commitment = keccak256(salt (32) ‖ holdout root (32) ‖ labels hash (32) ‖ records (uint32))
///
/// **What this is for.** Who may choose the records after seeing the updates can choose who looks good. And records that were published once can be
/// trained on: an openly licensed holdout is good for one settlement.
///
/// **First unknown round.** While a round is open, its contributions may be known to whoever made them or gathers them; they cannot be to a custodian who
/// commits before the round opens. So `fromRound` is the first round that was never open: the one after the open round. It is the next round itself only
/// while no report on top of which it could be signed ever existed: the newest round is sealed, or back to be sealed again, and was never reported. For a
/// federation that governance is yet to create it is round 1, so that its first settlement can be judged too.
/// @dev Trust assumptions:
///  - Governance (the owner) appoints custodians, by federation. A custodian who shares its holdout with a contributor before the window defeats it: the
///    contract fixes when a holdout was chosen, not who knew it. `docs/threat-model.md` says what remains.
///  - A commitment says nothing of its content. That two commitments hide the same records is seen when they are revealed, by their holdout root.
///  - A private holdout is not committed here: it is never revealed, and what follows from it is attested.
interface IHoldouts {
    /// @param custodian Who committed; zero when nobody did.
    /// @param fromRound First round of the federation that the holdout may judge.
    struct Holdout {
        address custodian;
        uint32 federation;
        uint32 fromRound;
    }

    event CustodianChanged(uint32 indexed federation, address indexed custodian, bool appointed);
    event HoldoutCommitted(uint32 indexed federation, bytes32 indexed commitment, address indexed custodian, uint32 fromRound);

    error HoldoutsNotCustodian(uint32 federation, address caller);
    /// @notice Committed before, by this or another custodian, in this or another federation.
    error HoldoutsCommitted(bytes32 commitment);
    error HoldoutsEmpty();

    /// @notice Governance appoints or dismisses a custodian of a federation, also of one that it is about to create.
    /// What a custodian committed before its dismissal stands: it was fixed in time.
    function changeCustodian(uint32 federation, address custodian, bool appointed) external;

    /// @notice A custodian commits to a holdout. It is good for one settlement, which may come at any time.
    /// Warning: draw the salt at random and keep it: without it nobody can reveal the holdout, and with a guessable one small holdouts can be found by trying.
    /// Warning: another custodian who sees the transaction can send the commitment first. It gains nothing (it cannot reveal it): draw another salt.
    /// @return fromRound As stored: `firstUnknownRound` at this moment.
    function commit(uint32 federation, bytes32 commitment) external returns (uint32 fromRound);

    function isCustodian(uint32 federation, address account) external view returns (bool);
    /// @notice All zero when nobody committed to it.
    function holdoutOf(bytes32 commitment) external view returns (Holdout memory);
    /// @notice First round that a holdout committed now may judge.
    function firstUnknownRound(uint32 federation) external view returns (uint32);
}
