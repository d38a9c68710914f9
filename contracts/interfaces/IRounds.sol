// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {FederationConfig, Contribution, Seal, Report} from "../types/Kernel.sol";
import {RoundSlot} from "../libraries/RoundSlot.sol";
import {IOperators} from "./IOperators.sol";
import {ISeats} from "./ISeats.sol";

/// @title Rounds: the ledger of federations and the life cycle of their rounds
/// @notice Open → Sealed → Reported → Final, or Void. Two storage slots a round: a hash, and the packed state below.
///
///   bit 0     8         16         56             88               96              120       152         184           200             216       232        248
///       | state | attempt | deadline | parent round | parent attempt | consent epoch | sealers | reporters | seal epoch | report epoch | entries | accepted | holds  |
///
/// `attempt` counts proven faults. A round's report hash is fixed by (round, attempt), so a child pins its parent by the parent's attempt and need not
/// store its hash. Every transition and who is liable is in the table of `docs/protocol.md`.
/// @dev Trust assumptions:
///  - The operators' quorum can refuse to seal, never alter what was signed; what it leaves out can be forced in; what it gets wrong can be disproven.
///  - Governance (the owner) creates and reconfigures federations and appoints judges; it cannot write a round.
///  - Judges are contracts (`Disputes`, `Demands`, `Attestations`, `Postings`). A wrong judge can overturn honest work or delay finality; it cannot make
///    anything final, and cannot touch a round that is.
///  - `Seats` and `Operators` are fixed at deployment.
interface IRounds {
    enum State {
        None,
        Open,
        Sealed,
        Reported,
        Final,
        Void
    }

    /// @notice Where a proven fault lies, and so who is liable and where the round goes.
    enum FaultKind {
        None,
        Report, // reporters slashed; back to Sealed
        Seal // sealers slashed; back to Open
    }

    enum VoidReason {
        None,
        ReportTimeout,
        SealTimeout,
        ParentVoid,
        ParentReplaced,
        TooManyFaults,
        Reconfigured, // a proven fault in a round that was sealed under another configuration
        NeverReleased // what the report had to wait for did not come
    }

    /// @param hash Sealed: seal hash. Reported and Final: report hash. Open again, Void: the last of these.
    /// @param deadline Open again: seal by. Sealed: report by. Reported: disprove before, finalise from.
    /// @param sealers,reporters Who signed, as bitmaps over the signer sets of `sealEpoch` and `reportEpoch`.
    /// A report of one party alone has `reporters` full and `reportEpoch` 0: see `LoneReports`.
    /// @param entries,accepted Entries in the sealed columns, and those with weight.
    /// @param holds What a report still waits for besides time: attestation, approval, answers to demands.
    struct Round {
        bytes32 hash;
        State state;
        uint8 attempt;
        uint40 deadline;
        uint32 parentRound;
        uint8 parentAttempt;
        uint24 consentEpoch;
        uint32 sealers;
        uint32 reporters;
        uint16 sealEpoch;
        uint16 reportEpoch;
        uint16 entries;
        uint16 accepted;
        uint8 holds;
    }

    /// @notice Where a federation's chain of rounds stands. The open round is `tip` when that is being redone (its state is Open), else `last + 1` on top of `tip`.
    /// @param last Highest round number in use.
    /// @param tip The round that the next seal extends or redoes.
    /// @param forceUntil End of the open round's force window: entries can be forced in before, a seal comes from then on. 0 while the tip is sealed.
    /// @param forced Entries forced into round `last + 1`.
    struct Head {
        uint32 last;
        uint32 tip;
        uint40 forceUntil;
        uint16 forced;
    }

    /// @notice Calldata of a seal. Column i belongs to entry i; see `Seal` for their packing.
    /// @param rootOrder A byte an entry: entry indices sorted by (update root, index). Proves in one pass which roots are equal.
    struct SealInput {
        bytes seats;
        bytes updateRoots;
        bytes rootOrder;
        bytes32 normsHash;
        bytes32 normTracesHash;
        bytes32 signaturesHash;
    }

    /// @notice Calldata of a report; the rest of `Report` is known to the ledger.
    struct ReportInput {
        bytes32 modelRoot;
        bytes32 metricsHash;
        uint256 excluded;
        bytes32 artefact;
    }

