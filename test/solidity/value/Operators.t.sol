// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IOperators} from "../../../contracts/interfaces/IOperators.sol";
import {ITreasury} from "../../../contracts/interfaces/ITreasury.sol";
import {SignerSet} from "../../../contracts/libraries/SignerSet.sol";
import {LiableSigners} from "../../../contracts/operators/LiableSigners.sol";
import {Operators} from "../../../contracts/operators/Operators.sol";
import {Treasury} from "../../../contracts/rewards/Treasury.sol";
import {MockContributors} from "../../../contracts/test/value/MockContributors.sol";
import {ContributionToken} from "../../../contracts/token/ContributionToken.sol";
import {ValueTest} from "./ValueTest.sol";

/// @dev Governance, both ledgers and eight operators who bond, leave and get slashed at any moment.
contract OperatorsHandler is ValueTest {
    uint256 public constant SIZE = 8;
    uint256 public constant BOND = 1e18 + 7; // divides by neither 100 nor 5
    uint256 public constant UNBONDING = 10 days;
    address public constant CHALLENGER = address(0xC4A11E);
    address public constant ROUNDS = address(0x20);
    address public constant SETTLEMENT = address(0x5E);

    Treasury public immutable treasury;
    ContributionToken public immutable token;
    Operators public immutable operators;
    MockContributors public immutable contributors = new MockContributors();

    uint256 public immutable supply;
    uint256 public bonded;
    uint256 public withdrawn;
    uint256 public slashed;
    uint256 public donated;
    uint256 public toChallenger;
    uint256 public collected;
    uint256 public toPool;
    uint256 public burnt;
    uint256 public slashes;
    bytes32 public lastEvidence;
    string public broken;
    mapping(address operator => uint256) public unbondingSince;

    constructor() {
        ITreasury.Allocation[] memory genesis = new ITreasury.Allocation[](SIZE + 1);
        for (uint256 i; i < SIZE; ++i) {
            genesis[i] = ITreasury.Allocation(member(i), 1e24);
        }
        genesis[SIZE] = ITreasury.Allocation(address(this), 1e24);
        treasury = new Treasury(address(this), address(1), address(contributors), params(1e26, 1e22, 1 days), genesis);
        token = ContributionToken(treasury.token());
        operators =
            new Operators(address(this), address(token), address(treasury), address(contributors), BOND, UNBONDING);
        operators.changeLedgers(ROUNDS, SETTLEMENT);
        for (uint32 i; i < SIZE; ++i) {
            contributors.setOrganisation(i + 1, member(i), 0);
            operators.admit(member(i), i + 1);
            vm.prank(member(i));
            token.approve(address(operators), type(uint256).max);
            _bond(member(i), 8 * BOND);
        }
        supply = token.totalSupply();
        _form(0, 4, 4);
    }

    /// @dev Ascending.
    function member(uint256 i) public pure returns (address) {
        return address(uint160(0x1000 + i));
    }

    function bond(uint256 who, uint256 amount) external {
        _bond(member(who % SIZE), bound(amount, 1, 3 * BOND));
    }

    function startUnbonding(uint256 who, uint256 amount) external {
        address operator = member(who % SIZE);
        vm.prank(operator);
        try operators.startUnbonding(bound(amount, 1, 9 * BOND)) {
            unbondingSince[operator] = block.timestamp;
        } catch {}
    }

    function withdraw(uint256 who) external {
        address operator = member(who % SIZE);
        IOperators.Operator memory before = operators.operatorOf(operator);
        uint256 balance = token.balanceOf(operator);
        vm.prank(operator);
        try operators.withdraw() {
            if (block.timestamp < unbondingSince[operator] + UNBONDING) broken = "left before the end of unbonding";
            if (token.balanceOf(operator) - balance != before.unbonding) broken = "paid another amount";
            withdrawn += before.unbonding;
        } catch {
            if (before.unbonding != 0 && block.timestamp >= before.withdrawableAt) broken = "blocked an honest exit";
        }
    }

    function form(uint256 without, uint8 roundUnits, uint8 settlementUnits) external {
        _form(without, roundUnits % 5, settlementUnits % 5);
    }

    function slash(uint32 epoch, uint32 signers, bool byRounds) external {
        epoch = uint32(bound(epoch, 1, operators.currentEpoch().number));
        address[] memory set = operators.signersOf(epoch);
        signers = uint32(signers % (1 << set.length));
        bytes32 evidence = keccak256(abi.encode(++slashes));
        uint256 expected;
        for (uint256 i; i < set.length; ++i) {
            if ((signers >> i) & 1 == 0) continue;
            uint256 stake = operators.operatorOf(set[i]).stake;
            expected += stake < BOND ? stake : BOND;
        }
        (uint256 heldForPool, uint256 heldToBurn) = operators.unsettled();
        vm.prank(byRounds ? ROUNDS : SETTLEMENT);
        try operators.slash(evidence, epoch, signers, CHALLENGER) {
            IOperators.Award memory award = operators.awardOf(evidence);
            if (award.challenger != CHALLENGER || !operators.evidenceUsed(evidence)) broken = "another challenger";
            uint256 a = award.amount;
            (uint256 b, uint256 c) = operators.unsettled();
            (b, c) = (b - heldForPool, c - heldToBurn);
            if (a + b + c != expected) broken = "took another amount";
            if (c != expected / 5 || b != 2 * c) broken = "divided otherwise";
            slashed += expected;
            toChallenger += a;
            toPool += b;
            burnt += c;
            lastEvidence = evidence;
        } catch {
            broken = "a proven fault could not slash";
        }
    }

    function collect(uint256 slash_) external {
        if (slashes == 0) return;
        bytes32 evidence = keccak256(abi.encode(bound(slash_, 1, slashes)));
        uint256 amount = operators.awardOf(evidence).amount;
        uint256 balance = token.balanceOf(CHALLENGER);
        try operators.collect(evidence) {
            if (amount == 0) broken = "paid twice";
            if (token.balanceOf(CHALLENGER) - balance != amount) broken = "paid another award";
            collected += amount;
        } catch {
            if (amount != 0) broken = "an award that nobody can collect";
        }
    }

    function settleSlashes() external {
        (uint256 forPool, uint256 toBurn) = operators.unsettled();
        uint256[2] memory held = [treasury.totalRecycled(), token.totalSupply()];
        try operators.settleSlashes() {
            if (treasury.totalRecycled() - held[0] != forPool) broken = "recycled another amount";
            if (held[1] - token.totalSupply() != toBurn) broken = "burnt another amount";
        } catch {
            if (forPool + toBurn != 0) broken = "a slash that nobody can settle";
        }
    }

    function slashAgain(uint32 signers, bool byRounds) external {
        if (lastEvidence == 0) return;
        vm.prank(byRounds ? ROUNDS : SETTLEMENT);
        try operators.slash(lastEvidence, 1, signers % 128, CHALLENGER) {
            broken = "the same evidence twice";
        } catch {}
    }

    function slashByStranger(address caller, uint32 signers) external {
        if (caller == ROUNDS || caller == SETTLEMENT) return;
        vm.prank(caller);
        try operators.slash(keccak256(abi.encode(caller, signers)), 1, signers % 128, caller) {
            broken = "anyone can slash";
        } catch {}
    }

    function donate(uint256 amount) external {
        amount = bound(amount, 0, 1e20);
        token.transfer(address(operators), amount);
        donated += amount;
    }

    function pass(uint256 time) external {
        vm.warp(block.timestamp + bound(time, 1, 6 days));
    }

    function _bond(address operator, uint256 amount) private {
        vm.prank(operator);
        operators.bond(amount);
        bonded += amount;
    }

    /// @dev Seven of the eight, each of an organisation of its own.
    function _form(uint256 without, uint16 roundUnits, uint16 settlementUnits) private {
        without %= SIZE;
        address[] memory set = new address[](SIZE - 1);
        for (uint256 i; i < SIZE - 1; ++i) {
            set[i] = member(i < without ? i : i + 1);
        }
        try operators.formEpoch(set, 4, roundUnits, settlementUnits) {} catch {}
    }
}

