/**
 * The part that every proof about a round begins with: what the round's hash on the ledger stands for.
 * Read by `contracts/libraries/RoundHeader.sol`; specified in docs/protocol.md, "Fault proofs".
 */
import { concatBytes, fromHex } from "../bytes.ts";
import { packUints } from "../columns.ts";
import type { FederationConfig, Report, Seal } from "../eip712/structs.ts";
import { TYPES } from "../eip712/types.ts";
import { protocolError } from "../errors.ts";

export const CONFIG_BYTES = 136;
export const HEADER_BYTES = 361;

/** The statements that a proof opens. @param config The one that the seal pins. @param report Null while the round is sealed and not reported. */
export interface RoundStatements {
  readonly config: FederationConfig;
  readonly seal: Pick<Seal, "attempt" | "seatsHash" | "normsHash" | "normTracesHash" | "signaturesHash">;
  readonly report: Pick<Report, "metricsHash" | "excluded" | "artefact"> | null;
}

/** One unsigned integer, big-endian. @throws out-of-range */
export function packUint(value: number | bigint, width: number, name: string): Uint8Array {
  const fits = typeof value === "bigint" || Number.isSafeInteger(value) ? value >= 0 && BigInt(value) >> BigInt(8 * width) === 0n : false;
  if (!fits) throw protocolError("out-of-range", `${name} is ${value}, not an unsigned integer of ${8 * width} bits.`);
  return packUints([value], width);
}

/** Every field of a configuration in its order, at the width of its type: 136 bytes. @throws out-of-range, column-invalid */
export function encodeConfig(config: FederationConfig): Uint8Array {
  return concatBytes(
    TYPES.FederationConfig.map(({ name, type }) => {
      const value = config[name];
      if (typeof value === "string") return fromHex(value, 32);
      if (typeof value === "boolean") return Uint8Array.of(value ? 1 : 0);
      return packUint(value, Number(type.slice("uint".length)) / 8, name);
    }),
  );
}

/**
 * `sealAttempt ‖ config ‖ H(seats) ‖ H(norms) ‖ H(norm traces) ‖ H(signatures) ‖ H(metrics) ‖ excluded ‖ artefact`: 361 bytes, the last three
 * zero while there is no report. Everything else of the statements is known to the ledger or follows in the proof.
 * @throws out-of-range, column-invalid
 */
export function encodeRoundHeader({ config, seal, report }: RoundStatements): Uint8Array {
  const { attempt, seatsHash, normsHash, normTracesHash, signaturesHash } = seal;
  return concatBytes([
    packUint(attempt, 1, "attempt"),
    encodeConfig(config),
    ...[seatsHash, normsHash, normTracesHash, signaturesHash].map((hash) => fromHex(hash, 32)),
    ...(report === null ? [new Uint8Array(96)] : [fromHex(report.metricsHash, 32), packUint(report.excluded, 32, "excluded"), fromHex(report.artefact, 32)]),
  ]);
}
