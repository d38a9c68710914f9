import { ethers as E } from "ethers";

import { bytesOf, toHex, type Hex } from "../../../protocol/bytes.ts";
import { modelRoot, normTrace, packSealColumns, packUints, updateRoot, type FederationConfig, type Report, type SealColumns } from "../../../protocol/index.ts";
import {
  COLUMN, DEMAND_KINDS, demandedDepth, demandId, encodeAnswer, encodeDemand,
  type ChunkRun, type DemandKey, type DemandKind, type ReportedRound,
} from "../../../protocol/faults/demand.ts";
import { createRandom } from "../../protocol/support/random.ts";
import { fresh, type Driver } from "../rounds/driver.ts";
import { CONFIG, mined, must, SEATS } from "../rounds/world.ts";

export const WINDOW = 100;
export const PLAIN_OPEN = 4;
export const BASE = 1_000n;
export const PER_CHUNK = 10n;
export const SIX = [...SEATS.exempt, ...SEATS.budgeted];
/** Lanes of a vector here: the last chunk of an update is half padding. */
const LANES = 56;

/** A reported round with all its data. */
export interface Reported {
  readonly federation: number;
  readonly round: number;
  readonly report: Report;
  readonly opened: ReportedRound;
  readonly columns: SealColumns;
  readonly updates: readonly Int16Array[];
  readonly model: Int32Array;
  readonly depth: number;
}

export interface Wanted extends ChunkRun {
  readonly kind: DemandKind;
  readonly entry: number;
}

export const MODEL: Wanted = { kind: "model", entry: 0, first: 1, count: 1 };
export const UPDATE: Wanted = { kind: "update", entry: 2, first: 1, count: 2 };
export const TRACE: Wanted = { kind: "trace", entry: 2, first: 0, count: 1 };
export const SIGNATURES: Wanted = { kind: "signatures", entry: 0, ...COLUMN };

export interface RoundOptions {
  readonly seats?: readonly number[];
  readonly config?: FederationConfig;
  readonly excluded?: bigint;
  /** Who signs the report. */
  readonly reporters?: readonly number[];
}

const random = createRandom(23);
const lane = (bits: number) => Math.floor(random() * 2 ** bits) - 2 ** (bits - 1);

/** Seals and reports the next round with vectors that are there. */
export async function reportRound(d: Driver, { seats = SIX, config = CONFIG, excluded = 0n, reporters }: RoundOptions = {}): Promise<Reported> {
  const open = await d.openRound();
  const updates = seats.map(() => Int16Array.from({ length: LANES }, () => lane(4)));
  const model = Int32Array.from({ length: LANES }, () => lane(20));
  const entries = seats.map((seat, i) => {
    const { normSq, root } = normTrace(must(updates[i]));
    return d.entry(seat, open, { updateRoot: updateRoot(must(updates[i])), normSq, normTraceRoot: root });
  });
  const { seal, weights, round } = await d.sealEntries(entries);
  const prepared = await d.prepareReport(1, { modelRoot: modelRoot(model), excluded });
  await mined(d.sendReport(prepared, d.reportQuorum(prepared.report, reporters)));
  const { report } = prepared;
  d.reports.set(`1/${round}`, report);
  const columns = packSealColumns(entries);
  const { updateRoots, normTraces } = columns;
  const opened = {
    config, seal, report, parentReportHash: seal.parentReportHash, modelRoot: report.modelRoot, updateRoots, normTraces, weights: packUints(weights, 2),
  };
  return { federation: 1, round, report, opened, columns, updates, model, depth: config.depth };
}

/** The same seal, reported once more. */
export async function reportAgain(d: Driver, before: Reported): Promise<Reported> {
  const { report } = await d.report(1, { modelRoot: before.report.modelRoot });
  return { ...before, report, opened: { ...before.opened, report } };
}

