/** A ledger that never was, of any size: to test the drawings with, and to see them without a federation. Marked synthetic in every file. */
import { computeEntitlements, ZERO_ADDRESS } from "../rewards/entitlements.ts";
import { limbsOf } from "./amount.ts";
import { encodeEpoch } from "./epoch-file.ts";
import { DROP_REASONS, FATE } from "./fate.ts";
import { fileHash, FLOW_FORMAT, type FlowEpoch, type FlowIndex } from "./index-file.ts";

export interface GenerateInput {
  readonly contributions: number;
  readonly seed: number;
}

export interface GeneratedFlow {
  readonly index: FlowIndex;
  readonly files: readonly Uint8Array[];
}

/** mulberry32: the same numbers on every machine. */
function createRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d_2b_79_f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

const SHU = 10n ** 18n;
const RECORDS_PER_WEIGHT = 10;

/** How many of everything a ledger of this size has: some twenty nodes at a hundred contributions, a city's hospitals at a million. */
function sizes(contributions: number) {
  const scale = Math.sqrt(contributions);
  const seats = Math.min(1024, Math.max(6, Math.round(scale * 1.1)));
  const perRound = Math.max(4, Math.min(250, Math.round(seats * 0.8)));
  const rounds = Math.ceil(contributions / perRound);
  return { seats, perRound, rounds, institutions: Math.min(96, Math.max(5, Math.round(seats / 7))), datasets: Math.min(40, Math.max(3, Math.round(seats / 12))), every: Math.max(4, Math.ceil(rounds / 48)) };
}

interface Seat {
  readonly institution: number;
  readonly dataset: number;
  readonly records: number;
  readonly declines: boolean;
}

/** Few large institutions, many small ones; a few seats with fewer records than may be shown. */
function createSeats(count: number, institutions: number, datasets: number, random: () => number): Seat[] {
  return Array.from({ length: count }, (_, seat): Seat => {
    const institution = seat < institutions ? seat : Math.floor(institutions * random() ** 2.2);
    const dataset = seat < datasets ? seat : (institution * 7 + Math.floor(random() * 3)) % datasets;
    const small = count >= 40 && random() < 0.03;
    return { institution, dataset, records: small ? 1 + Math.floor(random() * 4) : 20 + Math.floor(3000 * random() ** 4), declines: random() < 0.04 };
  });
}

/** Why a contribution does not count, seldom; −1: it counts. */
function refusal(random: () => number): number {
  const throwOf = random();
  if (throwOf < 0.018) return FATE.dropped + 2 + Math.floor((throwOf / 0.018) * (DROP_REASONS.length - 2));
  return throwOf < 0.026 ? FATE.withheld : -1;
}

export async function generateFlow({ contributions, seed }: GenerateInput): Promise<GeneratedFlow> {
  const random = createRandom(seed);
  const { seats: seatCount, perRound, rounds, institutions, datasets, every } = sizes(contributions);
  const seats = createSeats(seatCount, institutions, datasets, random);
  const [epochs, files]: [FlowEpoch[], Uint8Array[]] = [[], []];
  let [left, carry] = [contributions, 0n];
  for (let first = 1, number = 1; first <= rounds; first += every, number++) {
    const last = Math.min(first + every - 1, rounds);
    // The newest rounds are not settled, and the settlement before is still open to challenge.
    const state = last === rounds ? null : last + every >= rounds ? "proposed" : "final";
    const made = createEpoch({ number, first, last, left, perRound, seats, state, carry, random });
    left -= made.rows;
    carry = made.carry;
    files.push(made.bytes);
    epochs.push({ ...made.entry, hash: await fileHash(made.bytes) });
  }
  const index: FlowIndex = {
    format: FLOW_FORMAT,
    version: 1,
    synthetic: { seed, contributions },
    chainId: 1,
    ledger: ZERO_ADDRESS,
    federation: 1,
    block: 0n,
    datasets: Array.from({ length: datasets }, (_, i) => ({ id: i + 1, name: null, gate: i % 9 === 7 ? ("shut" as const) : ("open" as const), proposal: null })),
    institutions: Array.from({ length: institutions }, (_, i) => ({ id: i + 1, name: null })),
    seats: seats.map(({ institution, dataset }, i) => ({ contributor: i + 1, institution, dataset, payee: null })),
    epochs,
  };
  return { index, files };
}

interface EpochInput {
  readonly number: number;
  readonly first: number;
  readonly last: number;
  readonly left: number;
  readonly perRound: number;
  readonly seats: readonly Seat[];
  readonly state: "final" | "proposed" | null;
  readonly carry: bigint;
  readonly random: () => number;
}

interface Row {
  readonly seat: number;
  readonly round: number;
  readonly weight: number;
  readonly refused: number;
}

function createEpoch({ number, first, last, left, perRound, seats, state, carry, random }: EpochInput) {
  const rows: Row[] = [];
  const offsets = [0];
  for (let round = first; round <= last; round++) {
    const wanted = Math.min(perRound, left - rows.length);
    const isVoid = random() < 0.006;
    pick(seats.length, wanted, random).forEach((seat) => {
      const weight = Math.max(1, Math.ceil(seats[seat]!.records / RECORDS_PER_WEIGHT));
      rows.push({ seat, round, weight, refused: isVoid ? FATE.void : refusal(random) });
    });
    offsets.push(rows.length);
  }
  const scores = seats.map(() => 0n);
  for (const { seat, weight, refused } of rows) if (refused < 0) scores[seat]! += BigInt(weight);
  const pool = carry + BigInt(last - first + 1) * 1000n * SHU;
  const payees = seats.map(({ declines }) => (declines ? ZERO_ADDRESS : (`0x${"1".repeat(40)}` as const)));
  const paid = state === null ? { amounts: scores.map(() => 0n), distributed: 0n } : computeEntitlements(pool, { seats: scores, nobody: 0n }, payees);
  const accepted = state === null ? FATE.unsettled : state === "final" ? FATE.paid : FATE.proposed;
  const fates = Uint8Array.from(rows, ({ seat, refused }) => (refused >= 0 ? refused : state !== null && paid.amounts[seat] === 0n ? FATE.unpaid : accepted));
  const bytes = encodeEpoch({
    synthetic: true,
    federation: 1,
    epoch: number,
    firstRound: first,
    offsets: Uint32Array.from(offsets),
    samples: Uint32Array.from(rows, ({ seat }) => seats[seat]!.records),
    entitlements: Uint32Array.from(paid.amounts.flatMap((amount) => limbsOf(amount))),
    seats: Uint16Array.from(rows, ({ seat }) => seat),
    weights: Uint16Array.from(rows, ({ weight }) => weight),
    fates,
  });
  const settlement = state === null ? null : { index: number, state, pool, distributed: paid.distributed, entitlementsHash: null, transaction: null };
  const entry = { epoch: number, file: `epoch-${number}.bin`, bytes: bytes.length, rows: rows.length, firstRound: first, lastRound: last, modelRoot: null, settlement, rounds: [] };
  return { bytes, entry, rows: rows.length, carry: state === null ? carry : pool - paid.distributed };
}

/** `wanted` different seats, ascending. */
function pick(count: number, wanted: number, random: () => number): number[] {
  const seats = Array.from({ length: count }, (_, seat) => seat);
  for (let i = 0; i < wanted; i++) {
    const j = i + Math.floor(random() * (count - i));
    [seats[i], seats[j]] = [seats[j]!, seats[i]!];
  }
  return seats.slice(0, wanted).sort((a, b) => a - b);
}

