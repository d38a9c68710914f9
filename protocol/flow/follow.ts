/** One contribution, and the contributions of one seat. */
import { amountOf } from "./amount.ts";
import { tokensOf, type FlowTable } from "./table.ts";

/** A contribution as the table has it. @param epoch Position in the index. @param hidden Its seat has too few records to be drawn or counted here. */
export interface Slip {
  readonly seat: number;
  readonly round: number;
  readonly epoch: number;
  readonly institution: number;
  readonly dataset: number | null;
  readonly contributor: number;
  readonly weight: number;
  readonly samples: number;
  readonly tokens: bigint;
  readonly fate: number;
  readonly hidden: boolean;
}

function slipAt(table: FlowTable, row: number, round: number): Slip {
  const seat = table.seats[row]!;
  const [low, middle, high] = tokensOf(table).columns;
  return {
    seat,
    round: table.roundNumbers[round]!,
    epoch: table.epochOf[round]!,
    institution: table.institutionOf[seat]!,
    dataset: table.index.seats[seat]!.dataset,
    contributor: table.index.seats[seat]!.contributor,
    weight: table.weights[row]!,
    samples: table.samples[row]!,
    tokens: amountOf(low[row]!, middle[row]!, high[row]!),
    fate: table.fates[row]!,
    hidden: table.withheld.hidden[seat] === 1,
  };
}

/** Position of a round number, −1 when the table has it not. */
export function roundAt(table: FlowTable, round: number): number {
  let [low, high] = [0, table.roundNumbers.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (table.roundNumbers[middle]! < round) low = middle + 1;
    else high = middle;
  }
  return table.roundNumbers[low] === round ? low : -1;
}

/** The contribution of a seat to a round, or null: a seat contributes once a round at most. */
export function slipOf(table: FlowTable, seat: number, round: number): Slip | null {
  const at = roundAt(table, round);
  if (at < 0) return null;
  for (let row = table.offsets[at]!; row < table.offsets[at + 1]!; row++) if (table.seats[row] === seat) return slipAt(table, row, at);
  return null;
}

/** All contributions of a seat, oldest first. */
export function slipsOfSeat(table: FlowTable, seat: number): Slip[] {
  const slips: Slip[] = [];
  for (let round = 0; round < table.roundNumbers.length; round++) {
    for (let row = table.offsets[round]!; row < table.offsets[round + 1]!; row++) if (table.seats[row] === seat) slips.push(slipAt(table, row, round));
  }
  return slips;
}

/** Contributions in the table's order, from a position on: for a long list that shows a part at a time. Hidden seats are left out. */
export function slipsOfRound(table: FlowTable, round: number): Slip[] {
  const at = roundAt(table, round);
  if (at < 0) return [];
  const slips: Slip[] = [];
  for (let row = table.offsets[at]!; row < table.offsets[at + 1]!; row++) if (table.withheld.hidden[table.seats[row]!] === 0) slips.push(slipAt(table, row, at));
  return slips;
}

/** What a reader may search: seats by number or payee, rounds, datasets and institutions by number or name. */
export type Found =
  | { readonly kind: "seat"; readonly seat: number; readonly institution: number; readonly dataset: number | null }
  | { readonly kind: "round"; readonly round: number }
  | { readonly kind: "dataset" | "institution"; readonly position: number };

export function find(table: FlowTable, text: string, most = 12): Found[] {
  const wanted = text.trim().toLowerCase();
  if (wanted === "") return [];
  const { index } = table;
  const number = /(\d{1,9})$/.exec(wanted)?.[1];
  const asked = number === undefined || wanted.startsWith("0x") ? -1 : Number(number);
  const found: Found[] = [];
  index.seats.forEach(({ payee, institution, dataset }, seat) => {
    const named = payee !== null && wanted.startsWith("0x") && wanted.length >= 6 && payee.toLowerCase().startsWith(wanted);
    if ((seat === asked || named) && found.length < most) found.push({ kind: "seat", seat, institution, dataset });
  });
  if (roundAt(table, asked) >= 0) found.push({ kind: "round", round: asked });
  for (const kind of ["institution", "dataset"] as const) {
    const list = kind === "institution" ? index.institutions : index.datasets;
    list.forEach(({ id, name }, position) => {
      if (found.length < most && (id === asked || (name !== null && name.toLowerCase().includes(wanted)))) found.push({ kind, position });
    });
  }
  return found.slice(0, most);
}
