// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IRounds} from "./IRounds.sol";

/// @title LoneReports: one party reports a round again that a quorum got wrong, for a bond
/// @notice When a report was overturned and no quorum reports again, anyone may, alone, in the second half of the report window. A bond in SHU stands
/// for its word: overturned itself, the bond is divided as a slash is: 40 % challenger, 40 % pool, 20 % burnt. Otherwise it goes back.
/// @dev Trust assumptions:
///  - `Rounds` alone says what became of a report. No other account decides over a bond, and nobody can keep one: whatever ends the attempt frees it.
///  - Who convicts itself through a friendly challenger still loses the pool's part and the burnt part.
/// Warning: governance should appoint another contract in place of this one only while no lone report is under way. A report that is overturned after
/// that is no longer slashed here: its bond goes back.
interface ILoneReports {
    event LoneReported(uint32 indexed federation, uint32 indexed round, uint8 attempt, address indexed reporter);
    event BondReleased(uint32 indexed federation, uint32 indexed round, uint8 attempt, address indexed reporter);
    event BondSlashed(
        uint32 indexed federation,
        uint32 indexed round,
        uint8 attempt,
        address reporter,
        address indexed challenger,
        uint256 toChallenger,
        uint256 toPool,
        uint256 burnt
    );
    event AwardCollected(address indexed challenger, uint256 amount);
    event SlashesSettled(uint256 toPool, uint256 burnt);

    error LoneReportsZeroBond();
    error LoneReportsNotRounds(address caller);
    /// @notice No bond waits for this attempt: nobody reported it alone, or the bond was released or slashed.
    error LoneReportsNoBond(uint32 federation, uint32 round, uint8 attempt);
    /// @notice The report can still be overturned, or its round is not final yet.
    error LoneReportsUndecided(uint32 federation, uint32 round, uint8 attempt);
    error LoneReportsNothingToCollect(address challenger);
    error LoneReportsNothingToSettle();

    /// @notice Reports the federation's redone round alone, and pulls `bond` from the caller (SHU allowance needed). Reverts where `Rounds.reportAlone` does.
    function report(uint32 federation, IRounds.ReportInput calldata input) external returns (uint32 round, uint8 attempt);

    /// @notice Anyone: sends the bond back to the reporter once its report is final or void, or the attempt ended by a fault that is not the reporter's:
    /// one in the seal.
    function release(uint32 federation, uint32 round, uint8 attempt) external;

    /// @notice Called by `Rounds` when it overturns a lone report. Takes nothing, and does not revert, where no bond waits: the fault takes effect anyway.
    /// @param challenger Not zero.
    function slash(uint32 federation, uint32 round, uint8 attempt, address challenger) external;

    /// @notice Anyone: pays the challenger what slashes set aside for it. It does not expire.
    function collect(address challenger) external;
    /// @notice Anyone: gives the pool's part of all slashes since the last time back to the treasury, and burns the rest.
    function settleSlashes() external;

    function token() external view returns (address);
    function bond() external view returns (uint256);
    /// @notice Who reported that attempt alone; stays when the bond is gone. Zero when a quorum did, or nobody.
    function reporterOf(uint32 federation, uint32 round, uint8 attempt) external view returns (address);
    function isBonded(uint32 federation, uint32 round, uint8 attempt) external view returns (bool);
    function creditOf(address challenger) external view returns (uint256);
    /// @notice What `settleSlashes` would recycle and burn now.
    function unsettled() external view returns (uint256 toPool, uint256 burnt);
}
