import assert from "node:assert/strict";
import { test } from "node:test";
import {
  amountOf,
  atlasCsv,
  atlasProv,
  createTable,
  drawAtlas,
  drawOverlay,
  entitled,
  entitlementColumn,
  find,
  isAccepted,
  itemKey,
  lineageOf,
  onlySeats,
  parseItem,
  reconcile,
  slipOf,
  slipsCsv,
  slipsOfSeat,
  UNASKED,
  weightsColumn,
  WHOLE,
  type ChainTotals,
  type FlowTable,
} from "../../../protocol/flow/index.ts";
import { columnHash } from "../../../protocol/columns.ts";
import { flowOf } from "./support.ts";

/** What an honest chain would say of a table. */
function chainOf(table: FlowTable): ChainTotals {
  const settlements = new Map(
    table.index.epochs.flatMap(({ settlement }, i) => {
      const limbs = table.epochs[i]?.entitlements ?? new Uint32Array();
      return settlement === null ? [] : [[settlement.index, { distributed: entitled(limbs), entitlementsHash: columnHash(entitlementColumn(limbs)) }] as const];
    }),
  );
  return { settlements, rounds: new Map([...table.roundNumbers].map((number, round) => [number, columnHash(weightsColumn(table, round))])) };
}

test("a followed seat is in the drawing with what its slips say", async () => {
  const { table } = await flowOf(5000, 2);
  const seat = table.withheld.hidden.findIndex((hidden) => hidden === 0);
  const slips = slipsOfSeat(table, seat);
  assert(slips.length > 1);
  const { plan } = drawAtlas(table, WHOLE);
  const mine = drawOverlay(table, WHOLE, plan, onlySeats(table, [seat]));
  assert.equal(mine.in, slips.reduce((sum, { weight }) => sum + BigInt(weight), 0n));
  assert.equal(mine.out.rejected, slips.reduce((sum, { weight, fate }) => sum + (isAccepted(fate) ? 0n : BigInt(weight)), 0n));
  for (const slip of slips) assert.deepEqual(slipOf(table, seat, slip.round), slip);
  assert.equal(slipOf(table, seat, 1_000_000), null);
});

test("search finds seats by number and payee, rounds, and names", async () => {
  const { index, files } = await flowOf(300);
  const payee = "0x00000000000000000000000000000000000000Aa" as const;
  const table = createTable({ ...index, seats: index.seats.map((seat, i) => (i === 3 ? { ...seat, payee } : seat)), institutions: index.institutions.map((entry, i) => (i === 1 ? { ...entry, name: "Hospital of the Northern Hill" } : entry)) }, files);
  assert.deepEqual(find(table, payee.toLowerCase()), [{ kind: "seat", seat: 3, institution: table.institutionOf[3], dataset: table.datasetOf[3] }]);
  assert(find(table, "seat 3").some((found) => found.kind === "seat" && found.seat === 3));
  assert(find(table, "3").some((found) => found.kind === "round" && found.round === 3));
  assert.deepEqual(find(table, "northern hill"), [{ kind: "institution", position: 1 }]);
  assert.deepEqual(find(table, "  "), []);
  assert.deepEqual(find(table, "0x"), []);
});

test("lineage: each step conserves; every item's key is read back, and nothing else is", async () => {
  const { table } = await flowOf(300, 3);
  for (let at = 0; at < table.index.seats.length; at++) {
    const { from, to } = lineageOf(table, WHOLE, { kind: "seat", at }, 10_000);
    const sum = to.reduce((a, { value }) => a + value, 0n);
    for (const { value } of from) assert.equal(value, sum);
    for (const { item, value } of to) assert.equal(lineageOf(table, WHOLE, item).from[0]?.value, value);
  }
  const rounds = lineageOf(table, WHOLE, { kind: "edition", at: 1 }, 10_000);
  for (const { item, value } of rounds.from.filter(({ item }) => item.kind === "round")) {
    assert.equal(lineageOf(table, WHOLE, item, 10_000).from.reduce((a, part) => a + part.value, 0n), value);
    assert.deepEqual(parseItem(itemKey(item)), item);
  }
  for (const text of ["", "seat", "seat.-1", "seat.1.2", "update.1", "script.1", "seat.1234567890"]) assert.equal(parseItem(text), null, text);
  assert.deepEqual(parseItem("update.3.4"), { kind: "update", at: 3, round: 4 });
});

test("reconciliation: agrees with an honest chain, names what a lying file differs in, and calls unasked what was not asked", async () => {
  const { table } = await flowOf(2000, 5);
  const chain = chainOf(table);
  const honest = reconcile(table, chain);
  assert(honest.conserved);
  for (const part of [honest.distributed, honest.entitlements, honest.weights]) assert(part.differ === 0 && part.unchecked === 0 && part.agree > 0);
  const unasked = reconcile(table, UNASKED);
  for (const part of [unasked.distributed, unasked.entitlements, unasked.weights]) assert(part.agree === 0 && part.differ === 0 && part.unchecked > 0);
  const [index] = chain.settlements.keys();
  assert(index !== undefined);
  const settlements = new Map(chain.settlements).set(index, { distributed: 1n, entitlementsHash: `0x${"0".repeat(64)}` });
  const lied = reconcile(table, { settlements, rounds: new Map(chain.rounds).set(2, `0x${"0".repeat(64)}`) });
  assert.deepEqual([lied.distributed.differing, lied.entitlements.differing, lied.weights.differing], [[index], [index], [2]]);
});

test("exports: CSV repeats the ribbons, no cell is a formula, PROV-JSON refers only to what it declares, and both say synthetic", async () => {
  const { table } = await flowOf(300, 1);
  const { atlas } = drawAtlas(table, { ...WHOLE, measure: "tokens" });
  const context = { synthetic: true, chainId: 1, ledger: table.index.ledger, federation: 1, label: () => '=cmd|"x",1' };
  const lines = atlasCsv(atlas, context).trimEnd().split("\r\n");
  assert.equal(lines.length, atlas.links.length + 1);
  assert(lines.slice(1).every((line) => line.endsWith(",synthetic") && line.includes(`"'=cmd|""x"",1"`)));
  const prov = JSON.parse(atlasProv(atlas, context)) as Record<string, Record<string, Record<string, string>>>;
  const declared = new Set(["entity", "agent", "activity"].flatMap((kind) => Object.keys(prov[kind] ?? {})));
  let references = 0;
  for (const relation of ["wasDerivedFrom", "wasAttributedTo", "wasGeneratedBy", "used"]) {
    for (const record of Object.values(prov[relation] ?? {})) {
      for (const [key, value] of Object.entries(record)) {
        if (!key.startsWith("prov:")) continue;
        assert(declared.has(value), `${relation} ${value}`);
        references++;
      }
    }
  }
  assert(references >= 2 * atlas.links.length);
  const slips = slipsOfSeat(table, 0);
  assert.equal(slipsCsv(slips, context, String).trimEnd().split("\r\n").length, slips.length + 1);
  assert.equal(amountOf(1, 0, 0), 1n);
});
