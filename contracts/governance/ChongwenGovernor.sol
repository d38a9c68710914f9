// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Governor} from "@openzeppelin/contracts/governance/Governor.sol";
import {GovernorCountingSimple} from "@openzeppelin/contracts/governance/extensions/GovernorCountingSimple.sol";
import {GovernorPreventLateQuorum} from "@openzeppelin/contracts/governance/extensions/GovernorPreventLateQuorum.sol";
import {GovernorSettings} from "@openzeppelin/contracts/governance/extensions/GovernorSettings.sol";
import {GovernorTimelockControl} from "@openzeppelin/contracts/governance/extensions/GovernorTimelockControl.sol";
import {GovernorVotes, IVotes} from "@openzeppelin/contracts/governance/extensions/GovernorVotes.sol";
import {GovernorVotesQuorumFraction} from "@openzeppelin/contracts/governance/extensions/GovernorVotesQuorumFraction.sol";
import {TimelockController} from "@openzeppelin/contracts/governance/TimelockController.sol";

/// @title The DAO: SHU holders govern datasets, seats, operators, federations and the reserve
/// @notice OpenZeppelin Governor with delegation, votes by signature, a quorum as a fraction of the supply, protection against a late swing, and a timelock
/// that owns every contract of the kernel. All times are seconds (the token counts votes by timestamp).
/// @dev Trust assumptions: what passes here is bounded by the contracts it governs: it cannot write a round, take back a credited reward, pause a claim,
/// or use a dataset whose custodian has withdrawn. A majority of organisations for dataset actions is a later extension of `_voteSucceeded`.
contract ChongwenGovernor is
    Governor,
    GovernorSettings,
    GovernorCountingSimple,
    GovernorVotes,
    GovernorVotesQuorumFraction,
    GovernorPreventLateQuorum,
    GovernorTimelockControl
{
    /// @param votingDelay_,votingPeriod_,lateQuorumExtension Seconds.
    /// @param proposalThreshold_ Votes needed to propose.
    /// @param quorumPercent Share of the supply that must vote for or abstain.
    struct Parameters {
        uint48 votingDelay_;
        uint32 votingPeriod_;
        uint256 proposalThreshold_;
        uint256 quorumPercent;
        uint48 lateQuorumExtension;
    }

    constructor(IVotes token_, TimelockController timelock_, Parameters memory p)
        Governor("Chongwen")
        GovernorSettings(p.votingDelay_, p.votingPeriod_, p.proposalThreshold_)
        GovernorVotes(token_)
        GovernorVotesQuorumFraction(p.quorumPercent)
        GovernorPreventLateQuorum(p.lateQuorumExtension)
        GovernorTimelockControl(timelock_)
    {}

    function state(uint256 proposalId) public view override(Governor, GovernorTimelockControl) returns (ProposalState) {
        return super.state(proposalId);
    }

    function proposalNeedsQueuing(uint256 proposalId) public view override(Governor, GovernorTimelockControl) returns (bool) {
        return super.proposalNeedsQueuing(proposalId);
    }

    function proposalThreshold() public view override(Governor, GovernorSettings) returns (uint256) {
        return super.proposalThreshold();
    }

    function proposalDeadline(uint256 proposalId) public view override(Governor, GovernorPreventLateQuorum) returns (uint256) {
        return super.proposalDeadline(proposalId);
    }

    function _tallyUpdated(uint256 proposalId) internal override(Governor, GovernorPreventLateQuorum) {
        super._tallyUpdated(proposalId);
    }

    function _queueOperations(uint256 id, address[] memory targets, uint256[] memory values, bytes[] memory calldatas, bytes32 descriptionHash)
        internal
        override(Governor, GovernorTimelockControl)
        returns (uint48)
    {
        return super._queueOperations(id, targets, values, calldatas, descriptionHash);
    }

    function _executeOperations(uint256 id, address[] memory targets, uint256[] memory values, bytes[] memory calldatas, bytes32 descriptionHash)
        internal
        override(Governor, GovernorTimelockControl)
    {
        super._executeOperations(id, targets, values, calldatas, descriptionHash);
    }

    function _cancel(address[] memory targets, uint256[] memory values, bytes[] memory calldatas, bytes32 descriptionHash)
        internal
        override(Governor, GovernorTimelockControl)
        returns (uint256)
    {
        return super._cancel(targets, values, calldatas, descriptionHash);
    }

    function _executor() internal view override(Governor, GovernorTimelockControl) returns (address) {
        return super._executor();
    }
}
