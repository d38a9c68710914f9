/**
 * Proof that an entry was sealed without its contributor's signature, or that a sealed column has not one item an entry.
 * Read by `contracts/disputes/SignatureVerifier.sol`; specified in docs/protocol.md, "Fault proofs".
 */
import { concatBytes, fromHex, type Hex } from "../bytes.ts";
import { COLUMN_WIDTHS } from "../columns.ts";
import { protocolError } from "../errors.ts";
import type { SealColumns } from "../seal.ts";
import { encodeRoundHeader, packUint, type RoundStatements } from "./header.ts";

export interface SignatureProofInput extends RoundStatements {
  readonly weightsHash: Hex;
  /** Root of the reported model; null while there is no report. */
  readonly modelRoot: Hex | null;
  /** The columns as sealed, whatever their lengths. */
  readonly columns: Omit<SealColumns, "rootOrder">;
  /** The entry that is not signed; any when a column is malformed. */
  readonly entry: number;
}

/** Throws when the parts that only a report has are given without one, or the other way round. @throws column-invalid */
export function requireModelRoot(report: RoundStatements["report"], modelRoot: Hex | null): void {
  if ((report === null) !== (modelRoot === null)) {
    throw protocolError("column-invalid", `A round ${report === null ? "without" : "with"} a report has ${report === null ? "no" : "a"} model root in its proofs.`);
  }
}

/** @throws out-of-range */
export function requireEntry(entry: number, entries: number): void {
  if (!Number.isInteger(entry) || entry < 0 || entry >= entries) throw protocolError("out-of-range", `Entry ${entry} is not in 0..${entries - 1}.`);
}

/**
 * `header ‖ H(weights) ‖ [model root] ‖ entry ‖ seats ‖ update roots ‖ length ‖ norms ‖ length ‖ norm traces ‖ length ‖ signatures`.
 * Whether it proves anything is for the verifier to say.
 * @throws out-of-range, column-invalid, length-mismatch
 */
export function encodeSignatureProof(input: SignatureProofInput): Uint8Array {
  const { report, weightsHash, modelRoot, columns, entry } = input;
  const entries = columns.seats.length / COLUMN_WIDTHS.seats;
  requireModelRoot(report, modelRoot);
  requireEntry(entry, entries);
  if (columns.updateRoots.length !== COLUMN_WIDTHS.updateRoots * entries) {
    throw protocolError("length-mismatch", `There are ${columns.updateRoots.length} bytes of update roots for ${entries} entries.`);
  }
  return concatBytes([
    encodeRoundHeader(input),
    fromHex(weightsHash, 32),
    ...(modelRoot === null ? [] : [fromHex(modelRoot, 32)]),
    packUint(entry, 1, "entry"),
    columns.seats,
    columns.updateRoots,
    ...[columns.norms, columns.normTraces, columns.signatures].flatMap((column) => [packUint(column.length, 4, "length"), column]),
  ]);
}
