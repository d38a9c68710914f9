// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {console} from "hardhat/console.sol";

import {IRounds} from "../../../contracts/interfaces/IRounds.sol";
import {ISettlement} from "../../../contracts/interfaces/ISettlement.sol";
import {hexOf, PropertyBroken, requireTrue, vm} from "./game/GameVm.sol";
import {Properties} from "./game/Properties.sol";

/// @notice The moves of the games, in any order and with any parameters, where nobody watches all the time: lies become final, and every account must still
/// add up.
/// @dev What breaks inside of an action is kept in `broken`: a failed assertion in a handler would be swallowed.
contract DisputesHandler is Properties {
    string public broken;
    mapping(uint256 group => uint256) public calls;
    mapping(uint256 group => uint256) public accepted;

    constructor() {
        _build(0);
        config = _config(0);
    }

    function _isAlwaysWatched() internal pure override returns (bool) {
        return false;
    }

    function check() external {
        _checkAccounts();
    }

    /// @dev What cannot be accepted is skipped, so that most calls act.
    modifier when(bool possible) {
        if (possible) _;
    }

    function _isTip(IRounds.State a, IRounds.State b) private view returns (bool) {
        IRounds.State state = rounds.roundOf(FEDERATION, rounds.headOf(FEDERATION).tip).state;
        return state == a || state == b;
    }

    function _isSealable() private view returns (bool) {
        return _isTip(IRounds.State.Reported, IRounds.State.Final) || _isTip(IRounds.State.Open, IRounds.State.Open);
    }

    function seal(uint8 lie) external when(_isSealable()) {
        _act(0, lie % 4 < 2 ? uint256(Move.Seal) : uint256(Move.Seal) + lie % 4);
    }

    function report(uint8 lie) external when(_isTip(IRounds.State.Sealed, IRounds.State.Sealed)) {
        _act(1, uint256(Move.Report) + lie % 5);
    }

    /// @dev Waits until one party may.
    function reportAlone(uint8 lie) external when(rounds.roundOf(FEDERATION, rounds.headOf(FEDERATION).tip).attempt != 0) {
        try this.attempt(uint256(Move.WaitHalf)) {} catch {}
        _act(2, uint256(Move.LoneTrue) + lie % 3);
    }

    function demand(uint8 what) external when(_isTip(IRounds.State.Sealed, IRounds.State.Reported)) {
        bool reported = _isTip(IRounds.State.Reported, IRounds.State.Reported);
        _act(3, !reported ? uint256(Move.Jam) : what % 2 == 0 ? uint256(Move.Grief) : uint256(Move.GriefColumn));
    }

    function answer(uint8 who) external when(openDemands.length != 0) {
        _act(4, who % 4 == 0 ? uint256(Move.KeepJam) : uint256(Move.AnswerLate));
    }

    function proveFalsely() external {
        _act(5, uint256(Move.FalseProofs));
    }

    function end(uint8 how) external {
        _act(6, uint256(Move.Finalise) + how % 3);
    }

    function consent(uint8 chance) external {
        if (chance % 8 == 0) _act(7, uint256(Move.Consent));
    }

    function wait(uint8 how) external {
        _act(8, how % 2 == 0 ? uint256(Move.WaitShort) : uint256(Move.WaitHalf) + how / 2 % 3);
    }

    function settle(uint8 lie) external when(settlement.accountOf(FEDERATION).state == ISettlement.State.None) {
        _act(9, uint256(Move.Settle) + lie % 4);
    }

    function judgeSettlement(uint8 how) external {
        _act(10, uint256(Move.ChallengeSettlement) + how % 4);
    }

    /// @dev Sometimes somebody honest looks.
    function watch(uint8 chance) external {
        if (chance % 2 != 0) return;
        ++calls[11];
        try this.watchNow() {
            ++accepted[11];
        } catch (bytes memory reason) {
            _note(reason, true);
        }
    }

    function watchNow() external {
        _watch();
    }

    function attempt(uint256 move) external {
        _play(Move(move));
    }

    function _act(uint256 group, uint256 move) private {
        ++calls[group];
        try this.attempt(move) {
            ++accepted[group];
        } catch (bytes memory reason) {
            _note(reason, false);
        }
    }

    /// @dev A refusal is nothing; a broken property or a panic is, and so is whatever stops the honest side.
    function _note(bytes memory reason, bool honest) private {
        if (bytes4(reason) == PropertyBroken.selector) broken = _nameIn(reason);
        else if (bytes4(reason) == 0x4e487b71) broken = "a panic";
        else if (honest) broken = string.concat("the honest side was refused: ", hexOf(bytes4(reason)));
    }

    function _nameIn(bytes memory reason) private pure returns (string memory name) {
        bytes memory arguments = new bytes(reason.length - 4);
        for (uint256 i = 4; i < reason.length; ++i) arguments[i - 4] = reason[i];
        (name,,) = abi.decode(arguments, (string, uint256, uint256));
    }

    function last() external view returns (uint32) {
        return rounds.headOf(FEDERATION).last;
    }

    function finals() external view returns (uint256 count) {
        uint32 end_ = rounds.headOf(FEDERATION).last;
        for (uint32 round = 1; round <= end_; ++round) if (rounds.roundOf(FEDERATION, round).state == IRounds.State.Final) ++count;
    }

    function slashed() external view returns (uint256) {
        return overturned;
    }
}

