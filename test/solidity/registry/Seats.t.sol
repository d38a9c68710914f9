// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IContributors} from "../../../contracts/interfaces/IContributors.sol";
import {IDatasets} from "../../../contracts/interfaces/IDatasets.sol";
import {ISeats} from "../../../contracts/interfaces/ISeats.sol";
import {Seats} from "../../../contracts/registry/Seats.sol";
import {StubRegistry} from "./StubRegistry.sol";
import {assertEq, bound, vm} from "./Vm.sol";

/// @notice `charge` against a model that keeps every fact in a mapping of its own.
contract SeatsTest {
    uint32 private constant FEDERATION = 3;
    uint256 private constant SEATS = 9;
    uint256 private constant IDS = 12; // the last three were never granted
    uint64 private constant START = 20_000 days;

    struct Model {
        bool exempt;
        bool revoked;
        bool datasetStopped;
        bool suspended;
        uint256 weight;
        uint256 remaining;
        uint256 expiryDay;
    }

    StubRegistry private registry;
    Seats private seats;
    Model[SEATS] private models;
    mapping(uint256 seat => mapping(uint256 round => bool)) private paid;
    /// @dev Rounds 1 to 9, so that every lane remembers all of them.
    uint256 private constant ROUNDS = 9;

    function setUp() external {
        vm.warp(START);
        registry = new StubRegistry();
        seats = new Seats(address(this), IContributors(address(registry)), IDatasets(address(registry)));
        seats.changeLedger(address(registry));
        registry.wire(seats);
        for (uint32 seat; seat < SEATS; ++seat) {
            bool exempt = seat % 4 == 3;
            uint64 expiry = START + (1 + seat) * 1 days;
            uint48 budget = exempt ? 0 : 40 * (1 + seat);
            registry.setTerms(seat + 1, 100 + seat, 10_000, exempt, expiry);
            seats.grant(FEDERATION, seat + 1, seat + 1, budget);
            models[seat] = Model(exempt, false, false, false, 100 + seat, budget, expiry / 1 days);
        }
        seats.changeLedger(address(this));
    }

    /// @dev Each byte triple of the script is a step: what happens, to whom, and with what.
    function test_charge_matchesTheModel_succeeds(bytes calldata script) external {
        uint256 steps = script.length / 3 < 24 ? script.length / 3 : 24;
        for (uint256 i; i < steps; ++i) {
            (uint8 kind, uint8 a, uint8 b) = (uint8(script[3 * i]), uint8(script[3 * i + 1]), uint8(script[3 * i + 2]));
            uint256 seat = a % SEATS;
            if (kind % 8 == 0) stopDataset(seat, b % 2 == 0);
            else if (kind % 8 == 1) suspend(seat, b % 2 == 0);
            else if (kind % 16 == 2) revoke(seat);
            else if (kind % 8 == 3) vm.warp(block.timestamp + uint256(b) * 15 minutes);
            else sealSome(uint256(keccak256(script[3 * i:3 * i + 3])), 1 + b % ROUNDS, a % 64);
            compareLanes();
        }
    }

    /// @dev Any bytes: refused exactly when they are not ids that ascend.
    function test_charge_anyColumn_refusesOnlyBadOnes_succeeds(bytes calldata column, uint8 cut, bool sorted) external {
        bytes memory ids = sorted ? ascending(column, cut) : bytes(column);
        uint256 entries = ids.length / 4;
        uint256 bad = type(uint256).max;
        if (ids.length % 4 != 0) bad = entries;
        else if (entries > 256) bad = 256;
        for (uint256 i = 1; i < entries && bad == type(uint256).max; ++i) {
            if (idAt(ids, i) <= idAt(ids, i - 1)) bad = i;
        }
        try seats.charge(FEDERATION, 1, ids, 1, 0) returns (bytes memory weights, uint24, uint256 accepted) {
            assertEq("refused", type(uint256).max, bad);
            assertEq("length", 2 * entries, weights.length);
            uint256 heavy;
            for (uint256 i; i < entries; ++i) if (uint8(weights[2 * i]) + uint8(weights[2 * i + 1]) != 0) ++heavy;
            assertEq("accepted", heavy, accepted);
        } catch (bytes memory reason) {
            assertEq("reason", uint256(keccak256(abi.encodeWithSelector(ISeats.SeatsBadColumn.selector, bad))), uint256(keccak256(reason)));
        }
    }

    /// @dev The column is read from wherever the caller put it: unaligned calldata, with dirt in front of it and behind.
    function test_charge_columnAmongDirt_succeeds(bytes calldata dirt, uint16 members) external {
        bytes memory ids = column_(members);
        bytes memory weights;
        // selector, head with a hand-made offset, dirt, length, column, dirt
        bytes memory head = abi.encodePacked(uint256(FEDERATION), uint256(1), uint256(5 * 32 + dirt.length), uint256(0), uint256(0));
        bytes memory call = abi.encodePacked(ISeats.charge.selector, head, dirt, uint256(ids.length), ids, dirt);
        (bool ok, bytes memory result) = address(seats).call(call);
        assertEq("ok", 1, ok ? 1 : 0);
        (weights,,) = abi.decode(result, (bytes, uint24, uint256));
        (bytes memory plain,,) = seats.charge(FEDERATION, 1, ids, 0, 0);
        assertEq("weights", uint256(keccak256(plain)), uint256(keccak256(weights)));
    }

    function sealSome(uint256 seed, uint256 round, uint256 rho) private {
        bytes memory ids = column_(seed);
        uint256 skip = (seed >> 64) & (seed >> 96) & (seed >> 128);
        uint256 entries = ids.length / 4;
        (bytes memory weights, uint24 epoch, uint256 accepted) = seats.charge(FEDERATION, uint32(round), ids, uint48(rho), skip);
        assertEq("epoch", seats.consentEpoch(FEDERATION), epoch);
        uint256 heavy;
        for (uint256 i; i < entries; ++i) {
            uint256 expected = modelled(idAt(ids, i), round, rho, (skip >> i) & 1 != 0);
            assertEq("weight", expected, uint256(uint8(weights[2 * i])) << 8 | uint8(weights[2 * i + 1]));
            if (expected != 0) ++heavy;
        }
        assertEq("accepted", heavy, accepted);
        assertEq("length", 2 * entries, weights.length);
    }

    function modelled(uint256 id, uint256 round, uint256 rho, bool skipped) private returns (uint256) {
        if (skipped || id >= SEATS) return 0;
        Model storage m = models[id];
        if (m.revoked || m.datasetStopped || m.suspended || block.timestamp / 1 days >= m.expiryDay) return 0;
        if (m.exempt || rho == 0 || paid[id][round]) return m.weight;
        if (m.remaining < rho) return 0;
        m.remaining -= rho;
        paid[id][round] = true;
        return m.weight;
    }

    function compareLanes() private view {
        for (uint32 seat; seat < SEATS; ++seat) {
            ISeats.Lane memory lane = seats.laneOf(FEDERATION, seat);
            Model storage m = models[seat];
            uint256 status = 1 | (m.datasetStopped ? 2 : 0) | (m.suspended ? 4 : 0) | (m.revoked ? 8 : 0);
            assertEq("status", status, lane.status);
            assertEq("remaining", m.exempt && !m.revoked ? type(uint48).max : m.remaining, lane.remaining);
            assertEq("weight of lane", m.weight, lane.weight);
            assertEq("expiry", m.expiryDay, lane.expiryDay);
            uint256 last;
            for (uint32 round = 1; round <= ROUNDS; ++round) {
                if (paid[seat][round]) last = round;
                assertEq("charged", paid[seat][round] ? 1 : 0, seats.isCharged(FEDERATION, seat, round) ? 1 : 0);
            }
            assertEq("last round", last, lane.lastRound);
        }
    }

    function stopDataset(uint256 seat, bool stopped) private {
        registry.stop(uint32(seat + 1), stopped);
        if (!models[seat].revoked) models[seat].datasetStopped = stopped;
    }

    function suspend(uint256 seat, bool suspended) private {
        registry.suspend(uint32(seat + 1), suspended);
        if (!models[seat].revoked) models[seat].suspended = suspended;
    }

    function revoke(uint256 seat) private {
        if (models[seat].revoked) return;
        seats.revoke(FEDERATION, uint32(seat));
        (models[seat].revoked, models[seat].remaining) = (true, 0);
    }

    function column_(uint256 members) private pure returns (bytes memory ids) {
        for (uint32 id; id < IDS; ++id) if ((members >> id) & 1 != 0) ids = abi.encodePacked(ids, id);
    }

    function ascending(bytes calldata steps, uint256 cut) private pure returns (bytes memory ids) {
        uint32 id;
        for (uint256 i; i < steps.length && i < 64; ++i) {
            ids = abi.encodePacked(ids, id);
            id += uint8(steps[i]) % 5; // 0 = not ascending, now and then
        }
        if (cut < 8) ids = abi.encodePacked(ids, new bytes(cut));
    }

    function idAt(bytes memory ids, uint256 i) private pure returns (uint256) {
        return uint256(uint8(ids[4 * i])) << 24 | uint256(uint8(ids[4 * i + 1])) << 16 | uint256(uint8(ids[4 * i + 2])) << 8 | uint8(ids[4 * i + 3]);
    }

    // The test is the ledger while it charges.
    function weightRuleOf(uint32) external view returns (uint32, uint16) {
        return (registry.unit(), registry.maxSeats());
    }
}
