// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IFaultVerifier} from "./IDisputes.sol";

/// @title A sealed entry that its contributor did not sign
/// @notice Convicts the signers of a seal (Seal, while Sealed or Reported): a column that they signed for has not one item an entry, or one entry's
/// signature is not that of its seat's contributor over what the seal says of it.
///
///   proof = header (361) ‖ H(weights) ‖ [model root, Reported] ‖ entry (1) ‖ seats (4n) ‖ update roots (32n)
///           ‖ length (4) ‖ norms ‖ length (4) ‖ norm traces ‖ length (4) ‖ signatures
///
/// What is right when it is sealed stays right. A signature counts when its key
///  - served the contributor at some time since the round opened, whatever happened to it later: a contribution names the report that its round stands on,
///    so nobody signed or checked it before. That time is taken `rotationDelay` early, which every window is shorter than, and for a round on round 0, which
///    nobody reported, as the beginning;
///  - signed in the ledger's domain on this chain, or on the chain that the verifier was deployed on: a chain that splits may change its id under a sealed round.
/// @dev Trust assumptions: `Contributors`, `Seats` and `Datasets` say whose a key is, whom a seat belongs to, and whether its data is exempt; none of the three
/// ever changes for the past.
interface ISignatureVerifier is IFaultVerifier {
    error SignatureVerifierBadLength(uint256 length, uint256 expected);
    error SignatureVerifierBadEntry(uint256 entry, uint256 entries);
    /// @notice The column is not the one that was sealed.
    error SignatureVerifierWrongColumn(string column);
    /// @notice The columns are whole, and the entry is signed by a key of its contributor.
    error SignatureVerifierNoFault(uint256 entry);
}
