/** The lineage on the Shelf: which nodes stand, and where. Source: layered drawing after Sugiyama, Tagawa and Toda, 1981, through dagre. Pure. */
import { graphlib, layout } from "@dagrejs/dagre";
import type { Item, Lineage } from "../../../../protocol/flow/lineage.ts";
import { itemKey } from "../../../../protocol/flow/lineage.ts";

export const SHELF_LIMIT = 60;

export interface ShelfNode {
  readonly key: string;
  readonly item: Item;
  readonly value: bigint | null;
  readonly x: number;
  readonly y: number;
}

export interface Shelf {
  readonly nodes: readonly ShelfNode[];
  readonly edges: readonly { readonly from: string; readonly to: string; readonly value: bigint; readonly points: readonly (readonly [number, number])[] }[];
  readonly width: number;
  readonly height: number;
  /** Nodes that would have gone beyond the limit. */
  readonly left: number;
}

export interface ShelfSize {
  readonly nodeWidth: number;
  readonly nodeHeight: number;
  readonly turned: boolean;
}

export function placeShelf(lineages: readonly Lineage[], { nodeWidth, nodeHeight, turned }: ShelfSize): Shelf {
  const items = new Map<string, { readonly item: Item; value: bigint | null }>();
  const edges = new Map<string, { readonly from: string; readonly to: string; readonly value: bigint }>();
  // An edge's value is not that of the thing at its end: what was expanded bears no figure, its edges do.
  const expanded = new Set(lineages.map(({ item }) => itemKey(item)));
  let left = 0;
  const add = (item: Item, value: bigint | null): boolean => {
    const key = itemKey(item);
    if (!items.has(key) && items.size >= SHELF_LIMIT) {
      left++;
      return false;
    }
    items.set(key, { item, value: expanded.has(key) ? null : (items.get(key)?.value ?? value) });
    return true;
  };
  for (const { item } of lineages) add(item, null);
  for (const { item, from, to } of lineages) {
    const key = itemKey(item);
    for (const { item: other, value } of from) if (add(other, value)) edges.set(`${itemKey(other)}>${key}`, { from: itemKey(other), to: key, value });
    for (const { item: other, value } of to) if (add(other, value)) edges.set(`${key}>${itemKey(other)}`, { from: key, to: itemKey(other), value });
  }
  const graph = new graphlib.Graph();
  graph.setGraph({ rankdir: turned ? "TB" : "LR", nodesep: turned ? 10 : 8, ranksep: turned ? 40 : 84, marginx: 8, marginy: 8 });
  graph.setDefaultEdgeLabel(() => ({}));
  for (const key of items.keys()) graph.setNode(key, { width: nodeWidth, height: nodeHeight });
  for (const { from, to } of edges.values()) graph.setEdge(from, to);
  layout(graph);
  const { width = 0, height = 0 } = graph.graph();
  return {
    nodes: [...items].map(([key, { item, value }]) => {
      const { x, y } = graph.node(key);
      return { key, item, value, x, y };
    }),
    edges: [...edges.values()].map((edge) => ({ ...edge, points: (graph.edge(edge.from, edge.to).points ?? []).map(({ x, y }: { x: number; y: number }) => [x, y] as const) })),
    width,
    height,
    left,
  };
}
