// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IContributors} from "../../../contracts/interfaces/IContributors.sol";
import {IDatasets} from "../../../contracts/interfaces/IDatasets.sol";
import {ISeats} from "../../../contracts/interfaces/ISeats.sol";
import {Datasets} from "../../../contracts/registry/Datasets.sol";
import {Seats} from "../../../contracts/registry/Seats.sol";
import {assertEq, bound, vm} from "./Vm.sol";

/// @notice Governance, custodian, council, officers and ledger at once, in any order. Plays `Contributors` too.
/// @dev No call reverts: what would be refused is skipped. Violations are noted in flags, since an assertion that fails in a handler is swallowed.
contract RegistryHandler {
    uint32 public constant DATASETS = 4; // number 4 is exempt
    uint32 public constant CONTRIBUTORS = 5;
    uint32 public constant FEDERATIONS = 2;
    uint16 public constant MAX_SEATS = 40;
    uint48 private constant CAP = 5000;

    Datasets public datasets;
    Seats public seats;
    mapping(uint32 contributor => bool) public suspended;
    mapping(uint32 dataset => uint256) public spent;
    uint32 private round = 1;

    bool public stoppedLaneGotWeight;
    bool public epochMissed;
    bool public budgetOverdrawn;
    uint256 public calls;
    uint256 public effects;

    /// @dev Not in the constructor: `Datasets` asks this contract who is an officer.
    function start() external {
        if (address(datasets) != address(0)) return;
        datasets = new Datasets(address(this), IContributors(address(this)), address(this), 3 days);
        seats = new Seats(address(this), IContributors(address(this)), IDatasets(address(datasets)));
        datasets.changeSeats(address(seats));
        seats.changeLedger(address(this));
        for (uint32 d = 1; d <= DATASETS; ++d) {
            datasets.propose(1, _terms(d, 100, CAP));
            datasets.approve(d);
        }
    }

    // --- what Seats and Datasets ask ---

    function isOfficer(uint32, address) external pure returns (bool) {
        return true;
    }

    function contributorOf(uint32 contributor) external view returns (IContributors.Contributor memory c) {
        c.suspended = suspended[contributor];
    }

    function weightRuleOf(uint32) external pure returns (uint32, uint16) {
        return (10, MAX_SEATS);
    }

    // --- actions ---

    modifier watched() {
        ++calls;
        bool[] memory before_ = _eligible();
        uint24[] memory epochs = _epochs();
        _;
        _compare(before_, epochs);
    }

    function grant(uint32 f, uint32 c, uint32 d, uint48 budget) external watched {
        (f, c, d) = (_federation(f), _contributor(c), _dataset(d));
        budget = d == DATASETS ? 0 : uint48(bound(budget, 0, 400));
        if (suspended[c] || !datasets.isUsable(d) || seats.seatCount(f) == MAX_SEATS || seats.grantedOf(d) + budget > CAP || _taken(f, c, d)) return;
        seats.grant(f, c, d, budget);
        ++effects;
    }

    function grantSupport(uint32 f, uint32 c) external watched {
        (f, c) = (_federation(f), _contributor(c));
        if (suspended[c] || seats.seatCount(f) == MAX_SEATS || _taken(f, c, 0)) return;
        seats.grantSupport(f, c);
        ++effects;
    }

    function renew(uint32 f, uint32 s, uint48 budget) external watched {
        f = _federation(f);
        if (seats.seatCount(f) == 0) return;
        s = uint32(bound(s, 0, seats.seatCount(f) - 1));
        uint32 d = seats.seatOf(f, s).dataset;
        if (d == 0) return;
        budget = d == DATASETS ? 0 : uint48(bound(budget, 0, 200));
        if (seats.laneOf(f, s).status & 8 != 0 || !datasets.isUsable(d) || seats.grantedOf(d) + budget > CAP) return;
        seats.renew(f, s, budget);
        ++effects;
    }

    function revoke(uint32 f, uint32 s, uint8 chance) external watched {
        f = _federation(f);
        if (seats.seatCount(f) == 0 || chance % 4 != 0) return;
        s = uint32(bound(s, 0, seats.seatCount(f) - 1));
        if (seats.laneOf(f, s).status & 8 != 0) return;
        seats.revoke(f, s);
        ++effects;
    }

    function charge(uint32 f, uint256 members, uint48 rho, uint256 skip, bool again) external watched {
        f = _federation(f);
        rho = uint48(bound(rho, 0, 60));
        if (!again) ++round;
        uint32[] memory ids = _members(f, members);
        ISeats.Lane[] memory lanes = new ISeats.Lane[](ids.length);
        bytes memory column;
        for (uint256 i; i < ids.length; ++i) {
            column = abi.encodePacked(column, ids[i]);
            lanes[i] = seats.laneOf(f, ids[i]);
        }
        (bytes memory weights,,) = seats.charge(f, round, column, rho, skip);
        for (uint256 i; i < ids.length; ++i) {
            bool heavy = weights[2 * i] != 0 || weights[2 * i + 1] != 0;
            bool may = lanes[i].status == 1 && block.timestamp / 1 days < lanes[i].expiryDay && (skip >> i) & 1 == 0;
            if (heavy && !may) stoppedLaneGotWeight = true;
            _book(f, ids[i], lanes[i].remaining, heavy ? rho : 0);
        }
        ++effects;
    }

    /// @dev What a charge took; only an accepted entry pays, and at most `rho`.
    function _book(uint32 f, uint32 s, uint256 had, uint256 rho) private {
        uint256 left = seats.laneOf(f, s).remaining;
        if (left > had || had - left > rho) budgetOverdrawn = true;
        spent[seats.seatOf(f, s).dataset] += had - left;
    }

    function _members(uint32 f, uint256 members) private view returns (uint32[] memory ids) {
        uint256 n;
        for (uint32 s; s < seats.seatCount(f); ++s) if ((members >> s) & 1 != 0) ++n;
        ids = new uint32[](n);
        n = 0;
        for (uint32 s; s < seats.seatCount(f); ++s) if ((members >> s) & 1 != 0) ids[n++] = s;
    }

    function suspendDataset(uint32 d) external watched {
        d = _dataset(d);
        if (datasets.datasetOf(d).status != IDatasets.Status.Approved) return;
        datasets.suspend(d);
        ++effects;
    }

    function reinstateDataset(uint32 d) external watched {
        d = _dataset(d);
        if (datasets.datasetOf(d).status != IDatasets.Status.Suspended || datasets.termsOf(d).ethicsExpiry / 1 days <= block.timestamp / 1 days) return;
        datasets.reinstate(d);
        ++effects;
    }

    function withdraw(uint32 d, uint8 chance) external watched {
        d = _dataset(d);
        if (chance % 64 != 0 || datasets.datasetOf(d).status == IDatasets.Status.Retired) return;
        datasets.withdraw(d);
        ++effects;
    }

    function amend(uint32 d, uint32 records) external watched {
        d = _dataset(d);
        IDatasets.Dataset memory dataset = datasets.datasetOf(d);
        if (dataset.status == IDatasets.Status.Retired || dataset.heldUntil != 0) return;
        IDatasets.Terms memory terms = _terms(d, uint32(bound(records, 1, 5000)), CAP);
        datasets.proposeAmendment(d, terms);
        datasets.amend(d, terms);
        ++effects;
    }

    function hold(uint32 d) external watched {
        d = _dataset(d);
        IDatasets.Dataset memory dataset = datasets.datasetOf(d);
        if (dataset.status == IDatasets.Status.Retired || dataset.heldVersion == dataset.version) return;
        datasets.hold(d);
        ++effects;
    }

    function liftHold(uint32 d) external watched {
        d = _dataset(d);
        if (datasets.datasetOf(d).heldUntil == 0) return;
        datasets.liftHold(d);
        ++effects;
    }

    function setSuspended(uint32 c, bool on) external watched {
        c = _contributor(c);
        suspended[c] = on;
        seats.setContributorSuspended(c, on);
        ++effects;
    }

    function wait(uint16 minutes_) external watched {
        vm.warp(block.timestamp + uint256(minutes_) * 1 minutes);
        ++effects;
    }

    // --- bookkeeping ---

    /// @dev Whoever was eligible and no longer is, with the day unchanged, must have raised its federation's epoch.
    function _compare(bool[] memory before_, uint24[] memory epochs) private {
        bool[] memory after_ = _eligible();
        uint24[] memory now_ = _epochs();
        for (uint256 i; i < before_.length; ++i) {
            uint256 f = i / MAX_SEATS;
            if (before_[i] && !after_[i] && now_[f] == epochs[f]) epochMissed = true;
            if (now_[f] > epochs[f] + 1) epochMissed = true; // once a call
        }
    }

    function _eligible() private view returns (bool[] memory eligible) {
        eligible = new bool[](uint256(FEDERATIONS) * MAX_SEATS);
        for (uint32 f; f < FEDERATIONS; ++f) {
            for (uint32 s; s < seats.seatCount(f); ++s) eligible[f * MAX_SEATS + s] = seats.laneOf(f, s).status == 1;
        }
    }

    function _epochs() private view returns (uint24[] memory epochs) {
        epochs = new uint24[](FEDERATIONS);
        for (uint32 f; f < FEDERATIONS; ++f) epochs[f] = seats.consentEpoch(f);
    }

    function _taken(uint32 f, uint32 c, uint32 d) private view returns (bool) {
        for (uint32 s; s < seats.seatCount(f); ++s) {
            ISeats.Seat memory seat = seats.seatOf(f, s);
            if (seat.contributor == c && seat.dataset == d && seats.laneOf(f, s).status & 8 == 0) return true;
        }
        return false;
    }

    function _terms(uint32 d, uint32 records, uint48 cap) private view returns (IDatasets.Terms memory terms) {
        (terms.card, terms.records, terms.privacyCap, terms.exempt) = (bytes32(uint256(1)), records, cap, d == DATASETS);
        terms.ethicsExpiry = uint64(block.timestamp + 90 days);
    }

    function _federation(uint32 x) private pure returns (uint32) {
        return x % FEDERATIONS;
    }

    function _contributor(uint32 x) private pure returns (uint32) {
        return 1 + x % CONTRIBUTORS;
    }

    function _dataset(uint32 x) private pure returns (uint32) {
        return 1 + x % DATASETS;
    }
}