    event FederationCreated(uint32 indexed federation, bytes32 configHash, FederationConfig config, bytes32 genesisHash, bytes32 modelRoot, bytes32 artefact);
    event FederationReconfigured(uint32 indexed federation, bytes32 configHash, FederationConfig config);
    event ContributionForced(uint32 indexed federation, uint32 indexed round, uint32 indexed seat, Contribution contribution, bytes signature);
    event RoundSealed(
        uint32 indexed federation, uint32 indexed round, uint8 attempt, uint32 parentRound, bytes32 sealHash, bytes32 weightsHash, uint32 signers
    );
    event RoundReported(uint32 indexed federation, uint32 indexed round, uint8 attempt, bytes32 reportHash, ReportInput report, uint32 signers, uint256 deadline);
    event RoundFinalised(uint32 indexed federation, uint32 indexed round, bytes32 reportHash);
    event RoundReopened(uint32 indexed federation, uint32 indexed round, uint8 attempt);
    event RoundVoided(uint32 indexed federation, uint32 indexed round, VoidReason reason);
    event FaultProven(uint32 indexed federation, uint32 indexed round, uint8 attempt, FaultKind kind, address indexed challenger, uint32 liable);
    event RoundHeld(uint32 indexed federation, uint32 indexed round, address indexed judge, uint256 holds);
    event RoundReleased(uint32 indexed federation, uint32 indexed round, address indexed judge, uint256 holds);
    event PayloadPosted(uint32 indexed federation, uint32 indexed round, uint256 entry, bytes32 sealHash);
    /// @param until When it ends; a moment that has come when it was lifted.
    event FederationFrozen(uint32 indexed federation, uint256 until);
    event JudgeChanged(address indexed judge, bool appointed);
    event LoneReportsChanged(address loneReports);

    error RoundsUnknownFederation(uint32 federation);
    error RoundsBadConfig(string field);
    /// @notice Nothing of the federation is sealed or reported before that.
    error RoundsFrozen(uint256 until);
    error RoundsWrongState(uint32 federation, uint32 round, State state);
    error RoundsRedoInProgress(uint32 federation, uint32 round);
    error RoundsForceWindowOpen(uint256 until);
    error RoundsForceWindowClosed(uint256 since);
    error RoundsForcedMissing(uint32 seat);
    error RoundsForcedTwice(uint32 seat);
    error RoundsForcedRootTaken(bytes32 updateRoot);
    error RoundsBadContribution(string field);
    error RoundsBadContributionSignature(uint32 seat, address expected);
    error RoundsSeatNotEligible(uint32 seat, ISeats.DropReason reason);
    error RoundsColumnLength(uint256 entries, uint256 length);
    error RoundsTooManyEntries(uint256 entries, uint256 limit);
    error RoundsTooFewContributors(uint256 accepted, uint256 needed);
    error RoundsTooManyExcluded(uint256 excluded, uint256 limit);
    error RoundsExcludedOutOfRange(uint256 excluded, uint256 entries);
    error RoundsConsentChanged(uint256 sealedAt, uint256 current);
    error RoundsConsentUnchanged(uint256 epoch);
    error RoundsDeadlinePassed(uint256 deadline);
    error RoundsWindowOpen(uint256 deadline);
    error RoundsParentNotFinal(uint32 parentRound);
    error RoundsHeld(uint256 holds);
    error RoundsNotHeld(uint32 federation, uint32 round, uint8 attempt);
    error RoundsExcludedPosted(uint256 posted);
    error RoundsPostingClosed(uint256 since);
    /// @notice A quorum may report first; one party alone from `since` on.
    error RoundsQuorumFirst(uint256 since);
    error RoundsNotRedone(uint32 federation, uint32 round);
    error RoundsNotVoidable(uint32 federation, uint32 round);
    /// @notice The round stands on one that was replaced. Anyone may void it, parents first.
    error RoundsStale(uint32 federation, uint32 round);
    error RoundsHashMismatch(bytes32 expected, bytes32 actual);
    error RoundsNotJudge(address caller);
    error RoundsNotLoneReports(address caller);
    error RoundsExposureExhausted(uint256 live, uint256 units);

    // --- governance ---

    /// @notice Creates a federation whose round 0 is final and holds the first model.
    function createFederation(FederationConfig calldata config, bytes32 modelRoot, bytes32 artefact) external returns (uint32 federation);
    /// @notice Contributions signed for the old configuration are void for the round that is open; refused while a round is sealed or being redone.
    /// A round sealed under the old configuration can still become final; a proven fault in it makes it void instead of having it done again.
    /// @dev `maxSeats` is fixed for life: seats' weights were granted for it.
    function reconfigure(uint32 federation, FederationConfig calldata config) external;
    function changeJudge(address judge, bool appointed) external;
    function changeLoneReports(address loneReports) external;

    // --- the round ---

    /// @notice A contributor that its aggregator ignores puts its entry into the open round; the seal must then contain it. Anyone may relay it.
    /// @param signature EIP-2098 or 65-byte signature over the contribution by the seat's key.
    function forceInclude(Contribution calldata contribution, bytes calldata signature) external;

