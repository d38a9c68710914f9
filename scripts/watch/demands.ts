import { hexToBytes, toFunctionSelector, type Address, type Hex } from "viem";
import { encodeDemand, demandId, decodeAnswer, DEMAND_KINDS, type DemandKey, type DemandKind, type ReportedRound } from "../../protocol/faults/demand.ts";
import { ifHashed, ifRooted, ledgerColumns, type ChunkRange, type DemandTarget } from "../../protocol/faults/find-evidence.ts";
import { HEADER_BYTES } from "../../protocol/faults/header.ts";
import { toHex } from "../../protocol/bytes.ts";
import { deadlineThatHolds } from "../../protocol/ledger/deadlines.ts";
import type { Kernel } from "../chain/kernel.ts";
import { callsIn } from "./calldata.ts";
import { readInParts } from "./logs.ts";
import type { RoundOnChain } from "./read-round.ts";

/** A demand that was made, whatever became of it. */
export interface DemandRecord {
  readonly id: Hex;
  readonly key: DemandKey;
  readonly kind: DemandKind;
  readonly entry: number;
  readonly demander: Address;
}

/** What one that is open still allows. @param deadline Answered before, expired from then on. @param bond What an answer earns. @param deposit What waits. */
export interface OpenDemand extends DemandRecord {
  readonly deadline: number;
  readonly bond: bigint;
  readonly deposit: bigint;
}

/** Reads every demand for a round, of all its attempts. What each is for follows from its own calldata, which its id binds. */
export async function readDemands({ client, demands, deployment }: Kernel, federation: number, round: number, fromBlock: bigint = deployment.fromBlock): Promise<DemandRecord[]> {
  const range = { fromBlock, toBlock: await client.getBlockNumber() };
  const logs = await readInParts(range, (part) => client.getContractEvents({ ...demands, eventName: "DataDemanded", args: { federation, round }, ...part, strict: true }));
  const records: DemandRecord[] = [];
  for (const { args, transactionHash } of logs) {
    const { id, input, attempt, demander } = args;
    const kind = DEMAND_KINDS[input.kind];
    const { input: calldata } = await client.getTransaction({ hash: transactionHash });
    if (kind === undefined) continue;
    for (const [, , , proof] of callsIn(calldata, demands.abi, "demand")) {
      const key = keyOf({ federation, round, attempt }, kind, input.entry, input, hexToBytes(proof as Hex));
      if (key !== null && demandId(key) === id) {
        records.push({ id, key, kind, entry: input.entry, demander });
        break;
      }
    }
  }
  return records;
}

/** Rounds of a federation in which an account ever demanded something: bonds of it may wait there. */
export async function roundsDemandedBy({ client, demands, deployment }: Kernel, federation: number, demander: Address): Promise<number[]> {
  const range = { fromBlock: deployment.fromBlock, toBlock: await client.getBlockNumber() };
  const logs = await readInParts(range, (part) => client.getContractEvents({ ...demands, eventName: "DataDemanded", args: { federation }, ...part, strict: true }));
  return [...new Set(logs.filter(({ args }) => args.demander === demander).map(({ args }) => args.round))];
}

/** The demands that wait for an answer or for their end. */
export async function onlyOpen({ demands, rounds }: Kernel, records: readonly DemandRecord[]): Promise<OpenDemand[]> {
  const states = await Promise.all(records.map(async (record) => ({ record, state: await demands.read.demandOf([record.id]) })));
  const open = states.filter(({ record, state }) => state.demander === record.demander);
  return Promise.all(
    open.map(async ({ record, state }) => {
      const [bond, frozenUntil, window] = await Promise.all([demands.read.bondOf([BigInt(state.chunks)]), rounds.read.frozenUntil([record.key.federation]), demands.read.answerWindow()]);
      return { ...record, deadline: deadlineThatHolds(state.deadline, frozenUntil, window), bond, deposit: bond << BigInt(state.doublings) };
    }),
  );
}

/** Offset of the configuration's depth, and of the hashes that follow it, in a header. */
const DEPTH_AT = 16;
const HASH_AT = { norms: 169, normTraces: 201, signatures: 233 } as const;

/** What a demand's proof says that it is for. Null when the proof is too short for it. */
function keyOf(
  place: Pick<DemandKey, "federation" | "round" | "attempt">,
  kind: DemandKind,
  entry: number,
  { first, count }: ChunkRange,
  proof: Uint8Array,
): DemandKey | null {
  const depth = proof[DEPTH_AT];
  const rest = HEADER_BYTES + 64;
  if (depth === undefined || proof.length < rest) return null;
  const word = (at: number): Hex | null => (proof.length < at + 32 ? null : toHex(proof.subarray(at, at + 32)));
  const make = (commitment: Hex | null, tree: number): DemandKey | null => (commitment === null ? null : { ...place, commitment, depth: tree, first, count });
  if (kind === "model") return make(word(rest - 32), depth + 3);
  if (kind === "norms" || kind === "normTraces" || kind === "signatures") return make(word(HASH_AT[kind]), 0);
  const column = itemColumn(kind, proof.length - rest);
  return column === null ? null : make(word(rest + column.start + 32 * entry), depth + column.deeper);
}