contract OperatorsInvariantTest is ValueTest {
    OperatorsHandler private handler;

    function setUp() public {
        handler = new OperatorsHandler();
    }

    function targetContracts() public view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(handler);
    }

    function invariant_nothingBroken() public view {
        assertTrue(bytes(handler.broken()).length == 0, handler.broken());
    }

    /// @dev The handler is no scarecrow.
    function test_handler_everyCallActs_succeeds() public {
        handler.bond(1, 1e18);
        handler.slash(1, 0x7f, true);
        assertEq(handler.slashed(), 7 * handler.BOND(), "slash");
        handler.collect(1);
        assertEq(handler.collected(), handler.toChallenger(), "collect");
        handler.collect(1);
        handler.settleSlashes();
        assertEq(handler.treasury().totalRecycled(), handler.toPool(), "settle");
        handler.settleSlashes();
        handler.slashAgain(1, false);
        handler.slashByStranger(address(0xBAD), 1);
        handler.form(1, 1, 1);
        handler.startUnbonding(1, 2 * handler.BOND());
        handler.pass(6 days - 1);
        handler.pass(6 days - 1);
        handler.withdraw(1);
        assertTrue(handler.withdrawn() != 0, "withdraw");
        invariant_nothingBroken();
        invariant_stakes();
        invariant_slashIsDividedToTheLastWei();
        invariant_unitsAreBacked();
    }

    /// @dev Σ slashed + withdrawn + stakes = Σ bonded, to 1 wei; the contract holds the stakes, the shares that wait, and what was given to it.
    function invariant_stakes() public view {
        uint256 stakes;
        for (uint256 i; i < handler.SIZE(); ++i) {
            IOperators.Operator memory record = handler.operators().operatorOf(handler.member(i));
            assertLe(record.unbonding, record.stake, "unbonding <= stake");
            stakes += record.stake;
        }
        assertEq(stakes + handler.slashed() + handler.withdrawn(), handler.bonded(), "conservation");
        (uint256 forPool, uint256 toBurn) = handler.operators().unsettled();
        uint256 waiting = handler.toChallenger() - handler.collected() + forPool + toBurn;
        assertEq(handler.token().balanceOf(address(handler.operators())), stakes + waiting + handler.donated(), "balance");
    }

    function invariant_slashIsDividedToTheLastWei() public view {
        assertEq(handler.toChallenger() + handler.toPool() + handler.burnt(), handler.slashed(), "divided");
        (uint256 forPool, uint256 toBurn) = handler.operators().unsettled();
        assertEq(handler.toPool(), handler.treasury().totalRecycled() + forPool, "recycled, or waiting");
        assertEq(handler.burnt(), handler.supply() - handler.token().totalSupply() + toBurn, "burnt, or waiting");
        assertEq(handler.collected(), handler.token().balanceOf(handler.CHALLENGER()), "collected");
        assertEq(handler.toPool(), 2 * handler.burnt(), "the pool has twice what is burnt");
        assertLe(handler.slashed(), 5 * handler.burnt() + 4 * handler.slashes(), "a fifth is burnt, but for rounding");
    }

    /// @dev What the epoch still allows is backed by every one of its signers.
    function invariant_unitsAreBacked() public view {
        IOperators.Epoch memory epoch = handler.operators().currentEpoch();
        uint256 needed = handler.BOND() * (uint256(epoch.roundUnits) + epoch.settlementUnits);
        address[] memory set = handler.operators().signersOf(epoch.number);
        assertEq(set.length, epoch.size, "size");
        for (uint256 i; i < set.length; ++i) {
            IOperators.Operator memory record = handler.operators().operatorOf(set[i]);
            assertLe(needed, record.stake - record.unbonding, "backed");
            assertTrue(record.admitted && record.lastEpoch == epoch.number, "a member");
        }
    }
}

