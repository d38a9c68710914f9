// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Arbitration} from "../../../../contracts/disputes/Arbitration.sol";
import {AggregateVerifier} from "../../../../contracts/disputes/AggregateVerifier.sol";
import {Demands} from "../../../../contracts/disputes/Demands.sol";
import {Disputes} from "../../../../contracts/disputes/Disputes.sol";
import {NormVerifier} from "../../../../contracts/disputes/NormVerifier.sol";
import {RewardsVerifier} from "../../../../contracts/disputes/RewardsVerifier.sol";
import {SignatureVerifier} from "../../../../contracts/disputes/SignatureVerifier.sol";
import {IDatasets} from "../../../../contracts/interfaces/IDatasets.sol";
import {ITreasury} from "../../../../contracts/interfaces/ITreasury.sol";
import {LoneReports} from "../../../../contracts/operators/LoneReports.sol";
import {Operators} from "../../../../contracts/operators/Operators.sol";
import {Contributors} from "../../../../contracts/registry/Contributors.sol";
import {Datasets} from "../../../../contracts/registry/Datasets.sol";
import {Seats} from "../../../../contracts/registry/Seats.sol";
import {Treasury} from "../../../../contracts/rewards/Treasury.sol";
import {Rounds} from "../../../../contracts/rounds/Rounds.sol";
import {Settlement} from "../../../../contracts/settlement/Settlement.sol";
import {ContributionToken} from "../../../../contracts/token/ContributionToken.sol";
import {FederationConfig} from "../../../../contracts/types/Kernel.sol";
import {compact, vm} from "./GameVm.sol";
import {Made} from "./Made.sol";
import {TinyModel} from "./TinyModel.sol";

