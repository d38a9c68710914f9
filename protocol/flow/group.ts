/** One pass over the rows, and every sum that the drawings need. Typed arrays only: a million rows in some ten milliseconds. */
import { FATE_COUNT, isAccepted } from "./fate.ts";
import { amountOf } from "./amount.ts";
import { columnsOf, type FlowTable, type Measure } from "./table.ts";

/** Which rows count: 1 for each seat, round and fate that does. */
export interface Filter {
  readonly seats: Uint8Array;
  readonly rounds: Uint8Array;
  readonly fates: Uint8Array;
}

/** Rounds to bands, by position. */
export interface Bands {
  readonly of: Uint16Array;
  readonly count: number;
}

/**
 * Sums by limb (one for weight and samples, three for tokens), flat and row-major. Each is exact: at most 2^21 rows of 32 bits.
 * @param institutionBand Institution × band. @param bandEpoch Band × epoch, what counts. @param bandFate Band × fate, what does not. @param epochFate Epoch × fate, what counts.
 */
export interface LimbSums {
  readonly seat: Float64Array;
  readonly institutionBand: Float64Array;
  readonly bandEpoch: Float64Array;
  readonly bandFate: Float64Array;
  readonly epochFate: Float64Array;
}

export interface Sums {
  readonly limbs: readonly LimbSums[];
  /** Contributions that count. */
  readonly rows: number;
}

/** Everything that may be shown. */
export function everything(table: FlowTable): Filter {
  return {
    seats: table.withheld.hidden.map((hidden) => 1 - hidden),
    rounds: new Uint8Array(table.roundNumbers.length).fill(1),
    fates: new Uint8Array(FATE_COUNT).fill(1),
  };
}

/** Both: what counts in `a` and in `b`. */
export function both(a: Filter, b: Filter): Filter {
  const and = (x: Uint8Array, y: Uint8Array): Uint8Array => x.map((value, i) => value & y[i]!);
  return { seats: and(a.seats, b.seats), rounds: and(a.rounds, b.rounds), fates: and(a.fates, b.fates) };
}

export function sumBy(table: FlowTable, measure: Measure, filter: Filter, bands: Bands): Sums {
  let rows = 0;
  const limbs = columnsOf(table, measure).map((column) => {
    const sums: LimbSums = {
      seat: new Float64Array(table.index.seats.length),
      institutionBand: new Float64Array(table.index.institutions.length * bands.count),
      bandEpoch: new Float64Array(bands.count * table.epochs.length),
      bandFate: new Float64Array(bands.count * FATE_COUNT),
      epochFate: new Float64Array(table.epochs.length * FATE_COUNT),
    };
    rows = pass(table, column, filter, bands, sums);
    return sums;
  });
  return { limbs, rows };
}

function pass(table: FlowTable, column: Uint32Array, filter: Filter, bands: Bands, sums: LimbSums): number {
  const { offsets, seats, fates, institutionOf, epochOf } = table;
  const { seat: bySeat, institutionBand, bandEpoch, bandFate, epochFate } = sums;
  const epochCount = table.epochs.length;
  // A round has few fates: they are summed by round first, and spread over the coarser sums once.
  const byFate = new Float64Array(FATE_COUNT);
  let counted = 0;
  for (let round = 0; round < filter.rounds.length; round++) {
    if (filter.rounds[round] === 0) continue;
    const band = bands.of[round]!;
    const end = offsets[round + 1]!;
    byFate.fill(0);
    for (let row = offsets[round]!; row < end; row++) {
      const seat = seats[row]!;
      const fate = fates[row]!;
      if ((filter.seats[seat]! & filter.fates[fate]!) === 0) continue;
      const value = column[row]!;
      counted++;
      bySeat[seat]! += value;
      institutionBand[institutionOf[seat]! * bands.count + band]! += value;
      byFate[fate]! += value;
    }
    const epoch = epochOf[round]!;
    for (let fate = 0; fate < FATE_COUNT; fate++) {
      const value = byFate[fate]!;
      if (value === 0) continue;
      if (isAccepted(fate)) {
        bandEpoch[band * epochCount + epoch]! += value;
        epochFate[epoch * FATE_COUNT + fate]! += value;
      } else bandFate[band * FATE_COUNT + fate]! += value;
    }
  }
  return counted;
}

/** Limb sums as one exact number. */
export function exact(limbs: readonly number[]): bigint {
  return amountOf(limbs[0] ?? 0, limbs[1] ?? 0, limbs[2] ?? 0);
}

/** The sum of a whole column over some rows: what groupings must add up to. */
export function total(table: FlowTable, measure: Measure, filter: Filter): bigint {
  const one: Bands = { of: new Uint16Array(table.roundNumbers.length), count: 1 };
  return exact(sumBy(table, measure, filter, one).limbs.map(({ seat }) => seat.reduce((a, b) => a + b, 0)));
}
