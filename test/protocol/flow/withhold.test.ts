import assert from "node:assert/strict";
import { test } from "node:test";
import {
  createTable,
  decodeEpoch,
  drawAtlas,
  drawCatalogue,
  encodeEpoch,
  everything,
  lineageOf,
  MEASURES,
  slipsOfRound,
  SMALLEST_COUNT,
  total,
  WHOLE,
  withheldShare,
  type FlowTable,
  type GeneratedFlow,
} from "../../../protocol/flow/index.ts";
import { createRandom } from "../support/random.ts";
import { flowOf } from "./support.ts";

/** The same flow with other records behind some seats. */
function withRecords({ index, files }: GeneratedFlow, records: ReadonlyMap<number, number>): FlowTable {
  const changed = files.map((bytes) => {
    const epoch = decodeEpoch(bytes);
    return encodeEpoch({ ...epoch, samples: epoch.samples.map((value, row) => records.get(epoch.seats[row] ?? -1) ?? value) });
  });
  return createTable(index, changed);
}

const hiddenSeats = (table: FlowTable): number[] => [...table.withheld.hidden.keys()].filter((seat) => table.withheld.hidden[seat] === 1);

const recordsOf = (table: FlowTable, seat: number): number => table.samples.reduce((most, value, row) => (table.seats[row] === seat && value > most ? value : most), 0);

test("nothing is hidden when every seat has enough records", async () => {
  const { table } = await flowOf(100);
  assert.deepEqual(hiddenSeats(table), []);
  assert.equal(withheldShare(table, "weight"), 0);
});

test("attack_singleHiddenSeat_cannotBeRecoveredBySubtraction", async () => {
  const flow = await flowOf(100);
  const table = withRecords(flow, new Map([[2, 3]]));
  const hidden = hiddenSeats(table);
  assert(hidden.includes(2), "the small seat is hidden");
  assert(hidden.length >= 2, "and not alone: the whole less what is drawn is a sum over two or more");
  const least = [...table.index.seats.keys()].filter((seat) => seat !== 2 && recordsOf(table, seat) > 0).sort((a, b) => recordsOf(table, a) - recordsOf(table, b))[0];
  assert(least !== undefined && hidden.includes(least), "the smallest other seat went with it");
  for (const measure of MEASURES) {
    const all = { ...everything(table), seats: everything(table).seats.map(() => 1) };
    const gap = total(table, measure, all) - total(table, measure, everything(table));
    const own = total(table, measure, { ...all, seats: all.seats.map((_, seat) => (seat === 2 ? 1 : 0)) });
    if (measure !== "tokens") assert.notEqual(gap, own);
  }
});

test("two small seats of together fewer than five records take a third with them", async () => {
  const table = withRecords(await flowOf(100), new Map([[1, 1], [3, 2]]));
  const hidden = hiddenSeats(table);
  assert.equal(hidden.length, 3);
  assert(hidden.reduce((sum, seat) => sum + recordsOf(table, seat), 0) >= SMALLEST_COUNT);
});

test("a ledger of one small seat shows nothing at all", async () => {
  const table = withRecords(await flowOf(1), new Map(Array.from({ length: 20 }, (_, seat) => [seat, 1])));
  assert.equal(drawAtlas(table, WHOLE).atlas.rows, 0);
});

test("attack_differencingTwoViews_neverRevealsAHiddenSeat", async () => {
  // What a hidden seat did is changed beyond recognition; every view stays the same number for number, so none depends on it.
  const flow = await flowOf(2000, 3);
  const small = new Map([[4, 2], [9, 4], [11, 1]]);
  const before = withRecords(flow, small);
  const random = createRandom(1);
  const files = flow.files.map((bytes) => {
    const epoch = decodeEpoch(bytes);
    const isSmall = (row: number): boolean => small.has(epoch.seats[row] ?? -1);
    return encodeEpoch({
      ...epoch,
      samples: epoch.samples.map((value, row) => small.get(epoch.seats[row] ?? -1) ?? value),
      weights: epoch.weights.map((value, row) => (isSmall(row) ? 1 + Math.floor(random() * 60_000) : value)),
      fates: epoch.fates.map((value, row) => (isSmall(row) ? 33 : value)),
    });
  });
  const after = createTable(flow.index, files);
  assert.deepEqual(hiddenSeats(after), hiddenSeats(before));
  const last = before.roundNumbers.at(-1) ?? 1;
  for (const measure of ["weight", "samples"] as const) {
    for (let from = 1; from <= last; from += 3) {
      for (const institutions of [null, [0], [before.institutionOf[4] ?? 0]]) {
        const query = { ...WHOLE, measure, from, to: Math.min(from + 2, last), institutions };
        assert.deepEqual(drawAtlas(after, query).atlas, drawAtlas(before, query).atlas);
      }
    }
    assert.deepEqual(drawCatalogue(after, { ...WHOLE, measure }), drawCatalogue(before, { ...WHOLE, measure }));
  }
});

test("a hidden seat is in no list, no lineage and no drawing", async () => {
  const { table } = await flowOf(5000, 4);
  const hidden = hiddenSeats(table);
  assert(hidden.length >= 2);
  const [seat] = hidden;
  assert(seat !== undefined);
  for (const number of table.roundNumbers) assert(slipsOfRound(table, number).every((slip) => !hidden.includes(slip.seat)));
  const { from, to } = lineageOf(table, WHOLE, { kind: "seat", at: seat });
  assert(from.every(({ value }) => value === 0n) && to.length === 0);
  for (let at = 0; at < table.index.institutions.length; at++) {
    const listed = new Set(lineageOf(table, WHOLE, { kind: "institution", at }, 1000).to.map(({ item }) => item.at));
    assert(hidden.every((wanted) => !listed.has(wanted)));
  }
});
