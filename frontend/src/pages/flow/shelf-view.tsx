import { useMemo } from "react";
import type { Item } from "../../../../protocol/flow/lineage.ts";
import { itemKey } from "../../../../protocol/flow/lineage.ts";
import { useFlow, useOpened } from "../../flow-data/use-flow.tsx";
import { ScrollFrame } from "../../ui/scroll-frame.tsx";
import { Waiting } from "../../ui/waiting.tsx";
import type { ViewProps } from "./index.tsx";
import { placeShelf, SHELF_LIMIT } from "./shelf-layout.ts";
import type { Shelf, ShelfNode } from "./shelf-layout.ts";
import { useFlowText } from "./text.ts";
import { useWidth } from "./use-width.ts";

/** Where one thing came from and went to: a step at a time, never more than sixty nodes. */
export function ShelfView({ state, change, words }: ViewProps) {
  const text = useFlowText();
  const { epochs } = useOpened();
  const { query, items, follow } = state;
  const root: Item = follow !== null && items.length === 0 ? { kind: "seat", at: follow.seat } : { kind: "edition", at: Math.max(0, epochs.length - 1) };
  const shown = items.length === 0 ? [root] : items;
  const [frame, width] = useWidth();
  const turned = width > 0 && width < 620;
  const lineages = useFlow<"lineage">({ kind: "lineage", query, items: shown });
  const [nodeWidth, nodeHeight] = [turned ? 96 : 148, 40];
  const shelf = useMemo(() => (lineages.data === undefined ? undefined : placeShelf(lineages.data, { nodeWidth, nodeHeight, turned })), [lineages.data, nodeWidth, nodeHeight, turned]);
  if (lineages.data === undefined || shelf === undefined) return <Waiting>{text.opening}</Waiting>;
  const open = new Set(shown.map(itemKey));
  const more = new Map(lineages.data.map(({ item, more: rest }) => [itemKey(item), rest.from + rest.to]));
  const toggle = (item: Item): void => {
    const key = itemKey(item);
    change({ items: open.has(key) && shown.length > 1 ? shown.filter((other) => itemKey(other) !== key) : [...shown, item] });
  };
  const openSlip = ({ at, round }: Item): void => change({ follow: { seat: at, round: round ?? null }, zoom: "slip" });
  return (
    <figure className="shelf">
      <figcaption>
        <p>{text.shelf.caption}</p>
        {shelf.left > 0 && <p className="quiet">{text.shelf.full}</p>}
      </figcaption>
      <ScrollFrame ref={frame} className="shelf-frame" label={text.shelf.plate}>
        {width > 0 && (
          <div className="shelf-plate" style={{ width: Math.max(shelf.width, Math.min(width, shelf.width)), height: shelf.height, marginInline: shelf.width < width ? "auto" : 0 }}>
            <Threads shelf={shelf} nodeWidth={nodeWidth} turned={turned} />
            <ul>
              {shelf.nodes.map((node) => (
                <li key={node.key} style={{ left: node.x - nodeWidth / 2, top: node.y - nodeHeight / 2, width: nodeWidth, height: nodeHeight }} className={itemClass(node, open, itemKey(shown[0] ?? root))}>
                  <button
                    type="button"
                    aria-expanded={node.item.kind === "update" ? undefined : open.has(node.key)}
                    title={node.item.kind === "update" ? text.shelf.slip(words.item(node.item)) : open.has(node.key) ? text.shelf.fold(words.item(node.item)) : text.shelf.expand(words.item(node.item))}
                    disabled={!open.has(node.key) && node.item.kind !== "update" && shelf.nodes.length >= SHELF_LIMIT}
                    onClick={() => (node.item.kind === "update" ? openSlip(node.item) : toggle(node.item))}
                  >
                    <span className="name">{words.item(node.item)}</span>
                    <span className="tally">
                      {node.value === null ? text.shelf.here : words.brief(node.value, query.measure)}
                      {(more.get(node.key) ?? 0) > 0 && `, ${text.shelf.more(more.get(node.key) ?? 0)}`}
                    </span>
                  </button>
                </li>
              ))}
            </ul>
          </div>
        )}
      </ScrollFrame>
    </figure>
  );
}

const itemClass = ({ key, item }: ShelfNode, open: ReadonlySet<string>, root: string): string => `item item-${item.kind}${open.has(key) ? " open" : ""}${key === root ? " root" : ""}`;

/** Curves between what touches; the thicker, the more. */
function Threads({ shelf: { edges, nodes, width, height }, nodeWidth, turned }: { readonly shelf: Shelf; readonly nodeWidth: number; readonly turned: boolean }) {
  const at = new Map(nodes.map((node) => [node.key, node]));
  const most = edges.reduce((largest, { value }) => (value > largest ? value : largest), 1n);
  return (
    <svg width={width} height={height} aria-hidden="true">
      {edges.map(({ from, to, value }) => {
        const [a, b] = [at.get(from), at.get(to)];
        if (a === undefined || b === undefined) return null;
        const thick = 0.75 + 5 * Math.sqrt(Number((value * 10_000n) / most) / 10_000);
        const path = turned
          ? `M${a.x},${a.y + 20}C${a.x},${(a.y + b.y) / 2} ${b.x},${(a.y + b.y) / 2} ${b.x},${b.y - 20}`
          : `M${a.x + nodeWidth / 2},${a.y}C${(a.x + b.x) / 2},${a.y} ${(a.x + b.x) / 2},${b.y} ${b.x - nodeWidth / 2},${b.y}`;
        return <path key={`${from}>${to}`} d={path} strokeWidth={thick} />;
      })}
    </svg>
  );
}
