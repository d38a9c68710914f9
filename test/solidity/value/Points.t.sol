// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IRewardsVault} from "../../../contracts/interfaces/IRewardsVault.sol";
import {ISettlement} from "../../../contracts/interfaces/ISettlement.sol";
import {ITreasury} from "../../../contracts/interfaces/ITreasury.sol";
import {Points} from "../../../contracts/libraries/Points.sol";
import {RewardsTree} from "../../../contracts/libraries/RewardsTree.sol";
import {PointsVault} from "../../../contracts/rewards/PointsVault.sol";
import {Treasury} from "../../../contracts/rewards/Treasury.sol";
import {MockContributors} from "../../../contracts/test/value/MockContributors.sol";
import {MockSeats} from "../../../contracts/test/value/MockSeats.sol";
import {ContributionToken} from "../../../contracts/token/ContributionToken.sol";
import {ValueTest} from "./ValueTest.sol";

/// @dev Plays governance, settlement, payees and thieves against a federation in points, beside one in SHU. What must not happen raises a flag.
contract PointsHandler is ValueTest {
    uint32 public constant FEDERATION = 1;
    uint32 public constant OTHER = 2;
    uint32 public constant SEATS = 8;

    Treasury public immutable treasury;
    ContributionToken public immutable token;
    PointsVault public immutable vault;
    MockSeats public immutable seats = new MockSeats();
    MockContributors public immutable contributors = new MockContributors();

    uint256[SEATS] private _keys;
    /// @dev Earned by final settlements, and with the one under way.
    uint256[SEATS] public cumulative;
    uint256[SEATS] public proposed;
    address[SEATS] public leafPayee;
    uint256[SEATS] public claimed; // points
    uint256[SEATS] public paid; // SHU
    uint256 public paidOut;
    bool public underWay;
    uint256 public claims;
    string public broken;

    constructor() {
        ITreasury.Allocation[] memory genesis = new ITreasury.Allocation[](1);
        genesis[0] = ITreasury.Allocation(address(this), 1e24);
        treasury = new Treasury(address(this), address(seats), address(contributors), params(2e24, 1e22, 1 days), genesis);
        token = ContributionToken(treasury.token());
        token.approve(address(treasury), type(uint256).max);
        treasury.changeSettlement(address(this));
        treasury.openPoints(FEDERATION);
        treasury.reserve(OTHER, 1e20);
        vault = PointsVault(treasury.vaultOf(FEDERATION));
        for (uint32 i; i < SEATS; ++i) {
            _keys[i] = uint256(keccak256(abi.encode("payee", i))) >> 8;
            seats.setSeat(FEDERATION, i, i);
            contributors.setPayee(i, vm.addr(_keys[i]));
        }
    }

    // --- the settlement contract, which this is for the treasury ---

    function accountOf(uint32 federation) external view returns (ISettlement.Account memory account) {
        if (federation != FEDERATION) return account;
        account.total = uint128(sum(cumulative));
        if (!underWay) return account;
        account.state = ISettlement.State.Proposed;
        account.distributed = uint128(sum(proposed) - sum(cumulative));
    }

    /// @dev As `Settlement` does: only what the reserve covers now.
    function propose(uint256 seed, uint256 scale) external {
        if (underWay) return;
        uint256 most = [uint256(3), 1e9, 1e18, 1e22, 1e30][scale % 5];
        for (uint256 i; i < SEATS; ++i) {
            proposed[i] = cumulative[i] + uint256(keccak256(abi.encode(seed, i))) % most;
        }
        underWay = treasury.worthOf(FEDERATION, sum(proposed)) <= treasury.reservedOf(FEDERATION);
    }

    /// @dev Whatever happened since: what was proposed becomes final.
    function finalise() external {
        if (!underWay) return;
        cumulative = proposed;
        for (uint32 i; i < SEATS; ++i) {
            leafPayee[i] = contributors.payeeOf(i);
        }
        try treasury.credit(FEDERATION, _node(3, 0), sum(cumulative)) {}
        catch {
            broken = "refused a settlement that was proposed";
        }
        underWay = false;
    }

    function overturn() external {
        underWay = false;
    }

    function settleTooMuch(uint256 more) external {
        uint128 rate = treasury.rateOf(FEDERATION);
        if (rate == 0) return;
        // The first total that is worth more than the reserve.
        uint256 total = ((treasury.reservedOf(FEDERATION) + 1) * 1e18 + rate - 1) / rate + bound(more, 0, 1e30);
        try treasury.credit(FEDERATION, bytes32(0), total) {
            broken = "credited above the reserve";
        } catch {}
    }

    // --- governance ---

    function attach(uint128 rate, uint256 scale) external {
        rate = uint128([uint256(1), 1e9, 1e18, 1e20, type(uint128).max][scale % 5] - rate % [uint256(1), 1e9, 1e18, 1e20, 1e30][scale % 5]);
        uint256 promised = sum(underWay ? proposed : cumulative);
        bool may = treasury.rateOf(FEDERATION) == 0 && rate != 0 && treasury.totalReserved() + Points.worth(promised, rate) <= treasury.available();
        try treasury.attachToken(FEDERATION, rate) {
            if (!may) broken = "attached twice, at nothing, or above the emission";
        } catch {
            if (may) broken = "refused to attach";
        }
    }

    function reserve(bool other, uint256 amount) external {
        uint256 free = treasury.available() - treasury.totalReserved();
        amount = bound(amount, 1, 1e22);
        bool may = amount <= free && (other || treasury.rateOf(FEDERATION) != 0);
        try treasury.reserve(other ? OTHER : FEDERATION, amount) {
            if (!may) broken = "reserved for points without a token, or above the emission";
        } catch {
            if (may) broken = "refused an honest reserve";
        }
    }

    function openAgain(uint32 federation) external {
        try treasury.openPoints(federation % 2 == 0 ? FEDERATION : OTHER) {
            broken = "opened a vault twice";
        } catch {}
        try treasury.attachToken(OTHER, 1e18) {
            broken = "attached to SHU";
        } catch {}
    }

    function changePayee(uint32 seat, uint32 who) external {
        contributors.setPayee(seat % SEATS, vm.addr(_keys[who % SEATS]));
    }

    function recycle(uint256 amount) external {
        treasury.recycle(bound(amount, 1, token.balanceOf(address(this)) / 1000));
    }

    function pass(uint256 time) external {
        vm.warp(block.timestamp + bound(time, 1, 3 days));
    }

    // --- payees ---

    function claim(uint32 seat) external {
        seat %= SEATS;
        IRewardsVault.ClaimItem memory item = _item(seat);
        vm.prank(leafPayee[seat]);
        try vault.claim(seat, item.cumulative, item.proof) returns (uint256 amount) {
            _received(seat, amount);
        } catch {
            if (due(seat) != 0) broken = "blocked an honest claim";
        }
    }

    function claimMany(uint32 who) external {
        address payee = vm.addr(_keys[who % SEATS]);
        uint256 count;
        for (uint32 i; i < SEATS; ++i) {
            if (leafPayee[i] == payee && due(i) != 0) ++count;
        }
        IRewardsVault.ClaimItem[] memory items = new IRewardsVault.ClaimItem[](count);
        uint256 owed;
        for (uint32 i; i < SEATS; ++i) {
            if (leafPayee[i] != payee || due(i) == 0) continue;
            items[--count] = _item(i);
            owed += due(i);
        }
        vm.prank(payee);
        try vault.claimMany(items) returns (uint256 amount) {
            if (amount != owed) broken = "a batch paid another amount";
            for (uint256 i; i < items.length; ++i) {
                _received(items[i].index, due(items[i].index));
            }
        } catch {
            if (owed != 0) broken = "blocked an honest batch";
        }
    }

    function claimFor(uint32 seat) external {
        seat %= SEATS;
        address payee = leafPayee[seat];
        if (payee == address(0)) return;
        IRewardsVault.ClaimItem memory item = _item(seat);
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(_keyOf(payee), _digest(seat, item.cumulative));
        try vault.claimFor(payee, address(0xBEEF), item, type(uint256).max, abi.encodePacked(r, s, v)) returns (uint256 amount) {
            _received(seat, amount);
        } catch {
            if (due(seat) != 0) broken = "blocked an honest claim by signature";
        }
    }

    function claimRecovered(uint32 seat) external {
        seat %= SEATS;
        address old = leafPayee[seat];
        address current = contributors.payeeOf(seat);
        IRewardsVault.ClaimItem memory item = _item(seat);
        vm.prank(current);
        try vault.claimRecovered(old, item) returns (uint256 amount) {
            if (old == current || old == address(0)) broken = "recovered what was not lost";
            _received(seat, amount);
        } catch {
            if (due(seat) != 0 && old != address(0) && old != current) broken = "blocked an honest recovery";
        }
    }

    function steal(uint32 seat, uint256 more, address thief, uint128 rate) external {
        seat %= SEATS;
        IRewardsVault.ClaimItem memory item = _item(seat);
        vm.prank(leafPayee[seat]);
        try vault.claim(seat, item.cumulative + bound(more, 1, 1e30), item.proof) {
            broken = "paid above the leaf";
        } catch {}
        if (thief == leafPayee[seat]) return;
        vm.prank(thief);
        try vault.claim(seat, item.cumulative, item.proof) {
            broken = "paid a stranger";
        } catch {}
        if (thief == address(treasury)) return;
        vm.prank(thief);
        try vault.fixRate(rate) {
            broken = "let a stranger fix the rate";
        } catch {}
    }

    // --- views ---

    /// @dev What a claim of the seat's leaf pays now.
    function due(uint32 seat) public view returns (uint256) {
        return _worth(cumulative[seat]) - _worth(claimed[seat]);
    }

    function sum(uint256[SEATS] memory values) public pure returns (uint256 total) {
        for (uint256 i; i < SEATS; ++i) {
            total += values[i];
        }
    }

    function earned() external view returns (uint256) {
        return sum(cumulative);
    }

    function _worth(uint256 points) private view returns (uint256) {
        return points * treasury.rateOf(FEDERATION) / 1e18;
    }

    function _received(uint32 seat, uint256 amount) private {
        if (amount == 0 || amount != due(seat)) broken = "a claim paid another amount";
        claimed[seat] = cumulative[seat];
        paid[seat] += amount;
        paidOut += amount;
        ++claims;
    }

    function _item(uint32 seat) private view returns (IRewardsVault.ClaimItem memory) {
        bytes32[] memory proof = new bytes32[](3);
        for (uint256 height; height < 3; ++height) {
            proof[height] = _node(height, (seat >> height) ^ 1);
        }
        return IRewardsVault.ClaimItem(seat, cumulative[seat], proof);
    }

    function _node(uint256 height, uint256 position) private view returns (bytes32) {
        if (height != 0) return keccak256(abi.encode(_node(height - 1, 2 * position), _node(height - 1, 2 * position + 1)));
        return RewardsTree.leaf(block.chainid, address(vault), FEDERATION, position, leafPayee[position], cumulative[position]);
    }

    function _keyOf(address payee) private view returns (uint256) {
        for (uint256 i; i < SEATS; ++i) {
            if (vm.addr(_keys[i]) == payee) return _keys[i];
        }
        revert("unknown payee");
    }

    function _digest(uint32 seat, uint256 amount) private view returns (bytes32) {
        bytes32 domain = keccak256(
            abi.encode(
                keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"),
                keccak256("Chongwen"), keccak256("1"), block.chainid, address(vault)
            )
        );
        bytes32 body = keccak256(
            abi.encode(
                keccak256("Claim(uint32 federation,uint32 index,address recipient,uint256 cumulative,uint256 deadline)"),
                FEDERATION, seat, address(0xBEEF), amount, type(uint256).max
            )
        );
        return keccak256(abi.encodePacked(hex"1901", domain, body));
    }
}

