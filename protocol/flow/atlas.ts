/**
 * The Atlas: dataset → institution → rounds → model edition → what became of it. An edition is the model at the end of a settlement's rounds: unrolled by
 * edition, training that feeds on its own model is a graph without cycles. One measure at a time; what goes into a node comes out of it, to the unit.
 */
import { FATE_COUNT, isAccepted } from "./fate.ts";
import { createMatrix, foldLargest, foldSpans, sumAt, type Folding, type Matrix } from "./fold.ts";
import { both, sumBy, type Filter, type Sums } from "./group.ts";
import { bandsOf, filterOf, MAX_NODES, type Query, type Span } from "./query.ts";
import { rolledOver } from "./pools.ts";
import { NO_DATASET_POSITION, type FlowTable, type Measure } from "./table.ts";

export const COLUMNS = ["dataset", "institution", "band", "edition", "reward"] as const;
export type ColumnName = (typeof COLUMNS)[number];

/**
 * @param key Unique, and the same for the same thing in another view of the same ledger. @param column Position in `COLUMNS`.
 * @param kind `other`: folded. `rejected`: the sink of what does not count. `pool`, `rolled`: tokens that no contribution received.
 * @param members Positions in the index, or fates; of `band` and `edition`: first and last round, first and last epoch.
 */
export interface AtlasNode {
  readonly key: string;
  readonly column: number;
  readonly kind: ColumnName | "other" | "rejected" | "pool" | "rolled";
  readonly members: readonly number[];
  readonly value: bigint;
}

export interface AtlasLink {
  readonly source: string;
  readonly target: string;
  readonly value: bigint;
}

export interface Atlas {
  readonly measure: Measure;
  readonly nodes: readonly AtlasNode[];
  readonly links: readonly AtlasLink[];
  /** What comes in, and where it comes out: the two are equal. */
  readonly in: bigint;
  readonly out: { readonly counted: bigint; readonly rejected: bigint; readonly rolled: bigint };
  /** Contributions in the drawing. */
  readonly rows: number;
}

/** How a view was folded: an overlay (one node's, one contribution's part) is folded the same way, so that it lies inside the whole. */
export interface Plan {
  readonly filter: Filter;
  readonly bands: ReturnType<typeof bandsOf>["bands"];
  readonly spans: readonly Span[];
  readonly foldings: readonly [Folding, Folding, Folding, Folding, Folding];
}

export function planAtlas(table: FlowTable, query: Query): { readonly plan: Plan; readonly sums: Sums } {
  const filter = filterOf(table, query);
  const { bands, spans } = bandsOf(filter.rounds, MAX_NODES);
  const sums = sumBy(table, query.measure, filter, bands);
  const epochs = table.epochs.length;
  const plan: Plan = {
    filter,
    bands,
    spans,
    foldings: [
      foldLargest("dataset", sums.limbs.map(({ seat }) => spread(seat, table.datasetOf, table.index.datasets.length)), MAX_NODES),
      foldLargest("institution", sums.limbs.map(({ seat }) => spread(seat, table.institutionOf, table.index.institutions.length)), MAX_NODES),
      foldSpans("band", spans.length, spans.map(({ first, last }) => [table.roundNumbers[first]!, table.roundNumbers[last]!])),
      foldSpans("edition", epochs, editionSpans(table, filter)),
      foldSpans("reward", FATE_COUNT, Array.from({ length: FATE_COUNT }, (_, fate) => [fate])),
    ],
  };
  return { plan, sums };
}

/** Editions in view, at most twelve spans of them. */
function editionSpans(table: FlowTable, { rounds }: Filter): readonly (readonly [number, number])[] {
  const [first, last] = [rounds.indexOf(1), rounds.lastIndexOf(1)];
  if (first < 0) return [];
  const [from, to] = [table.epochOf[first]!, table.epochOf[last]!];
  const length = Math.ceil((to - from + 1) / MAX_NODES);
  return Array.from({ length: Math.ceil((to - from + 1) / length) }, (_, i) => [from + i * length, Math.min(from + (i + 1) * length - 1, to)] as const);
}

function spread(seats: Float64Array, groupOf: Uint16Array, count: number): Float64Array {
  const groups = new Float64Array(count);
  for (let seat = 0; seat < seats.length; seat++) groups[groupOf[seat]!]! += seats[seat]!;
  return groups;
}

/** The whole view. */
export function drawAtlas(table: FlowTable, query: Query): { readonly atlas: Atlas; readonly plan: Plan } {
  const { plan, sums } = planAtlas(table, query);
  return { atlas: foldAtlas(table, query, plan, sums), plan };
}

