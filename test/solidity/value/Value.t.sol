// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ITreasury} from "../../../contracts/interfaces/ITreasury.sol";
import {IRewardsVault} from "../../../contracts/interfaces/IRewardsVault.sol";
import {RewardsTree} from "../../../contracts/libraries/RewardsTree.sol";
import {Treasury} from "../../../contracts/rewards/Treasury.sol";
import {RewardsVault} from "../../../contracts/rewards/RewardsVault.sol";
import {MockContributors} from "../../../contracts/test/value/MockContributors.sol";
import {MockSeats} from "../../../contracts/test/value/MockSeats.sol";
import {ContributionToken} from "../../../contracts/token/ContributionToken.sol";
import {ValueTest} from "./ValueTest.sol";

/// @dev Plays governance, settlement, payees, donors and thieves against the treasury and three vaults. Failed assertions inside a handler are lost, so
/// whatever must not happen raises a flag that an invariant looks at.
contract ValueHandler is ValueTest {
    uint32 public constant FEDERATIONS = 3;
    uint32 public constant SEATS = 8;
    uint256 public constant GENESIS = 1e24;

    Treasury public immutable treasury;
    ContributionToken public immutable token;
    MockSeats public immutable seats = new MockSeats();
    MockContributors public immutable contributors = new MockContributors();

    uint256[SEATS] private _keys;
    mapping(uint32 federation => mapping(uint32 seat => uint256)) public cumulative; // under the current root
    mapping(uint32 federation => mapping(uint32 seat => address)) public leafPayee;
    mapping(uint32 federation => mapping(uint32 seat => uint256)) public paid;
    mapping(uint32 federation => uint256) public paidOut;
    mapping(uint32 federation => uint256) public donated;
    uint256 public donatedToTreasury;
    uint256 public burnt;
    uint256 public recycled;
    uint256 public claims;
    string public broken;

    constructor() {
        ITreasury.Allocation[] memory genesis = new ITreasury.Allocation[](1);
        genesis[0] = ITreasury.Allocation(address(this), GENESIS);
        treasury = new Treasury(
            address(this), address(seats), address(contributors), params(2e24, 1e22, 1 days), genesis
        );
        token = ContributionToken(treasury.token());
        token.approve(address(treasury), type(uint256).max);
        treasury.changeSettlement(address(this));
        for (uint32 i; i < SEATS; ++i) {
            _keys[i] = uint256(keccak256(abi.encode("payee", i))) >> 8;
            for (uint32 f; f < FEDERATIONS; ++f) {
                seats.setSeat(f, i, f * SEATS + i);
                contributors.setPayee(f * SEATS + i, vm.addr(_keys[i]));
            }
        }
        for (uint32 f; f < FEDERATIONS; ++f) {
            treasury.reserve(f, 1e20);
        }
    }

    function vaultOf(uint32 federation) public view returns (RewardsVault) {
        return RewardsVault(treasury.vaultOf(federation));
    }

    // --- what governance and the settlement do ---

    function reserve(uint32 federation, uint256 amount) external {
        uint256 free = treasury.available() - treasury.totalReserved();
        amount = bound(amount, 1, 2e22);
        try treasury.reserve(federation % FEDERATIONS, amount) {
            if (amount > free) broken = "reserved more than available";
        } catch {
            if (amount <= free) broken = "refused an honest reserve";
        }
    }

    function settle(uint32 federation, uint256 seed) external {
        federation %= FEDERATIONS;
        uint256 free = treasury.reservedOf(federation) - treasury.creditedOf(federation);
        uint256 total = treasury.creditedOf(federation);
        for (uint32 i; i < SEATS; ++i) {
            uint256 earned = uint256(keccak256(abi.encode(seed, i))) % (free / SEATS + 1);
            cumulative[federation][i] += earned;
            total += earned;
            leafPayee[federation][i] = contributors.payeeOf(federation * SEATS + i);
        }
        try treasury.credit(federation, _node(federation, 3, 0), total) {}
        catch {
            broken = "refused an honest credit";
        }
    }

    function settleTooMuch(uint32 federation, uint256 amount) external {
        federation %= FEDERATIONS;
        uint256 total = treasury.reservedOf(federation) + bound(amount, 1, 1e30);
        try treasury.credit(federation, bytes32(0), total) {
            broken = "credited above the reserve";
        } catch {}
    }

    function changePayee(uint32 federation, uint32 seat, uint32 who) external {
        contributors.setPayee((federation % FEDERATIONS) * SEATS + (seat % SEATS), vm.addr(_keys[who % SEATS]));
    }

    // --- what payees do ---

    function claim(uint32 federation, uint32 seat) external {
        (federation, seat) = (federation % FEDERATIONS, seat % SEATS);
        address payee = leafPayee[federation][seat];
        uint256 due = cumulative[federation][seat] - paid[federation][seat];
        RewardsVault vault = vaultOf(federation);
        bytes32[] memory proof = _proof(federation, seat);
        vm.prank(payee);
        try vault.claim(seat, cumulative[federation][seat], proof) returns (uint256 amount) {
            _received(federation, seat, due, amount);
        } catch {
            if (due != 0) broken = "blocked an honest claim";
        }
    }

    function claimMany(uint32 federation, uint32 who) external {
        federation %= FEDERATIONS;
        address payee = vm.addr(_keys[who % SEATS]);
        uint256 count;
        uint256 due;
        for (uint32 i; i < SEATS; ++i) {
            if (_isDue(federation, i, payee)) ++count;
        }
        IRewardsVault.ClaimItem[] memory items = new IRewardsVault.ClaimItem[](count);
        for (uint32 i; i < SEATS; ++i) {
            if (!_isDue(federation, i, payee)) continue;
            items[--count] = IRewardsVault.ClaimItem(i, cumulative[federation][i], _proof(federation, i));
            due += cumulative[federation][i] - paid[federation][i];
        }
        RewardsVault vault = vaultOf(federation);
        vm.prank(payee);
        try vault.claimMany(items) returns (uint256 amount) {
            if (amount != due) broken = "a batch paid another amount";
            for (uint256 i; i < items.length; ++i) {
                paid[federation][items[i].index] = items[i].cumulative;
            }
            paidOut[federation] += amount;
            ++claims;
        } catch {
            broken = "blocked an honest batch";
        }
    }

    function claimFor(uint32 federation, uint32 seat, address recipient) external {
        (federation, seat) = (federation % FEDERATIONS, seat % SEATS);
        address payee = leafPayee[federation][seat];
        uint256 due = cumulative[federation][seat] - paid[federation][seat];
        RewardsVault vault = vaultOf(federation);
        if (payee == address(0) || recipient == address(0) || recipient == address(vault)) return;
        if (recipient == address(treasury) || recipient == address(this)) return;
        for (uint32 f; f < FEDERATIONS; ++f) {
            if (recipient == address(vaultOf(f))) return;
        }
        bytes32 digest = _claimDigest(vault, federation, seat, recipient, cumulative[federation][seat]);
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(_keyOf(payee), digest);
        IRewardsVault.ClaimItem memory item =
            IRewardsVault.ClaimItem(seat, cumulative[federation][seat], _proof(federation, seat));
        try vault.claimFor(payee, recipient, item, type(uint256).max, abi.encodePacked(r, s, v)) returns (uint256 amount) {
            _received(federation, seat, due, amount);
        } catch {
            if (due != 0) broken = "blocked an honest claim by signature";
        }
    }

    function claimRecovered(uint32 federation, uint32 seat) external {
        (federation, seat) = (federation % FEDERATIONS, seat % SEATS);
        address old = leafPayee[federation][seat];
        address current = contributors.payeeOf(federation * SEATS + seat);
        uint256 due = cumulative[federation][seat] - paid[federation][seat];
        IRewardsVault.ClaimItem memory item =
            IRewardsVault.ClaimItem(seat, cumulative[federation][seat], _proof(federation, seat));
        RewardsVault vault = vaultOf(federation);
        vm.prank(current);
        try vault.claimRecovered(old, item) returns (uint256 amount) {
            if (old == current || old == address(0)) broken = "recovered what was not lost";
            _received(federation, seat, due, amount);
        } catch {
            if (due != 0 && old != address(0) && old != current) broken = "blocked an honest recovery";
        }
    }

    // --- what thieves do ---

    function steal(uint32 federation, uint32 other, uint32 seat, uint256 amount, address thief) external {
        (federation, other, seat) = (federation % FEDERATIONS, other % FEDERATIONS, seat % SEATS);
        address payee = leafPayee[federation][seat];
        uint256 more = cumulative[federation][seat] + bound(amount, 1, 1e24);
        bytes32[] memory proof = _proof(federation, seat);
        RewardsVault vault = vaultOf(federation);
        vm.prank(payee);
        try vault.claim(seat, more, proof) {
            broken = "paid above the leaf";
        } catch {}
        if (thief != payee) {
            vm.prank(thief);
            try vault.claim(seat, cumulative[federation][seat], proof) {
                broken = "paid a stranger";
            } catch {}
        }
        if (other != federation) {
            vault = vaultOf(other);
            vm.prank(payee);
            try vault.claim(seat, cumulative[federation][seat], proof) {
                broken = "paid a leaf of another federation";
            } catch {}
        }
    }

    // --- what everybody does ---

    function donate(uint32 federation, uint256 amount) external {
        federation %= FEDERATIONS + 1;
        amount = bound(amount, 0, token.balanceOf(address(this)) / 100);
        if (federation == FEDERATIONS) {
            token.transfer(address(treasury), amount);
            donatedToTreasury += amount;
        } else {
            token.transfer(address(vaultOf(federation)), amount);
            donated[federation] += amount;
        }
    }

    function recycle(uint256 amount) external {
        amount = bound(amount, 1, token.balanceOf(address(this)) / 100 + 1);
        try treasury.recycle(amount) {
            recycled += amount;
        } catch {
            if (amount <= token.balanceOf(address(this))) broken = "refused to recycle";
        }
    }

    function burn(uint256 amount) external {
        amount = bound(amount, 0, token.balanceOf(address(this)) / 100);
        token.burn(amount);
        burnt += amount;
    }

    function pass(uint256 time) external {
        vm.warp(block.timestamp + bound(time, 1, 3 days));
    }

    // --- trees ---

    function _received(uint32 federation, uint32 seat, uint256 due, uint256 amount) private {
        if (amount != due || due == 0) broken = "a claim paid another amount";
        paid[federation][seat] += amount;
        paidOut[federation] += amount;
        ++claims;
    }

    function _isDue(uint32 federation, uint32 seat, address payee) private view returns (bool) {
        return leafPayee[federation][seat] == payee && cumulative[federation][seat] > paid[federation][seat];
    }

    function _keyOf(address payee) private view returns (uint256) {
        for (uint256 i; i < SEATS; ++i) {
            if (vm.addr(_keys[i]) == payee) return _keys[i];
        }
        revert("unknown payee");
    }

    function _node(uint32 federation, uint256 height, uint256 position) private view returns (bytes32) {
        if (height == 0) {
            uint32 seat = uint32(position);
            return RewardsTree.leaf(
                block.chainid,
                address(vaultOf(federation)),
                federation,
                seat,
                leafPayee[federation][seat],
                cumulative[federation][seat]
            );
        }
        return keccak256(
            abi.encode(_node(federation, height - 1, 2 * position), _node(federation, height - 1, 2 * position + 1))
        );
    }

    function _proof(uint32 federation, uint32 seat) private view returns (bytes32[] memory proof) {
        proof = new bytes32[](3);
        for (uint256 height; height < 3; ++height) {
            proof[height] = _node(federation, height, (seat >> height) ^ 1);
        }
    }

    function _claimDigest(RewardsVault vault, uint32 federation, uint32 seat, address recipient, uint256 amount)
        private
        view
        returns (bytes32)
    {
        bytes32 domain = keccak256(
            abi.encode(
                keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"),
                keccak256("Chongwen"),
                keccak256("1"),
                block.chainid,
                address(vault)
            )
        );
        bytes32 body = keccak256(
            abi.encode(
                keccak256("Claim(uint32 federation,uint32 index,address recipient,uint256 cumulative,uint256 deadline)"),
                federation,
                seat,
                recipient,
                amount,
                type(uint256).max
            )
        );
        return keccak256(abi.encodePacked(hex"1901", domain, body));
    }
}

