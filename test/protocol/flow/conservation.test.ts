import assert from "node:assert/strict";
import { test } from "node:test";
import {
  amountOf,
  attributeTokens,
  bandsOf,
  columnsOf,
  decodeEpoch,
  drawAtlas,
  drawCatalogue,
  drawOverlay,
  everything,
  exact,
  filterOf,
  isAccepted,
  limbsOf,
  MAX_NODES,
  MEASURES,
  onlyFates,
  onlyRounds,
  onlySeats,
  poolsOf,
  shareOf,
  sumBy,
  tokensOf,
  total,
  WHOLE,
  type Atlas,
  type FlowTable,
  type Query,
} from "../../../protocol/flow/index.ts";
import { createRandom } from "../support/random.ts";
import { flowOf } from "./support.ts";

/** In = out at every node, and in all. */
function assertConserved(atlas: Atlas, where: string): void {
  const { counted, rejected, rolled } = atlas.out;
  assert.equal(atlas.in, counted + rejected + rolled, `${where}: in = out`);
  for (const { key, value, column, kind } of atlas.nodes) {
    const into = atlas.links.filter(({ target }) => target === key).reduce((sum, link) => sum + link.value, 0n);
    const outOf = atlas.links.filter(({ source }) => source === key).reduce((sum, link) => sum + link.value, 0n);
    if (column > 0 && kind !== "pool") assert.equal(into, value, `${where}: into ${key}`);
    if (column < 4 && kind !== "rejected") assert.equal(outOf, value, `${where}: out of ${key}`);
  }
  for (let column = 0; column < 5; column++) {
    const largest = atlas.nodes.filter((node) => node.column === column && !["other", "rejected", "pool", "rolled"].includes(node.kind));
    assert(largest.length <= MAX_NODES + 1, `${where}: at most ${MAX_NODES} nodes a column`);
  }
}

/** Sums by definition: a row at a time, in big integers. */
function naive(table: FlowTable, query: Query): { in: bigint; rejected: bigint; rows: number; institutions: Map<number, bigint> } {
  const columns = columnsOf(table, query.measure);
  const result = { in: 0n, rejected: 0n, rows: 0, institutions: new Map<number, bigint>() };
  for (let round = 0; round < table.roundNumbers.length; round++) {
    const number = table.roundNumbers[round] ?? 0;
    if (number < (query.from ?? 0) || number > (query.to ?? Infinity)) continue;
    for (let row = table.offsets[round] ?? 0; row < (table.offsets[round + 1] ?? 0); row++) {
      const seat = table.seats[row] ?? 0;
      const institution = table.institutionOf[seat] ?? 0;
      if (table.withheld.hidden[seat] === 1 || query.institutions?.includes(institution) === false || query.datasets?.includes(table.datasetOf[seat] ?? 0) === false) continue;
      const value = amountOf(columns[0]?.[row] ?? 0, columns[1]?.[row] ?? 0, columns[2]?.[row] ?? 0);
      result.rows++;
      result.in += value;
      if (!isAccepted(table.fates[row] ?? 0)) result.rejected += value;
      result.institutions.set(institution, (result.institutions.get(institution) ?? 0n) + value);
    }
  }
  return result;
}

function randomQuery(table: FlowTable, random: () => number): Query {
  const some = (count: number): number[] | null => (random() < 0.4 ? null : Array.from({ length: 1 + Math.floor(random() * 4) }, () => Math.floor(random() * count)));
  const last = table.roundNumbers.at(-1) ?? 1;
  const from = random() < 0.4 ? null : 1 + Math.floor(random() * last);
  return {
    measure: MEASURES[Math.floor(random() * 3)] ?? "weight",
    institutions: some(table.index.institutions.length),
    datasets: some(table.index.datasets.length),
    from,
    to: random() < 0.4 ? null : (from ?? 1) + Math.floor(random() * last),
  };
}

test("in = out, at every node, under any measure, brush and folding; equal to sums taken a row at a time", async () => {
  const random = createRandom(11);
  for (const [contributions, seed] of [[1, 1], [20, 2], [100, 3], [5000, 4], [20_000, 5]] as const) {
    const { table } = await flowOf(contributions, seed);
    const queries = [...MEASURES.map((measure) => ({ ...WHOLE, measure })), ...Array.from({ length: 25 }, () => randomQuery(table, random))];
    for (const query of queries) {
      const { atlas } = drawAtlas(table, query);
      const where = JSON.stringify({ contributions, ...query });
      assertConserved(atlas, where);
      const expected = naive(table, query);
      assert.equal(atlas.in - atlas.out.rolled, expected.in, where);
      assert.equal(atlas.out.rejected, expected.rejected, where);
      assert.equal(atlas.rows, expected.rows, where);
      for (const node of atlas.nodes.filter(({ column }) => column === 1)) {
        assert.equal(node.value, node.members.reduce((sum, i) => sum + (expected.institutions.get(i) ?? 0n), 0n), `${where}: ${node.key}`);
      }
    }
  }
});