/** The file that is demanded, and the depth of its tree. */
export function dataOf({ columns, updates, model, depth }: Reported, { kind, entry }: Wanted): { readonly bytes: Uint8Array; readonly depth: number } {
  if (kind === "model") return { bytes: bytesOf(model), depth: demandedDepth(kind, depth) };
  if (kind === "update") return { bytes: bytesOf(must(updates[entry])), depth: demandedDepth(kind, depth) };
  if (kind === "trace") return { bytes: normTrace(must(updates[entry])).trace, depth: demandedDepth(kind, depth) };
  return { bytes: columns[kind], depth: 0 };
}

export function keyOf(reported: Reported, wanted: Wanted): DemandKey {
  const { federation, round, report, opened, columns } = reported;
  const { first, count } = wanted;
  const commitment = {
    model: () => report.modelRoot,
    update: () => toHex(opened.updateRoots.subarray(32 * wanted.entry, 32 * wanted.entry + 32)),
    trace: () => toHex(opened.normTraces.subarray(32 * wanted.entry, 32 * wanted.entry + 32)),
    norms: () => E.keccak256(columns.norms) as Hex,
    normTraces: () => E.keccak256(columns.normTraces) as Hex,
    signatures: () => E.keccak256(columns.signatures) as Hex,
  }[wanted.kind]();
  return { federation, round, attempt: report.attempt, commitment, depth: dataOf(reported, wanted).depth, first, count };
}

export function answerOf(reported: Reported, wanted: Wanted): Hex {
  const { bytes, depth } = dataOf(reported, wanted);
  return toHex(encodeAnswer(bytes, depth, wanted));
}

/** Plays demanders and answerers. */
export async function openDemands(d: Driver, { window = WINDOW, plainOpen = PLAIN_OPEN } = {}) {
  const { ethers, rounds, outsider, council } = d.kernel;
  const demands = await ethers.deployContract("Demands", [rounds, window, plainOpen, BASE, PER_CHUNK]);
  await rounds.changeJudge(demands, true);
  // Of six entries.
  const columnChunks = { norms: 2, normTraces: 6, signatures: 12 };
  const bondOf = ({ kind, count }: Wanted) => BASE + PER_CHUNK * BigInt(kind in columnChunks ? columnChunks[kind as keyof typeof columnChunks] : count);
  const inputOf = ({ kind, entry, first, count }: Wanted) => ({ kind: DEMAND_KINDS.indexOf(kind), entry, first, count });
  return {
    demands,
    bondOf,
    inputOf,
    demand: (reported: Reported, wanted: Wanted, value = bondOf(wanted), proof = toHex(encodeDemand(reported.opened, wanted.kind)), by = outsider) =>
      demands.connect(by).demand(reported.federation, reported.round, inputOf(wanted), proof, { value }),
    answer: (reported: Reported, wanted: Wanted, data = answerOf(reported, wanted), change: Partial<DemandKey> = {}) => {
      const { federation, round, attempt, depth, first, count } = { ...keyOf(reported, wanted), ...change };
      return demands.connect(council).answer(federation, round, attempt, depth, first, count, data);
    },
    expire: (reported: Reported, wanted: Wanted, report = reported.report) => demands.connect(council).expire(keyOf(reported, wanted), report),
    refund: (reported: Reported, wanted: Wanted) => demands.connect(council).refund(keyOf(reported, wanted)),
    idOf: (reported: Reported, wanted: Wanted) => demandId(keyOf(reported, wanted)),
    isOpen: async (reported: Reported, wanted: Wanted) => (await demands.demandOf(demandId(keyOf(reported, wanted)))).demander !== E.ZeroAddress,
    balance: async () => await ethers.provider.getBalance(demands),
    holds: async (round: number) => Number((await d.round(round)).holds),
  };
}

/** A ledger with demands, and a round of it that is reported. */
export async function openReported() {
  const d = await fresh();
  return { d, x: await openDemands(d), r: await reportRound(d) };
}
