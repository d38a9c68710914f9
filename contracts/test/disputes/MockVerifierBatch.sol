// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {FaultContext, IFaultVerifier} from "../../interfaces/IDisputes.sol";
import {IRounds} from "../../interfaces/IRounds.sol";
import {Report} from "../../types/Kernel.sol";

/// @dev Asks a verifier many times in one call.
contract MockVerifierBatch {
    /// @return verdicts The fault's kind, or the selector of the error. @return reports Hash of the report that the verifier gave; zero with an error.
    function judge(IFaultVerifier verifier, FaultContext[] calldata contexts, bytes[] calldata proofs)
        external
        view
        returns (bytes4[] memory verdicts, bytes32[] memory reports)
    {
        verdicts = new bytes4[](proofs.length);
        reports = new bytes32[](proofs.length);
        for (uint256 i; i < proofs.length; ++i) {
            try verifier.verify(contexts[i], proofs[i]) returns (IRounds.FaultKind kind, Report memory report) {
                verdicts[i] = bytes4(uint32(uint8(kind)));
                reports[i] = keccak256(abi.encode(report));
            } catch (bytes memory reason) {
                verdicts[i] = bytes4(reason);
            }
        }
    }

    function gasOf(IFaultVerifier verifier, FaultContext calldata context, bytes calldata proof) external view returns (uint256 used) {
        used = gasleft();
        verifier.verify(context, proof);
        used -= gasleft();
    }
}
