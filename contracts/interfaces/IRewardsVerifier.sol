// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ISettlementVerifier} from "./IDisputes.sol";

/// @title Proofs of wrong entitlements and of a wrong rewards tree
/// @notice A settlement follows from its pool, its scores, the payees, and the table that the vault pays by now. All of these are on the ledger or in the
/// calldata of the proposal, so anyone can build every proof.
///
///   first round (4) ‖ last round (4) ‖ last report hash ‖ rewards root ‖ distributed (16) ‖ total (16) ‖ artefact                          136 bytes
///   ‖ final round (4) ‖ n (2) ‖ scores (8(n + 1)) ‖ entitlements (12n) ‖ kind (1)
///   ‖ kind 0: seat (2)                                     the seat's entitlement is not ⌊pool · score / Σ scores⌋, or not 0 where nothing is to be paid
///   ‖ kind 1: m (2) ‖ m × (payee (20) ‖ cumulative (16))   that table hashes to the vault's root; with the entitlements added, it hashes to another than the
///                                                          settlement's, or the settlement leaves out a member that has earned something
///
/// The last score is nobody's: it counts in Σ, and no seat is paid for it. n is the proposal's own: a seat that is granted later changes no answer.
///
/// Nothing is to be paid when all scores are 0, and to a seat that has no payee at the deadline of the last final round covered: it was declined, the seat is
/// not there, or no final round is covered (last report hash 0; then `final round` is not read). A seat without payee keeps that of what it earned before.
/// @dev Trust assumptions: `Disputes` gives the context; rounds, seats, contributors and treasury are parts of the kernel, fixed at deployment. Scores are
/// taken as proposed: whether they follow from the rounds is for `Arbitration`.
/// A table may be proven with absent members at its end or without them: both hash to the same root as long as the padded width is the same.
interface IRewardsVerifier is ISettlementVerifier {
    /// @notice The proof is shorter or longer than its own numbers say.
    error RewardsProofLength(uint256 length, uint256 expected);
    /// @notice The proof opens another statement than the one that is under way.
    error RewardsStatementMismatch(bytes32 held, bytes32 opened);
    error RewardsUnknownKind(uint256 kind);
    /// @notice The columns end before this seat.
    error RewardsNoSuchSeat(uint256 seat, uint256 seats);
    /// @notice It is not the last final round that the settlement covers.
    error RewardsWrongRound(uint32 finalRound);
    /// @notice The vault does not pay by this table.
    error RewardsTableMismatch(bytes32 held, bytes32 opened);
}
