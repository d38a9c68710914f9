/** What a reader asks to see, and which rows that means. Pure data, so that it fits a web address and a message to a worker. */
import { FATE_COUNT, isAccepted } from "./fate.ts";
import { everything, type Bands, type Filter } from "./group.ts";
import type { FlowTable, Measure } from "./table.ts";

/** @param institutions,datasets Positions in the index; null = all. @param from,to Round numbers, inclusive; null = from the first, to the last. */
export interface Query {
  readonly measure: Measure;
  readonly institutions: readonly number[] | null;
  readonly datasets: readonly number[] | null;
  readonly from: number | null;
  readonly to: number | null;
}

export const WHOLE: Query = { measure: "weight", institutions: null, datasets: null, from: null, to: null };

export const MAX_NODES = 12;

/** @throws nothing: what is not there selects nothing. */
export function filterOf(table: FlowTable, { institutions, datasets, from, to }: Omit<Query, "measure">): Filter {
  const filter = everything(table);
  const [wantedInstitutions, wantedDatasets] = [institutions && new Set(institutions), datasets && new Set(datasets)];
  for (let seat = 0; seat < filter.seats.length; seat++) {
    const outside =
      (wantedInstitutions !== null && !wantedInstitutions.has(table.institutionOf[seat]!)) || (wantedDatasets !== null && !wantedDatasets.has(table.datasetOf[seat]!));
    if (outside) filter.seats[seat] = 0;
  }
  for (let round = 0; round < filter.rounds.length; round++) {
    const number = table.roundNumbers[round]!;
    if (number < (from ?? 0) || number > (to ?? Number.POSITIVE_INFINITY)) filter.rounds[round] = 0;
  }
  return filter;
}

/** Every round, every fate, but these seats only. */
export function onlySeats(table: FlowTable, seats: readonly number[]): Filter {
  const filter = everything(table);
  const wanted = new Set(seats);
  return { ...filter, seats: filter.seats.map((shown, seat) => (wanted.has(seat) ? shown : 0)) };
}

export function onlyRounds(table: FlowTable, rounds: readonly number[]): Filter {
  const wanted = new Set(rounds);
  return { ...everything(table), rounds: Uint8Array.from(table.roundNumbers, (number) => (wanted.has(number) ? 1 : 0)) };
}

/** Those that count in a model, or those that do not; or the given fates. */
export function onlyFates(table: FlowTable, fates: readonly number[] | "accepted" | "rejected"): Filter {
  const counts = (fate: number): boolean => (fates === "accepted" ? isAccepted(fate) : fates === "rejected" ? !isAccepted(fate) : fates.includes(fate));
  return { ...everything(table), fates: Uint8Array.from({ length: FATE_COUNT }, (_, fate) => (counts(fate) ? 1 : 0)) };
}

/** A band's or an edition's extent, in positions of rounds or epochs. */
export interface Span {
  readonly first: number;
  readonly last: number;
}

/** Divides the chosen rounds into at most `most` bands of equal length, the last one shorter. Rounds outside go nowhere: they are filtered. */
export function bandsOf(rounds: Uint8Array, most: number): { readonly bands: Bands; readonly spans: readonly Span[] } {
  const first = rounds.indexOf(1);
  const last = rounds.lastIndexOf(1);
  const of = new Uint16Array(rounds.length);
  if (first < 0) return { bands: { of, count: 1 }, spans: [] };
  const length = Math.ceil((last - first + 1) / most);
  const count = Math.ceil((last - first + 1) / length);
  for (let round = first; round <= last; round++) of[round] = Math.floor((round - first) / length);
  const spans = Array.from({ length: count }, (_, band) => ({ first: first + band * length, last: Math.min(first + (band + 1) * length - 1, last) }));
  return { bands: { of, count }, spans };
}
