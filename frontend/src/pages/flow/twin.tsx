import { useVirtualizer } from "@tanstack/react-virtual";
import { memo, useCallback, useMemo, useRef, useState } from "react";
import type { Atlas, AtlasNode } from "../../../../protocol/flow/atlas.ts";
import { COLUMNS } from "../../../../protocol/flow/atlas.ts";
import type { Query } from "../../../../protocol/flow/query.ts";
import { useOpened } from "../../flow-data/use-flow.tsx";
import { formatShare } from "../../format/share.ts";
import { ScrollFrame } from "../../ui/scroll-frame.tsx";
import { useFlowText } from "./text.ts";
import type { Words } from "./words.ts";
import { exactNumber } from "./words.ts";

interface TwinProps {
  readonly atlas: Atlas;
  readonly query: Query;
  readonly words: Words;
  readonly onPick: (key: string) => void;
}

/** The drawing for those who read or hear it: a sentence, nested lists, a table. The numbers are the same objects. */
export const Twin = memo(function Twin({ atlas, query, words, onPick }: TwinProps) {
  const text = useFlowText();
  const { rounds } = useOpened();
  const nodes = useMemo(() => new Map(atlas.nodes.map((node) => [node.key, node])), [atlas]);
  const count = (column: number): number => atlas.nodes.filter((node) => node.column === column).reduce((sum, { kind, members }) => sum + (kind === "edition" ? (members.at(-1) ?? 0) - (members[0] ?? 0) + 1 : ["rejected", "pool"].includes(kind) ? 0 : members.length), 0);
  const largest = atlas.nodes.find(({ column, kind }) => column === 0 && kind === "dataset");
  const name = useCallback(
    (key: string): string => {
      const node = nodes.get(key);
      return node === undefined ? key : words.node(node);
    },
    [nodes, words],
  );
  return (
    <>
      <p className="summary">
        {text.twin.summary(atlas.rows.toLocaleString("en"), count(0), count(1), text.rounds.span(query.from ?? rounds.first, query.to ?? rounds.last), count(3))}{" "}
        {largest !== undefined && text.twin.largest(words.node(largest), formatShare(largest.value, atlas.in))} {text.twin.allOut(words.value(atlas.out.counted, atlas.measure), exactNumber(atlas.out.rejected, atlas.measure))}
      </p>
      <h3>{text.twin.lists}</h3>
      <div className="came-and-went">
        {COLUMNS.map((column, i) => (
          <details key={column}>
            <summary>
              {text.columns[column]} ({atlas.nodes.filter((node) => node.column === i).length})
            </summary>
            <ul>
              {atlas.nodes
                .filter((node) => node.column === i)
                .map((node) => (
                  <CameAndWent key={node.key} node={node} atlas={atlas} words={words} name={name} onPick={onPick} />
                ))}
            </ul>
          </details>
        ))}
      </div>
      <h3>{text.twin.table}</h3>
      <LinkTable atlas={atlas} name={name} />
    </>
  );
});

const CameAndWent = memo(function CameAndWent({ node, atlas, words, name, onPick }: Pick<TwinProps, "atlas" | "words" | "onPick"> & { readonly node: AtlasNode; readonly name: (key: string) => string }) {
  const text = useFlowText();
  const [open, setOpen] = useState(false);
  const sides = !open ? [] : [
    [text.note.from, atlas.links.filter(({ target }) => target === node.key).map(({ source, value }) => [source, value] as const)],
    [text.note.to, atlas.links.filter(({ source }) => source === node.key).map(({ target, value }) => [target, value] as const)],
  ] as const;
  return (
    <li data-twin={node.key} data-value={String(node.value)}>
      <details onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
        <summary>
          {words.node(node)}: {words.value(node.value, atlas.measure)}, {formatShare(node.value, atlas.in)}
        </summary>
        <dl>
          {sides.map(([heading, links]) =>
            links.length === 0 ? null : (
              <div key={heading}>
                <dt>{heading}</dt>
                {links.map(([key, value]) => (
                  <dd key={key}>
                    <button type="button" className="plain" onClick={() => onPick(key)}>
                      {name(key)}
                    </button>{" "}
                    {words.value(value, atlas.measure)}
                  </dd>
                ))}
              </div>
            ),
          )}
        </dl>
      </details>
    </li>
  );
});

const ROW = 34;
const SORTS = ["from", "to", "value"] as const;

function LinkTable({ atlas, name }: { readonly atlas: Atlas; readonly name: (key: string) => string }) {
  const text = useFlowText();
  const [sort, setSort] = useState<{ readonly by: (typeof SORTS)[number]; readonly down: boolean }>({ by: "value", down: true });
  const rows = useMemo(() => {
    const named = atlas.links.map(({ source, target, value }) => ({ key: `${source}>${target}`, from: name(source), to: name(target), value }));
    const order = sort.by === "value" ? (a: (typeof named)[number], b: (typeof named)[number]) => (a.value === b.value ? 0 : a.value > b.value ? 1 : -1) : (a: (typeof named)[number], b: (typeof named)[number]) => a[sort.by as "from" | "to"].localeCompare(b[sort.by as "from" | "to"], undefined, { numeric: true });
    return named.sort((a, b) => (sort.down ? -order(a, b) : order(a, b)));
  }, [atlas, name, sort]);
  const frame = useRef<HTMLElement>(null);
  // oxlint-disable-next-line react/incompatible-library -- its functions are called while rendering and given to no memoised part
  const virtual = useVirtualizer({ count: rows.length, getScrollElement: () => frame.current, estimateSize: () => ROW, overscan: 8 });
  const items = virtual.getVirtualItems();
  const [before, after] = [items[0]?.start ?? 0, virtual.getTotalSize() - (items.at(-1)?.end ?? 0)];
  return (
    <>
      {rows.length > 12 && <p className="quiet">{text.twin.scroll(rows.length)}</p>}
      <ScrollFrame ref={frame} className="scroll links-frame" label={text.twin.table}>
        <table className="ledger" aria-rowcount={rows.length + 1}>
          <thead>
            <tr>
              {SORTS.map((by) => (
                <th key={by} scope="col" className={by === "value" ? "number" : undefined} aria-sort={sort.by === by ? (sort.down ? "descending" : "ascending") : "none"}>
                  <button type="button" className="plain" aria-label={text.twin.sort(text.twin[by])} onClick={() => setSort({ by, down: sort.by === by ? !sort.down : by === "value" })}>
                    {text.twin[by]}
                  </button>
                </th>
              ))}
              <th scope="col" className="number">
                {text.twin.share}
              </th>
            </tr>
          </thead>
          <tbody>
            {before > 0 && <Space height={before} />}
            {items.map(({ index }) => {
              const row = rows[index];
              return row === undefined ? null : (
                <tr key={row.key} aria-rowindex={index + 2} data-row={row.key} data-value={String(row.value)}>
                  <td>{row.from}</td>
                  <td>{row.to}</td>
                  <td className="number">{exactNumber(row.value, atlas.measure)}</td>
                  <td className="number">{formatShare(row.value, atlas.in)}</td>
                </tr>
              );
            })}
            {after > 0 && <Space height={after} />}
          </tbody>
        </table>
      </ScrollFrame>
    </>
  );
}

const Space = ({ height }: { readonly height: number }) => (
  <tr aria-hidden="true">
    <td colSpan={4} style={{ height, padding: 0, border: 0 }}>
      &nbsp;
    </td>
  </tr>
);
