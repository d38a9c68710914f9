/**
 * Demands for the data of a reported round, and their answers. Read by `contracts/disputes/Demands.sol`; specified in docs/protocol.md, "Demands".
 * A file of lanes is demanded in runs of 32-byte chunks, whatever the width of its lanes; a column is demanded whole.
 */
import type { Hex } from "viem";
import { decodeFunctionData, hexToBytes, keccak256 } from "viem/utils";
import { concatBytes, fromHex, toHex } from "../bytes.ts";
import { columnHash, COLUMN_WIDTHS } from "../columns.ts";
import type { Report } from "../eip712/structs.ts";
import { protocolError } from "../errors.ts";
import type { HashPairs } from "../ssz/hash-pairs.ts";
import { CHUNK_BYTES } from "../ssz/merkle.ts";
import { openRange, rootOfRange } from "../ssz/range.ts";
import { encodeRoundHeader, packUint, type RoundStatements } from "./header.ts";

/** In the order of `IDemands.Kind`. */
export const DEMAND_KINDS = ["model", "update", "norms", "normTraces", "signatures", "trace"] as const;
/** `trace` is the vector behind one root of the column `normTraces`. */
export type DemandKind = (typeof DEMAND_KINDS)[number];
export type DemandedVector = "model" | "update" | "trace";
export type DemandedColumn = Exclude<DemandKind, DemandedVector>;

/** Chunks that one demand can name; more take more demands. */
export const MAX_DEMANDED_CHUNKS = 2048;

/** A reported round, opened. Its columns are in the calldata of the seal; the weights are what the ledger gave then. */
export interface ReportedRound extends RoundStatements {
  readonly report: Pick<Report, "metricsHash" | "excluded" | "artefact" | "attempt">;
  readonly parentReportHash: Hex;
  readonly modelRoot: Hex;
  readonly updateRoots: Uint8Array;
  readonly normTraces: Uint8Array;
  readonly weights: Uint8Array;
}

/** Neighbouring chunks of a vector. Of a column: `COLUMN`. */
export interface ChunkRun {
  readonly first: number;
  readonly count: number;
}

export const COLUMN: ChunkRun = { first: 0, count: 0 };

/** `IDemands.DemandKey`. @param commitment Root of the vector, or keccak-256 of the column. @param depth Of the vector's tree; 0 for a column. */
export interface DemandKey extends ChunkRun {
  readonly federation: number;
  readonly round: number;
  readonly attempt: number;
  readonly commitment: Hex;
  readonly depth: number;
}

/** header ‖ parent's report hash ‖ model root ‖ H(update roots) ‖ H(weights): for the model and columns; attestations take it too. */
export function encodeReportProof(round: ReportedRound): Uint8Array {
  return concatBytes([opening(round), fromHex(columnHash(round.updateRoots), 32), fromHex(columnHash(round.weights), 32)]);
}

/** Proof of a demand. For an update or a trace it ends with the columns of weights and of roots themselves. @throws out-of-range, column-invalid */
export function encodeDemand(round: ReportedRound, kind: DemandKind): Uint8Array {
  if (kind === "update") return concatBytes([opening(round), round.weights, round.updateRoots]);
  if (kind === "trace") return concatBytes([opening(round), round.weights, fromHex(columnHash(round.updateRoots), 32), round.normTraces]);
  return encodeReportProof(round);
}

/**
 * What a demand has to send. More doublings are accepted, and come back: they leave room for demands that come in between.
 * @param holds Of the round, before. @param plainOpen As `Demands` says.
 */
export function demandDeposit(bond: bigint, holds: number, plainOpen: number): bigint {
  return bond << BigInt(Math.max(0, holds - plainOpen + 1));
}

/** Depth of a vector's tree. @param depth d of P = 64·2^d, as in the configuration. */
export function demandedDepth(kind: DemandedVector, depth: number): number {
  return depth + { model: 3, update: 2, trace: 0 }[kind];
}

function opening(round: ReportedRound): Uint8Array {
  return concatBytes([encodeRoundHeader(round), fromHex(round.parentReportHash, 32), fromHex(round.modelRoot, 32)]);
}

