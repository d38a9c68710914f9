// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IRounds} from "../../../contracts/interfaces/IRounds.sol";
import {Explorer} from "./game/Explorer.sol";
import {PropertyBroken, requireTrue, vm} from "./game/GameVm.sol";

/// @notice No property is a scarecrow: each goes red when what guards it is taken away. Here that is the watcher, or a contract's wiring; what needs a mutant
/// of a contract is in docs/testing.md.
contract GameRedTest is Explorer {
    bool private _asleep;

    function setUp() external {
        _start(0);
    }

    function _watch() internal override {
        if (!_asleep) super._watch();
    }

    function _go(bytes memory moves) private {
        for (uint256 i; i < moves.length; ++i) requireTrue("the move is accepted", this.step(uint8(moves[i])));
    }

    /// @dev The last move, or time, breaks exactly this property.
    function _expectRed(string memory property, uint256 move) private {
        bytes memory reason;
        if (move == type(uint256).max) {
            try this.answerAndCheck() {} catch (bytes memory reason_) {
                reason = reason_;
            }
        } else {
            try this.step(move) {} catch (bytes memory reason_) {
                reason = reason_;
            }
        }
        requireTrue("a property is broken", bytes4(reason) == PropertyBroken.selector);
        bytes memory arguments = new bytes(reason.length - 4);
        for (uint256 i = 4; i < reason.length; ++i) arguments[i - 4] = reason[i];
        (string memory broken,,) = abi.decode(arguments, (string, uint256, uint256));
        requireTrue(string.concat("another property is: ", broken), keccak256(bytes(broken)) == keccak256(bytes(property)));
    }

    uint256 private constant NOW = type(uint256).max;

    function test_wrongModel_nobodyWatches_isRed() external {
        _asleep = true;
        _go(abi.encodePacked(uint8(Move.Seal), uint8(Move.ReportWrong), uint8(Move.WaitDeadline)));
        _expectRed("no wrong model becomes final", uint8(Move.Finalise));
    }

    function test_withheldModel_nobodyWatches_isRed() external {
        _asleep = true;
        _go(abi.encodePacked(uint8(Move.Seal), uint8(Move.ReportWithheld), uint8(Move.WaitDeadline)));
        _expectRed("no withheld model becomes final", uint8(Move.Finalise));
    }

    function test_forgedEntry_nobodyWatches_isRed() external {
        _asleep = true;
        _go(abi.encodePacked(uint8(Move.SealForged), uint8(Move.Report), uint8(Move.WaitDeadline)));
        _expectRed("no forged or oversized entry becomes final", uint8(Move.Finalise));
    }

    function test_wrongSettlement_nobodyWatches_isRed() external {
        _asleep = true;
        _go(abi.encodePacked(uint8(Move.Seal), uint8(Move.Report), uint8(Move.WaitDeadline), uint8(Move.Finalise), uint8(Move.WaitShort)));
        _go(abi.encodePacked(uint8(Move.SettleUnfair), uint8(Move.WaitDeadline)));
        _expectRed("no wrong settlement is credited", uint8(Move.FinaliseSettlement));
    }

    /// @dev A judge that follows nobody's proof.
    function test_trueReport_rogueJudge_isRed() external {
        _go(abi.encodePacked(uint8(Move.Seal), uint8(Move.Report)));
        rounds.changeJudge(address(this), true);
        rounds.overturn(FEDERATION, 1, IRounds.FaultKind.Report, reportedOf[1].report, MALLORY);
        _expectRed("nothing is overturned but what we expected", NOW);
    }

    function test_stakes_rogueLedger_isRed() external {
        operators.changeLedgers(address(this), address(settlement));
        operators.slash(keccak256("nothing"), 1, 8, MALLORY);
        _expectRed("each lie costs its signers one unit, and nothing else costs anything", NOW);
    }

    function test_holds_rogueJudge_isRed() external {
        _go(abi.encodePacked(uint8(Move.Seal), uint8(Move.Report)));
        rounds.changeJudge(address(this), true);
        rounds.hold(FEDERATION, 1);
        _expectRed("a report is held by its open demands and its finality", NOW);
    }

    function test_operators_tokensGone_isRed() external {
        vm.prank(address(operators));
        token.transfer(MALLORY, 1);
        _expectRed("operators hold stakes, awards and what is to be settled", NOW);
    }

    function test_demands_moneyGone_isRed() external {
        _go(abi.encodePacked(uint8(Move.Seal), uint8(Move.ReportWithheld)));
        vm.deal(address(demands), address(demands).balance - 1);
        _expectRed("demands hold the open deposits and the credits", NOW);
    }

    function test_loneReports_tokensGone_isRed() external {
        vm.prank(MALLORY);
        token.transfer(address(loneReports), 1);
        _expectRed("lone reports hold bonds, credits and what is to be settled", NOW);
    }

    function test_arbitration_tokensGone_isRed() external {
        vm.prank(MALLORY);
        token.transfer(address(arbitration), 1);
        _expectRed("arbitration holds open bonds and what it owes", NOW);
    }

    function test_freeze_rogueJudge_isRed() external {
        _go(abi.encodePacked(uint8(Move.Seal), uint8(Move.Report), uint8(Move.WaitDeadline), uint8(Move.Finalise), uint8(Move.WaitShort), uint8(Move.Settle)));
        settlement.changeJudge(address(this), true);
        settlement.freeze(FEDERATION);
        _expectRed("frozen exactly while a challenge stands", NOW);
    }

    function test_supply_rogueMinter_isRed() external {
        vm.prank(address(treasury));
        token.mint(MALLORY, 1);
        vm.prank(MALLORY);
        token.burn(2);
        _expectRed("nobody prints or burns", NOW);
    }

    function test_vault_tokensGone_isRed() external {
        address vault = treasury.vaultOf(FEDERATION);
        vm.prank(MALLORY);
        token.transfer(vault, 1);
        _expectRed("the vault holds what is credited", NOW);
    }

    function test_watcher_moneyGone_isRed() external {
        vm.deal(WATCHER, 100 ether - 1);
        _expectRed("the watcher loses no deposit but the price of data it asked for", NOW);
    }

    function test_watcher_tokensGone_isRed() external {
        vm.prank(WATCHER);
        token.transfer(MALLORY, 1);
        _expectRed("the watcher loses no bond in SHU", NOW);
    }
}
