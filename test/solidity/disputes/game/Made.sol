// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {AggregateVerifier} from "../../../../contracts/disputes/AggregateVerifier.sol";
import {Arbitration} from "../../../../contracts/disputes/Arbitration.sol";
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

interface Artifacts {
    function getCode(string calldata artifact) external view returns (bytes memory);
}

/// @notice Makes the contracts of the world, in the name of the contract that asks, of the compiled code that lies among the artifacts: a contract that says `new`
/// holds the whole code of what it makes, and the compiler optimises that code again for each such contract (three quarters of the time that all contracts took).
library Made {
    function contributors(uint64 rotationDelay) external returns (Contributors) {
        return Contributors(_make("Contributors", abi.encode(address(this), rotationDelay)));
    }

    function datasets(Contributors contributors_, uint64 holdPeriod) external returns (Datasets) {
        return Datasets(_make("Datasets", abi.encode(address(this), contributors_, address(this), holdPeriod)));
    }

    function seats(Contributors contributors_, Datasets datasets_) external returns (Seats) {
        return Seats(_make("Seats", abi.encode(address(this), contributors_, datasets_)));
    }

    function treasury(Seats seats_, Contributors contributors_, ITreasury.TokenParams memory params, ITreasury.Allocation[] memory genesis) external returns (Treasury) {
        return Treasury(_make("Treasury", abi.encode(address(this), address(seats_), address(contributors_), params, genesis)));
    }

    function operators(Treasury treasury_, Contributors contributors_, uint256 bondPerUnit, uint64 unbondingPeriod) external returns (Operators) {
        return Operators(_make("Operators", abi.encode(address(this), treasury_.token(), address(treasury_), address(contributors_), bondPerUnit, unbondingPeriod)));
    }

    function rounds(Contributors contributors_, Seats seats_, Operators operators_) external returns (Rounds) {
        return Rounds(_make("Rounds", abi.encode(address(this), contributors_, seats_, operators_)));
    }

    function settlement(Rounds rounds_, Operators operators_, Treasury treasury_, Seats seats_) external returns (Settlement) {
        return Settlement(_make("Settlement", abi.encode(address(this), address(rounds_), address(operators_), address(treasury_), address(seats_))));
    }

    function disputes(Rounds rounds_, Settlement settlement_) external returns (Disputes) {
        return Disputes(_make("Disputes", abi.encode(address(this), rounds_, settlement_)));
    }

    function aggregateVerifier() external returns (AggregateVerifier) {
        return AggregateVerifier(_make("AggregateVerifier", ""));
    }

    function signatureVerifier(Rounds rounds_, Seats seats_, Contributors contributors_, Datasets datasets_) external returns (SignatureVerifier) {
        return SignatureVerifier(_make("SignatureVerifier", abi.encode(rounds_, seats_, contributors_, datasets_)));
    }

    function normVerifier(Rounds rounds_) external returns (NormVerifier) {
        return NormVerifier(_make("NormVerifier", abi.encode(rounds_)));
    }

    function rewardsVerifier(Rounds rounds_, Seats seats_, Contributors contributors_, Treasury treasury_) external returns (RewardsVerifier) {
        return RewardsVerifier(_make("RewardsVerifier", abi.encode(rounds_, seats_, contributors_, treasury_)));
    }

    function demands(Rounds rounds_, uint40 answerWindow, uint8 plainOpen) external returns (Demands) {
        return Demands(_make("Demands", abi.encode(rounds_, answerWindow, plainOpen, 0.01 ether, 0.001 ether)));
    }

    function loneReports(Rounds rounds_, Treasury treasury_, uint256 bond) external returns (LoneReports) {
        return LoneReports(_make("LoneReports", abi.encode(rounds_, treasury_.token(), address(treasury_), bond)));
    }

    function arbitration(Settlement settlement_, Operators operators_, Treasury treasury_, uint256 bond, uint256 period) external returns (Arbitration) {
        return Arbitration(_make("Arbitration", abi.encode(address(this), settlement_, operators_, treasury_, bond, period)));
    }

    function _make(string memory name, bytes memory arguments) private returns (address made) {
        bytes memory code = bytes.concat(Artifacts(address(uint160(uint256(keccak256("hevm cheat code"))))).getCode(name), arguments);
        assembly ("memory-safe") {
            made := create(0, add(code, 0x20), mload(code))
        }
        require(made != address(0), name);
    }
}
