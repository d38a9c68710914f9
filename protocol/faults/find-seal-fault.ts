/** Faults of the seal: an entry that its seat's contributor did not sign, or whose norm is above the federation's bound. */
import type { Address } from "viem";
import { COLUMN_WIDTHS, unpackHex, unpackUints } from "../columns.ts";
import { createDomain, digestOf } from "../eip712/hash.ts";
import { recoverSigner } from "../eip712/signature.ts";
import { contributionOf } from "../seal.ts";
import type { KeyBook, LedgerRound } from "./find-evidence.ts";

/** The three columns that a seal only names by their hash, as far as they could be read. */
export interface SealedColumns {
  readonly norms: Uint8Array;
  readonly normTraces: Uint8Array;
  readonly signatures: Uint8Array;
}

export interface Found {
  readonly entry: number;
  readonly reason: string;
}

/** Whether each column has an item an entry; else no item of it belongs to anybody. */
export function columnLengthFault({ seats }: LedgerRound, columns: SealedColumns): Found | null {
  for (const name of ["norms", "normTraces", "signatures"] as const) {
    const [actual, expected] = [columns[name].length, COLUMN_WIDTHS[name] * seats.length];
    if (actual !== expected) return { entry: 0, reason: `the sealed column ${name} has ${actual} bytes instead of ${expected}` };
  }
  return null;
}

/** The first entry that the contributor of its seat did not sign, as `SignatureVerifier` judges it: dropped entries too. */
export async function findUnsignedEntry(round: LedgerRound, columns: SealedColumns, keys: KeyBook): Promise<Found | null> {
  const wrongLength = columnLengthFault(round, columns);
  if (wrongLength !== null) return wrongLength;
  const { seal, seats, updateRoots, registry, config } = round;
  const domain = createDomain(round.chainId, round.ledger);
  const norms = unpackUints(columns.norms, COLUMN_WIDTHS.norms);
  const traces = unpackHex(columns.normTraces, COLUMN_WIDTHS.normTraces);
  const signatures = unpackHex(columns.signatures, COLUMN_WIDTHS.signatures);
  for (const [entry, seat] of seats.entries()) {
    const record = registry.get(seat);
    if (record === undefined) return { entry, reason: `seat ${seat} does not exist` };
    const item = { seat, updateRoot: updateRoots[entry]!, normSq: norms[entry]!, normTraceRoot: traces[entry]!, rho: record.exempt ? 0 : config.rhoPerRound };
    const signer = await signerOf(digestOf(domain, "Contribution", contributionOf(item, seal)), signatures[entry]!);
    if (signer === null) return { entry, reason: `the signature of seat ${seat} is none` };
    const key = await keys.keyRecord(signer);
    const served = key.retiredAt === 0 || key.retiredAt + keys.rotationDelay >= keys.parentDeadline;
    if (!key.used || key.contributor !== record.contributor || !served) {
      return { entry, reason: `the contribution of seat ${seat} is signed by ${signer}, which was no key of its contributor` };
    }
  }
  return null;
}

async function signerOf(digest: `0x${string}`, signature: `0x${string}`): Promise<Address | null> {
  try {
    return await recoverSigner(digest, signature);
  } catch {
    return null;
  }
}

/** The first entry with a norm above the bound of the configuration, whatever its weight. */
export function findNormAboveBound({ config }: LedgerRound, norms: readonly bigint[]): Found | null {
  if (config.normSqBound === 0n) return null;
  const entry = norms.findIndex((norm) => norm > config.normSqBound);
  return entry < 0 ? null : { entry, reason: `the norm of entry ${entry} is ${norms[entry]}, above the bound ${config.normSqBound}` };
}
