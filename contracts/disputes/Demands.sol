// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IDemands} from "../interfaces/IDemands.sol";
import {IRounds} from "../interfaces/IRounds.sol";
import {PackedBytes} from "../libraries/PackedBytes.sol";
import {Header, RoundHeader} from "../libraries/RoundHeader.sol";
import {RoundSlot} from "../libraries/RoundSlot.sol";
import {SszOpening} from "../libraries/SszOpening.sol";
import {SszRange} from "../libraries/SszRange.sol";
import {Report} from "../types/Kernel.sol";

/// @title Demands
/// @dev See `IDemands`. A demand is one slot under its id. How many are open is not counted here: `Rounds` counts what holds a round.
/// Effects come before calls; the only one to a stranger is a payment, which is the last thing that happens.
contract Demands is IDemands {
    using PackedBytes for bytes;

    /// @dev Holds are counted in 8 bits. Nobody comes that far: the deposit has doubled too often.
    uint256 private constant MOST_HOLDS = 200;
    /// @dev 64 KiB: the answer still fits a transaction of 128 KiB.
    uint256 private constant MOST_CHUNKS = 2048;
    /// @dev Gas for the demander when somebody else pays for the call. Enough for a wallet contract that logs what it is given.
    uint256 private constant PAYMENT_GAS = 50_000;
    /// @dev Where the parent's report hash, the model's root, and what depends on the kind of demand stand in a proof.
    uint256 private constant PARENT_AT = RoundHeader.LENGTH;
    uint256 private constant MODEL_ROOT_AT = PARENT_AT + 32;
    uint256 private constant REST_AT = MODEL_ROOT_AT + 32;

    IRounds public immutable ROUNDS;
    /// @inheritdoc IDemands
    uint40 public immutable answerWindow;
    /// @inheritdoc IDemands
    uint8 public immutable plainOpen;
    uint128 public immutable bondBase;
    uint128 public immutable bondPerChunk;

    /// @dev demander 160 | deadline 40 | chunks 16 | doublings 8, written at once. Zero: not open.
    mapping(bytes32 id => uint256) private _demands;
    /// @inheritdoc IDemands
    mapping(address demander => uint256) public creditOf;

    constructor(IRounds rounds, uint40 answerWindow_, uint8 plainOpen_, uint128 bondBase_, uint128 bondPerChunk_) {
        // No federation has longer windows (`FederationRules`).
        if (answerWindow_ == 0 || answerWindow_ > type(uint24).max) revert DemandsBadParameter("answerWindow");
        if (plainOpen_ == 0 || plainOpen_ > MOST_HOLDS) revert DemandsBadParameter("plainOpen");
        if (bondBase_ == 0) revert DemandsBadParameter("bondBase");
        if (bondPerChunk_ == 0) revert DemandsBadParameter("bondPerChunk");
        ROUNDS = rounds;
        answerWindow = answerWindow_;
        plainOpen = plainOpen_;
        bondBase = bondBase_;
        bondPerChunk = bondPerChunk_;
    }

    /// @inheritdoc IDemands
    function demand(uint32 federation, uint32 round, DemandInput calldata input, bytes calldata proof) external payable returns (bytes32 id) {
        (bytes32 reportHash, RoundSlot slot) = ROUNDS.hold(federation, round);
        uint256 deadline = block.timestamp + answerWindow;
        if (deadline > slot.deadline()) revert DemandsTooLate(slot.deadline() - answerWindow);
        if (slot.holds() >= MOST_HOLDS) revert DemandsTooManyHolds(slot.holds(), MOST_HOLDS);
        DemandKey memory key = DemandKey(federation, round, slot.attempt(), 0, 0, input.first, input.count);
        uint256 chunks = _target(key, reportHash, slot.entries(), input, proof);
        uint256 doublings = _doublings(bondOf(chunks), slot.holds());
        id = idOf(key);
        if (_demands[id] != 0) revert DemandsAlreadyOpen(id);
        _demands[id] = _pack(msg.sender, deadline, chunks, doublings);
        emit DataDemanded(federation, round, key.attempt, id, input, msg.sender);
    }

    /// @inheritdoc IDemands
    function answer(uint32 federation, uint32 round, uint8 attempt, uint8 depth, uint32 first, uint16 count, bytes calldata data) external {
        bytes32 commitment;
        if (count == 0) commitment = keccak256(data);
        else if (count == 1) commitment = SszOpening.root(data, depth, first); // the same opening, for less gas
        else commitment = SszRange.root(data, depth, first, count);
        bytes32 id = idOf(DemandKey(federation, round, attempt, commitment, depth, first, count));
        Demand memory open = _open(id);
        uint256 deadline = _deadline(federation, open);
        if (block.timestamp >= deadline) revert DemandsDeadlinePassed(deadline);
        delete _demands[id];
        emit DataAnswered(id, msg.sender);
        // Reverts when the attempt is over: the bond is the demander's again.
        ROUNDS.release(federation, round, attempt);
        uint256 bond = bondOf(open.chunks);
        if (open.doublings != 0) creditOf[open.demander] += (bond << open.doublings) - bond;
        _pay(msg.sender, bond);
    }

    /// @inheritdoc IDemands
    /// @dev By then the attempt is over whatever the demander does with its bond, so nobody but itself can lose by it.
    function expire(DemandKey calldata key, Report calldata report) external {
        bytes32 id = idOf(key);
        Demand memory open = _open(id);
        uint256 deadline = _deadline(key.federation, open);
        if (block.timestamp < deadline) revert DemandsStillOpen(deadline);
        // `Rounds` accepts only the report that the round holds, so this is the attempt that it is in.
        if (report.attempt != key.attempt) revert DemandsAttemptOver(key.federation, key.round, key.attempt);
        delete _demands[id];
        emit DemandExpired(id);
        ROUNDS.overturn(key.federation, key.round, IRounds.FaultKind.Report, report, open.demander);
        uint256 deposit = bondOf(open.chunks) << open.doublings;
        (bool paid,) = open.demander.call{value: deposit, gas: PAYMENT_GAS}("");
        if (paid) emit DepositReturned(id, open.demander, deposit);
        // For `refund`. Nobody can have made the same demand meanwhile: its attempt is over.
        else _demands[id] = _pack(open.demander, open.deadline, open.chunks, open.doublings);
    }

    /// @inheritdoc IDemands
    function refund(DemandKey calldata key) external {
        bytes32 id = idOf(key);
        Demand memory open = _open(id);
        if (_lasts(key.federation, key.round, key.attempt)) revert DemandsAttemptLasts(key.federation, key.round, key.attempt);
        delete _demands[id];
        uint256 deposit = bondOf(open.chunks) << open.doublings;
        emit DepositReturned(id, open.demander, deposit);
        _pay(open.demander, deposit);
    }

    /// @inheritdoc IDemands
    function collect(address demander) external {
        uint256 credit = creditOf[demander];
        if (credit == 0) revert DemandsNothingToCollect(demander);
        creditOf[demander] = 0;
        emit CreditCollected(demander, credit);
        _pay(demander, credit);
    }

    /// @dev Opens the report that the ledger holds, and sets the commitment and the depth that it gives for what is demanded.
    /// @return chunks What the bond is computed from.
    function _target(DemandKey memory key, bytes32 reportHash, uint256 entries, DemandInput calldata input, bytes calldata proof)
        private
        pure
        returns (uint256 chunks)
    {
        Kind kind = input.kind;
        // An update, or its trace: one of a column of roots, with the weights beside it.
        bool isOfEntry = kind == Kind.Update || kind == Kind.Trace;
        uint256 rootsAt = REST_AT + (isOfEntry ? 2 * entries : 64) + (kind == Kind.Trace ? 32 : 0);
        uint256 expected = rootsAt + (isOfEntry ? 32 * entries : 0);
        if (proof.length != expected) revert DemandsProofLength(proof.length, expected);
        Header memory h = RoundHeader.open(key.federation, key.round, key.attempt, proof.wordAt(PARENT_AT), proof);
        h.report.modelRoot = proof.wordAt(MODEL_ROOT_AT);
        if (isOfEntry) {
            h.weightsHash = keccak256(proof[REST_AT:REST_AT + 2 * entries]);
            bytes32 rootsHash = keccak256(proof[rootsAt:]);
            if (kind == Kind.Update) h.seal.updateRootsHash = rootsHash;
            else (h.seal.updateRootsHash, h.seal.normTracesHash) = (proof.wordAt(rootsAt - 32), rootsHash);
        } else {
            (h.seal.updateRootsHash, h.weightsHash) = (proof.wordAt(REST_AT), proof.wordAt(REST_AT + 32));
        }
        h.requireHash(IRounds.State.Reported, reportHash);
        if (h.config.privacyMode != 0) revert DemandsNotPublic(h.config.privacyMode);

        if (isOfEntry) {
            uint256 entry = input.entry;
            if (entry >= entries) revert DemandsNoEntry(entry, entries);
            if (proof.uintAt(REST_AT + 2 * entry, 2) == 0 || h.isExcluded(entry)) revert DemandsWithoutWeight(entry);
            (key.commitment, key.depth) = (proof.wordAt(rootsAt + 32 * entry), h.config.depth + (kind == Kind.Update ? 2 : 0));
        } else {
            if (input.entry != 0) revert DemandsNoEntry(input.entry, 0);
            if (kind != Kind.Model) return _column(key, h, kind, entries);
            (key.commitment, key.depth) = (h.report.modelRoot, h.config.depth + 3);
        }
        chunks = key.count;
        if (chunks == 0 || chunks > MOST_CHUNKS || key.first + chunks > 1 << key.depth) revert DemandsBadRun(key.first, chunks, key.depth);
    }

    function _column(DemandKey memory key, Header memory h, Kind kind, uint256 entries) private pure returns (uint256 chunks) {
        if (key.first != 0 || key.count != 0) revert DemandsBadRun(key.first, key.count, 0);
        // Bytes over 32, rounded up.
        if (kind == Kind.Norms) (key.commitment, chunks) = (h.seal.normsHash, (entries + 3) / 4);
        else if (kind == Kind.NormTraces) (key.commitment, chunks) = (h.seal.normTracesHash, entries);
        else (key.commitment, chunks) = (h.seal.signaturesHash, 2 * entries);
    }

    function _open(bytes32 id) private view returns (Demand memory open) {
        open = demandOf(id);
        if (open.demander == address(0)) revert DemandsNotOpen(id);
    }

    /// @dev A demand that a freeze met can be answered a whole window after its end.
    function _deadline(uint32 federation, Demand memory open) private view returns (uint256 deadline) {
        deadline = uint256(ROUNDS.frozenUntil(federation)) + answerWindow;
        if (deadline < open.deadline) deadline = open.deadline;
    }

    /// @dev How often the bond was doubled to give the deposit: often enough, and exactly. A deposit that was sent is far from overflowing.
    function _doublings(uint256 bond, uint256 holds) private view returns (uint256 doublings) {
        uint256 least = holds < plainOpen ? 0 : holds - plainOpen + 1;
        while (bond << doublings < msg.value) ++doublings;
        if (bond << doublings != msg.value || doublings < least) revert DemandsBadDeposit(msg.value, bond, least);
    }

    /// @dev A deadline is at most a round's, of 40 bits, and a demand of at most 2048 chunks; no deposit is a bond doubled 256 times.
    function _pack(address demander, uint256 deadline, uint256 chunks, uint256 doublings) private pure returns (uint256) {
        return uint256(uint160(demander)) | deadline << 160 | chunks << 200 | doublings << 216;
    }

    /// @dev Once it does not, it never does again: a round leaves Reported for good, or with a higher attempt.
    function _lasts(uint32 federation, uint32 round, uint8 attempt) private view returns (bool) {
        IRounds.Round memory state = ROUNDS.roundOf(federation, round);
        return state.state == IRounds.State.Reported && state.attempt == attempt;
    }

    function _pay(address to, uint256 amount) private {
        (bool paid,) = to.call{value: amount}("");
        if (!paid) revert DemandsPaymentRefused(to);
    }

    /// @inheritdoc IDemands
    function bondOf(uint256 chunks) public view returns (uint256) {
        return bondBase + bondPerChunk * chunks;
    }

    /// @inheritdoc IDemands
    function idOf(DemandKey memory key) public pure returns (bytes32) {
        return keccak256(abi.encode(key));
    }

    /// @inheritdoc IDemands
    function demandOf(bytes32 id) public view returns (Demand memory) {
        uint256 packed = _demands[id];
        return Demand(address(uint160(packed)), uint40(packed >> 160), uint16(packed >> 200), uint8(packed >> 216));
    }
}
