// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {FaultContext, IFaultVerifier, ISettlementVerifier, SettlementFaultContext} from "../../interfaces/IDisputes.sol";
import {IRounds} from "../../interfaces/IRounds.sol";
import {Report} from "../../types/Kernel.sol";

/// @notice Believes the proof: its first byte is the fault's kind; then the hash of the context that it was made for, or zero, and the encoded report.
contract MockVerifier is IFaultVerifier, ISettlementVerifier {
    error MockVerifierEmptyProof();
    error MockVerifierOtherContext(bytes32 actual);

    function verify(FaultContext calldata context, bytes calldata proof) external pure returns (IRounds.FaultKind kind, Report memory report) {
        _requireContext(keccak256(abi.encode(context)), proof);
        kind = IRounds.FaultKind(uint8(proof[0]));
        if (proof.length > 33) report = abi.decode(proof[33:], (Report));
    }

    function verifySettlement(SettlementFaultContext calldata context, bytes calldata proof) external pure returns (bool faulty) {
        _requireContext(keccak256(abi.encode(context)), proof);
        return proof[0] != 0;
    }

    function _requireContext(bytes32 actual, bytes calldata proof) private pure {
        if (proof.length == 0) revert MockVerifierEmptyProof();
        if (proof.length > 1 && bytes32(proof[1:]) != 0 && bytes32(proof[1:]) != actual) revert MockVerifierOtherContext(actual);
    }
}
