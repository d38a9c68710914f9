/** The Shelf: what one thing came from and what it went to, one step at a time. dataset, institution → seat → round → edition → next edition. */
import { descending } from "./fold.ts";
import { both, exact, sumBy, type Filter } from "./group.ts";
import { filterOf, onlyRounds, onlySeats, type Query } from "./query.ts";
import { slipOf } from "./follow.ts";
import { columnsOf, type FlowTable } from "./table.ts";

export const ITEM_KINDS = ["dataset", "institution", "seat", "round", "edition", "update"] as const;

/** @param at Position in the index; a round by its number. @param round Of an update: a seat's contribution to a round. */
export interface Item {
  readonly kind: (typeof ITEM_KINDS)[number];
  readonly at: number;
  readonly round?: number;
}

export interface Neighbour {
  readonly item: Item;
  readonly value: bigint;
}

/** Both sides of an item, the largest first. @param more How many are not listed. */
export interface Lineage {
  readonly item: Item;
  readonly from: readonly Neighbour[];
  readonly to: readonly Neighbour[];
  readonly more: { readonly from: number; readonly to: number };
}

export const NEIGHBOURS = 8;

export const itemKey = ({ kind, at, round }: Item): string => (round === undefined ? `${kind}.${at}` : `${kind}.${at}.${round}`);

/** @returns null for anything but what `itemKey` writes. */
export function parseItem(text: string): Item | null {
  const match = /^(dataset|institution|seat|round|edition|update)\.(\d{1,9})(?:\.(\d{1,9}))?$/.exec(text);
  if (match === null || (match[1] === "update") !== (match[3] !== undefined)) return null;
  const kind = match[1] as Item["kind"];
  return match[3] === undefined ? { kind, at: Number(match[2]) } : { kind, at: Number(match[2]), round: Number(match[3]) };
}

export function lineageOf(table: FlowTable, query: Query, item: Item, most = NEIGHBOURS): Lineage {
  const [from, to] = sides(table, query, item);
  const shown = (list: readonly Neighbour[]): Neighbour[] => [...list].sort((a, b) => descending(a.value, b.value)).slice(0, most);
  return { item, from: shown(from), to: shown(to), more: { from: Math.max(0, from.length - most), to: Math.max(0, to.length - most) } };
}

type Sides = readonly [readonly Neighbour[], readonly Neighbour[]];

function sides(table: FlowTable, query: Query, item: Item): Sides {
  switch (item.kind) {
    case "dataset":
    case "institution": {
      const seats = seatsWhere(table, item.kind === "dataset" ? table.datasetOf : table.institutionOf, item.at);
      return [[], bySeat(table, query, onlySeats(table, seats))];
    }
    case "seat": {
      const own = onlySeats(table, [item.at]);
      const value = exact(seatSums(table, query, own).map((limb) => limb[item.at] ?? 0));
      const [institution, dataset] = [table.institutionOf[item.at], table.index.seats[item.at]?.dataset];
      if (institution === undefined || dataset === undefined) return [[], []];
      return [
        [
          ...(dataset === null ? [] : [{ item: { kind: "dataset", at: dataset } as const, value }]),
          { item: { kind: "institution", at: institution }, value },
        ],
        byRound(table, query, own).map(({ item: { at }, value: part }) => ({ item: { kind: "update", at: item.at, round: at }, value: part })),
      ];
    }
    case "update": {
      const round = item.round ?? -1;
      const slip = slipOf(table, item.at, round);
      if (slip === null || slip.hidden) return [[], []];
      const value = query.measure === "weight" ? BigInt(slip.weight) : query.measure === "samples" ? BigInt(slip.samples) : slip.tokens;
      return [[{ item: { kind: "seat", at: item.at }, value }], [{ item: { kind: "round", at: round }, value }]];
    }
    case "round": {
      const own = onlyRounds(table, [item.at]);
      const updates = bySeat(table, query, own).map(({ item: { at }, value }): Neighbour => ({ item: { kind: "update", at, round: item.at }, value }));
      const epoch = table.epochOf[table.roundNumbers.indexOf(item.at)];
      const value = updates.reduce((sum, part) => sum + part.value, 0n);
      return [updates, epoch === undefined ? [] : [{ item: { kind: "edition", at: epoch }, value }]];
    }
    case "edition":
      return editionSides(table, query, item.at);
  }
}

function editionSides(table: FlowTable, query: Query, epoch: number): Sides {
  const numbers = (wanted: number): number[] => [...table.roundNumbers].filter((_, round) => table.epochOf[round] === wanted);
  const rounds = byRound(table, query, onlyRounds(table, numbers(epoch)));
  const value = rounds.reduce((sum, part) => sum + part.value, 0n);
  // A model is trained on from its parent: the parent gives no weight of its own, so it is drawn with what its child received.
  const from: Neighbour[] = epoch > 0 && epoch < table.epochs.length ? [{ item: { kind: "edition", at: epoch - 1 }, value }] : [];
  const to: Neighbour[] = epoch + 1 < table.epochs.length ? [{ item: { kind: "edition", at: epoch + 1 }, value }] : [];
  return [[...from, ...rounds], to];
}

function seatsWhere(table: FlowTable, column: Uint16Array, value: number): number[] {
  return [...table.index.seats.keys()].filter((seat) => column[seat] === value);
}

function seatSums(table: FlowTable, query: Query, part: Filter): readonly Float64Array[] {
  const filter = both(filterOf(table, query), part);
  return sumBy(table, query.measure, filter, { of: new Uint16Array(filter.rounds.length), count: 1 }).limbs.map(({ seat }) => seat);
}

function bySeat(table: FlowTable, query: Query, part: Filter): Neighbour[] {
  const limbs = seatSums(table, query, part);
  return table.index.seats
    .map((_, at): Neighbour => ({ item: { kind: "seat", at }, value: exact(limbs.map((limb) => limb[at]!)) }))
    .filter(({ value }) => value > 0n);
}

/** A sum a round: straight from the rows, because bands of one round each would make large tables of mostly nothing. */
function byRound(table: FlowTable, query: Query, part: Filter): Neighbour[] {
  const filter = both(filterOf(table, query), part);
  const columns = columnsOf(table, query.measure);
  const found: Neighbour[] = [];
  for (let round = 0; round < filter.rounds.length; round++) {
    if (filter.rounds[round] === 0) continue;
    const sums = columns.map(() => 0);
    for (let row = table.offsets[round]!; row < table.offsets[round + 1]!; row++) {
      if ((filter.seats[table.seats[row]!]! & filter.fates[table.fates[row]!]!) === 1) for (let limb = 0; limb < sums.length; limb++) sums[limb]! += columns[limb]![row]!;
    }
    const value = exact(sums);
    if (value > 0n) found.push({ item: { kind: "round", at: table.roundNumbers[round]! }, value });
  }
  return found;
}
