import assert from "node:assert/strict";
import { test } from "node:test";
import { createTable, drawAtlas, generateFlow, lineageOf, MEASURES, WHOLE, type Atlas, type FlowTable } from "../../../protocol/flow/index.ts";
import { engraving, neighbour, placeAtlas, shareOf, surface } from "../../../frontend/src/pages/flow/layout.ts";
import { placeShelf, SHELF_LIMIT } from "../../../frontend/src/pages/flow/shelf-layout.ts";
import { parseFollow, parseState, writeChange } from "../../../frontend/src/pages/flow/state.ts";
import { briefNumber, exactNumber, isBalanced } from "../../../frontend/src/pages/flow/words.ts";

const FRAME = { length: 700, breadth: 600, padding: 14, nodeWidth: 5 };

async function tableOf(contributions: number): Promise<FlowTable> {
  const { index, files } = await generateFlow({ contributions, seed: 2 });
  return createTable(index, files);
}

test("an address is read as it was written, and what is not of its form counts as not there", () => {
  const change = {
    zoom: "shelf",
    measure: "tokens",
    institutions: [3, 1],
    datasets: [0],
    from: 2,
    to: 9,
    follow: { seat: 4, round: 7 },
    pick: "dataset:other",
    items: [{ kind: "update", at: 1, round: 2 }, { kind: "edition", at: 0 }],
  } as const;
  const written = writeChange(change);
  const state = parseState((key) => written.get(key) ?? null);
  const { measure, institutions, datasets, from, to, ...rest } = change;
  assert.deepEqual(state, { digest: null, ...rest, query: { measure, institutions, datasets, from, to } });
  const hostile = parseState((key) => ({ flow: "../../etc", zoom: "moon", measure: "gold", institutions: "1,x", from: "-1", to: "1e9", follow: "a.b", items: "script.1,seat.2" })[key] ?? null);
  assert.deepEqual(hostile, { digest: null, zoom: "atlas", query: WHOLE, follow: null, pick: null, items: [{ kind: "seat", at: 2 }] });
  assert.equal(parseState((key) => ({ from: "9", to: "3" })[key] ?? null).query.to, 9, "a span never goes back");
  assert.deepEqual([parseFollow("12"), parseFollow("12.3"), parseFollow(null)], [{ seat: 12, round: null }, { seat: 12, round: 3 }, null]);
  assert.deepEqual([...writeChange({ zoom: "atlas", measure: "weight", follow: null, from: null })].map(([, value]) => value), [null, null, null, null], "what is usual is left out");
});

test("ribbons and nodes lie inside the plate, thick as their values, and leave a node where its bar is", async () => {
  const table = await tableOf(20_000);
  for (const measure of MEASURES) {
    const { atlas } = drawAtlas(table, { ...WHOLE, measure });
    const { nodes, links } = placeAtlas(atlas, FRAME);
    assert.equal(nodes.length, atlas.nodes.length);
    assert.equal(links.length, atlas.links.length);
    const at = new Map(nodes.map((placed) => [placed.node.key, placed]));
    for (const { node, start, end, along } of nodes) {
      assert(start >= -0.5 && end <= FRAME.breadth + 0.5, `${node.key}: ${start}–${end}`);
      assert.equal(Math.round((along * 4) / (FRAME.length - FRAME.nodeWidth)), node.column, node.key);
    }
    const [first] = links;
    assert(first !== undefined);
    const scale = first.width / Number(first.value);
    for (const { source, target, from, to, width, value } of links) {
      assert(Math.abs(width - Number(value) * scale) < 1e-6 * FRAME.breadth, "width follows value");
      for (const [key, edge] of [[source, from], [target, to]] as const) {
        const placed = at.get(key);
        assert(placed !== undefined && edge >= placed.start - 0.5 && edge + width <= placed.end + 0.5, `${source} > ${target} leaves ${key}`);
      }
    }
  }
});

test("a drawing that does not balance is not called balanced", async () => {
  const { atlas } = drawAtlas(await tableOf(300), WHOLE);
  assert(isBalanced(atlas));
  const [link, ...others] = atlas.links;
  assert(link !== undefined);
  const lying: Atlas = { ...atlas, links: [{ ...link, value: link.value + 1n }, ...others] };
  assert(!isBalanced(lying));
  assert(!isBalanced({ ...atlas, in: atlas.in + 1n }));
  assert(!isBalanced({ ...atlas, links: [{ ...link, target: "nowhere" }, ...others] }));
});

test("paths are numbers and letters only, turned or not; overlays never exceed their ribbon", async () => {
  const { atlas } = drawAtlas(await tableOf(300), WHOLE);
  for (const link of placeAtlas(atlas, FRAME).links) {
    for (const turned of [false, true]) for (const path of [surface(link, turned), surface(link, turned, 0.3), engraving(link, turned)]) assert.match(path, /^[MCLZ0-9 ,.-]+$/);
  }
  assert.equal(shareOf(0n, 5n, 10), 0);
  assert.equal(shareOf(5n, 5n, 10), 1);
  assert.equal(shareOf(1n, 10n ** 30n, 10), 0.1, "something is never drawn as nothing");
  assert.equal(shareOf(7n, 5n, 10), 1);
  assert.deepEqual(placeAtlas({ ...atlas, nodes: [], links: [] }, FRAME), { nodes: [], links: [] });
});

test("arrow keys reach every node from any, and stop at the edges", async () => {
  const { nodes } = placeAtlas(drawAtlas(await tableOf(5000), WHOLE).atlas, FRAME);
  const seen = new Set<string>();
  const queue = [nodes[0]?.node.key ?? ""];
  for (const key of queue) {
    if (seen.has(key)) continue;
    seen.add(key);
    for (const arrow of ["up", "down", "left", "right"] as const) queue.push(neighbour(nodes, key, arrow));
  }
  assert.equal(seen.size, nodes.length);
  assert.equal(neighbour(nodes, nodes[0]?.node.key ?? "", "left"), nodes[0]?.node.key);
});

test("the shelf never holds more than sixty nodes, and says how many it left out", async () => {
  const table = await tableOf(20_000);
  const items = Array.from({ length: 12 }, (_, at) => ({ kind: "seat", at: at + 5 }) as const);
  const shelf = placeShelf(items.map((item) => lineageOf(table, WHOLE, item)), { nodeWidth: 148, nodeHeight: 40, turned: false });
  assert.equal(shelf.nodes.length, SHELF_LIMIT);
  assert(shelf.left > 0);
  for (const { key, value } of shelf.nodes) assert.equal(value === null, items.some(({ at }) => key === `seat.${at}`), `${key}: no edge's value is passed off as its own`);
  const keys = new Set(shelf.nodes.map(({ key }) => key));
  assert(shelf.edges.every(({ from, to }) => keys.has(from) && keys.has(to)));
  for (const { from, to } of shelf.edges) {
    const [a, b] = [from, to].map((key) => shelf.nodes.find((node) => node.key === key)?.x ?? 0) as [number, number];
    assert(a < b, "what something came from stands left of it");
  }
});

test("numbers: exact with every digit, brief never rounded to nothing", () => {
  assert.equal(exactNumber(1_234_567n, "weight"), "1,234,567");
  assert.equal(exactNumber(1_500_000_000_000_000_001n, "tokens"), "1.500000000000000001");
  assert.deepEqual([briefNumber(0n, "weight"), briefNumber(1n, "tokens"), briefNumber(540n, "weight"), briefNumber(12_345n, "weight"), briefNumber(9_870_000n, "samples")], ["0", "< 0.01", "540", "12.3 k", "9.87 M"]);
});
