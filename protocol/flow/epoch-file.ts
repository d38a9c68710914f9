/**
 * The contributions of one epoch (the rounds of one settlement, or those that none covers yet) as columns. Little-endian; sections in this order, each
 * padded with zeros to 4 bytes; nothing before, between or behind:
 *
 *   header         64 bytes: "CWFL", version u16, flags u16 (1 = synthetic), federation u32, epoch u32, first round u32, rounds u32, seats u32, rows u32, 0…
 *   offsets        u32, rounds + 1: rows of round i are offsets[i] … offsets[i + 1]
 *   samples        u32, a row: records behind the contribution
 *   entitlements   u32 × 3, a seat: what the settlement gave it, uint96 as three limbs, lowest first
 *   seats          u16, a row: strictly ascending within a round
 *   weights        u16, a row: the weight offered; it counts when the fate is one of acceptance
 *   fates          u8, a row: see `fate.ts`
 *
 * Nine bytes a contribution. Tokens stand a seat and not a row, because a seat is what a settlement pays; `attribute.ts` divides them.
 */
import { protocolError, type ChongwenError } from "../errors.ts";
import { requireLittleEndian } from "../bytes.ts";
import { isFate } from "./fate.ts";

const MAGIC = 0x4c_46_57_43;
export const FLOW_VERSION = 1;
const HEADER_BYTES = 64;
const SYNTHETIC = 1;

/** Sums over a file stay exact in doubles: 2^20 rows of 32 bits. */
export const MAX_EPOCH_ROWS = 2 ** 20;
const MAX_SEATS = 2 ** 16;
/** A seat's weight over an epoch then fits 28 bits, which `attribute.ts` relies on. */
const MAX_ROUNDS = 2 ** 12;

/** @param entitlements Three limbs a seat. Empty of value while no settlement covers the epoch. */
export interface EpochFile {
  readonly synthetic: boolean;
  readonly federation: number;
  readonly epoch: number;
  readonly firstRound: number;
  readonly offsets: Uint32Array;
  readonly samples: Uint32Array;
  readonly entitlements: Uint32Array;
  readonly seats: Uint16Array;
  readonly weights: Uint16Array;
  readonly fates: Uint8Array;
}

interface Counts {
  readonly rounds: number;
  readonly seats: number;
  readonly rows: number;
}

const padded = (bytes: number): number => (bytes + 3) & ~3;

/** Where each section begins, and where the file ends. */
function layout({ rounds, seats, rows }: Counts) {
  const offsets = HEADER_BYTES;
  const samples = offsets + 4 * (rounds + 1);
  const entitlements = samples + 4 * rows;
  const seatColumn = entitlements + 12 * seats;
  const weights = seatColumn + padded(2 * rows);
  const fates = weights + padded(2 * rows);
  return { offsets, samples, entitlements, seats: seatColumn, weights, fates, end: fates + padded(rows) };
}

function invalid(epoch: EpochFile | null, what: string): ChongwenError {
  return protocolError("flow-invalid", `${epoch === null ? "A flow file" : `The flow file of epoch ${epoch.epoch}`} ${what}.`);
}

/** @throws flow-invalid when the columns contradict each other */
export function encodeEpoch(epoch: EpochFile): Uint8Array {
  requireLittleEndian();
  const counts = { rounds: epoch.offsets.length - 1, seats: epoch.entitlements.length / 3, rows: epoch.seats.length };
  check(epoch, counts);
  const at = layout(counts);
  const bytes = new Uint8Array(at.end);
  const header = new DataView(bytes.buffer);
  header.setUint32(0, MAGIC, true);
  header.setUint16(4, FLOW_VERSION, true);
  header.setUint16(6, epoch.synthetic ? SYNTHETIC : 0, true);
  [epoch.federation, epoch.epoch, epoch.firstRound, counts.rounds, counts.seats, counts.rows].forEach((value, i) => header.setUint32(8 + 4 * i, value, true));
  const place = (column: Uint8Array | Uint16Array | Uint32Array, offset: number): void =>
    bytes.set(new Uint8Array(column.buffer, column.byteOffset, column.byteLength), offset);
  place(epoch.offsets, at.offsets);
  place(epoch.samples, at.samples);
  place(epoch.entitlements, at.entitlements);
  place(epoch.seats, at.seats);
  place(epoch.weights, at.weights);
  place(epoch.fates, at.fates);
  return bytes;
}

