// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IContributors} from "../../../contracts/interfaces/IContributors.sol";
import {IDatasets} from "../../../contracts/interfaces/IDatasets.sol";
import {ISeats} from "../../../contracts/interfaces/ISeats.sol";

/// @notice Plays contributors, datasets and ledger at once, for tests of `Seats` alone: whatever it is told is true.
contract StubRegistry {
    ISeats public seats;
    mapping(uint32 dataset => uint16) public versionOf;
    mapping(uint32 dataset => bool) public unusable;
    mapping(uint32 dataset => IDatasets.Terms) private _terms;
    uint32 public unit = 1;
    uint16 public maxSeats = 256;

    function wire(ISeats seats_) external {
        seats = seats_;
    }

    function setTerms(uint32 dataset, uint32 records, uint48 cap, bool exempt, uint64 ethicsExpiry) external {
        IDatasets.Terms storage t = _terms[dataset];
        (t.records, t.privacyCap, t.exempt, t.ethicsExpiry) = (records, cap, exempt, ethicsExpiry);
        if (versionOf[dataset] == 0) versionOf[dataset] = 1;
    }

    function stop(uint32 dataset, bool stopped) external {
        unusable[dataset] = stopped;
        seats.setDatasetStopped(dataset, stopped);
    }

    function amend(uint32 dataset) external {
        ++versionOf[dataset];
        seats.setDatasetStopped(dataset, true);
    }

    function suspend(uint32 contributor, bool suspended) external {
        seats.setContributorSuspended(contributor, suspended);
    }

    function contributorOf(uint32) external pure returns (IContributors.Contributor memory c) {}

    function isUsable(uint32 dataset) external view returns (bool) {
        return !unusable[dataset];
    }

    function datasetOf(uint32 dataset) external view returns (IDatasets.Dataset memory d) {
        d.version = versionOf[dataset];
    }

    function termsOf(uint32 dataset) external view returns (IDatasets.Terms memory) {
        return _terms[dataset];
    }

    function weightRuleOf(uint32) external view returns (uint32, uint16) {
        return (unit, maxSeats);
    }
}
