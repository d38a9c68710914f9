/**
 * What a challenger needs: finding a fault in evidence, encoding its proof, committing to it; demanding, answering and posting data; attesting.
 * Apart from `protocol/index.ts`, because who reads a ledger does not need it. Specification: docs/protocol.md, "Fault proofs" to "Attestations".
 */
export * from "./header.ts";
export * from "./commitment.ts";
export * from "./aggregate-proof.ts";
export * from "./norm-proof.ts";
export * from "./signature-proof.ts";
export * from "./prediction-proof.ts";
export * from "./rewards-proof.ts";
export * from "./demand.ts";
export * from "./posting.ts";
export * from "./attestation.ts";
export { NO_FILES, type ChunkRange, type DemandTarget, type Fault, type FaultName, type FaultSearch, type KeyBook, type LedgerRound, type MissingFile, type RoundFiles } from "./find-evidence.ts";
export { findRoundFault, type RoundSearch } from "./find-round-fault.ts";
export { findSettlementFault, type LedgerSettlement } from "./find-settlement-fault.ts";
