/** All epochs of a flow as one table of columns: what every grouping reads. */
import { protocolError } from "../errors.ts";
import { attributeTokens, type TokenColumns } from "./attribute.ts";
import { decodeEpoch, type EpochFile } from "./epoch-file.ts";
import type { FlowIndex } from "./index-file.ts";
import { checkIndex } from "./index-file.ts";
import { SMALLEST_COUNT, withholdSmall, type Withheld } from "./withhold.ts";

export const MEASURES = ["weight", "tokens", "samples"] as const;
/** In `datasetOf`: the seat has no dataset. */
export const NO_DATASET_POSITION = 2 ** 16 - 1;
/** What is counted. One at a time: they do not add up with each other. */
export type Measure = (typeof MEASURES)[number];

/**
 * @param offsets Rows of round i are offsets[i] … offsets[i + 1]. @param roundNumbers,epochOf A round each; epochs by position in the index.
 * @param weights,samples 32 bits a row, so that every measure reads columns of one type. @param institutionOf,datasetOf A seat each, positions in the index; a support seat has `NO_DATASET_POSITION`.
 */
export interface FlowTable {
  readonly index: FlowIndex;
  readonly rows: number;
  readonly offsets: Uint32Array;
  readonly roundNumbers: Uint32Array;
  readonly epochOf: Uint16Array;
  readonly seats: Uint16Array;
  readonly weights: Uint32Array;
  readonly samples: Uint32Array;
  readonly fates: Uint8Array;
  readonly institutionOf: Uint16Array;
  readonly datasetOf: Uint16Array;
  readonly epochs: readonly EpochFile[];
  readonly withheld: Withheld;
}

/**
 * @param files One an epoch, in the index's order; their hashes are the caller's to compare with the index first.
 * @param smallest Fewest records behind a seat that is shown.
 * @throws flow-invalid when a file is not the one that the index describes
 */
export function createTable(index: FlowIndex, files: readonly Uint8Array[], smallest = SMALLEST_COUNT): FlowTable {
  checkIndex(index);
  if (files.length !== index.epochs.length) throw protocolError("flow-invalid", `The flow has ${files.length} files for ${index.epochs.length} epochs.`);
  const epochs = files.map((bytes, i) => checkedEpoch(index, i, bytes));
  const rows = epochs.reduce((sum, { seats }) => sum + seats.length, 0);
  const roundCount = epochs.reduce((sum, { offsets }) => sum + offsets.length - 1, 0);
  const table = {
    index,
    rows,
    offsets: new Uint32Array(roundCount + 1),
    roundNumbers: new Uint32Array(roundCount),
    epochOf: new Uint16Array(roundCount),
    seats: new Uint16Array(rows),
    weights: new Uint32Array(rows),
    samples: new Uint32Array(rows),
    fates: new Uint8Array(rows),
    institutionOf: Uint16Array.from(index.seats, ({ institution }) => institution),
    datasetOf: Uint16Array.from(index.seats, ({ dataset }) => dataset ?? NO_DATASET_POSITION),
    epochs,
  };
  let [row, round] = [0, 0];
  epochs.forEach((epoch, position) => {
    table.seats.set(epoch.seats, row);
    table.weights.set(epoch.weights, row);
    table.samples.set(epoch.samples, row);
    table.fates.set(epoch.fates, row);
    for (let i = 0; i + 1 < epoch.offsets.length; i++, round++) {
      table.roundNumbers[round] = epoch.firstRound + i;
      table.epochOf[round] = position;
      table.offsets[round] = row + epoch.offsets[i]!;
    }
    row += epoch.seats.length;
  });
  table.offsets[roundCount] = rows;
  return { ...table, withheld: withholdSmall(table, smallest) };
}

function checkedEpoch(index: FlowIndex, position: number, bytes: Uint8Array): EpochFile {
  const entry = index.epochs[position]!;
  const epoch = decodeEpoch(bytes);
  const rounds = epoch.offsets.length - 1;
  const same =
    bytes.length === entry.bytes &&
    epoch.epoch === entry.epoch &&
    epoch.federation === index.federation &&
    epoch.firstRound === entry.firstRound &&
    epoch.firstRound + rounds - 1 === entry.lastRound &&
    epoch.seats.length === entry.rows;
  if (!same) throw protocolError("flow-invalid", `${entry.file} is not the file that the index describes.`);
  if (epoch.synthetic !== (index.synthetic !== null)) throw protocolError("flow-invalid", `${entry.file} mixes synthetic with real contributions.`);
  if (epoch.entitlements.length / 3 > index.seats.length) throw protocolError("flow-invalid", `${entry.file} has seats that the index does not list.`);
  return epoch;
}

export interface Tokens {
  readonly columns: TokenColumns;
  /** Given to seats of an epoch that contributed nothing to it; by epoch. */
  readonly unplaced: readonly bigint[];
}

const tokens = new WeakMap<FlowTable, Tokens>();

/** Divides the entitlements over the rows, once a table. */
export function tokensOf(table: FlowTable): Tokens {
  const known = tokens.get(table);
  if (known !== undefined) return known;
  const columns: TokenColumns = [new Uint32Array(table.rows), new Uint32Array(table.rows), new Uint32Array(table.rows)];
  let start = 0;
  const unplaced = table.epochs.map((epoch) => {
    const rest = attributeTokens(epoch, columns, start);
    start += epoch.seats.length;
    return rest;
  });
  const made = { columns, unplaced };
  tokens.set(table, made);
  return made;
}

/** The columns of a measure: one, or three limbs, lowest first. */
export function columnsOf(table: FlowTable, measure: Measure): readonly Uint32Array[] {
  return measure === "tokens" ? tokensOf(table).columns : [measure === "weight" ? table.weights : table.samples];
}
