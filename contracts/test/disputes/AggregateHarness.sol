// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {FaultContext, IFaultVerifier} from "../../interfaces/IDisputes.sol";
import {IRounds} from "../../interfaces/IRounds.sol";
import {Aggregation} from "../../libraries/Aggregation.sol";
import {PackedBytes} from "../../libraries/PackedBytes.sol";
import {Header, RoundHeader} from "../../libraries/RoundHeader.sol";
import {UpdateColumn} from "../../libraries/UpdateColumn.sol";
import {Report} from "../../types/Kernel.sol";

/// @dev Exposes what the verifier of aggregates is made of: the rules' arithmetic for many columns at once, the header, the openings.
contract AggregateHarness {
    using PackedBytes for bytes;
    using Aggregation for int256;

    /// @notice One lane after another, packed: rule (1) ‖ n (2) ‖ param (8) ‖ base (4) ‖ lowest (2) ‖ highest (2) ‖ n × (value (2) ‖ weight (2) ‖ norm (8)).
    /// @return results The new model's lane in each case.
    function results(bytes calldata cases, uint256 count) external pure returns (int32[] memory) {
        int32[] memory found = new int32[](count);
        uint256 offset;
        for (uint256 k; k < count; ++k) {
            uint256 n = cases.uintAt(offset + 1, 2);
            found[k] = _result(cases[offset:offset + 19 + 12 * n], n);
            offset += 19 + 12 * n;
        }
        require(offset == cases.length, "length");
        return found;
    }

    function _result(bytes calldata c, uint256 n) private pure returns (int32) {
        int256[] memory values = new int256[](n);
        uint256[] memory weights = new uint256[](n);
        uint256 rule = c.uintAt(0, 1);
        uint256 param = c.uintAt(3, 8);
        for (uint256 i; i < n; ++i) {
            values[i] = int16(uint16(c.uintAt(19 + 12 * i, 2)));
            weights[i] = c.uintAt(21 + 12 * i, 2);
            if (rule == 2 && weights[i] != 0) values[i] = values[i].clip(c.uintAt(23 + 12 * i, 8), param);
        }
        if (rule == 4) param = Aggregation.medianTrim(Aggregation.countOf(weights));
        int256 delta = rule <= 2 ? Aggregation.weightedMean(values, weights) : _trimmedMean(c, values, weights, param);
        return int32((delta + int32(uint32(c.uintAt(11, 4)))).clamp32());
    }

    function _trimmedMean(bytes calldata c, int256[] memory values, uint256[] memory weights, uint256 trim) private pure returns (int256) {
        return Aggregation.trimmedMean(values, weights, trim, int16(uint16(c.uintAt(15, 2))), int16(uint16(c.uintAt(17, 2))));
    }

    function trimmedMean(int256[] memory values, uint256[] memory weights, uint256 trim, int256 lowest, int256 highest) external pure returns (int256) {
        return Aggregation.trimmedMean(values, weights, trim, lowest, highest);
    }

    /// @notice The same with many pairs of hints: the result, or why it is refused.
    function trimmedMeans(int256[] calldata values, uint256[] calldata weights, uint256 trim, int256[] calldata lowest, int256[] calldata highest)
        external
        view
        returns (bytes[] memory answers)
    {
        answers = new bytes[](lowest.length);
        for (uint256 k; k < lowest.length; ++k) {
            (, answers[k]) = address(this).staticcall(abi.encodeCall(this.trimmedMean, (values, weights, trim, lowest[k], highest[k])));
        }
    }

    function weightedMean(int256[] memory values, uint256[] memory weights) external pure returns (int256) {
        return Aggregation.weightedMean(values, weights);
    }

    /// @dev `RoundHeader` as verifiers use it. @param reported Whether the fault is one of reports.
    function header(
        FaultContext calldata context,
        bytes calldata proof,
        bytes32 updateRootsHash,
        bytes32 weightsHash,
        bytes32 modelRoot,
        bool reported
    ) external pure returns (Header memory h) {
        h = RoundHeader.read(context, proof);
        h.seal.updateRootsHash = updateRootsHash;
        h.weightsHash = weightsHash;
        h.report.modelRoot = modelRoot;
        if (reported) h.requireReported(context);
        else h.requireHeld(context);
    }

    /// @dev With every word that the library may touch dirty. `kept`: what was allocated, the free memory pointer and the zero slot are as before.
    function open(bytes calldata openings, uint256 depth, uint256 lane, uint256[] memory weights, bytes32 dirt)
        external
        view
        returns (bytes32 rootsHash, int256[] memory values, bool kept)
    {
        bytes32 held = keccak256(abi.encode(weights));
        assembly ("memory-safe") {
            mstore(0x00, dirt)
            mstore(0x20, not(dirt))
            let free := mload(0x40)
            for { let i := free } lt(i, add(free, 0x1000)) { i := add(i, 0x20) } { mstore(i, dirt) }
        }
        (rootsHash, values) = UpdateColumn.open(openings, depth, lane, weights);
        uint256 zero;
        assembly ("memory-safe") {
            zero := mload(0x60)
        }
        kept = zero == 0 && held == keccak256(abi.encode(weights));
    }

    /// @notice What the verifier answers to each of many proofs: the report that it returns, or why it refuses.
    function verdicts(IFaultVerifier verifier, FaultContext calldata context, bytes[] calldata proofs)
        external
        view
        returns (bool[] memory faulty, bytes[] memory answers)
    {
        faulty = new bool[](proofs.length);
        answers = new bytes[](proofs.length);
        for (uint256 k; k < proofs.length; ++k) {
            try verifier.verify(context, proofs[k]) returns (IRounds.FaultKind kind, Report memory report) {
                require(kind == IRounds.FaultKind.Report, "kind");
                (faulty[k], answers[k]) = (true, abi.encode(report));
            } catch (bytes memory reason) {
                answers[k] = reason;
            }
        }
    }

    /// @notice What the verifier answers when one bit of one of these bytes is turned: the error's selector, or zero if it does not mind.
    function changedByteVerdicts(IFaultVerifier verifier, FaultContext calldata context, bytes memory proof, uint256 from, uint256 to)
        external
        view
        returns (bytes4[] memory answers)
    {
        answers = new bytes4[](to - from);
        for (uint256 i = from; i < to; ++i) {
            proof[i] ^= 0x01;
            try verifier.verify(context, proof) {} catch (bytes memory reason) {
                answers[i - from] = bytes4(reason);
            }
            proof[i] ^= 0x01;
        }
    }

    function effectiveWeights(bytes calldata packed, uint256 offset, uint256 n, uint256 excluded) external pure returns (uint256[] memory, uint256) {
        return UpdateColumn.effectiveWeights(packed, offset, n, excluded);
    }

    function int32LaneAt(bytes calldata packed, uint256 offset, uint256 lane) external pure returns (int256) {
        return packed.int32LaneAt(offset, lane);
    }

    /// @dev A transaction that does nothing but verify.
    function gasOf(IFaultVerifier verifier, FaultContext calldata context, bytes calldata proof) external returns (uint256 used) {
        used = gasleft();
        (IRounds.FaultKind kind, Report memory report) = verifier.verify(context, proof);
        used -= gasleft();
        require(kind == IRounds.FaultKind.Report && report.federation == context.federation, "fault");
        emit Measured(used);
    }

    event Measured(uint256 used);
}