/** `keccak256(abi.encode(federation, round, attempt, commitment, depth, first, count))`, as `Demands.idOf`. @throws out-of-range, column-invalid */
export function demandId({ federation, round, attempt, commitment, depth, first, count }: DemandKey): Hex {
  const word = (value: number, bytes: number, name: string) => [new Uint8Array(32 - bytes), packUint(value, bytes, name)];
  return keccak256(
    concatBytes([
      ...word(federation, 4, "federation"),
      ...word(round, 4, "round"),
      ...word(attempt, 1, "attempt"),
      fromHex(commitment, 32),
      ...word(depth, 1, "depth"),
      ...word(first, 4, "first"),
      ...word(count, 2, "count"),
    ]),
  );
}

/**
 * Runs that cover bytes `from` … `to − 1` of `model.bin` or `updates/<seat>.bin`, in order, none longer than a demand can be.
 * @throws out-of-range when that is no range of bytes.
 */
export function chunksOf(from: number, to: number): ChunkRun[] {
  if (!Number.isSafeInteger(from) || !Number.isSafeInteger(to) || from < 0 || to <= from) {
    throw protocolError("out-of-range", `Bytes ${from} to ${to} are no range of a file.`);
  }
  const end = Math.ceil(to / CHUNK_BYTES);
  const runs: ChunkRun[] = [];
  for (let first = Math.floor(from / CHUNK_BYTES); first < end; first += MAX_DEMANDED_CHUNKS) {
    runs.push({ first, count: Math.min(MAX_DEMANDED_CHUNKS, end - first) });
  }
  return runs;
}

/** What the bond of a column is computed from: its bytes over 32, rounded up. */
export function columnChunks(kind: DemandedColumn, entries: number): number {
  return Math.ceil((COLUMN_WIDTHS[kind] * entries) / CHUNK_BYTES);
}

/**
 * Data of an answer.
 * @param bytes The whole file of lanes, the trace, or the column. @param depth `demandedDepth`; of no meaning for a column.
 * @throws out-of-range
 */
export function encodeAnswer(bytes: Uint8Array, depth: number, run: ChunkRun, hashPairs?: HashPairs): Uint8Array {
  return run.count === 0 ? bytes : openRange(bytes, depth, run.first, run.count, hashPairs);
}

/** An answer that was sent. @param bytes Chunks of the file, or the whole column. */
export interface Answer {
  readonly key: DemandKey;
  readonly bytes: Uint8Array;
}

const uint = (bits: number, name: string) => ({ name, type: `uint${bits}` });
const ANSWER_ABI = [
  {
    type: "function",
    name: "answer",
    stateMutability: "nonpayable",
    inputs: [
      uint(32, "federation"),
      uint(32, "round"),
      uint(8, "attempt"),
      uint(8, "depth"),
      uint(32, "first"),
      uint(16, "count"),
      { name: "data", type: "bytes" },
    ],
    outputs: [],
  },
] as const;

/**
 * Reads the calldata of a call to `Demands.answer`. Once the ledger accepted it (event `DataAnswered` with `demandId(key)`), `bytes` are what was committed to.
 * @throws column-invalid when it is no such call, or its data opens nothing.
 */
export function decodeAnswer(calldata: Hex, hashPairs?: HashPairs): Answer {
  let args: readonly unknown[];
  try {
    args = decodeFunctionData({ abi: ANSWER_ABI, data: calldata }).args as readonly unknown[];
  } catch (cause) {
    throw protocolError("column-invalid", `Not a call of Demands.answer: ${calldata.slice(0, 80)}.`, cause);
  }
  const [federation, round, attempt, depth, first, count, hex] = args as [number, number, number, number, number, number, Hex];
  const data = hexToBytes(hex);
  const root = count === 0 ? hexToBytes(keccak256(data)) : rootOfRange(data, depth, first, count, hashPairs);
  if (root === null) throw protocolError("column-invalid", `${data.length} bytes are no opening of ${count} chunks from ${first} at depth ${depth}.`);
  const key = { federation, round, attempt, commitment: toHex(root), depth, first, count };
  return { key, bytes: count === 0 ? data : data.subarray(0, count * CHUNK_BYTES) };
}

/**
 * Puts an answer's chunks into the file that they belong to. What lies behind the file's end is padding of the tree and is left out.
 * @param file The file at its full length, written to.
 * @throws out-of-range when the answer is a column, or lies behind the end altogether.
 */
export function placeAnswer(file: Uint8Array, { key, bytes }: Answer): void {
  const start = key.first * CHUNK_BYTES;
  if (key.count === 0 || start >= file.length) {
    throw protocolError("out-of-range", `Chunk ${key.first} (of ${key.count}) is not in a file of ${file.length} bytes.`);
  }
  file.set(bytes.subarray(0, file.length - start), start);
}
