/**
 * What a search for faults looks at. Statements come from the chain, where they hash to what the ledger holds; files come from anywhere and are believed
 * only when they have the hash or the root that the statements name. A bundle's manifest is nobody's word and is not looked at.
 */
import type { Address, Hex } from "viem";
import { columnHash, COLUMN_WIDTHS, packHex, packUints, unpackUints } from "../columns.ts";
import type { FederationConfig, Report, Seal } from "../eip712/structs.ts";
import { type HashPairs } from "../ssz/hash-pairs.ts";
import { hashTreeRoot } from "../ssz/merkle.ts";
import type { Evaluation } from "../evaluation/evaluation.ts";
import { MAX_DEMANDED_CHUNKS, type DemandKind } from "./demand.ts";
import { int16Of, toHex } from "../bytes.ts";

/** A seat as the registry has it now. @param exempt Charged no privacy budget. */
export interface SeatRecord {
  readonly contributor: number;
  readonly exempt: boolean;
}

/** `Contributors.keyRecordOf`. @param contributor 0 = nobody's key. @param used It has been a contributor's key. @param retiredAt 0 = still in use. */
export interface KeyRecord {
  readonly contributor: number;
  readonly used: boolean;
  readonly retiredAt: number;
}

/**
 * A round as the ledger has it.
 * @param config The configuration that the seal pins. @param seats,updateRoots,weights The columns that the seal's calldata and the ledger itself gave.
 * @param report Null while the round is sealed. @param parent What the parent holds; for round 0 the genesis report.
 * @param registry Seats that exist, by number. @param posted Bit i: the payload of entry i was checked on chain.
 */
export interface LedgerRound {
  readonly chainId: number;
  readonly ledger: Address;
  readonly config: FederationConfig;
  readonly seal: Seal;
  readonly seats: readonly number[];
  readonly updateRoots: readonly Hex[];
  readonly weights: readonly number[];
  readonly report: Report | null;
  readonly parent: Report;
  readonly registry: ReadonlyMap<number, SeatRecord>;
  readonly posted: bigint;
}

/**
 * Who stands behind a key. Asked of the registry, because a signature tells its key only when it has been recovered.
 * @param parentDeadline,rotationDelay A key that was retired counts when `retiredAt + rotationDelay` is not before the deadline of the round's parent.
 */
export interface KeyBook {
  readonly parentDeadline: number;
  readonly rotationDelay: number;
  keyRecord(key: Address): Promise<KeyRecord>;
}

/** Files as somebody gave them; null or absent = could not be read. @param updates,traces By entry. @param evaluation As a manifest says. */
export interface RoundFiles {
  readonly norms: Uint8Array | null;
  readonly normTraces: Uint8Array | null;
  readonly signatures: Uint8Array | null;
  readonly metrics: Uint8Array | null;
  readonly evaluation: Evaluation | null;
  readonly predictions: Uint8Array | null;
  readonly holdout: Uint8Array | null;
  readonly labels: Uint8Array | null;
  readonly model: Uint8Array | null;
  readonly parentModel: Uint8Array | null;
  readonly updates: ReadonlyMap<number, Uint8Array>;
  readonly traces: ReadonlyMap<number, Uint8Array>;
}

export const NO_FILES: RoundFiles = {
  norms: null, normTraces: null, signatures: null, metrics: null, evaluation: null, predictions: null, holdout: null, labels: null, model: null, parentModel: null,
  updates: new Map(), traces: new Map(),
};

export type FaultName =
  | "signature" | "norm-bound" | "norm-step" | "norm-total" | "aggregate" | "prediction" | "correct-count" | "entitlement" | "rewards-table";
/** Contract of the deployment that judges a fault. */
export type VerifierName = "aggregateVerifier" | "normVerifier" | "signatureVerifier" | "predictionVerifier" | "rewardsVerifier";

/** @param liable Whose signatures the fault convicts. @param where The place, for people: entry, lane, seat. @param proof What the verifier takes. */
export interface Fault {
  readonly name: FaultName;
  readonly verifier: VerifierName;
  readonly liable: "sealers" | "reporters" | "proposers";
  readonly reason: string;
  readonly where: string;
  readonly proof: Uint8Array;
}

/**
 * A file without which a fault can be neither found nor excluded.
 * @param demand What to ask for on chain, or null when nobody can be made to show it (a holdout; a model whose round is final).
 * @param depth,ranges Runs of chunks of the tree that `commitment` is the root of. A column has depth 0 and no ranges: it is asked for whole.
 */
export interface MissingFile {
  readonly file: string;
  readonly demand: DemandTarget | null;
  readonly commitment: Hex;
  readonly depth: number;
  readonly ranges: readonly ChunkRange[];
}

export interface ChunkRange {
  readonly first: number;
  readonly count: number;
}

export interface DemandTarget {
  readonly kind: DemandKind;
  /** Entry of an update or a trace, else 0. */
  readonly entry: number;
}

/**
 * unprovable: wrong, but nothing that the ledger's verifiers take would show it; for governance and arbitration to judge.
 * escrowed: the seal was searched as far as its columns are at hand; updates are not public, so only escrow holders can recompute the rest.
 */
export type FaultSearch =
  | { readonly kind: "none" }
  | { readonly kind: "fault"; readonly fault: Fault }
  | { readonly kind: "missing"; readonly items: readonly MissingFile[] }
  | { readonly kind: "escrowed" }
  | { readonly kind: "unprovable"; readonly reason: string; readonly where: string };

/** The first `chunks` chunks in runs of at most `MAX_DEMANDED_CHUNKS`. */
export function runsOf(chunks: number): ChunkRange[] {
  return Array.from({ length: Math.ceil(chunks / MAX_DEMANDED_CHUNKS) }, (_, i) => ({ first: i * MAX_DEMANDED_CHUNKS, count: Math.min(MAX_DEMANDED_CHUNKS, chunks - i * MAX_DEMANDED_CHUNKS) }));
}

/** Packed columns of a round that the ledger fixes. */
export function ledgerColumns({ seats, updateRoots, weights }: LedgerRound) {
  return {
    seats: packUints(seats, COLUMN_WIDTHS.seats),
    updateRoots: packHex(updateRoots, COLUMN_WIDTHS.updateRoots),
    weights: packUints(weights, COLUMN_WIDTHS.weights),
  };
}

/** The bytes, when they have this hash. */
export function ifHashed(bytes: Uint8Array | null, hash: Hex): Uint8Array | null {
  return bytes !== null && columnHash(bytes) === hash ? bytes : null;
}

/** The bytes, when they are the beginning of a tree of 2^depth chunks with this root; what they leave out is zeros. */
export function ifRooted(bytes: Uint8Array | null | undefined, depth: number, root: Hex, hashPairs?: HashPairs): Uint8Array | null {
  if (bytes === null || bytes === undefined || bytes.length > 32 * 2 ** depth) return null;
  return toHex(hashTreeRoot(bytes, depth, hashPairs)) === root.toLowerCase() ? bytes : null;
}

/** Norms of the entries. Null when there is not one an entry: that is a fault of its own, shown with the other columns. */
export function normsOf({ round, norms }: { readonly round: LedgerRound; readonly norms: Uint8Array | null }): bigint[] | null {
  return norms === null || norms.length !== COLUMN_WIDTHS.norms * round.seats.length ? null : unpackUints(norms, COLUMN_WIDTHS.norms);
}

/** Lanes of a file, without zeros that it leaves out: an opening fills them in. */
export function lanes16(bytes: Uint8Array): Int16Array {
  return int16Of(bytes.length % 2 === 0 ? bytes : Uint8Array.of(...bytes, 0));
}