/// @notice Rounds, Disputes, Operators, Demands, LoneReports, Settlement, Arbitration and Treasury together: every property of `Properties` is an invariant.
contract DisputesInvariantTest {
    uint256 private constant GROUPS = 12;

    DisputesHandler private handler;

    function setUp() external {
        handler = new DisputesHandler();
    }

    function targetContracts() external view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(handler);
    }

    struct FuzzSelector {
        address addr;
        bytes4[] selectors;
    }

    function targetSelectors() external view returns (FuzzSelector[] memory targets) {
        targets = new FuzzSelector[](1);
        targets[0].addr = address(handler);
        bytes4[] memory selectors = new bytes4[](14);
        (selectors[0], selectors[1], selectors[2]) = (handler.seal.selector, handler.report.selector, handler.reportAlone.selector);
        (selectors[3], selectors[4], selectors[5]) = (handler.demand.selector, handler.answer.selector, handler.proveFalsely.selector);
        (selectors[6], selectors[7], selectors[8]) = (handler.end.selector, handler.consent.selector, handler.wait.selector);
        (selectors[9], selectors[10], selectors[11]) = (handler.settle.selector, handler.judgeSettlement.selector, handler.watch.selector);
        // Rounds are what everything else is about.
        (selectors[12], selectors[13]) = (handler.seal.selector, handler.wait.selector);
        targets[0].selectors = selectors;
    }

    /// @dev One campaign for all: each would walk the same way again.
    function invariant_everyAccountAddsUp() external {
        handler.check();
        requireTrue(handler.broken(), bytes(handler.broken()).length == 0);
    }

    /// @dev The handler is no scarecrow: in a walk of its own, at least a fifth of all calls of each kind are accepted, and everything happens.
    function test_handler_everyKindOfCallActs_succeeds() external {
        uint256 seed = 7;
        for (uint256 i; i < 600; ++i) {
            seed = uint256(keccak256(abi.encode(seed)));
            _call(seed % 14, uint8(seed >> 8));
        }
        handler.check();
        requireTrue(handler.broken(), bytes(handler.broken()).length == 0);
        requireTrue("rounds become final", handler.finals() > 5);
        requireTrue("lies are slashed", handler.slashed() > 3);
        for (uint256 group; group < GROUPS; ++group) {
            (uint256 calls, uint256 accepted) = (handler.calls(group), handler.accepted(group));
            if (vm.envOr("GAME_SHOW", 0) != 0) console.log("kind %d: %d of %d calls accepted", group, accepted, calls);
            requireTrue(string.concat("calls of kind ", _digits(group), " act"), accepted * 5 >= calls && accepted > 0);
        }
    }

    function _call(uint256 kind, uint8 r) private {
        if (kind == 0 || kind == 12) handler.seal(r);
        else if (kind == 1) handler.report(r);
        else if (kind == 2) handler.reportAlone(r);
        else if (kind == 3) handler.demand(r);
        else if (kind == 4) handler.answer(r);
        else if (kind == 5) handler.proveFalsely();
        else if (kind == 6) handler.end(r);
        else if (kind == 7) handler.consent(r);
        else if (kind == 8 || kind == 13) handler.wait(r);
        else if (kind == 9) handler.settle(r);
        else if (kind == 10) handler.judgeSettlement(r);
        else handler.watch(r);
    }

    function _digits(uint256 number) private pure returns (string memory) {
        return string(abi.encodePacked(bytes1(uint8(48 + number / 10)), bytes1(uint8(48 + number % 10))));
    }
}