/// @dev Deploys a set, since it is written from calldata.
contract SetWriter {
    function write(address[] calldata signers) external returns (address) {
        return SignerSet.write(signers);
    }
}

contract LiableSignersTest is ValueTest {
    SetWriter private immutable _writer = new SetWriter();

    /// @dev Those of the set whose bit is set, in its order, whatever lay in free memory before; and memory goes on behind them.
    function testFuzz_read_theSignersOfTheBitmap_succeeds(uint8 size, uint32 signers, uint256 seed) public {
        size = uint8(bound(size, 0, 32));
        signers &= uint32((uint256(1) << size) - 1);
        address[] memory set = new address[](size);
        for (uint256 i; i < size; ++i) {
            set[i] = address(uint160(uint256(keccak256(abi.encode(seed, i)))));
        }
        address pointer = _writer.write(set);
        assembly ("memory-safe") {
            // Dirt where the answer and the set will lie: 32 words and 640 bytes.
            for { let i := 0 } lt(i, 0x800) { i := add(i, 0x20) } { mstore(add(mload(0x40), i), not(0)) }
        }
        uint256[] memory liable = LiableSigners.read(pointer, signers);
        uint256[] memory next = new uint256[](2);
        next[0] = type(uint256).max;
        uint256 count;
        for (uint256 i; i < size; ++i) {
            if ((signers >> i) & 1 != 0) assertEq(liable[count++], uint160(set[i]), "signer");
        }
        assertEq(liable.length, count, "length");
        assertEq(next[1], 0, "memory behind");
    }

    function testFuzz_read_bitsBeyondTheSet_reverts(uint8 size, uint32 signers) public {
        size = uint8(bound(size, 0, 31));
        if (signers >> size == 0) signers |= uint32(1) << size;
        address pointer = _writer.write(new address[](size));
        try this.read(pointer, signers) {
            assertTrue(false, "took signers that are not there");
        } catch (bytes memory reason) {
            bytes memory expected = abi.encodeWithSelector(IOperators.OperatorsUnknownSigners.selector, signers, size);
            assertTrue(keccak256(reason) == keccak256(expected), "another error");
        }
    }

    function read(address pointer, uint32 signers) external view returns (uint256[] memory) {
        return LiableSigners.read(pointer, signers);
    }
}
