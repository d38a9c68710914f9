import { ethers as E } from "ethers";

import { bytesOf, toHex, type Hex } from "../../../protocol/bytes.ts";
import { traceAt } from "../../../protocol/faults/norm-proof.ts";
import {
  columnHash,
  configHash,
  createSeal,
  hashTreeRoot,
  normSqOf,
  packSealColumns,
  packUints,
  reportHash,
  sealHash,
  type Entry,
  type FederationConfig,
  type Report,
  type RoundContext,
  type SealColumns,
} from "../../../protocol/index.ts";
import { CONFIG } from "../rounds/world.ts";

/** A contributor's secret and what it committed to. @param trace As committed, which need not follow from the update. */
export interface FakeEntry extends Entry {
  readonly update: Int16Array;
  readonly trace: Uint8Array;
  readonly weight: number;
}

export const ZERO_SIGNATURE = `0x${"00".repeat(64)}` as const;
export const rootOfTrace = (trace: Uint8Array, depth: number): Hex => toHex(hashTreeRoot(trace, depth));

/** An entry that is right in everything but its signature. @param change What its author lies about. */
export function fakeEntry(seat: number, update: Int16Array, depth: number, change: Partial<FakeEntry> = {}): FakeEntry {
  const trace = change.trace ?? traceAt(update, depth);
  return {
    seat,
    update,
    trace,
    weight: 10 + (seat % 100),
    updateRoot: toHex(hashTreeRoot(bytesOf(update), depth + 2)),
    normSq: normSqOf(update),
    normTraceRoot: rootOfTrace(trace, depth),
    rho: 0,
    signer: E.ZeroAddress as Hex,
    signature: ZERO_SIGNATURE,
    ...change,
  };
}

export interface FakeRoundOptions extends Partial<RoundContext> {
  readonly entries: readonly FakeEntry[];
  readonly config?: Partial<FederationConfig>;
  readonly reported?: boolean;
  readonly excluded?: bigint;
  readonly attempt?: number;
  readonly sealAttempt?: number;
  readonly parentRound?: number;
  readonly deadline?: bigint;
  /** Columns that are not those of the entries. */
  readonly columns?: Partial<SealColumns>;
}

/** A round as the ledger would hold it, with all that a proof opens: built outside of any ledger, so that anything can be wrong in it. */
export function fakeRound(options: FakeRoundOptions) {
  const { entries, reported = true, excluded = 0n, attempt = 1, sealAttempt = 0, parentRound = 0, deadline = 0n } = options;
  const { federation = 1, round = 7, parentReportHash = E.id("parent") as Hex } = options;
  const config: FederationConfig = { ...CONFIG, ...options.config };
  const weights = entries.map(({ weight }) => weight);
  const columns: SealColumns = { ...packSealColumns(entries), ...options.columns };
  const shared = { federation, round, parentReportHash, configHash: options.configHash ?? configHash(config) };
  const seal = createSeal(shared, sealAttempt, columns);
  const weightsHash = columnHash(packUints(weights, 2));
  const sealed = sealHash(seal, weightsHash);
  const modelRoot = E.id("model") as Hex;
  const full: Report = {
    federation,
    round,
    attempt,
    sealHash: sealed,
    modelRoot,
    metricsHash: E.id("metrics") as Hex,
    excluded,
    artefact: E.id("artefact") as Hex,
  };
  const state = {
    hash: reported ? reportHash(full) : sealed,
    state: reported ? 3 : 2,
    attempt,
    deadline,
    parentRound,
    parentAttempt: 0,
    consentEpoch: 0,
    sealers: 7,
    reporters: reported ? 7 : 0,
    sealEpoch: 1,
    reportEpoch: reported ? 1 : 0,
    entries: entries.length,
    accepted: weights.filter((weight) => weight > 0).length,
    holds: 0,
  };
  return {
    context: { federation, round, parentHash: parentReportHash, state },
    config,
    seal,
    sealHash: sealed,
    report: reported ? full : null,
    weightsHash,
    modelRoot: reported ? modelRoot : null,
    columns,
    entries,
    weights,
    norms: entries.map(({ normSq }) => normSq),
    updateRoots: entries.map(({ updateRoot }) => updateRoot),
    updateRootsHash: seal.updateRootsHash,
    traceRoots: entries.map(({ normTraceRoot }) => normTraceRoot),
  };
}

export type FakeRound = ReturnType<typeof fakeRound>;

/** The hash that `MockVerifierBatch` gives of a report: of its plain words, without the type. */
export function wordsHash(report: Report | null): Hex {
  const words = report === null ? new Array<bigint>(8).fill(0n) : Object.values(report).map((value) => BigInt(value));
  return E.keccak256(E.concat(words.map((word) => E.toBeHex(word, 32)))) as Hex;
}

/** Another value at one place of a trace. */
export function withTraceValue(trace: Uint8Array, index: number, value: bigint): Uint8Array {
  const changed = trace.slice();
  new DataView(changed.buffer).setBigUint64(8 * index, value, true);
  return changed;
}

export function traceValue(trace: Uint8Array, index: number): bigint {
  return new DataView(trace.buffer, trace.byteOffset, trace.byteLength).getBigUint64(8 * index, true);
}
