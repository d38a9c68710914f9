// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {SettlementFaultContext} from "../../interfaces/IDisputes.sol";
import {IRewardsVerifier} from "../../interfaces/IRewardsVerifier.sol";
import {IRounds} from "../../interfaces/IRounds.sol";
import {ISeats} from "../../interfaces/ISeats.sol";

/// @dev Rounds, seats, contributors, treasury and vaults as a verifier of settlements reads them, with setters, and a way to ask it many questions at once.
contract RewardsWorld {
    /// @dev Kept in few words, so that thousands of questions fit a few calls.
    /// @param payees By seat, at `payeesAt`; at any other time there are none.
    struct World {
        uint32 federation;
        uint32 granted;
        uint32 finalRound;
        uint40 payeesAt;
        bytes32 reportHash;
        bytes32 rewardsRoot;
        address[] payees;
    }

    struct Question {
        SettlementFaultContext context;
        bytes proof;
    }

    mapping(uint32 federation => uint32) public seatCount;
    mapping(uint32 federation => mapping(uint32 round => IRounds.Round)) private _rounds;
    mapping(uint32 contributor => mapping(uint256 time => address)) private _payees;
    mapping(uint32 federation => RewardsWorldVault) private _vaults;

    error RewardsWorldUnknownSeat(uint32 seat);

    function set(World memory world) public {
        seatCount[world.federation] = world.granted;
        IRounds.Round storage round = _rounds[world.federation][world.finalRound];
        (round.state, round.hash, round.deadline) = (IRounds.State.Final, world.reportHash, world.payeesAt);
        for (uint32 seat; seat < world.payees.length; ++seat) {
            _payees[_contributorOf(world.federation, seat)][world.payeesAt] = world.payees[seat];
        }
        if (address(_vaults[world.federation]) == address(0)) _vaults[world.federation] = new RewardsWorldVault();
        _vaults[world.federation].set(world.rewardsRoot);
    }

    function setSeatCount(uint32 federation, uint32 granted) external {
        seatCount[federation] = granted;
    }

    function setRoundState(uint32 federation, uint32 round, IRounds.State state) external {
        _rounds[federation][round].state = state;
    }

    /// @return answers 0 no fault, 1 fault, 2 reverted; one for each question.
    function ask(IRewardsVerifier verifier, World calldata world, Question[] calldata questions) external returns (bytes memory answers) {
        set(world);
        answers = new bytes(questions.length);
        for (uint256 i; i < questions.length; ++i) {
            try verifier.verifySettlement(questions[i].context, questions[i].proof) returns (bool faulty) {
                answers[i] = faulty ? bytes1(0x01) : bytes1(0x00);
            } catch {
                answers[i] = 0x02;
            }
        }
    }

    /// @return used Gas of one question, the call included. @return faulty Its answer.
    function gasOf(IRewardsVerifier verifier, Question calldata question) external view returns (uint256 used, bool faulty) {
        SettlementFaultContext memory context = question.context;
        bytes memory proof = question.proof;
        used = gasleft();
        faulty = verifier.verifySettlement(context, proof);
        used -= gasleft();
    }

    // --- what a verifier reads ---

    function roundOf(uint32 federation, uint32 round) external view returns (IRounds.Round memory) {
        return _rounds[federation][round];
    }

    function seatOf(uint32 federation, uint32 seat) external view returns (ISeats.Seat memory) {
        if (seat >= seatCount[federation]) revert RewardsWorldUnknownSeat(seat);
        return ISeats.Seat(_contributorOf(federation, seat), 1);
    }

    function payeeAt(uint32 contributor, uint256 time) external view returns (address) {
        return _payees[contributor][time];
    }

    function vaultOf(uint32 federation) external view returns (address) {
        return address(_vaults[federation]);
    }

    /// @dev Not the seat's number, nor the same in two federations.
    function _contributorOf(uint32 federation, uint32 seat) private pure returns (uint32) {
        return federation * 1000 + seat + 7;
    }
}

contract RewardsWorldVault {
    bytes32 public rewardsRoot;

    function set(bytes32 root) external {
        rewardsRoot = root;
    }
}