/// @dev A settlement contract appointed anew that knows nothing of what the one before made final.
contract ForgetfulSettlement {
    function accountOf(uint32) external pure returns (ISettlement.Account memory account) {
        account.state = ISettlement.State.Proposed;
        account.distributed = 1;
    }
}

contract PointsInvariantTest is ValueTest {
    PointsHandler private handler;

    function setUp() public {
        handler = new PointsHandler();
    }

    function targetContracts() public view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(handler);
    }

    function invariant_nothingBroken() public view {
        assertTrue(bytes(handler.broken()).length == 0, handler.broken());
    }

    /// @dev The vault always has what all unclaimed leaves are worth, and less than one unit a seat more.
    function invariant_vaultCoversEveryLeaf() public view {
        Treasury treasury = handler.treasury();
        uint256 held = handler.token().balanceOf(address(handler.vault()));
        assertEq(held, treasury.worthOf(1, treasury.creditedOf(1)) - handler.paidOut(), "moved in, less what was paid");
        uint256 owed;
        for (uint32 i; i < handler.SEATS(); ++i) {
            owed += handler.due(i);
            assertEq(handler.vault().claimedOf(i), handler.claimed(i), "claimed, in points");
            assertEq(handler.paid(i), Points.worth(handler.claimed(i), treasury.rateOf(1)), "paid what the claimed points are worth");
        }
        assertLe(owed, held, "owed <= held");
        assertLe(held, owed + handler.SEATS() - 1, "dust");
    }

    function invariant_history() public view {
        Treasury treasury = handler.treasury();
        assertEq(treasury.creditedOf(1), handler.earned(), "credited is the sum of the leaves, in points");
        assertEq(handler.vault().total(), handler.earned(), "and so is the vault's total");
        assertEq(handler.vault().rate(), treasury.rateOf(1), "one rate");
    }

    function invariant_supply() public view {
        Treasury treasury = handler.treasury();
        ContributionToken token = handler.token();
        assertLe(treasury.worthOf(1, treasury.creditedOf(1)), treasury.reservedOf(1), "worth of credited <= reserved");
        assertEq(treasury.reservedOf(1) + treasury.reservedOf(2), treasury.totalReserved(), "sum of reserves");
        assertLe(treasury.totalReserved(), treasury.available(), "reserved <= available");
        assertLe(token.mintedEmission(), token.releasedEmission(), "minted <= released");
    }

    function _all() private view {
        invariant_nothingBroken();
        invariant_vaultCoversEveryLeaf();
        invariant_history();
        invariant_supply();
    }

    /// @dev The handler is no scarecrow: each of its honest calls does what its name says.
    function test_handler_everyCallActs_succeeds() public {
        handler.propose(1, 2);
        handler.finalise();
        assertTrue(handler.earned() > 0, "settled in points");
        handler.claim(0);
        handler.reserve(false, 1);
        assertEq(handler.claims(), 0, "nothing is paid without a token");
        _all();
        handler.propose(2, 2);
        handler.attach(0, 2);
        assertEq(handler.vault().rate(), 1e18, "attached");
        assertTrue(handler.treasury().reservedOf(1) > handler.earned(), "with the settlement under way");
        handler.attach(0, 2);
        handler.claim(0);
        assertEq(handler.claims(), 1, "claim");
        handler.finalise();
        handler.claim(0);
        assertEq(handler.claims(), 2, "the rest after the next root");
        handler.claimFor(1);
        assertEq(handler.token().balanceOf(address(0xBEEF)), handler.paid(1), "claimFor");
        handler.changePayee(2, 3);
        handler.claimRecovered(2);
        assertEq(handler.claims(), 4, "claimRecovered");
        handler.claimMany(3);
        assertEq(handler.claims(), 5, "claimMany");
        handler.reserve(false, 1e20);
        handler.recycle(1e18);
        handler.openAgain(0);
        handler.openAgain(1);
        handler.settleTooMuch(0);
        handler.steal(4, 1, address(0xBAD), 5);
        handler.pass(1 days);
        _all();
    }

    /// @dev What is credited is reserved for, whatever the settlement contract says is under way.
    function test_attachToken_settlementThatForgets_reservesForTheCredited_succeeds() public {
        handler.propose(1, 2);
        handler.finalise();
        Treasury treasury = handler.treasury();
        address forgetful = address(new ForgetfulSettlement());
        vm.prank(address(handler));
        treasury.changeSettlement(forgetful);
        handler.attach(0, 2);
        assertEq(handler.treasury().reservedOf(1), handler.earned(), "reserved");
        _all();
    }

    /// @dev However a seat claims, it is paid what its points are worth, and the sum of all is never short.
    function testFuzz_worth_stepsAndSums_succeeds(uint128[6] memory points, uint128 rate) public pure {
        uint256 total;
        uint256 shares;
        uint256 stepped;
        for (uint256 i; i < 6; ++i) {
            uint256 each = points[i] / 6;
            shares += Points.worth(each, rate);
            stepped += Points.worth(total + each, rate) - Points.worth(total, rate);
            total += each;
        }
        assertLe(shares, Points.worth(total, rate), "the shares fit the whole");
        assertLe(Points.worth(total, rate), shares + 5, "to a unit each");
        assertEq(stepped, Points.worth(total, rate), "steps add up");
    }
}