    /// @notice Freezes the set of the open round (or of the round being redone), charges budgets, drops what is not eligible. Makes the parent final by the
    /// way if it can be: a federation that goes on needs no transaction for it.
    /// @param quorum Signatures over `Seal`.
    function seal(uint32 federation, SealInput calldata input, IOperators.Quorum calldata quorum) external returns (uint32 round);

    /// @notice Reports the sealed round's aggregate. Reverts with RoundsConsentChanged when a seat was stopped since the seal: `reopen` it then.
    /// @param quorum Signatures over `Report`.
    function report(uint32 federation, ReportInput calldata input, IOperators.Quorum calldata quorum) external;

    /// @notice Called by `LoneReports`, which holds the bond: one party reports a round again that was overturned, in the second half of its report window.
    /// Overturned itself, the bond is slashed there.
    function reportAlone(uint32 federation, ReportInput calldata input) external returns (uint32 round, uint8 attempt);

    /// @notice Anyone, after the window, when the parent is final and nothing holds the round. The next seal does the same if nobody has.
    function finalise(uint32 federation, uint32 round) external;

    /// @notice Anyone, when consent changed between seal and report: back to Open; what was charged stays charged once.
    function reopen(uint32 federation) external;

    /// @notice Anyone: voids a round whose deadline passed, or whose parent is void or was replaced. A report that is still held is void a report window and an
    /// approval window after its challenge window.
    function void(uint32 federation, uint32 round) external;

    // --- judges ---

    /// @notice Overturns a report or a seal that was proven wrong: before the deadline, or as long as the report is held. Only while the round is in the
    /// chain that ends at the tip: what stands on a replaced round is void anyway, and its signers could not know.
    /// @param report The report that the round holds (needed for FaultKind.Report, to restore its seal hash).
    function overturn(uint32 federation, uint32 round, FaultKind kind, Report calldata report, address challenger) external;

    /// @notice Keeps a report from becoming final until the same judge releases it.
    /// @return reportHash What is held. @return slot As it was before, for judges that need to know more of the round; its deadline as `deadlineOf` has it.
    function hold(uint32 federation, uint32 round) external returns (bytes32 reportHash, RoundSlot slot);
    /// @param attempt That of the report: a hold ends with the report that was held.
    function release(uint32 federation, uint32 round, uint8 attempt) external;
    /// @notice Called by `Freezes`: nothing is sealed, reported or final before `until`. Whatever of the federation has not ended has its whole window again
    /// from then on, so that no time that ran out in a freeze counts against anybody.
    /// Warning: not bounded here. `Freezes` allows one freeze, of less than half the unbonding period, in an unbonding period; a wrong judge could freeze until
    /// governance appoints one that ends it.
    function freeze(uint32 federation, uint40 until) external;
    /// @notice The payload of a sealed entry is on chain: no report may leave it out. In the first half of the report window only, or a late posting could
    /// make every report fail.
    function markPosted(uint32 federation, uint32 round, bytes32 sealHash, uint256 entry) external;

    // --- views ---

    function isJudge(address account) external view returns (bool);
    function loneReports() external view returns (address);
    /// @notice Bit i: the payload of entry i was posted on chain and checked there.
    function postedOf(bytes32 sealHash) external view returns (uint256);
    function federationCount() external view returns (uint32);
    function configHashOf(uint32 federation) external view returns (bytes32);
    /// @notice The part of the configuration that fixes a seat's weight.
    function weightRuleOf(uint32 federation) external view returns (uint32 recordsPerWeight, uint16 maxSeats);
    /// @notice The part of the configuration that settlements follow.
    function settlementRuleOf(uint32 federation) external view returns (uint96 poolPerRound, uint16 settleEvery, uint32 challengeWindow);
    function headOf(uint32 federation) external view returns (Head memory);
    function roundOf(uint32 federation, uint32 round) external view returns (Round memory);
    /// @notice End of the federation's last freeze, past or to come; 0 when there was none.
    function frozenUntil(uint32 federation) external view returns (uint40);
    /// @notice Which deadline holds for a round that has not ended: its own, or a whole window after the federation's freeze if that is later.
    function deadlineOf(uint32 federation, uint32 round) external view returns (uint256);
    /// @notice EIP-712 digests, for signers that want to check theirs.
    function contributionDigest(Contribution calldata contribution) external view returns (bytes32);
    function sealDigest(Seal calldata seal_) external view returns (bytes32);
    function reportDigest(Report calldata report_) external view returns (bytes32);
    function liveUnits() external view returns (uint256);
}