/** Where the column of roots begins behind the model root, from the length of what is there. */
function itemColumn(kind: "update" | "trace", length: number): { readonly start: number; readonly deeper: number } | null {
  if (kind === "update") return length % 34 === 0 ? { start: (length / 34) * 2, deeper: 2 } : null;
  return length >= 32 && (length - 32) % 34 === 0 ? { start: ((length - 32) / 34) * 2 + 32, deeper: 0 } : null;
}

/** Arguments of a demand. @param normTraces Column of trace roots, which a demand for a trace opens; of no use to others. */
export function demandArgs({ ledger, report }: RoundOnChain, { kind, entry }: DemandTarget, run: ChunkRange, normTraces: Uint8Array): readonly unknown[] {
  const { updateRoots, weights } = ledgerColumns(ledger);
  const { config, seal } = ledger;
  const opened: ReportedRound = { config, seal, report, parentReportHash: seal.parentReportHash, modelRoot: report.modelRoot, updateRoots, normTraces, weights };
  const input = { kind: DEMAND_KINDS.indexOf(kind), entry, first: run.first, count: run.count };
  return [report.federation, report.round, input, toHex(encodeDemand(opened, kind))];
}

/** Data that was shown on chain: whole files by their commitment, and which chunks of the others are known. */
export interface Answered {
  readonly files: ReadonlyMap<Hex, Uint8Array>;
  readonly runs: ReadonlyMap<Hex, readonly ChunkRange[]>;
}

/** Reads the answers to demands. What an answer's calldata opens is what the ledger accepted: its id says so. */
export async function readAnswers({ client, demands, deployment }: Kernel, records: readonly DemandRecord[]): Promise<Answered> {
  if (records.length === 0) return { files: new Map(), runs: new Map() };
  const range = { fromBlock: deployment.fromBlock, toBlock: await client.getBlockNumber() };
  const ids = records.map(({ id }) => id);
  const logs = await readInParts(range, (part) => client.getContractEvents({ ...demands, eventName: "DataAnswered", args: { id: ids }, ...part, strict: true }));
  const pieces = new Map<Hex, { depth: number; runs: (ChunkRange & { bytes: Uint8Array })[] }>();
  for (const { transactionHash, args } of logs) {
    const { input } = await client.getTransaction({ hash: transactionHash });
    for (const call of answersIn(input)) {
      if (demandId(call.key) !== args.id) continue;
      const { commitment, depth, first, count } = call.key;
      const known = pieces.get(commitment) ?? { depth, runs: [] };
      known.runs.push({ first, count, bytes: call.bytes });
      pieces.set(commitment, known);
    }
  }
  return assemble(pieces);
}

function* answersIn(input: Hex): Generator<ReturnType<typeof decodeAnswer>> {
  const selector = toFunctionSelector("answer(uint32,uint32,uint8,uint8,uint32,uint16,bytes)").slice(2);
  const hex = input.slice(2).toLowerCase();
  for (let at = hex.indexOf(selector); at >= 0; at = hex.indexOf(selector, at + 1)) {
    try {
      yield decodeAnswer(`0x${hex.slice(at)}`);
    } catch {
      // Bytes that look like the call.
    }
  }
}

function assemble(pieces: ReadonlyMap<Hex, { readonly depth: number; readonly runs: readonly (ChunkRange & { readonly bytes: Uint8Array })[] }>): Answered {
  const files = new Map<Hex, Uint8Array>();
  const known = new Map<Hex, readonly ChunkRange[]>();
  for (const [commitment, { depth, runs }] of pieces) {
    const column = runs.find(({ count }) => count === 0);
    if (column !== undefined) {
      if (ifHashed(column.bytes, commitment) !== null) files.set(commitment, column.bytes);
      continue;
    }
    const file = new Uint8Array(32 * Math.max(...runs.map(({ first, count }) => first + count)));
    for (const { first, bytes } of runs) file.set(bytes, 32 * first);
    // What nobody has shown may be zeros: the root tells.
    if (ifRooted(file, depth, commitment) !== null) files.set(commitment, file);
    known.set(commitment, runs);
  }
  return { files, runs: known };
}

/** Whether the chunks of a run are known already. */
export function isCovered(run: ChunkRange, known: readonly ChunkRange[]): boolean {
  return known.some(({ first, count }) => first <= run.first && run.first + run.count <= first + count);
}
