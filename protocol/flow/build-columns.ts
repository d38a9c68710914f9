/** Events and bundles of some rounds as the columns of an epoch file. */
import { isExcluded } from "../columns.ts";
import { limbsOf } from "./amount.ts";
import { FATE } from "./fate.ts";
import type { Replayed, RoundState, SettlementState } from "./replay.ts";

/** Entries of a round, as its seal on chain commits to them. */
export interface ReadRound {
  readonly seats: readonly number[];
  readonly weights: readonly number[];
}

/** A span of rounds, and the settlement that covers it. */
export interface Span {
  readonly first: number;
  readonly last: number;
  readonly settlement: SettlementState | null;
}

export function epochColumns(state: Replayed, { first, last, settlement }: Span, read: ReadonlyMap<number, ReadRound>, amounts: readonly bigint[] | null) {
  const offsets = [0];
  const [seats, weights, samples, fates]: [number[], number[], number[], number[]] = [[], [], [], []];
  for (let number = first; number <= last; number++) {
    const round = state.rounds.get(number);
    const entries = read.get(number);
    if (round !== undefined && entries !== undefined) {
      entries.seats.forEach((seat, i) => {
        // Dropped as unknown: it has neither an institution nor a dataset to come from.
        if (seat >= state.seats.length) return;
        const reason = round.dropped.get(seat) ?? 0;
        seats.push(seat);
        weights.push(entries.weights[i] === 0 ? (round.weights[seat] ?? 0) : entries.weights[i]!);
        samples.push(round.records[seat] ?? 0);
        fates.push(fateOf(round, reason, isExcluded(round.report!.excluded, i), settlement, amounts?.[seat]));
      });
    }
    offsets.push(seats.length);
  }
  return asColumns({ offsets, seats, weights, samples, fates }, amounts);
}

interface Lists {
  readonly offsets: readonly number[];
  readonly seats: readonly number[];
  readonly weights: readonly number[];
  readonly samples: readonly number[];
  readonly fates: readonly number[];
}

function asColumns({ offsets, seats, weights, samples, fates }: Lists, amounts: readonly bigint[] | null) {
  // As many seats as the settlement paid over, so that the column hashes to what was signed; more only if a later seat was sealed and dropped.
  const seatCount = Math.max(amounts?.length ?? 0, ...seats.map((seat) => seat + 1), 0);
  return {
    offsets: Uint32Array.from(offsets),
    samples: Uint32Array.from(samples),
    entitlements: Uint32Array.from(Array.from({ length: seatCount }, (_, seat) => limbsOf(amounts?.[seat] ?? 0n)).flat()),
    seats: Uint16Array.from(seats),
    weights: Uint16Array.from(weights),
    fates: Uint8Array.from(fates),
  };
}

function fateOf({ state }: RoundState, dropReason: number, excluded: boolean, settlement: SettlementState | null, amount: bigint | undefined): number {
  if (dropReason > 0) return FATE.dropped + dropReason;
  if (state === "void") return FATE.void;
  if (excluded) return FATE.withheld;
  if (state !== "final") return FATE.pending;
  if (settlement === null) return FATE.unsettled;
  if (amount === 0n) return FATE.unpaid;
  return settlement.state === "final" ? FATE.paid : FATE.proposed;
}
