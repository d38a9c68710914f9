// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {FaultContext, IFaultVerifier, ISettlementVerifier, SettlementFaultContext} from "../../interfaces/IDisputes.sol";
import {IRounds} from "../../interfaces/IRounds.sol";

/// @notice Believes the proof: its first byte is the fault's kind, its other bytes, if any, the hash of the context that it was made for.
contract MockVerifier is IFaultVerifier, ISettlementVerifier {
    error MockVerifierEmptyProof();
    error MockVerifierOtherContext(bytes32 actual);

    function verify(FaultContext calldata context, bytes calldata proof) external pure returns (IRounds.FaultKind kind) {
        _requireContext(keccak256(abi.encode(context)), proof);
        return IRounds.FaultKind(uint8(proof[0]));
    }

    function verifySettlement(SettlementFaultContext calldata context, bytes calldata proof) external pure returns (bool faulty) {
        _requireContext(keccak256(abi.encode(context)), proof);
        return proof[0] != 0;
    }

    function _requireContext(bytes32 actual, bytes calldata proof) private pure {
        if (proof.length == 0) revert MockVerifierEmptyProof();
        if (proof.length > 1 && bytes32(proof[1:]) != actual) revert MockVerifierOtherContext(actual);
    }
}
