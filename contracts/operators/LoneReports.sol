// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {ERC20Burnable} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Burnable.sol";
import {ILoneReports} from "../interfaces/ILoneReports.sol";
import {IRounds} from "../interfaces/IRounds.sol";
import {ITreasury} from "../interfaces/ITreasury.sol";

/// @title LoneReports
/// @dev Bonds and what becomes of them are internal accounts: SHU merely sent here belongs to nobody. Nothing here has an owner.
contract LoneReports is ILoneReports {
    struct LoneReport {
        address reporter;
        bool bonded;
    }

    IRounds public immutable ROUNDS;
    /// @inheritdoc ILoneReports
    address public immutable token;
    ITreasury public immutable treasury;
    /// @inheritdoc ILoneReports
    uint256 public immutable bond;

    mapping(uint32 federation => mapping(uint32 round => mapping(uint8 attempt => LoneReport))) private _reports;
    /// @inheritdoc ILoneReports
    mapping(address challenger => uint256) public creditOf;
    // Both only grow: the slot is filled once.
    uint128 private _slashed;
    uint128 private _settled;

    constructor(IRounds rounds, address token_, address treasury_, uint256 bond_) {
        if (bond_ == 0) revert LoneReportsZeroBond();
        ROUNDS = rounds;
        token = token_;
        treasury = ITreasury(treasury_);
        bond = bond_;
        // The treasury pulls only from whoever calls `recycle`: this allowance serves `settleSlashes` alone.
        IERC20(token_).approve(treasury_, type(uint256).max);
    }

    /// @inheritdoc ILoneReports
    /// @dev `Rounds` says which attempt it took the report for, and calls nobody meanwhile who could call back. It takes one report an attempt.
    function report(uint32 federation, IRounds.ReportInput calldata input) external returns (uint32 round, uint8 attempt) {
        (round, attempt) = ROUNDS.reportAlone(federation, input);
        _reports[federation][round][attempt] = LoneReport(msg.sender, true);
        emit LoneReported(federation, round, attempt, msg.sender);
        IERC20(token).transferFrom(msg.sender, address(this), bond);
    }

    /// @inheritdoc ILoneReports
    function release(uint32 federation, uint32 round, uint8 attempt) external {
        LoneReport storage lone = _reports[federation][round][attempt];
        if (!lone.bonded) revert LoneReportsNoBond(federation, round, attempt);
        IRounds.Round memory r = ROUNDS.roundOf(federation, round);
        // A later attempt: this one was overturned, and not as the reporter's fault, or `slash` would have come in the same transaction.
        if (r.attempt == attempt && r.state != IRounds.State.Final && r.state != IRounds.State.Void) {
            revert LoneReportsUndecided(federation, round, attempt);
        }
        lone.bonded = false;
        emit BondReleased(federation, round, attempt, lone.reporter);
        IERC20(token).transfer(lone.reporter, bond);
    }

    /// @inheritdoc ILoneReports
    /// @dev Moves no token, because whoever proves the fault pays for it. Rounding, four wei at most, is the challenger's.
    function slash(uint32 federation, uint32 round, uint8 attempt, address challenger) external {
        if (msg.sender != address(ROUNDS)) revert LoneReportsNotRounds(msg.sender);
        LoneReport storage lone = _reports[federation][round][attempt];
        if (!lone.bonded) return;
        lone.bonded = false;
        (uint256 toPool, uint256 burnt) = _lost(1);
        uint256 toChallenger = bond - toPool - burnt;
        creditOf[challenger] += toChallenger;
        _slashed += 1;
        emit BondSlashed(federation, round, attempt, lone.reporter, challenger, toChallenger, toPool, burnt);
    }

    /// @inheritdoc ILoneReports
    function collect(address challenger) external {
        uint256 amount = creditOf[challenger];
        if (amount == 0) revert LoneReportsNothingToCollect(challenger);
        creditOf[challenger] = 0;
        emit AwardCollected(challenger, amount);
        IERC20(token).transfer(challenger, amount);
    }

    /// @inheritdoc ILoneReports
    function settleSlashes() external {
        (uint256 toPool, uint256 burnt) = unsettled();
        if (burnt == 0) revert LoneReportsNothingToSettle();
        _settled = _slashed;
        emit SlashesSettled(toPool, burnt);
        treasury.recycle(toPool);
        ERC20Burnable(token).burn(burnt);
    }

    /// @inheritdoc ILoneReports
    function reporterOf(uint32 federation, uint32 round, uint8 attempt) external view returns (address) {
        return _reports[federation][round][attempt].reporter;
    }

    /// @inheritdoc ILoneReports
    function isBonded(uint32 federation, uint32 round, uint8 attempt) external view returns (bool) {
        return _reports[federation][round][attempt].bonded;
    }

    /// @inheritdoc ILoneReports
    function unsettled() public view returns (uint256 toPool, uint256 burnt) {
        return _lost(_slashed - _settled);
    }

    /// @dev Of so many bonds, what goes to the pool and what is burnt.
    function _lost(uint256 bonds) private view returns (uint256 toPool, uint256 burnt) {
        burnt = bonds * (bond / 5);
        toPool = burnt * 2;
    }
}