test("an overlay and its complement are the whole, ribbon by ribbon", async () => {
  const { table } = await flowOf(5000, 3);
  const random = createRandom(5);
  for (let i = 0; i < 12; i++) {
    const query = randomQuery(table, random);
    const { atlas, plan } = drawAtlas(table, query);
    const mine = new Set(Array.from({ length: 5 }, () => Math.floor(random() * table.index.seats.length)));
    const others = [...table.index.seats.keys()].filter((seat) => !mine.has(seat));
    const [a, b] = [drawOverlay(table, query, plan, onlySeats(table, [...mine])), drawOverlay(table, query, plan, onlySeats(table, others))];
    const [accepted, rejected] = [drawOverlay(table, query, plan, onlyFates(table, "accepted")), drawOverlay(table, query, plan, onlyFates(table, "rejected"))];
    const value = (drawn: Atlas, source: string, target: string): bigint => drawn.links.find((link) => link.source === source && link.target === target)?.value ?? 0n;
    for (const { source, target, value: whole } of atlas.links) {
      if (source === "pool") continue;
      assert.equal(value(a, source, target) + value(b, source, target), whole);
      assert.equal(value(accepted, source, target) + value(rejected, source, target), whole);
    }
    assert.equal(rejected.out.rejected, atlas.out.rejected);
  }
});

test("the catalogue's cells, rows and columns sum to the Atlas, whichever rounds the Atlas is brushed to", async () => {
  for (const measure of MEASURES) {
    const { table } = await flowOf(20_000, 2);
    const catalogue = drawCatalogue(table, { ...WHOLE, measure, from: 3, to: 4, institutions: [1] });
    const { atlas } = drawAtlas(table, { ...WHOLE, measure });
    assert.equal(catalogue.rows.reduce((sum, row) => sum + row.total, 0n), atlas.in - atlas.out.rolled);
    assert.equal(catalogue.rejected.reduce((a, b) => a + b, 0n), atlas.out.rejected);
    catalogue.bands.forEach((_, band) => {
      const column = catalogue.rows.reduce((sum, { cells }) => sum + (cells[band] ?? 0n), 0n);
      assert.equal(column, (catalogue.counted[band] ?? 0n) + (catalogue.rejected[band] ?? 0n));
    });
  }
});

test("tokens: what a settlement gives a seat is divided over its contributions without losing or adding a unit, as the definition says", async () => {
  const { files } = await flowOf(2000, 9);
  for (const bytes of files) {
    const plain = decodeEpoch(bytes);
    const seatCount = plain.entitlements.length / 3;
    const random = createRandom(seatCount);
    // Amounts up to the last bit of 96, which the generator's do not reach.
    const amounts = Array.from({ length: seatCount }, () => BigInt(Math.floor(random() * 2 ** 48)) * 2n ** BigInt(Math.floor(random() * 49)) + BigInt(Math.floor(random() * 3)));
    const epoch = { ...plain, entitlements: Uint32Array.from(amounts.flatMap((amount) => limbsOf(amount))) };
    const rows = epoch.seats.length;
    const into = [new Uint32Array(rows), new Uint32Array(rows), new Uint32Array(rows)] as const;
    const unplaced = attributeTokens(epoch, into);
    const totals = new Map<number, number>();
    epoch.seats.forEach((seat, row) => isAccepted(epoch.fates[row] ?? 0) && totals.set(seat, (totals.get(seat) ?? 0) + (epoch.weights[row] ?? 0)));
    const before = new Map<number, number>();
    let placed = 0n;
    epoch.seats.forEach((seat, row) => {
      const actual = amountOf(into[0][row] ?? 0, into[1][row] ?? 0, into[2][row] ?? 0);
      const weight = epoch.weights[row] ?? 0;
      const whole = totals.get(seat) ?? 0;
      const expected = isAccepted(epoch.fates[row] ?? 0) ? shareOf(amounts[seat] ?? 0n, before.get(seat) ?? 0, weight, whole) : 0n;
      if (isAccepted(epoch.fates[row] ?? 0)) before.set(seat, (before.get(seat) ?? 0) + weight);
      assert.equal(actual, expected, `row ${row}`);
      placed += actual;
    });
    assert.equal(placed + unplaced, amounts.reduce((a, b) => a + b, 0n));
  }
});

test("pooled = distributed + rolled over, and what contributions got is what was distributed", async () => {
  const { table } = await flowOf(20_000, 6);
  const { pooled, distributed, rolled } = poolsOf(table);
  assert.equal(pooled, distributed + rolled);
  const shown = everything(table);
  assert.equal(total(table, "tokens", { ...shown, seats: shown.seats.map(() => 1) }) + tokensOf(table).unplaced.reduce((a, b) => a + b, 0n), distributed);
});

test("bands cover the chosen rounds once, in order, and never more than asked", async () => {
  const { table } = await flowOf(5000, 8);
  for (const [from, to] of [[1, 1], [1, 12], [2, 14], [3, 1000]] as const) {
    const { rounds } = filterOf(table, { ...WHOLE, from, to });
    const { bands, spans } = bandsOf(rounds, MAX_NODES);
    assert(spans.length <= MAX_NODES && spans.length === bands.count);
    let next = rounds.indexOf(1);
    for (const { first, last } of spans) {
      assert.equal(first, next);
      assert(last >= first);
      next = last + 1;
    }
    assert.equal(next - 1, rounds.lastIndexOf(1));
  }
  assert.deepEqual(bandsOf(onlyRounds(table, []).rounds, 4).spans, []);
});

test("a million rows are grouped in one pass: every sum exact", async () => {
  const { table } = await flowOf(200_000, 1);
  const { bands } = bandsOf(everything(table).rounds, MAX_NODES);
  const { limbs } = sumBy(table, "tokens", everything(table), bands);
  assert(limbs.every(({ seat }) => seat.every((sum) => Number.isSafeInteger(sum))));
  assert.equal(exact(limbs.map(({ seat }) => seat.reduce((a, b) => a + b, 0))), total(table, "tokens", everything(table)));
});
