/** Who is in a sealed round, with which weight, and why not: from the seal's calldata and the ledger's events. Pure. */
import { decodeFunctionData } from "viem";
import type { Hex } from "viem";
import { roundsAbi } from "../../../protocol/abi/index.ts";
import { fromHex } from "../../../protocol/bytes.ts";
import { columnHash, isExcluded, packUints, unpackHex, unpackNumbers } from "../../../protocol/columns.ts";
import { DROP_REASONS, type DropReason } from "../../../protocol/ledger/states.ts";
import type { SeatTrace } from "./seats.ts";
import { weightAt } from "./seats.ts";
import type { RoundTrace, SealTrace } from "./trace.ts";
import { currentReport } from "./trace.ts";

/** Columns of a seal. */
export interface SealedColumns {
  readonly seats: readonly number[];
  readonly updateRoots: readonly Hex[];
  /** Keccak-256 of the column of norms, which is in the bundle alone. */
  readonly normsHash: Hex;
}

const bytesOf = (hex: Hex): Uint8Array => fromHex(hex, (hex.length - 2) / 2);

/** The columns in the calldata of a seal that was sent to the ledger itself; undefined for anything else, such as a wallet's own contract. */
export function decodeSeal(calldata: Hex): SealedColumns | undefined {
  try {
    const { functionName, args } = decodeFunctionData({ abi: roundsAbi, data: calldata });
    if (functionName !== "seal") return undefined;
    const [, { seats, updateRoots, normsHash }] = args;
    const columns = { seats: unpackNumbers(bytesOf(seats), 4), updateRoots: unpackHex(bytesOf(updateRoots), 32), normsHash };
    return columns.seats.length === columns.updateRoots.length ? columns : undefined;
  } catch {
    return undefined;
  }
}

export interface SealedEntry {
  readonly seat: number;
  readonly updateRoot: Hex;
  readonly contributor: number | undefined;
  readonly dataset: number | undefined;
  /** At the seal. 0 for what the contract dropped. */
  readonly weight: number;
  readonly dropped: DropReason | undefined;
  /** Left out of the report, because its payload never came: it has no weight there and is not paid. */
  readonly excluded: boolean;
  readonly forced: boolean;
}

/** @param isWhole The weights, packed, hash to what the ledger recorded at the seal: so nobody is missing and no weight is wrong. */
export interface SealedSet {
  readonly entries: readonly SealedEntry[];
  readonly normsHash: Hex;
  readonly isWhole: boolean;
}

export interface SealedSetParameters {
  readonly columns: SealedColumns;
  readonly seal: SealTrace;
  readonly trace: RoundTrace;
  readonly seats: ReadonlyMap<number, SeatTrace>;
  /** By seat: position in `DROP_REASONS`. */
  readonly drops: ReadonlyMap<number, number>;
}

export function sealedSet({ columns, seal, trace, seats, drops }: SealedSetParameters): SealedSet {
  const excluded = currentReport(trace)?.excluded ?? 0n;
  const entries = columns.seats.map((number, i): SealedEntry => {
    const seat = seats.get(number);
    const reason = drops.get(number);
    return {
      seat: number,
      updateRoot: columns.updateRoots[i] ?? "0x",
      contributor: seat?.contributor,
      dataset: seat?.dataset,
      weight: seat === undefined || reason !== undefined ? 0 : weightAt(seat, seal),
      dropped: reason === undefined ? undefined : (DROP_REASONS[reason] ?? "none"),
      excluded: isExcluded(excluded, i),
      forced: trace.forced.includes(number),
    };
  });
  return { entries, normsHash: columns.normsHash, isWhole: columnHash(packUints(entries.map(({ weight }) => weight), 2)) === seal.weightsHash };
}

/** Datasets whose updates are in the aggregate. */
export function datasetsIn({ entries }: SealedSet): ReadonlySet<number> {
  return new Set(entries.filter(({ weight, excluded, dataset }) => weight > 0 && !excluded && dataset !== undefined).map(({ dataset }) => dataset ?? 0));
}