/** The part of a view that also meets another filter: same folding, smaller numbers. */
export function drawOverlay(table: FlowTable, query: Query, plan: Plan, part: Filter): Atlas {
  return foldAtlas(table, query, plan, sumBy(table, query.measure, both(plan.filter, part), plan.bands), false);
}

function foldAtlas(table: FlowTable, query: Query, { foldings, spans }: Plan, sums: Sums, whole = true): Atlas {
  const [datasets, institutions, bands, editions, rewards] = foldings;
  const width = sums.limbs.length;
  const epochs = table.epochs.length;
  const first = createMatrix(datasets, institutions, width);
  const second = createMatrix(institutions, bands, width);
  const third = createMatrix(bands, editions, width);
  const fourth = createMatrix(editions, rewards, width);
  const rejected = { limbs: Array.from({ length: width }, () => new Float64Array(bands.slots)), fates: Array.from({ length: width }, () => new Float64Array(FATE_COUNT)) };
  sums.limbs.forEach((limb, l) => {
    // A support seat has no dataset to come from, and nothing that could: its entries are dropped.
    limb.seat.forEach((value, seat) => table.datasetOf[seat] !== NO_DATASET_POSITION && first.add(l, table.datasetOf[seat]!, table.institutionOf[seat]!, value));
    for (let i = 0; i < table.index.institutions.length; i++) for (let b = 0; b < spans.length; b++) second.add(l, i, b, limb.institutionBand[i * spans.length + b]!);
    for (let b = 0; b < spans.length; b++) {
      for (let e = 0; e < epochs; e++) third.add(l, b, e, limb.bandEpoch[b * epochs + e]!);
      for (let fate = 0; fate < FATE_COUNT; fate++) {
        rejected.limbs[l]![b]! += limb.bandFate[b * FATE_COUNT + fate]!;
        rejected.fates[l]![fate]! += limb.bandFate[b * FATE_COUNT + fate]!;
      }
    }
    for (let e = 0; e < epochs; e++) for (let fate = 0; fate < FATE_COUNT; fate++) if (isAccepted(fate)) fourth.add(l, e, fate, limb.epochFate[e * FATE_COUNT + fate]!);
  });
  const links = [...first.links(), ...second.links(), ...third.links(), ...rejectedLinks(bands, rejected.limbs), ...fourth.links()];
  const rolled = whole && isWhole(table, query) && query.measure === "tokens" ? rolledOver(table) : 0n;
  if (rolled > 0n) links.push({ source: "pool", target: "rolled", value: rolled });
  return assemble(query.measure, [first, fourth], links, foldings, rejected.fates, { rolled, rows: sums.rows });
}

function isWhole(table: FlowTable, { institutions, datasets, from, to }: Query): boolean {
  const numbers = table.roundNumbers;
  return institutions === null && datasets === null && (from === null || from <= (numbers[0] ?? 0)) && (to === null || to >= (numbers.at(-1) ?? 0));
}

function rejectedLinks(bands: Folding, limbs: readonly Float64Array[]): AtlasLink[] {
  return Array.from({ length: bands.slots }, (_, slot) => ({ source: bands.key(slot), target: "rejected", value: sumAt(limbs, slot) })).filter(({ value }) => value > 0n);
}

function assemble(
  measure: Measure,
  [first, last]: readonly [Matrix, Matrix],
  links: readonly AtlasLink[],
  foldings: Plan["foldings"],
  rejectedFates: readonly Float64Array[],
  { rolled, rows }: { readonly rolled: bigint; readonly rows: number },
): Atlas {
  const [into, outOf] = [new Map<string, bigint>(), new Map<string, bigint>()];
  for (const { source, target, value } of links) {
    outOf.set(source, (outOf.get(source) ?? 0n) + value);
    into.set(target, (into.get(target) ?? 0n) + value);
  }
  const nodes: AtlasNode[] = [];
  foldings.forEach((folding, column) => {
    for (let slot = 0; slot < folding.slots; slot++) {
      const key = folding.key(slot);
      const value = into.get(key) ?? outOf.get(key) ?? 0n;
      if (value > 0n) nodes.push({ key, column, kind: folding.isOther(slot) ? "other" : COLUMNS[column]!, members: folding.members(slot), value });
    }
  });
  const fates = Array.from({ length: FATE_COUNT }, (_, fate) => fate).filter((fate) => sumAt(rejectedFates, fate) > 0n);
  const sink = into.get("rejected") ?? 0n;
  if (sink > 0n) nodes.push({ key: "rejected", column: 3, kind: "rejected", members: fates, value: sink });
  if (rolled > 0n) nodes.push({ key: "pool", column: 3, kind: "pool", members: [], value: rolled }, { key: "rolled", column: 4, kind: "rolled", members: [], value: rolled });
  return { measure, nodes, links, in: first.total() + rolled, out: { counted: last.total(), rejected: sink, rolled }, rows };
}