/**
 * Reads a file from anywhere: every length is compared with the file's own before anything is allocated, and every value is checked.
 * @returns Views into `bytes`, which the caller leaves alone from then on.
 * @throws flow-invalid, version-unknown
 */
export function decodeEpoch(bytes: Uint8Array): EpochFile {
  requireLittleEndian();
  if (bytes.length < HEADER_BYTES) throw invalid(null, `has ${bytes.length} bytes, less than its header`);
  const aligned = bytes.byteOffset % 4 === 0 ? bytes : bytes.slice();
  const header = new DataView(aligned.buffer, aligned.byteOffset, HEADER_BYTES);
  if (header.getUint32(0, true) !== MAGIC) throw invalid(null, "does not begin with its mark");
  if (header.getUint16(4, true) !== FLOW_VERSION) throw protocolError("version-unknown", `A flow file has version ${header.getUint16(4, true)}; this software knows ${FLOW_VERSION}.`);
  const flags = header.getUint16(6, true);
  const [federation, number, firstRound, rounds, seats, rows] = [0, 1, 2, 3, 4, 5].map((i) => header.getUint32(8 + 4 * i, true)) as [number, number, number, number, number, number];
  for (let i = 32; i < HEADER_BYTES; i++) if (header.getUint8(i) !== 0) throw invalid(null, "has something in the empty part of its header");
  if (flags > SYNTHETIC) throw invalid(null, `has unknown flags ${flags}`);
  if (rounds > MAX_ROUNDS || seats > MAX_SEATS || rows > MAX_EPOCH_ROWS) throw invalid(null, `names ${rounds} rounds, ${seats} seats, ${rows} rows: more than a file may have`);
  const at = layout({ rounds, seats, rows });
  if (aligned.length !== at.end) throw invalid(null, `has ${aligned.length} bytes where its header promises ${at.end}`);
  const words = (from: number, length: number): Uint32Array => new Uint32Array(aligned.buffer, aligned.byteOffset + from, length);
  const halves = (from: number): Uint16Array => new Uint16Array(aligned.buffer, aligned.byteOffset + from, rows);
  const epoch: EpochFile = {
    synthetic: flags === SYNTHETIC,
    federation,
    epoch: number,
    firstRound,
    offsets: words(at.offsets, rounds + 1),
    samples: words(at.samples, rows),
    entitlements: words(at.entitlements, 3 * seats),
    seats: halves(at.seats),
    weights: halves(at.weights),
    fates: aligned.subarray(at.fates, at.fates + rows),
  };
  for (const [from, to] of [[at.seats + 2 * rows, at.weights], [at.weights + 2 * rows, at.fates], [at.fates + rows, at.end]] as const) {
    if (aligned.subarray(from, to).some((byte) => byte !== 0)) throw invalid(epoch, "has something in its padding");
  }
  check(epoch, { rounds, seats, rows });
  return epoch;
}

/** What must hold of the columns wherever they come from. */
function check(epoch: EpochFile, { rounds, seats, rows }: Counts): void {
  const { offsets, samples, weights, fates } = epoch;
  if (rounds < 0 || rounds > MAX_ROUNDS || rows > MAX_EPOCH_ROWS || seats > MAX_SEATS || !Number.isInteger(seats)) throw invalid(epoch, "has too many rounds, seats or rows");
  if (samples.length !== rows || weights.length !== rows || fates.length !== rows) throw invalid(epoch, "has columns of different lengths");
  if (offsets[0] !== 0 || offsets[rounds] !== rows) throw invalid(epoch, "has offsets that do not cover its rows");
  for (let round = 0; round < rounds; round++) {
    const [from, to] = [offsets[round]!, offsets[round + 1]!];
    if (to < from || to > rows) throw invalid(epoch, `has offsets that go back at round ${epoch.firstRound + round}`);
    checkRows(epoch, from, to, seats);
  }
}

function checkRows(epoch: EpochFile, from: number, to: number, seatCount: number): void {
  let before = -1;
  for (let row = from; row < to; row++) {
    const seat = epoch.seats[row]!;
    if (seat <= before) throw invalid(epoch, `names seat ${seat} after seat ${before} in one round`);
    if (seat >= seatCount) throw invalid(epoch, `names seat ${seat} of ${seatCount}`);
    if (!isFate(epoch.fates[row]!)) throw invalid(epoch, `has the unknown fate ${epoch.fates[row]}`);
    before = seat;
  }
}
