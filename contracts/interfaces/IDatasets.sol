// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title Datasets: what may be trained on, under which terms, and who can stop it
/// @notice A catalogue of dataset versions. The data never comes here: only the content address of its card and the terms of its use.
/// @dev Trust assumptions:
///  - Governance (the owner) admits, suspends, reinstates and retires; it cannot change terms that the custodian did not propose.
///  - The custodian's officers withdraw consent at once, alone, for ever: a new use needs a new dataset.
///  - The ethics council can hold each version once, for `holdPeriod`; it can never seize, spend, execute, or hold twice.
interface IDatasets {
    enum Status {
        None,
        Proposed,
        Approved,
        Suspended,
        Retired
    }

    /// @param card SHA-256 multihash digest of the data card (public or encrypted) in the content-addressed store.
    /// @param ethicsExpiry Unix seconds; eligibility ends with the UTC day before this moment's day. Whole days, so a lane keeps it in 16 bits.
    /// @param records Number of records, attested by the custodian; fixes the weight of seats.
    /// @param privacyCap Most nano-ρ (zCDP) that all uses together may spend; ignored when `exempt`.
    /// @param exempt The data is public: no privacy budget is kept, and the product says so. Fixed for the dataset's life.
    struct Terms {
        bytes32 card;
        uint64 ethicsExpiry;
        uint32 consentVersion;
        uint32 records;
        uint48 privacyCap;
        bool exempt;
        string licence;
        string legalBasis;
        string ethicsApproval;
    }

    /// @param heldUntil When anyone may lift the hold; 0 = not held. @param heldVersion The last version that the council held: never that one again.
    struct Dataset {
        Status status;
        uint16 version;
        uint32 custodian;
        uint48 heldUntil;
        uint16 heldVersion;
    }

    event DatasetProposed(uint32 indexed dataset, uint32 indexed custodian, Terms terms);
    event AmendmentProposed(uint32 indexed dataset, bytes32 termsHash, Terms terms);
    event DatasetAmended(uint32 indexed dataset, uint16 version, Terms terms);
    event DatasetStatusChanged(uint32 indexed dataset, Status status);
    event ConsentWithdrawn(uint32 indexed dataset, address indexed officer);
    event DatasetHeld(uint32 indexed dataset, uint16 version, uint256 until);
    event HoldLifted(uint32 indexed dataset, uint16 version);
    event CouncilChanged(address council);
    event SeatsChanged(address seats);

    error DatasetsUnknown(uint32 dataset);
    error DatasetsWrongStatus(uint32 dataset, Status status);
    error DatasetsNotCustodian(uint32 custodian, address caller);
    error DatasetsNotCouncil(address caller);
    error DatasetsAlreadyHeld(uint32 dataset, uint16 version);
    error DatasetsNotHeld(uint32 dataset);
    error DatasetsHeldUntil(uint32 dataset, uint256 until);
    error DatasetsEthicsExpired(uint256 ethicsExpiry);
    error DatasetsEthicsTooFar(uint256 ethicsExpiry);
    error DatasetsEmptyTerms();
    error DatasetsAmendmentNotProposed(uint32 dataset, bytes32 termsHash);
    /// @notice Public data cannot become private nor private data public: that is another dataset.
    error DatasetsExemptionFixed(uint32 dataset);
    /// @notice A lower cap than what seats already hold or spent.
    error DatasetsCapBelowGrants(uint32 dataset, uint256 cap, uint256 granted);

    /// @notice An officer of the custodian organisation puts a dataset forward. Nothing can use it before governance approves it.
    function propose(uint32 custodian, Terms calldata terms) external returns (uint32 dataset);
    /// @notice Governance. Proposed → Approved.
    function approve(uint32 dataset) external;
    /// @notice Governance. Approved → Suspended: every seat on it stops being eligible in the same transaction.
    function suspend(uint32 dataset) external;
    /// @notice Governance. Suspended → Approved. Seats of the current version resume, unless it is held.
    function reinstate(uint32 dataset) external;
    /// @notice Governance. Any live status → Retired, for ever.
    function retire(uint32 dataset) external;
    /// @notice An officer of the custodian proposes new terms: a new consent version, record count, licence, … Replaces what was proposed before.
    function proposeAmendment(uint32 dataset, Terms calldata terms) external;
    /// @notice Governance accepts exactly what the custodian proposed. The version rises; seats stop until they are renewed for it; spent budget carries over.
    /// Refused while a hold stands: it would be a way around it.
    function amend(uint32 dataset, Terms calldata terms) external;
    /// @notice An officer of the custodian withdraws consent: Retired, at once, for ever. Leaves a tombstone on every model that used it.
    function withdraw(uint32 dataset) external;
    /// @notice The council stops one version once, whatever its status, until the hold is lifted.
    function hold(uint32 dataset) external;
    /// @notice Anyone, once `holdPeriod` has passed; or the council, before. Seats of the current version resume if the dataset is Approved.
    function liftHold(uint32 dataset) external;
    /// @notice Governance appoints the ethics council.
    function changeCouncil(address council) external;
    /// @notice Names the contract that is told what may no longer be used. Wiring, done once at deployment.
    function changeSeats(address seats) external;

    function council() external view returns (address);
    function holdPeriod() external view returns (uint256);
    function seats() external view returns (address);
    function datasetCount() external view returns (uint32);
    function datasetOf(uint32 dataset) external view returns (Dataset memory);
    function termsOf(uint32 dataset) external view returns (Terms memory);
    /// @notice keccak256(abi.encode(terms)) of the amendment that waits for governance; 0 = none.
    function amendmentOf(uint32 dataset) external view returns (bytes32);
    /// @notice Approved and not held; false for a dataset that does not exist. (Expiry of the ethics approval is carried by the seats and checked at every seal.)
    function isUsable(uint32 dataset) external view returns (bool);
}