/// @title The world of the games: the real contracts, four operators, four seats and one tiny federation
/// @notice This contract is governance. Operators 0 to 2 sign whatever they are told to; operator 3 signs only what is right.
abstract contract World {
    uint32 internal constant FEDERATION = 1;
    uint256 internal constant OPERATORS = 4;
    uint8 internal constant THRESHOLD = 3;
    uint256 internal constant SEATS = 4;
    uint256 internal constant BOND = 100 ether + 3; // no fifth of it is whole
    uint256 internal constant LONE_BOND = 50 ether + 1;
    uint256 internal constant ARBITRATION_BOND = 20 ether + 7;
    uint256 internal constant ARBITRATION_PERIOD = 2 days;
    uint16 internal constant ROUND_UNITS = 8;
    uint16 internal constant SETTLEMENT_UNITS = 4;
    uint96 internal constant POOL = 1_000 ether + 9;
    uint32 internal constant REPORT_WINDOW = 600;
    uint32 internal constant CHALLENGE_WINDOW = 400;
    uint40 internal constant ANSWER_WINDOW = 120;
    uint8 internal constant PLAIN_OPEN = 2;
    uint64 internal constant NORM_BOUND = 1_000_000;
    int32 internal constant GENESIS_LANE = 1_000;

    address internal constant WATCHER = address(0xAAA1);
    address internal constant MALLORY = address(0xBBB1);
    address internal constant LONER = address(0xBBB2);
    address internal constant ANYONE = address(0xCCC1);

    Contributors internal contributors;
    Datasets internal datasets;
    Seats internal seats;
    Treasury internal treasury;
    ContributionToken internal token;
    Operators internal operators;
    Rounds internal rounds;
    Settlement internal settlement;
    Disputes internal disputes;
    AggregateVerifier internal aggregateVerifier;
    SignatureVerifier internal signatureVerifier;
    NormVerifier internal normVerifier;
    RewardsVerifier internal rewardsVerifier;
    Demands internal demands;
    LoneReports internal loneReports;
    Arbitration internal arbitration;

    uint256[OPERATORS] internal operatorKeys;
    address[OPERATORS] internal operatorOf;
    uint256[SEATS] internal seatKeys;
    uint16[SEATS] internal weightOf;
    uint256 internal genesisSupply;

    /// @dev What governance deploys where games are to be lost: one contract with one check less.
    function _makeRounds() internal virtual returns (Rounds) {
        return Made.rounds(contributors, seats, operators);
    }

    function _build(uint8 finality) internal {
        vm.warp(20_000 days);
        vm.roll(1_000);
        _makeRegistry();
        _makeValue();
        rounds = _makeRounds();
        settlement = Made.settlement(rounds, operators, treasury, seats);
        operators.changeLedgers(address(rounds), address(settlement));
        seats.changeLedger(address(rounds));
        treasury.changeSettlement(address(settlement));
        _makeJudges();
        _makeFederation(finality);
        _fund(WATCHER);
        _fund(MALLORY);
        _fund(LONER);
        genesisSupply = token.totalSupply();
    }

    function _makeRegistry() private {
        contributors = Made.contributors(30 days);
        datasets = Made.datasets(contributors, 14 days);
        seats = Made.seats(contributors, datasets);
        contributors.changeSeats(address(seats));
        datasets.changeSeats(address(seats));
        for (uint256 i; i < OPERATORS; ++i) {
            contributors.admitOrganisation(address(uint160(0x1000 + i)), address(this), address(uint160(0x2000 + i)), 0);
        }
    }

    function _makeValue() private {
        _sortOperators();
        ITreasury.Allocation[] memory genesis = new ITreasury.Allocation[](OPERATORS + 3);
        for (uint256 i; i < OPERATORS; ++i) genesis[i] = ITreasury.Allocation(operatorOf[i], 100_000 ether);
        genesis[OPERATORS] = ITreasury.Allocation(WATCHER, 10_000 ether);
        genesis[OPERATORS + 1] = ITreasury.Allocation(MALLORY, 100_000 ether);
        genesis[OPERATORS + 2] = ITreasury.Allocation(LONER, 100_000 ether);
        ITreasury.TokenParams memory params = ITreasury.TokenParams(100_000_000 ether, 1_000_000 ether, 30 days);
        treasury = Made.treasury(seats, contributors, params, genesis);
        token = ContributionToken(treasury.token());
        operators = Made.operators(treasury, contributors, BOND, 40 days);
        address[] memory set = new address[](OPERATORS);
        for (uint32 i; i < OPERATORS; ++i) {
            set[i] = operatorOf[i];
            operators.admit(set[i], i + 1);
            vm.prank(set[i]);
            token.approve(address(operators), type(uint256).max);
            vm.prank(set[i]);
            operators.bond(_startStake());
        }
        operators.formEpoch(set, THRESHOLD, ROUND_UNITS, SETTLEMENT_UNITS);
    }

    function _startStake() internal pure returns (uint256) {
        return BOND * (ROUND_UNITS + SETTLEMENT_UNITS);
    }

    /// @dev Signer sets ascend.
    function _sortOperators() private {
        for (uint256 i; i < OPERATORS; ++i) {
            uint256 key = uint256(keccak256(abi.encode("operator", i)));
            address account = vm.addr(key);
            uint256 place = i;
            for (; place > 0 && operatorOf[place - 1] > account; --place) {
                (operatorOf[place], operatorKeys[place]) = (operatorOf[place - 1], operatorKeys[place - 1]);
            }
            (operatorOf[place], operatorKeys[place]) = (account, key);
        }
    }

    function _makeJudges() internal virtual {
        disputes = Made.disputes(rounds, settlement);
        aggregateVerifier = Made.aggregateVerifier();
        signatureVerifier = Made.signatureVerifier(rounds, seats, contributors, datasets);
        normVerifier = Made.normVerifier(rounds);
        rewardsVerifier = Made.rewardsVerifier(rounds, seats, contributors, treasury);
        demands = Made.demands(rounds, ANSWER_WINDOW, PLAIN_OPEN);
        loneReports = Made.loneReports(rounds, treasury, LONE_BOND);
        arbitration = Made.arbitration(settlement, operators, treasury, ARBITRATION_BOND, ARBITRATION_PERIOD);
        _appoint();
    }

    function _appoint() internal {
        disputes.changeVerifier(address(aggregateVerifier), true);
        disputes.changeVerifier(address(signatureVerifier), true);
        disputes.changeVerifier(address(normVerifier), true);
        disputes.changeVerifier(address(rewardsVerifier), true);
        rounds.changeJudge(address(disputes), true);
        rounds.changeJudge(address(demands), true);
        rounds.changeLoneReports(address(loneReports));
        settlement.changeJudge(address(disputes), true);
        settlement.changeJudge(address(arbitration), true);
    }

    function _makeFederation(uint8 finality) private {
        FederationConfig memory c = _config(finality);
        rounds.createFederation(c, TinyModel.modelRoot(GENESIS_LANE), bytes32("genesis"));
        treasury.reserve(FEDERATION, 500_000 ether);
        for (uint32 i; i < SEATS; ++i) {
            seatKeys[i] = uint256(keccak256(abi.encode("seat", i)));
            address key = vm.addr(seatKeys[i]);
            contributors.registerContributor(1, key, key, _keyProof(key));
            IDatasets.Terms memory terms;
            terms.card = bytes32(uint256(i + 1));
            terms.ethicsExpiry = uint64(block.timestamp + 3650 days);
            terms.consentVersion = 1;
            terms.records = 10 * (i + 2);
            terms.exempt = true;
            datasets.propose(1, terms);
            datasets.approve(i + 1);
            seats.grant(FEDERATION, i + 1, i + 1, 0);
            weightOf[i] = seats.laneOf(FEDERATION, i).weight;
        }
    }

    function _keyProof(address key) private view returns (bytes memory) {
        bytes32 structHash = keccak256(abi.encode(keccak256("KeyProof(uint32 organisation,address payee,address key)"), uint32(1), key, key));
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(_keyOf(key), keccak256(abi.encodePacked(hex"1901", _domain(address(contributors)), structHash)));
        return abi.encodePacked(r, s, v);
    }

    function _keyOf(address account) private view returns (uint256) {
        for (uint256 i; i < SEATS; ++i) if (vm.addr(seatKeys[i]) == account) return seatKeys[i];
        revert();
    }

    function _domain(address verifyingContract) internal view returns (bytes32) {
        bytes32 typeHash = keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)");
        return keccak256(abi.encode(typeHash, keccak256("Chongwen"), keccak256("1"), block.chainid, verifyingContract));
    }

    function _config(uint8 finality) internal pure returns (FederationConfig memory c) {
        c.ruleId = 1;
        c.scoringId = 1;
        c.elementWidth = 2;
        c.hasBase = true;
        c.modelSpecRoot = keccak256("model spec");
        c.recordsPerWeight = 10;
        c.maxSeats = 64;
        c.minContributors = 2;
        c.maxExcludedBps = 4_000;
        c.rhoPerRound = 10;
        c.normSqBound = NORM_BOUND;
        c.reportWindow = REPORT_WINDOW;
        c.challengeWindow = CHALLENGE_WINDOW;
        c.maxAttempts = 3;
        c.settleEvery = 1;
        c.poolPerRound = POOL;
        c.finality = finality;
        c.approvalWindow = finality == 0 ? 0 : 300;
    }

    function _fund(address account) private {
        vm.deal(account, 100 ether);
        vm.prank(account);
        token.approve(address(loneReports), type(uint256).max);
        vm.prank(account);
        token.approve(address(arbitration), type(uint256).max);
    }

    /// @dev Signatures of the operators in the bitmap, in the set's order.
    function _sign(bytes32 digest, uint32 signers) internal view returns (bytes memory signatures) {
        for (uint256 i; i < OPERATORS; ++i) if (signers >> i & 1 != 0) signatures = bytes.concat(signatures, compact(operatorKeys[i], digest));
    }
}