contract ValueInvariantTest is ValueTest {
    ValueHandler private handler;

    function setUp() public {
        handler = new ValueHandler();
    }

    function targetContracts() public view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(handler);
    }

    function invariant_nothingBroken() public view {
        assertTrue(bytes(handler.broken()).length == 0, handler.broken());
    }

    /// @dev The handler is no scarecrow: each of its honest calls does what its name says.
    function test_handler_everyCallActs_succeeds() public {
        handler.reserve(0, 1e21);
        handler.settle(0, 1);
        handler.claim(0, 0);
        assertEq(handler.claims(), 1, "claim");
        handler.claimFor(0, 1, address(0xBEEF));
        assertEq(handler.claims(), 2, "claimFor");
        assertEq(handler.token().balanceOf(address(0xBEEF)), handler.paid(0, 1), "to the recipient");
        handler.changePayee(0, 2, 3);
        handler.claimRecovered(0, 2);
        assertEq(handler.claims(), 3, "claimRecovered");
        handler.claimMany(0, 3);
        assertEq(handler.claims(), 4, "claimMany");
        handler.recycle(1e18);
        handler.donate(0, 1e18);
        handler.burn(1e18);
        handler.settleTooMuch(0, 1);
        handler.steal(0, 1, 4, 1, address(0xBAD));
        handler.pass(1 days);
        handler.settle(0, 2);
        handler.claim(0, 2);
        assertEq(handler.claims(), 5, "the next root pays the rest");
        invariant_nothingBroken();
        invariant_conservation();
        invariant_balances();
        invariant_supply();
    }

    /// @dev Σ paid ≤ credited ≤ reserved for every federation, Σ reserved ≤ available, all to 1 wei.
    function invariant_conservation() public view {
        uint256 reserved;
        uint256 credited;
        for (uint32 f; f < handler.FEDERATIONS(); ++f) {
            uint256 sum;
            uint256 promised;
            for (uint32 i; i < handler.SEATS(); ++i) {
                sum += handler.paid(f, i);
                promised += handler.cumulative(f, i);
                assertEq(handler.vaultOf(f).claimedOf(i), handler.paid(f, i), "claimedOf is what was paid");
            }
            assertEq(sum, handler.paidOut(f), "sum of payments");
            assertLe(sum, handler.treasury().creditedOf(f), "paid <= credited");
            assertEq(promised, handler.treasury().creditedOf(f), "credited is the sum of the leaves");
            assertEq(promised, handler.vaultOf(f).total(), "and so is the vault's total");
            assertLe(promised, handler.treasury().reservedOf(f), "credited <= reserved");
            reserved += handler.treasury().reservedOf(f);
            credited += promised;
        }
        assertEq(reserved, handler.treasury().totalReserved(), "sum of reserves");
        assertLe(reserved, handler.treasury().available(), "reserved <= available");
        assertLe(handler.token().mintedEmission(), credited, "minted only for credits");
    }

    /// @dev Every wei is where the accounts say: donations apart, a vault holds exactly what it owes.
    function invariant_balances() public view {
        uint256 credited;
        for (uint32 f; f < handler.FEDERATIONS(); ++f) {
            uint256 owed = handler.treasury().creditedOf(f) - handler.paidOut(f);
            uint256 held = handler.token().balanceOf(address(handler.vaultOf(f)));
            assertEq(held, owed + handler.donated(f), "a vault's balance");
            credited += handler.treasury().creditedOf(f);
        }
        uint256 reused = credited - handler.token().mintedEmission();
        assertEq(handler.treasury().totalRecycled(), handler.recycled(), "recycled");
        assertEq(
            handler.token().balanceOf(address(handler.treasury())),
            handler.recycled() - reused + handler.donatedToTreasury(),
            "the treasury's balance"
        );
    }

    function invariant_supply() public view {
        ContributionToken token = handler.token();
        assertEq(token.totalSupply(), handler.GENESIS() + token.mintedEmission() - handler.burnt(), "supply");
        assertLe(token.mintedEmission(), token.releasedEmission(), "minted <= released");
        assertLe(token.releasedEmission() + token.genesisSupply(), token.cap(), "released <= cap");
        assertLe(token.totalSupply(), token.cap(), "supply <= cap");
        assertTrue(token.minter() == address(handler.treasury()), "one minter");
    }
}
