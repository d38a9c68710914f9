/** Where nodes and ribbons lie. Pure: numbers in, numbers and paths out. Source: Sankey layout of d3-sankey, after Bostock; columns are fixed, order is ours. */
import { sankey } from "d3-sankey";
import type { Atlas, AtlasNode } from "../../../../protocol/flow/atlas.ts";

/** Along: the way the flow runs. Across: the way values are stacked. Upright pages turn the two. */
export interface PlacedNode {
  readonly node: AtlasNode;
  readonly along: number;
  readonly start: number;
  readonly end: number;
}

/** @param from,to Where the ribbon's first edge leaves its source and meets its target, across. */
export interface PlacedLink {
  readonly source: string;
  readonly target: string;
  readonly value: bigint;
  readonly begin: number;
  readonly finish: number;
  readonly from: number;
  readonly to: number;
  readonly width: number;
}

export interface Placed {
  readonly nodes: readonly PlacedNode[];
  readonly links: readonly PlacedLink[];
}

export interface Frame {
  readonly length: number;
  readonly breadth: number;
  readonly padding: number;
  readonly nodeWidth: number;
}

interface Extra {
  readonly key: string;
  readonly node: AtlasNode;
}

export function placeAtlas(atlas: Atlas, { length, breadth, padding, nodeWidth }: Frame): Placed {
  if (atlas.nodes.length === 0) return { nodes: [], links: [] };
  const scale = Number(atlas.in) || 1;
  const layout = sankey<Extra, { readonly exact: bigint }>()
    .nodeId(({ key }) => key)
    .nodeAlign(({ node }) => node.column)
    // Largest first, time in its order: the order that the columns come in. Moving nodes about would make a view jump when it is brushed.
    .nodeSort(() => 0)
    .nodeWidth(nodeWidth)
    .nodePadding(padding)
    .iterations(0)
    .extent([
      [0, 0],
      [length, breadth],
    ]);
  const graph = layout({
    nodes: atlas.nodes.map((node) => ({ key: node.key, node })),
    // Lengths only: what is written beside them is exact.
    links: atlas.links.map(({ source, target, value }) => ({ source, target, value: Number(value) / scale, exact: value })),
  });
  return {
    nodes: graph.nodes.map(({ node, x0, y0, y1 }) => ({ node, along: x0 ?? 0, start: y0 ?? 0, end: y1 ?? 0 })),
    links: graph.links.map(({ source, target, exact, y0, y1, width }) => {
      const [from, to] = [typeof source === "object" ? source : undefined, typeof target === "object" ? target : undefined];
      return {
        source: from?.key ?? "",
        target: to?.key ?? "",
        value: exact,
        begin: from?.x1 ?? 0,
        finish: to?.x0 ?? 0,
        from: (y0 ?? 0) - (width ?? 0) / 2,
        to: (y1 ?? 0) - (width ?? 0) / 2,
        width: width ?? 0,
      };
    }),
  };
}

/** `turned`: the flow runs down the page. */
type Turn = (along: number, across: number) => string;
const round = (value: number): number => Math.round(value * 10) / 10;
export const turnOf = (turned: boolean): Turn => (turned ? (along, across) => `${round(across)},${round(along)}` : (along, across) => `${round(along)},${round(across)}`);

function curve(turn: Turn, begin: number, from: number, finish: number, to: number): string {
  const middle = (begin + finish) / 2;
  return `C${turn(middle, from)} ${turn(middle, to)} ${turn(finish, to)}`;
}

/** The whole surface of a ribbon; or its first `share`, for what is drawn over it. */
export function surface({ begin, finish, from, to, width }: PlacedLink, turned: boolean, share = 1): string {
  const turn = turnOf(turned);
  const w = width * share;
  return `M${turn(begin, from)}${curve(turn, begin, from, finish, to)}L${turn(finish, to + w)}${curve(turn, finish, to + w, begin, from + w)}Z`;
}

/** Lines of the graver: one at each edge and one about every `pitch` between, all in one path. */
export function engraving({ begin, finish, from, to, width }: PlacedLink, turned: boolean, pitch = 3.2): string {
  const turn = turnOf(turned);
  const count = Math.max(1, Math.min(64, Math.round(width / pitch)));
  let path = "";
  for (let i = 0; i < count; i++) {
    const offset = ((i + 0.5) * width) / count;
    path += `M${turn(begin, from + offset)}${curve(turn, begin, from + offset, finish, to + offset)}`;
  }
  return path;
}

/** Part of a ribbon that an overlay fills. Small but not nothing stays visible. */
export function shareOf(part: bigint, whole: bigint, width: number): number {
  if (part <= 0n || whole <= 0n) return 0;
  const share = Number((part * 1_000_000n) / whole) / 1_000_000;
  return Math.min(1, Math.max(share, 1 / Math.max(width, 1)));
}

/** The node that an arrow key leads to: the next in its column, or the nearest of the next column. */
export function neighbour(nodes: readonly PlacedNode[], key: string, arrow: "up" | "down" | "left" | "right"): string {
  const here = nodes.find(({ node }) => node.key === key) ?? nodes[0];
  if (here === undefined) return key;
  const middle = (placed: PlacedNode): number => (placed.start + placed.end) / 2;
  if (arrow === "up" || arrow === "down") {
    const column = nodes.filter(({ node }) => node.column === here.node.column).sort((a, b) => a.start - b.start);
    return (column[column.indexOf(here) + (arrow === "up" ? -1 : 1)] ?? here).node.key;
  }
  const step = arrow === "left" ? -1 : 1;
  const near = nodes.filter(({ node }) => node.column === here.node.column + step).sort((a, b) => Math.abs(middle(a) - middle(here)) - Math.abs(middle(b) - middle(here)));
  return (near[0] ?? here).node.key;
}
