/** From the contributions that an aggregator holds to what its quorum signs and the ledger reads. */
import type { Address, Hex } from "viem";
import { protocolError } from "./errors.ts";
import { columnHash, COLUMN_WIDTHS, MAX_ENTRIES, packHex, packUints, rootOrder } from "./columns.ts";
import type { Contribution, Seal } from "./eip712/structs.ts";

/** One entry of a round, as its contributor signed it. @param signature 64 bytes, EIP-2098, over `contributionOf(entry, …)`. */
export interface Entry {
  readonly seat: number;
  readonly updateRoot: Hex;
  readonly normSq: bigint;
  readonly normTraceRoot: Hex;
  readonly rho: number;
  readonly signer: Address;
  readonly signature: Hex;
}

/** What all contributions of a round share. */
export interface RoundContext {
  readonly federation: number;
  readonly round: number;
  readonly parentReportHash: Hex;
  readonly configHash: Hex;
}

/** The statement that an entry's contributor signed. */
export function contributionOf(entry: Omit<Entry, "signer" | "signature">, context: RoundContext): Contribution {
  const { seat, updateRoot, normSq, normTraceRoot, rho } = entry;
  const { federation, round, parentReportHash, configHash } = context;
  return { federation, round, parentReportHash, seat, updateRoot, rho, normSq, normTraceRoot, configHash };
}

export interface SealColumns {
  readonly seats: Uint8Array;
  readonly updateRoots: Uint8Array;
  readonly rootOrder: Uint8Array;
  readonly norms: Uint8Array;
  readonly normTraces: Uint8Array;
  readonly signatures: Uint8Array;
}

/** @param entries 1 to 256, seats strictly ascending. @throws column-invalid, out-of-range */
export function packSealColumns(entries: readonly Entry[]): SealColumns {
  if (entries.length === 0 || entries.length > MAX_ENTRIES) {
    throw protocolError("column-invalid", `A round has 1 to ${MAX_ENTRIES} entries, got ${entries.length}.`);
  }
  entries.forEach(({ seat }, i) => {
    const before = entries[i - 1]?.seat ?? -1;
    if (seat <= before) throw protocolError("column-invalid", `Seats must strictly ascend: entry ${i} is seat ${seat} after seat ${before}.`);
  });
  const roots = entries.map(({ updateRoot }) => updateRoot);
  return {
    seats: packUints(entries.map(({ seat }) => seat), COLUMN_WIDTHS.seats),
    updateRoots: packHex(roots, COLUMN_WIDTHS.updateRoots),
    rootOrder: rootOrder(roots),
    norms: packUints(entries.map(({ normSq }) => normSq), COLUMN_WIDTHS.norms),
    normTraces: packHex(entries.map(({ normTraceRoot }) => normTraceRoot), COLUMN_WIDTHS.normTraces),
    signatures: packHex(entries.map(({ signature }) => signature), COLUMN_WIDTHS.signatures),
  };
}

/** What the operators' quorum signs. @param attempt The round's attempt as the ledger holds it. */
export function createSeal(context: RoundContext, attempt: number, columns: SealColumns): Seal {
  const { federation, round, parentReportHash, configHash } = context;
  return {
    federation,
    round,
    attempt,
    parentReportHash,
    configHash,
    seatsHash: columnHash(columns.seats),
    updateRootsHash: columnHash(columns.updateRoots),
    normsHash: columnHash(columns.norms),
    normTracesHash: columnHash(columns.normTraces),
    signaturesHash: columnHash(columns.signatures),
  };
}
