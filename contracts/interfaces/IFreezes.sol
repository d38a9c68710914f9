// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title Freezes: the ethics council stops a federation at once, for a limited time
/// @notice While a federation is frozen, nothing of it is sealed (so no data is used and no privacy budget charged), reported, or final. A freeze ends by
/// itself after `freezePeriod`. The next one can begin no sooner than `restPeriod` after the end of the last: by repetition the council can stop a federation
/// for a part of the time that is fixed at deployment, never for ever.
///
/// What goes on: fault proofs, answers to demands, postings, entries that are forced in, suspensions and withdrawals of consent, the voiding of rounds whose
/// parent is void; everything of settlements, and claims. A freeze is about the use of data and never about what somebody has earned.
///
/// Time that runs out in a freeze counts against nobody: from its end on, whatever of the federation has not ended has its whole window again
/// (`IRounds.deadlineOf`), and so has an open demand.
/// @dev Trust assumptions:
///  - The council is who `Datasets` says it is: one appointment, by governance, for both of its powers. It can freeze, and end its freeze early; it can seize,
///    spend, decide and execute nothing.
///  - Governance (the owner) can end a freeze early, and cannot freeze.
///  - This contract is a judge of `Rounds` and calls nothing there but `freeze`. It keeps no state: when the last freeze ended, the ledger knows.
interface IFreezes {
    /// @param reasonHash keccak-256 of the council's written reason. Publish it when it can be without harm; no reason that names a person belongs anywhere public.
    event FreezeDecided(uint32 indexed federation, bytes32 indexed reasonHash, uint256 until);
    event FreezeLifted(uint32 indexed federation, address indexed by);

    error FreezesBadPeriod(uint256 period, uint256 limit);
    error FreezesNotCouncil(address caller);
    error FreezesNotCouncilOrGovernance(address caller);
    error FreezesNoReason();
    /// @notice The last freeze of this federation is too recent, or lasts.
    error FreezesResting(uint32 federation, uint256 since);
    error FreezesNotFrozen(uint32 federation);

    /// @notice The council stops the federation from this block on, for `freezePeriod`.
    /// Warning: the next freeze of the same federation has to wait. What the council can stop for longer, it stops by holds of datasets; what is to be stopped
    /// for good is governance's or the custodians'.
    /// @param reasonHash Not zero: a stop without a reason that can be shown later is not the council's to make.
    function freeze(uint32 federation, bytes32 reasonHash) external returns (uint40 until);
    /// @notice The council or governance ends the freeze early. Windows begin anew at this moment.
    function lift(uint32 federation) external;

    function freezePeriod() external view returns (uint256);
    /// @notice The unbonding period of operators: at most one freeze falls into the time for which a signer's stake is bound.
    function restPeriod() external view returns (uint256);
    /// @notice End of the federation's last freeze, past or to come; 0 when there was none. As `IRounds.frozenUntil`.
    function frozenUntil(uint32 federation) external view returns (uint40);
    /// @notice When the council can freeze the federation again; 0 = at once.
    function nextFreeze(uint32 federation) external view returns (uint256);
}