contract SeatsInvariantTest {
    RegistryHandler private handler;
    Datasets private datasets;
    Seats private seats;

    function setUp() external {
        vm.warp(20_000 days);
        handler = new RegistryHandler();
        handler.start();
        (datasets, seats) = (handler.datasets(), handler.seats());
    }

    function targetContracts() external view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(handler);
    }

    /// @dev The same walk without the runner's tolerance: an action that reverts fails the test, and idle actions are counted.
    function test_handler_neverRevertsAndHasEffect_succeeds(uint256 seed) external {
        for (uint256 i; i < 40; ++i) {
            seed = uint256(keccak256(abi.encode(seed)));
            act(seed % 18, seed >> 8);
        }
        assertEq("effect", 1, handler.effects() * 5 >= handler.calls() ? 1 : 0);
        invariant_grantedIsSpentPlusRemaining();
        invariant_grantedIsWithinTheCap();
        invariant_stoppedLanesGetNoWeight();
        invariant_everyStopRaisesTheEpochOnce();
        invariant_lanesFollowTheRegistry();
        invariant_weightsOfAFederationFit16Bits();
    }

    function act(uint256 kind, uint256 r) private {
        (uint32 a, uint32 b, uint32 c) = (uint32(r), uint32(r >> 32), uint32(r >> 64));
        if (kind < 4) handler.grant(a, b, c, uint48(r >> 96));
        else if (kind == 4) handler.renew(a, b, uint48(r >> 96));
        else if (kind == 5) handler.revoke(a, b, uint8(c));
        else if (kind < 9) handler.charge(a, r >> 32, uint48(r >> 96), (r >> 150) & (r >> 190), uint8(r >> 200) % 4 == 0);
        else if (kind == 9) handler.suspendDataset(a);
        else if (kind == 10) handler.reinstateDataset(a);
        else if (kind == 11) handler.hold(c);
        else if (kind == 12) handler.amend(a, b);
        else if (kind == 13) handler.liftHold(a);
        else if (kind == 14) handler.setSuspended(a, b % 3 == 0);
        else if (kind == 15) handler.withdraw(a, uint8(b));
        else if (kind == 16) handler.grantSupport(a, b);
        else handler.wait(uint16(a));
    }

    function invariant_grantedIsSpentPlusRemaining() public view {
        for (uint32 d = 1; d < handler.DATASETS(); ++d) {
            uint256 held;
            for (uint32 f; f < handler.FEDERATIONS(); ++f) {
                for (uint32 s; s < seats.seatCount(f); ++s) if (seats.seatOf(f, s).dataset == d) held += seats.laneOf(f, s).remaining;
            }
            assertEq("granted", seats.grantedOf(d), handler.spent(d) + held);
        }
    }

    function invariant_grantedIsWithinTheCap() public view {
        for (uint32 d = 1; d <= handler.DATASETS(); ++d) {
            assertEq("within", 1, seats.grantedOf(d) <= datasets.termsOf(d).privacyCap ? 1 : 0);
        }
        assertEq("exempt", 0, seats.grantedOf(handler.DATASETS()));
    }

    function invariant_stoppedLanesGetNoWeight() public view {
        assertEq("stopped", 0, handler.stoppedLaneGotWeight() ? 1 : 0);
        assertEq("overdrawn", 0, handler.budgetOverdrawn() ? 1 : 0);
    }

    function invariant_everyStopRaisesTheEpochOnce() public view {
        assertEq("missed", 0, handler.epochMissed() ? 1 : 0);
    }

    /// @dev The lane says what the registry says: no stop is forgotten, none outlives its reason.
    function invariant_lanesFollowTheRegistry() public view {
        for (uint32 f; f < handler.FEDERATIONS(); ++f) {
            for (uint32 s; s < seats.seatCount(f); ++s) {
                ISeats.Lane memory lane = seats.laneOf(f, s);
                if (lane.status & 8 != 0) continue;
                ISeats.Seat memory seat = seats.seatOf(f, s);
                bool support = seat.dataset == 0;
                bool runs = support || datasets.isUsable(seat.dataset) && lane.version == datasets.datasetOf(seat.dataset).version;
                assertEq("stopped", runs ? 0 : 2, lane.status & 2);
                assertEq("support", support ? 16 : 0, lane.status & 16);
                if (support) assertEq("weightless", 0, uint256(lane.weight) + lane.remaining + lane.lastRound);
                assertEq("suspended", handler.suspended(seat.contributor) ? 4 : 0, lane.status & 4);
            }
        }
    }

    function invariant_weightsOfAFederationFit16Bits() public view {
        for (uint32 f; f < handler.FEDERATIONS(); ++f) {
            uint256 total;
            for (uint32 s; s < seats.seatCount(f); ++s) total += seats.laneOf(f, s).weight;
            assertEq("fits", 1, total <= type(uint16).max ? 1 : 0);
        }
    }
}
