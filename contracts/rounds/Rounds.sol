// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Ownable} from "@openzeppelin/contracts/access/Ownable.sol";
import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {IContributors} from "../interfaces/IContributors.sol";
import {ILoneReports} from "../interfaces/ILoneReports.sol";
import {IOperators} from "../interfaces/IOperators.sol";
import {IRounds} from "../interfaces/IRounds.sol";
import {ISeats} from "../interfaces/ISeats.sol";
import {Bits} from "../libraries/Bits.sol";
import {Columns} from "../libraries/Columns.sol";
import {KernelHash} from "../libraries/KernelHash.sol";
import {RoundSlot, RoundSlots} from "../libraries/RoundSlot.sol";
import {Contribution, FederationConfig, Report, Seal} from "../types/Kernel.sol";
import {FederationCheck} from "./FederationCheck.sol";

/// @title Rounds
/// @dev See `IRounds` for the life cycle, the slot layout and the trust assumptions.
contract Rounds is IRounds, EIP712, Ownable {
    using KernelHash for *;

    /// @dev An exclusion bitmap is one word.
    uint256 private constant MAX_ENTRIES = 256;
    /// @dev A live round binds one unit of its sealers' bonds and one of its reporters'.
    uint56 private constant UNITS_PER_ROUND = 2;
    /// @dev Signers of a report that one party made alone, with epoch 0: no epoch of operators has that number.
    uint32 private constant ALONE = type(uint32).max;

    /// @dev Four slots: what every seal and report reads, the hash that a seal commits to, and what is read on other occasions. Round numbers have 24 bits
    /// because `Seats` charges no higher one; windows have 24 because `FederationRules` allows no longer ones.
    /// @param forceUntil 0 as long as it follows from when the tip was reported: so a report need not write it. See `_forceUntil`.
    /// @param fewestLessOne Fewest contributors, 1 … 256, less one.
    /// @param configuredFrom First round number that the present configuration is for.
    /// @param wasFrozen Whether `frozenUntil`, which is in another slot, has to be read at all.
    struct Federation {
        uint24 last;
        uint24 tip;
        uint40 forceUntil;
        uint16 forced;
        uint8 fewestLessOne;
        uint8 finality;
        bool wasFrozen;
        uint48 rhoPerRound;
        uint24 forceWindow;
        uint24 reportWindow;
        uint24 challengeWindow;
        bytes32 configHash;
        uint32 recordsPerWeight;
        uint16 maxSeats;
        uint16 settleEvery;
        uint96 poolPerRound;
        uint64 normSqBound;
        uint8 maxAttempts;
        uint24 configuredFrom;
        uint24 approvalWindow;
        uint16 maxExcludedBps;
        uint40 frozenUntil;
    }

    struct ForcedEntry {
        bytes32 updateRoot;
        uint32 seat;
    }

    /// @dev The round that a contribution or a seal is for now, and the parent it pins.
    /// @param attempt That of the round. @param fresh False when the round is redone: then it is the tip itself, else the tip is its parent.
    struct OpenRound {
        uint32 round;
        uint8 attempt;
        uint32 parent;
        uint8 parentAttempt;
        bool fresh;
        uint40 forceUntil;
        RoundSlot tipSlot;
    }

    /// @dev A round's two slots.
    struct Record {
        bytes32 hash;
        RoundSlot slot;
    }

    IContributors public immutable CONTRIBUTORS;
    ISeats public immutable SEATS;
    IOperators public immutable OPERATORS;
    FederationCheck private immutable _CHECK = new FederationCheck();

    // One slot, never zero: a unit that is bound or freed changes it and neither fills nor clears it.
    address public loneReports;
    uint32 public override federationCount;
    uint56 private _liveUnits;
    /// @dev Whether any federation was ever frozen: `finalise` reads this slot in any case, and a federation's only for its freezes.
    bool private _anyFrozen;

    mapping(uint32 federation => Federation) private _federations;
    mapping(uint32 federation => mapping(uint32 round => Record)) private _rounds;
    /// @dev Keyed by round and pinned parent: what was forced onto a parent that was replaced is not owed to its successor.
    mapping(uint32 federation => mapping(uint256 roundAndParent => ForcedEntry[])) private _forced;
    mapping(address judge => bool) public override isJudge;
    mapping(bytes32 sealHash => uint256) public override postedOf;

    modifier onlyJudge() {
        if (!isJudge[msg.sender]) revert RoundsNotJudge(msg.sender);
        _;
    }

    constructor(address owner, IContributors contributors, ISeats seats, IOperators operators) EIP712("Chongwen", "1") Ownable(owner) {
        CONTRIBUTORS = contributors;
        SEATS = seats;
        OPERATORS = operators;
    }

    // ------------------------------------------------------------------------------------------------ governance

    /// @inheritdoc IRounds
    function createFederation(FederationConfig calldata config, bytes32 modelRoot, bytes32 artefact)
        external
        onlyOwner
        returns (uint32 federation)
    {
        federation = ++federationCount;
        bytes32 configHash = _configure(federation, config);

        Report memory genesis;
        genesis.federation = federation;
        genesis.modelRoot = modelRoot;
        genesis.artefact = artefact;
        bytes32 genesisHash = genesis.hash();
        _rounds[federation][0] = Record(genesisHash, RoundSlot.wrap(0).withState(State.Final));

        emit FederationCreated(federation, configHash, config, genesisHash, modelRoot, artefact);
    }

    /// @inheritdoc IRounds
    function reconfigure(uint32 federation, FederationConfig calldata config) external onlyOwner {
        Federation storage f = _known(federation);
        State state = _rounds[federation][f.tip].slot.state();
        if (state == State.Open || state == State.Sealed) revert RoundsRedoInProgress(federation, f.tip);
        // Weights were granted for it: with another one, those of a round could sum to more than 16 bits hold.
        if (config.maxSeats != f.maxSeats) revert RoundsBadConfig("maxSeats");
        // What was forced in under the old configuration is void; its contributors get a whole window to sign again.
        delete _forced[federation][_forcedKey(_openRound(federation, f))];
        bytes32 configHash = _configure(federation, config);
        emit FederationReconfigured(federation, configHash, config);
    }

    /// @inheritdoc IRounds
    function changeJudge(address judge, bool appointed) external onlyOwner {
        isJudge[judge] = appointed;
        emit JudgeChanged(judge, appointed);
    }

    /// @inheritdoc IRounds
    function changeLoneReports(address loneReports_) external onlyOwner {
        loneReports = loneReports_;
        emit LoneReportsChanged(loneReports_);
    }

    function _configure(uint32 federation, FederationConfig calldata config) private returns (bytes32 configHash) {
        configHash = _CHECK.check(config, CONTRIBUTORS.rotationDelay(), OPERATORS.unbondingPeriod());
        Federation storage f = _federations[federation];
        f.configHash = configHash;
        f.fewestLessOne = uint8(config.minContributors - 1);
        f.finality = config.finality;
        f.maxExcludedBps = config.maxExcludedBps;
        f.rhoPerRound = config.rhoPerRound;
        f.forceWindow = uint24(config.forceWindow);
        f.reportWindow = uint24(config.reportWindow);
        f.challengeWindow = uint24(config.challengeWindow);
        f.recordsPerWeight = config.recordsPerWeight;
        f.maxSeats = config.maxSeats;
        f.settleEvery = config.settleEvery;
        f.poolPerRound = config.poolPerRound;
        f.normSqBound = config.normSqBound;
        f.maxAttempts = config.maxAttempts;
        f.configuredFrom = f.last + 1;
        f.approvalWindow = uint24(config.approvalWindow);
        _openNext(f);
    }

    // ------------------------------------------------------------------------------------------------ commit

    /// @inheritdoc IRounds
    function forceInclude(Contribution calldata contribution, bytes calldata signature) external {
        uint32 federation = contribution.federation;
        Federation storage f = _known(federation);
        OpenRound memory open = _openRound(federation, f);
        if (block.timestamp >= open.forceUntil) revert RoundsForceWindowClosed(open.forceUntil);
        if (contribution.round != open.round) revert RoundsBadContribution("round");
        if (contribution.parentReportHash != _rounds[federation][open.parent].hash) revert RoundsBadContribution("parentReportHash");
        if (contribution.configHash != f.configHash) revert RoundsBadContribution("configHash");
        // No operator could sign for a set that must have this entry and must not have its norm.
        if (contribution.normSq > f.normSqBound && f.normSqBound != 0) revert RoundsBadContribution("normSq");
        _requireContributor(contribution, signature, f.rhoPerRound);

        uint32 seat = contribution.seat;
        ForcedEntry[] storage entries = _forced[federation][_forcedKey(open)];
        uint256 count = entries.length;
        for (uint256 i; i < count; ++i) {
            if (entries[i].seat == seat) revert RoundsForcedTwice(seat);
            if (entries[i].updateRoot == contribution.updateRoot) revert RoundsForcedRootTaken(contribution.updateRoot);
        }
        entries.push(ForcedEntry(contribution.updateRoot, seat));
        if (open.fresh) ++f.forced;
        emit ContributionForced(federation, open.round, seat, contribution, signature);
    }

    /// @dev The seat can contribute now, agreed to what the round charges it, and signed.
    function _requireContributor(Contribution calldata contribution, bytes calldata signature, uint48 rhoPerRound) private view {
        (uint32 federation, uint32 seat) = (contribution.federation, contribution.seat);
        ISeats.DropReason reason = SEATS.eligibility(federation, contribution.round, seat, rhoPerRound);
        if (reason != ISeats.DropReason.None) revert RoundsSeatNotEligible(seat, reason);
        bool exempt = SEATS.laneOf(federation, seat).remaining == type(uint48).max;
        if (contribution.rho != (exempt ? 0 : rhoPerRound)) revert RoundsBadContribution("rho");
        address key = CONTRIBUTORS.keyAt(SEATS.seatOf(federation, seat).contributor, block.timestamp);
        if (_recover(_hashTypedDataV4(contribution.hash()), signature) != key) revert RoundsBadContributionSignature(seat, key);
    }

    // ------------------------------------------------------------------------------------------------ seal

    /// @inheritdoc IRounds
    /// @dev The two contracts called here are immutable parts of the kernel; both are called before the round is written.
    function seal(uint32 federation, SealInput calldata input, IOperators.Quorum calldata quorum) external returns (uint32 round) {
        Federation storage f = _known(federation);
        OpenRound memory open = _openRound(federation, f);
        round = open.round;
        if (f.wasFrozen) _requireUnfrozen(f);
        if (block.timestamp < open.forceUntil) revert RoundsForceWindowOpen(open.forceUntil);
        uint256 skip = _equalRoots(federation, f, open, input);
        if (open.fresh) _finaliseIfDue(federation, f, open.parent, open.tipSlot);

        bytes32 structHash = _sealStructHash(federation, open, f.configHash, input);
        Round memory r;
        r.state = State.Sealed;
        r.attempt = open.attempt;
        r.deadline = uint40(block.timestamp + f.reportWindow);
        r.parentRound = open.parent;
        r.parentAttempt = open.parentAttempt;
        r.sealers = quorum.signers;
        r.sealEpoch = _pledgeQuorum(structHash, quorum, UNITS_PER_ROUND, 0);
        bytes32 weightsHash = _charge(r, federation, round, f, input.seats, skip);
        bytes32 sealHash = KernelHash.sealHash(structHash, weightsHash);
        // `charge` has refused a round that does not fit 24 bits.
        if (open.fresh) (f.last, f.tip) = (uint24(round), uint24(round));
        (f.forceUntil, f.forced) = (0, 0);
        _rounds[federation][round] = Record(sealHash, RoundSlots.pack(r));
        emit RoundSealed(federation, round, open.attempt, open.parent, sealHash, weightsHash, quorum.signers);
    }

    function _sealStructHash(uint32 federation, OpenRound memory open, bytes32 configHash, SealInput calldata input) private view returns (bytes32) {
        return Seal({
            federation: federation,
            round: open.round,
            attempt: open.attempt,
            parentReportHash: _rounds[federation][open.parent].hash,
            configHash: configHash,
            seatsHash: keccak256(input.seats),
            updateRootsHash: keccak256(input.updateRoots),
            normsHash: input.normsHash,
            normTracesHash: input.normTracesHash,
            signaturesHash: input.signaturesHash
        }).hash();
    }

    function _charge(Round memory r, uint32 federation, uint32 round, Federation storage f, bytes calldata seats, uint256 skip)
        private
        returns (bytes32 weightsHash)
    {
        (bytes memory weights, uint24 consentEpoch, uint256 accepted) = SEATS.charge(federation, round, seats, f.rhoPerRound, skip);
        if (accepted <= f.fewestLessOne) revert RoundsTooFewContributors(accepted, uint256(f.fewestLessOne) + 1);
        // At most 256 of either.
        (r.consentEpoch, r.entries, r.accepted) = (consentEpoch, uint16(weights.length / 2), uint16(accepted));
        return keccak256(weights);
    }

    /// @dev Entries to drop because another has the same root, after checking the columns' lengths and that everything forced in is there.
    function _equalRoots(uint32 federation, Federation storage f, OpenRound memory open, SealInput calldata input)
        private
        view
        returns (uint256 skip)
    {
        uint256 entries = input.seats.length / 4;
        if (entries > MAX_ENTRIES) revert RoundsTooManyEntries(entries, MAX_ENTRIES);
        if (input.updateRoots.length != 32 * entries) revert RoundsColumnLength(entries, input.updateRoots.length);
        if (input.rootOrder.length != entries) revert RoundsColumnLength(entries, input.rootOrder.length);
        skip = Columns.equalRoots(input.updateRoots, input.rootOrder, entries);
        if (!open.fresh || f.forced != 0) skip &= ~_requireForced(_forced[federation][_forcedKey(open)], input, entries);
    }

    /// @return kept Bitmap of the forced entries: an equal root elsewhere does not drop them.
    function _requireForced(ForcedEntry[] storage forced, SealInput calldata input, uint256 entries) private view returns (uint256 kept) {
        uint256 count = forced.length;
        for (uint256 k; k < count; ++k) {
            uint256 i = Columns.indexOf(input.seats, entries, forced[k].seat);
            if (i == entries || Columns.rootAt(input.updateRoots, i) != forced[k].updateRoot) revert RoundsForcedMissing(forced[k].seat);
            kept |= 1 << i;
        }
    }

    // ------------------------------------------------------------------------------------------------ report

    /// @inheritdoc IRounds
    function report(uint32 federation, ReportInput calldata input, IOperators.Quorum calldata quorum) external {
        Federation storage f = _federations[federation];
        uint32 round = f.tip;
        Record storage r = _rounds[federation][round];
        RoundSlot slot = r.slot;
        bytes32 reportHash = _reportHash(federation, f, round, r.hash, slot, input);
        // The first report's unit was pledged at the seal; a slashed one is used up.
        uint16 epoch = _pledgeQuorum(reportHash, quorum, slot.reporters() == 0 ? 0 : 1, slot.sealEpoch());
        _recordReport(federation, f, round, r, reportHash, slot.withReporters(quorum.signers, epoch), input);
    }

    /// @inheritdoc IRounds
    function reportAlone(uint32 federation, ReportInput calldata input) external returns (uint32 round, uint8 attempt) {
        if (msg.sender != loneReports) revert RoundsNotLoneReports(msg.sender);
        Federation storage f = _federations[federation];
        round = f.tip;
        Record storage r = _rounds[federation][round];
        RoundSlot slot = r.slot;
        attempt = slot.attempt();
        bytes32 reportHash = _reportHash(federation, f, round, r.hash, slot, input);
        if (attempt == 0) revert RoundsNotRedone(federation, round);
        uint256 half = _halfTime(f, slot);
        if (block.timestamp < half) revert RoundsQuorumFirst(half);
        // Overturned at the seal: the reporters' unit, still pledged, is not needed.
        if (slot.reporters() == 0) _liveUnits -= 1;
        _recordReport(federation, f, round, r, reportHash, slot.withReporters(ALONE, 0), input);
    }

    /// @dev Checks what does not depend on who reports.
    function _reportHash(uint32 federation, Federation storage f, uint32 round, bytes32 sealHash, RoundSlot slot, ReportInput calldata input)
        private
        view
        returns (bytes32)
    {
        _requireState(federation, round, slot, State.Sealed);
        _requireInTime(f, slot, true);
        uint24 consentEpoch = SEATS.consentEpoch(federation);
        if (consentEpoch != slot.consentEpoch()) revert RoundsConsentChanged(slot.consentEpoch(), consentEpoch);
        if (input.excluded != 0) _checkExcluded(input.excluded, slot, sealHash, uint256(f.fewestLessOne) + 1, f.maxExcludedBps);
        return Report({
            federation: federation,
            round: round,
            attempt: slot.attempt(),
            sealHash: sealHash,
            modelRoot: input.modelRoot,
            metricsHash: input.metricsHash,
            excluded: input.excluded,
            artefact: input.artefact
        }).hash();
    }

    function _recordReport(
        uint32 federation,
        Federation storage f,
        uint32 round,
        Record storage r,
        bytes32 reportHash,
        RoundSlot slot,
        ReportInput calldata input
    ) private {
        uint40 deadline = uint40(block.timestamp + f.challengeWindow);
        (r.hash, r.slot) = (reportHash, slot.withState(State.Reported).withDeadline(deadline).withHolds(f.finality));
        emit RoundReported(federation, round, slot.attempt(), reportHash, input, slot.reporters(), deadline);
    }

    function _checkExcluded(uint256 excluded, RoundSlot slot, bytes32 sealHash, uint256 fewest, uint256 maxExcludedBps) private view {
        (uint256 entries, uint256 accepted) = (slot.entries(), slot.accepted());
        if (entries < MAX_ENTRIES && excluded >> entries != 0) revert RoundsExcludedOutOfRange(excluded, entries);
        uint256 count = Bits.count(excluded);
        uint256 limit = accepted * maxExcludedBps / 10_000;
        if (count > limit) revert RoundsTooManyExcluded(count, limit);
        if (accepted - count < fewest) revert RoundsTooFewContributors(accepted - count, fewest);
        uint256 posted = excluded & postedOf[sealHash];
        if (posted != 0) revert RoundsExcludedPosted(posted);
    }

    // ------------------------------------------------------------------------------------------------ finality and its failures

    /// @inheritdoc IRounds
    function finalise(uint32 federation, uint32 round) external {
        Record storage r = _rounds[federation][round];
        RoundSlot slot = r.slot;
        _requireState(federation, round, slot, State.Reported);
        uint256 deadline = _anyFrozen ? _deadline(_federations[federation], slot) : slot.deadline();
        if (block.timestamp < deadline) revert RoundsWindowOpen(deadline);
        if (slot.holds() != 0) revert RoundsHeld(slot.holds());
        if (!_isParentFinal(federation, slot)) revert RoundsParentNotFinal(slot.parentRound());
        _finalise(federation, round, r, slot);
    }

    /// @dev What `finalise` would do if somebody called it; nothing when it would revert.
    function _finaliseIfDue(uint32 federation, Federation storage f, uint32 round, RoundSlot slot) private {
        if (slot.state() != State.Reported || block.timestamp < _deadline(f, slot) || slot.holds() != 0) return;
        if (_isParentFinal(federation, slot)) _finalise(federation, round, _rounds[federation][round], slot);
    }

    function _isParentFinal(uint32 federation, RoundSlot slot) private view returns (bool) {
        RoundSlot parent = _rounds[federation][slot.parentRound()].slot;
        return parent.state() == State.Final && parent.attempt() == slot.parentAttempt();
    }

    function _finalise(uint32 federation, uint32 round, Record storage r, RoundSlot slot) private {
        r.slot = slot.withState(State.Final);
        _liveUnits -= _heldUnits(slot);
        emit RoundFinalised(federation, round, r.hash);
    }

    /// @inheritdoc IRounds
    function reopen(uint32 federation) external {
        Federation storage f = _federations[federation];
        uint32 round = f.tip;
        Record storage r = _rounds[federation][round];
        RoundSlot slot = r.slot;
        _requireState(federation, round, slot, State.Sealed);
        _requireInTime(f, slot, false);
        if (SEATS.consentEpoch(federation) == slot.consentEpoch()) revert RoundsConsentUnchanged(slot.consentEpoch());

        _liveUnits -= _heldUnits(slot);
        r.slot = slot.withState(State.Open).withDeadline(uint40(block.timestamp + f.reportWindow));
        emit RoundReopened(federation, round, slot.attempt());
    }

    /// @inheritdoc IRounds
    function void(uint32 federation, uint32 round) external {
        RoundSlot slot = _rounds[federation][round].slot;
        VoidReason reason = _voidReason(federation, slot);
        if (reason == VoidReason.None) revert RoundsNotVoidable(federation, round);
        _void(federation, round, slot, reason);
    }

    function _voidReason(uint32 federation, RoundSlot slot) private view returns (VoidReason) {
        State state = slot.state();
        if (state != State.Open && state != State.Sealed && state != State.Reported) return VoidReason.None;
        RoundSlot parent = _rounds[federation][slot.parentRound()].slot;
        if (parent.state() == State.Void) return VoidReason.ParentVoid;
        if (parent.attempt() != slot.parentAttempt()) return VoidReason.ParentReplaced;
        Federation storage f = _federations[federation];
        uint256 deadline = _deadline(f, slot);
        if (state == State.Reported) {
            // Long after its window: whoever can show that data is withheld has had the time to.
            bool late = slot.holds() != 0 && block.timestamp >= deadline + f.reportWindow + f.approvalWindow;
            return late ? VoidReason.NeverReleased : VoidReason.None;
        }
        if (block.timestamp < deadline) return VoidReason.None;
        return state == State.Open ? VoidReason.SealTimeout : VoidReason.ReportTimeout;
    }

    // ------------------------------------------------------------------------------------------------ judges

    /// @inheritdoc IRounds
    function hold(uint32 federation, uint32 round) external onlyJudge returns (bytes32 reportHash, RoundSlot slot) {
        Record storage r = _rounds[federation][round];
        (reportHash, slot) = (r.hash, r.slot);
        _requireState(federation, round, slot, State.Reported);
        Federation storage f = _federations[federation];
        _requireInTime(f, slot, false);
        uint8 holds = slot.holds() + 1;
        r.slot = slot.withHolds(holds);
        slot = slot.withDeadline(uint40(_deadline(f, slot)));
        emit RoundHeld(federation, round, msg.sender, holds);
    }

    /// @inheritdoc IRounds
    function release(uint32 federation, uint32 round, uint8 attempt) external onlyJudge {
        Record storage r = _rounds[federation][round];
        RoundSlot slot = r.slot;
        _requireState(federation, round, slot, State.Reported);
        if (slot.holds() == 0 || slot.attempt() != attempt) revert RoundsNotHeld(federation, round, attempt);
        uint8 holds = slot.holds() - 1;
        r.slot = slot.withHolds(holds);
        emit RoundReleased(federation, round, msg.sender, holds);
    }

    /// @inheritdoc IRounds
    function freeze(uint32 federation, uint40 until) external onlyJudge {
        Federation storage f = _known(federation);
        (_anyFrozen, f.wasFrozen, f.frozenUntil) = (true, true, until);
        emit FederationFrozen(federation, until);
    }

    /// @inheritdoc IRounds
    function markPosted(uint32 federation, uint32 round, bytes32 sealHash, uint256 entry) external onlyJudge {
        Record storage r = _rounds[federation][round];
        RoundSlot slot = r.slot;
        _requireState(federation, round, slot, State.Sealed);
        if (sealHash != r.hash) revert RoundsHashMismatch(r.hash, sealHash);
        uint256 half = _halfTime(_federations[federation], slot);
        if (block.timestamp >= half) revert RoundsPostingClosed(half);
        postedOf[sealHash] |= 1 << entry;
        emit PayloadPosted(federation, round, entry, sealHash);
    }

    /// @inheritdoc IRounds
    function overturn(uint32 federation, uint32 round, FaultKind kind, Report calldata report_, address challenger) external onlyJudge {
        Federation storage f = _known(federation);
        Record storage r = _rounds[federation][round];
        RoundSlot slot = r.slot;
        if (slot.holds() == 0) _requireInTime(f, slot, false);
        if (!_isInChain(federation, f.tip, round)) revert RoundsStale(federation, round);

        uint8 attempt = slot.attempt();
        uint32 liable;
        uint32 epoch;
        RoundSlot next = slot.withAttempt(attempt + 1).withHolds(0);
        // The chain of rounds goes on from here; what was built on the overturned report is stale and anyone may void it.
        f.tip = uint24(round);
        f.forced = 0;
        if (kind == FaultKind.Report) {
            _requireState(federation, round, slot, State.Reported);
            bytes32 reportHash = report_.hash();
            if (reportHash != r.hash) revert RoundsHashMismatch(r.hash, reportHash);
            (liable, epoch) = (slot.reporters(), slot.reportEpoch());
            r.hash = report_.sealHash;
            next = next.withState(State.Sealed).withDeadline(uint40(block.timestamp + f.reportWindow));
            // The window of its child's entries is open no more: it must not hold up a seal after `reopen`.
            f.forceUntil = 0;
        } else {
            if (kind != FaultKind.Seal || _heldUnits(slot) == 0) revert RoundsWrongState(federation, round, slot.state());
            (liable, epoch) = (slot.sealers(), slot.sealEpoch());
            uint40 forceUntil = uint40(block.timestamp + f.forceWindow);
            f.forceUntil = forceUntil;
            next = next.withState(State.Open).withDeadline(forceUntil + f.reportWindow);
        }
        _liveUnits = _liveUnits + _heldUnits(next) - _heldUnits(slot);
        r.slot = next;
        emit FaultProven(federation, round, attempt, kind, challenger, liable);
        if (attempt + 1 >= f.maxAttempts) _void(federation, round, next, VoidReason.TooManyFaults);
        // It was signed for, charged and forced into on other terms, and its signers' stake was measured by other windows.
        else if (round < f.configuredFrom) _void(federation, round, next, VoidReason.Reconfigured);

        if (epoch == 0) ILoneReports(loneReports).slash(federation, round, attempt, challenger);
        else OPERATORS.slash(keccak256(abi.encode(address(this), federation, round, attempt, kind)), epoch, liable, challenger);
    }

    /// @dev Whether the chain that ends at `tip` runs through `round`. It is as long as there are rounds that are not final, which operators' bonds limit.
    function _isInChain(uint32 federation, uint32 tip, uint32 round) private view returns (bool) {
        while (tip > round) tip = _rounds[federation][tip].slot.parentRound();
        return tip == round;
    }

    function _void(uint32 federation, uint32 round, RoundSlot slot, VoidReason reason) private {
        _liveUnits -= _heldUnits(slot);
        _rounds[federation][round].slot = slot.withState(State.Void);
        Federation storage f = _federations[federation];
        if (_isInChain(federation, f.tip, round)) {
            // The chain goes on from its parent, which is reported or final. What was built on it is stale.
            f.tip = uint24(slot.parentRound());
            _openNext(f);
        }
        emit RoundVoided(federation, round, reason);
    }

    // ------------------------------------------------------------------------------------------------ shared

    function _openNext(Federation storage f) private {
        f.forceUntil = uint40(block.timestamp + f.forceWindow);
        f.forced = 0;
    }

    /// @dev End of the open round's force window: as long after the tip's report as the configuration says, unless something else opened the round.
    /// Only `reconfigure` changes the windows, and it opens the round anew: so the report was made under the present ones.
    function _forceUntil(Federation storage f, RoundSlot tip) private view returns (uint40 until) {
        until = f.forceUntil;
        if (until == 0 && (tip.state() == State.Reported || tip.state() == State.Final)) until = tip.deadline() - f.challengeWindow + f.forceWindow;
        if (until != 0 && f.wasFrozen) {
            uint40 anew = f.frozenUntil + f.forceWindow;
            if (until < anew) until = anew;
        }
    }

    function _openRound(uint32 federation, Federation storage f) private view returns (OpenRound memory) {
        uint32 tip = f.tip;
        RoundSlot slot = _rounds[federation][tip].slot;
        State state = slot.state();
        if (state == State.Reported || state == State.Final) return OpenRound(uint32(f.last) + 1, 0, tip, slot.attempt(), true, _forceUntil(f, slot), slot);
        if (state != State.Open) revert RoundsWrongState(federation, tip, state);
        _requireInTime(f, slot, false);
        return OpenRound(tip, slot.attempt(), slot.parentRound(), slot.parentAttempt(), false, _forceUntil(f, slot), slot);
    }

    /// @dev What the round still binds: nothing while Open again or ended, one unit after a slashed report and under a lone one, else both.
    function _heldUnits(RoundSlot slot) private pure returns (uint56) {
        State state = slot.state();
        if (state == State.Reported) return slot.reportEpoch() == 0 ? UNITS_PER_ROUND - 1 : UNITS_PER_ROUND;
        if (state == State.Sealed) return slot.reporters() == 0 ? UNITS_PER_ROUND : UNITS_PER_ROUND - 1;
        return 0;
    }

    /// @dev Checks the quorum and binds `units` of every signer's bond to the round.
    /// @param pledgedEpoch Epoch that the round's units were pledged in: when these are other signers, all that is live must be within their bonds too.
    function _pledgeQuorum(bytes32 structHash, IOperators.Quorum calldata quorum, uint56 units, uint16 pledgedEpoch) private returns (uint16 epoch) {
        IOperators.Epoch memory current = OPERATORS.requireQuorum(_hashTypedDataV4(structHash), quorum);
        epoch = uint16(current.number);
        if (units != 0 || epoch != pledgedEpoch) {
            uint56 live = _liveUnits + units;
            if (live > current.roundUnits) revert RoundsExposureExhausted(live, current.roundUnits);
            _liveUnits = live;
        }
    }

    function _known(uint32 federation) private view returns (Federation storage f) {
        f = _federations[federation];
        if (f.configHash == 0) revert RoundsUnknownFederation(federation);
    }

    /// @dev A federation that does not exist has no round in any state; only then is it looked up.
    function _requireState(uint32 federation, uint32 round, RoundSlot slot, State needed) private view {
        if (slot.state() == needed) return;
        _known(federation);
        revert RoundsWrongState(federation, round, slot.state());
    }

    /// @dev When half of a sealed round's report window is over.
    function _halfTime(Federation storage f, RoundSlot slot) private view returns (uint256) {
        return _deadline(f, slot) - f.reportWindow / 2;
    }

    /// @dev Once the round is frozen, it has its whole window again from the end of the freeze. What is stored stays as it was reported: payees and voices
    /// count by it. A freeze that ended before the window began changes nothing.
    function _deadline(Federation storage f, RoundSlot slot) private view returns (uint256 deadline) {
        deadline = slot.deadline();
        if (f.wasFrozen) {
            State state = slot.state();
            uint256 anew = f.frozenUntil + uint256(state == State.Reported ? f.challengeWindow : f.reportWindow);
            if (state == State.Open) anew += f.forceWindow;
            if (deadline < anew) deadline = anew;
        }
    }

    /// @param unfrozen Whether a freeze must not last either.
    function _requireInTime(Federation storage f, RoundSlot slot, bool unfrozen) private view {
        uint256 deadline = slot.deadline();
        // Read once here: this is on the way of every report.
        if (f.wasFrozen) {
            if (unfrozen) _requireUnfrozen(f);
            deadline = _deadline(f, slot);
        }
        if (block.timestamp >= deadline) revert RoundsDeadlinePassed(deadline);
    }

    function _requireUnfrozen(Federation storage f) private view {
        if (block.timestamp < f.frozenUntil) revert RoundsFrozen(f.frozenUntil);
    }

    function _forcedKey(OpenRound memory open) private pure returns (uint256) {
        return uint256(open.round) << 40 | uint256(open.parent) << 8 | open.parentAttempt;
    }

    /// @dev Accepts 65-byte and EIP-2098 signatures; high s and malformed ones recover to zero, which is nobody's key.
    function _recover(bytes32 digest, bytes calldata signature) private pure returns (address signer) {
        ECDSA.RecoverError error_;
        if (signature.length == 64) {
            (signer, error_,) = ECDSA.tryRecover(digest, bytes32(signature[:32]), bytes32(signature[32:]));
        } else {
            (signer, error_,) = ECDSA.tryRecoverCalldata(digest, signature);
        }
        if (error_ != ECDSA.RecoverError.NoError) return address(0);
    }

    // ------------------------------------------------------------------------------------------------ views

    /// @inheritdoc IRounds
    function liveUnits() external view returns (uint256) {
        return _liveUnits;
    }

    /// @inheritdoc IRounds
    function configHashOf(uint32 federation) external view returns (bytes32) {
        return _federations[federation].configHash;
    }

    /// @inheritdoc IRounds
    function weightRuleOf(uint32 federation) external view returns (uint32 recordsPerWeight, uint16 maxSeats) {
        Federation storage f = _known(federation);
        return (f.recordsPerWeight, f.maxSeats);
    }

    /// @inheritdoc IRounds
    function settlementRuleOf(uint32 federation) external view returns (uint96 poolPerRound, uint16 settleEvery, uint32 challengeWindow) {
        Federation storage f = _known(federation);
        return (f.poolPerRound, f.settleEvery, f.challengeWindow);
    }

    /// @inheritdoc IRounds
    function headOf(uint32 federation) external view returns (Head memory) {
        Federation storage f = _known(federation);
        return Head(f.last, f.tip, _forceUntil(f, _rounds[federation][f.tip].slot), f.forced);
    }

    /// @inheritdoc IRounds
    function frozenUntil(uint32 federation) external view returns (uint40) {
        return _federations[federation].frozenUntil;
    }

    /// @inheritdoc IRounds
    function deadlineOf(uint32 federation, uint32 round) external view returns (uint256) {
        return _deadline(_federations[federation], _rounds[federation][round].slot);
    }

    /// @inheritdoc IRounds
    function roundOf(uint32 federation, uint32 round) external view returns (Round memory) {
        Record storage r = _rounds[federation][round];
        return r.slot.unpack(r.hash);
    }

    /// @inheritdoc IRounds
    function contributionDigest(Contribution calldata contribution) external view returns (bytes32) {
        return _hashTypedDataV4(contribution.hash());
    }

    /// @inheritdoc IRounds
    function sealDigest(Seal calldata seal_) external view returns (bytes32) {
        return _hashTypedDataV4(seal_.hash());
    }

    /// @inheritdoc IRounds
    function reportDigest(Report calldata report_) external view returns (bytes32) {
        return _hashTypedDataV4(report_.hash());
    }
}
