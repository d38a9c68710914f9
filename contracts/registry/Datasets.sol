// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Ownable} from "@openzeppelin/contracts/access/Ownable.sol";

import {IContributors} from "../interfaces/IContributors.sol";
import {IDatasets} from "../interfaces/IDatasets.sol";
import {ISeats} from "../interfaces/ISeats.sol";

/// @title Datasets
/// @dev Specified in {IDatasets}. Status and hold are two independent reasons to stop; seats run only when neither applies.
contract Datasets is IDatasets, Ownable {
    IContributors public immutable CONTRIBUTORS;
    /// @inheritdoc IDatasets
    uint256 public immutable holdPeriod;
    /// @inheritdoc IDatasets
    address public council;
    /// @inheritdoc IDatasets
    uint32 public datasetCount;
    /// @inheritdoc IDatasets
    address public seats;

    mapping(uint32 dataset => Dataset) private _datasets;
    mapping(uint32 dataset => Terms) private _terms;
    mapping(uint32 dataset => bytes32 termsHash) private _amendments;

    constructor(address owner, IContributors contributors, address council_, uint256 holdPeriod_) Ownable(owner) {
        CONTRIBUTORS = contributors;
        council = council_;
        holdPeriod = holdPeriod_;
        emit CouncilChanged(council_);
    }

    // ------------------------------------------------------------------------------------------------ admission

    /// @inheritdoc IDatasets
    function propose(uint32 custodian, Terms calldata terms) external returns (uint32 dataset) {
        _requireOfficer(custodian);
        _requireTerms(terms);
        dataset = ++datasetCount;
        Dataset storage d = _datasets[dataset];
        d.status = Status.Proposed;
        d.version = 1;
        d.custodian = custodian;
        _terms[dataset] = terms;
        emit DatasetProposed(dataset, custodian, terms);
    }

    /// @inheritdoc IDatasets
    function approve(uint32 dataset) external onlyOwner {
        _requireStatus(dataset, Status.Proposed);
        _requireUnexpired(_terms[dataset].ethicsExpiry);
        _changeStatus(dataset, Status.Approved);
    }

    /// @inheritdoc IDatasets
    function suspend(uint32 dataset) external onlyOwner {
        _requireStatus(dataset, Status.Approved);
        _changeStatus(dataset, Status.Suspended);
        _stopSeats(dataset, true);
    }

    /// @inheritdoc IDatasets
    function reinstate(uint32 dataset) external onlyOwner {
        _requireStatus(dataset, Status.Suspended);
        _requireUnexpired(_terms[dataset].ethicsExpiry);
        _changeStatus(dataset, Status.Approved);
        _resumeIfUsable(dataset);
    }

    /// @inheritdoc IDatasets
    function retire(uint32 dataset) external onlyOwner {
        _live(dataset);
        _retire(dataset);
    }

    // ------------------------------------------------------------------------------------------------ amendment

    /// @inheritdoc IDatasets
    function proposeAmendment(uint32 dataset, Terms calldata terms) external {
        Dataset storage d = _amendable(dataset);
        _requireOfficer(d.custodian);
        _requireTerms(terms);
        bytes32 termsHash = keccak256(abi.encode(terms));
        _amendments[dataset] = termsHash;
        emit AmendmentProposed(dataset, termsHash, terms);
    }

    /// @inheritdoc IDatasets
    function amend(uint32 dataset, Terms calldata terms) external onlyOwner {
        Dataset storage d = _amendable(dataset);
        if (d.heldUntil != 0) revert DatasetsHeldUntil(dataset, d.heldUntil);
        bytes32 termsHash = keccak256(abi.encode(terms));
        if (_amendments[dataset] != termsHash) revert DatasetsAmendmentNotProposed(dataset, termsHash);
        // The rest of the terms was checked when they were proposed; time has passed since, and seats were granted.
        _requireUnexpired(terms.ethicsExpiry);
        if (terms.exempt != _terms[dataset].exempt) revert DatasetsExemptionFixed(dataset);
        if (!terms.exempt && seats != address(0)) {
            uint256 granted = ISeats(seats).grantedOf(dataset);
            if (terms.privacyCap < granted) revert DatasetsCapBelowGrants(dataset, terms.privacyCap, granted);
        }

        delete _amendments[dataset];
        _terms[dataset] = terms;
        uint16 version = ++d.version;
        emit DatasetAmended(dataset, version, terms);
        _stopSeats(dataset, true);
    }

    // ------------------------------------------------------------------------------------------------ stops

    /// @inheritdoc IDatasets
    function withdraw(uint32 dataset) external {
        Dataset storage d = _live(dataset);
        _requireOfficer(d.custodian);
        emit ConsentWithdrawn(dataset, msg.sender);
        _retire(dataset);
    }

    /// @inheritdoc IDatasets
    function hold(uint32 dataset) external {
        if (msg.sender != council) revert DatasetsNotCouncil(msg.sender);
        Dataset storage d = _live(dataset);
        uint16 version = d.version;
        if (d.heldVersion == version) revert DatasetsAlreadyHeld(dataset, version);
        d.heldVersion = version;
        d.heldUntil = uint48(block.timestamp + holdPeriod);
        emit DatasetHeld(dataset, version, d.heldUntil);
        _stopSeats(dataset, true);
    }

    /// @inheritdoc IDatasets
    function liftHold(uint32 dataset) external {
        Dataset storage d = _known(dataset);
        uint256 until = d.heldUntil;
        if (until == 0) revert DatasetsNotHeld(dataset);
        if (block.timestamp < until && msg.sender != council) revert DatasetsHeldUntil(dataset, until);
        d.heldUntil = 0;
        emit HoldLifted(dataset, d.version);
        _resumeIfUsable(dataset);
    }

    // ------------------------------------------------------------------------------------------------ appointments

    /// @inheritdoc IDatasets
    function changeCouncil(address council_) external onlyOwner {
        council = council_;
        emit CouncilChanged(council_);
    }

    /// @inheritdoc IDatasets
    function changeSeats(address seats_) external onlyOwner {
        seats = seats_;
        emit SeatsChanged(seats_);
    }

    // ------------------------------------------------------------------------------------------------ views

    /// @inheritdoc IDatasets
    function datasetOf(uint32 dataset) external view returns (Dataset memory) {
        return _known(dataset);
    }

    /// @inheritdoc IDatasets
    function termsOf(uint32 dataset) external view returns (Terms memory) {
        _known(dataset);
        return _terms[dataset];
    }

    /// @inheritdoc IDatasets
    function amendmentOf(uint32 dataset) external view returns (bytes32) {
        return _amendments[dataset];
    }

    /// @inheritdoc IDatasets
    function isUsable(uint32 dataset) public view returns (bool) {
        Dataset storage d = _datasets[dataset];
        return d.status == Status.Approved && d.heldUntil == 0;
    }

    // ------------------------------------------------------------------------------------------------ private

    function _known(uint32 dataset) private view returns (Dataset storage d) {
        d = _datasets[dataset];
        if (d.status == Status.None) revert DatasetsUnknown(dataset);
    }

    function _live(uint32 dataset) private view returns (Dataset storage d) {
        d = _known(dataset);
        if (d.status == Status.Retired) revert DatasetsWrongStatus(dataset, Status.Retired);
    }

    /// @dev What was never approved is not amended but proposed again.
    function _amendable(uint32 dataset) private view returns (Dataset storage d) {
        d = _live(dataset);
        if (d.status == Status.Proposed) revert DatasetsWrongStatus(dataset, Status.Proposed);
    }

    function _requireStatus(uint32 dataset, Status status) private view {
        Status actual = _known(dataset).status;
        if (actual != status) revert DatasetsWrongStatus(dataset, actual);
    }

    function _requireOfficer(uint32 custodian) private view {
        if (!CONTRIBUTORS.isOfficer(custodian, msg.sender)) revert DatasetsNotCustodian(custodian, msg.sender);
    }

    function _requireTerms(Terms calldata terms) private view {
        if (terms.card == 0 || terms.records == 0) revert DatasetsEmptyTerms();
        _requireUnexpired(terms.ethicsExpiry);
        if (terms.ethicsExpiry / 1 days > type(uint16).max) revert DatasetsEthicsTooFar(terms.ethicsExpiry);
    }

    /// @dev By whole days, as seats count.
    function _requireUnexpired(uint256 ethicsExpiry) private view {
        if (ethicsExpiry / 1 days <= block.timestamp / 1 days) revert DatasetsEthicsExpired(ethicsExpiry);
    }

    function _changeStatus(uint32 dataset, Status status) private {
        _datasets[dataset].status = status;
        emit DatasetStatusChanged(dataset, status);
    }

    function _retire(uint32 dataset) private {
        _changeStatus(dataset, Status.Retired);
        _stopSeats(dataset, true);
    }

    function _resumeIfUsable(uint32 dataset) private {
        if (isUsable(dataset)) _stopSeats(dataset, false);
    }

    /// @dev Before `Seats` is wired there is no seat to stop.
    function _stopSeats(uint32 dataset, bool stopped) private {
        if (seats != address(0)) ISeats(seats).setDatasetStopped(dataset, stopped);
    }
}
