/** Where the rounds stand in the drawing of a lineage. Pure. */
import { graphlib, layout } from "@dagrejs/dagre";

export interface LineageNode {
  readonly round: number;
  readonly parent: number | undefined;
}

export interface PlacedNode {
  readonly round: number;
  readonly x: number;
  readonly y: number;
}

export interface PlacedLine {
  readonly from: number;
  readonly to: number;
  readonly points: string;
}

export interface LineageLayout {
  readonly width: number;
  readonly height: number;
  readonly nodes: readonly PlacedNode[];
  readonly lines: readonly PlacedLine[];
}

export const NODE = { width: 76, height: 40 } as const;

/** Parents to the left of children, branches below one another. */
export function layoutLineage(nodes: readonly LineageNode[]): LineageLayout {
  const graph = new graphlib.Graph();
  graph.setGraph({ rankdir: "LR", nodesep: 18, ranksep: 34, marginx: 8, marginy: 8 });
  graph.setDefaultEdgeLabel(() => ({}));
  const known = new Set(nodes.map(({ round }) => round));
  for (const { round } of nodes) graph.setNode(String(round), { ...NODE });
  for (const { round, parent } of nodes) if (parent !== undefined && known.has(parent)) graph.setEdge(String(parent), String(round));
  layout(graph);
  const { width = 0, height = 0 } = graph.graph() as { width?: number; height?: number };
  return {
    width: Number.isFinite(width) ? width : 0,
    height: Number.isFinite(height) ? height : 0,
    nodes: nodes.map(({ round }) => {
      const { x, y } = graph.node(String(round)) as { x: number; y: number };
      return { round, x, y };
    }),
    lines: graph.edges().map((edge: { readonly v: string; readonly w: string }) => {
      const { points } = graph.edge(edge) as { points: readonly { x: number; y: number }[] };
      return { from: Number(edge.v), to: Number(edge.w), points: points.map(({ x, y }) => `${Math.round(x)},${Math.round(y)}`).join(" ") };
    }),
  };
}
