import { useMemo, useRef, useState } from "react";
import type { KeyboardEvent } from "react";
import type { Atlas } from "../../../../protocol/flow/atlas.ts";
import { COLUMNS } from "../../../../protocol/flow/atlas.ts";
import { useOpened } from "../../flow-data/use-flow.tsx";
import { formatShare } from "../../format/share.ts";
import { neighbour, placeAtlas } from "./layout.ts";
import type { Placed, PlacedNode } from "./layout.ts";
import { Ribbons } from "./ribbons.tsx";
import { Seals } from "./seals.tsx";
import { useFlowText } from "./text.ts";
import { useWidth } from "./use-width.ts";
import type { Words } from "./words.ts";

interface PlateProps {
  readonly atlas: Atlas;
  /** The part of the followed contribution, and of the node looked at. */
  readonly followed: Atlas | undefined;
  readonly looked: Atlas | undefined;
  readonly words: Words;
  readonly pick: string | null;
  readonly onLook: (key: string | null) => void;
  readonly onPick: (key: string | null) => void;
}

/** Below this the flow runs down the page, and names stand in a list under it. */
const NARROW = 620;
const MARGIN = 158;
const HEAD = 34;

const ARROWS = { ArrowUp: "up", ArrowDown: "down", ArrowLeft: "left", ArrowRight: "right" } as const;
/** Turned, what was across is along. */
const TURNED = { ArrowUp: "left", ArrowDown: "right", ArrowLeft: "up", ArrowRight: "down" } as const;

/** The drawing. Pointing and focus do the same; one node at a time is in the tab order, and arrow keys lead to the others. */
export function Plate({ atlas, followed, looked, words, pick, onLook, onPick }: PlateProps) {
  const text = useFlowText();
  const { seats } = useOpened();
  const [frame, width] = useWidth();
  const turned = width > 0 && width < NARROW;
  const fullest = Math.max(...COLUMNS.map((_, column) => atlas.nodes.filter((node) => node.column === column).length), 1);
  const length = turned ? 540 : Math.max(320, width - 2 * MARGIN);
  const breadth = turned ? width - 2 : Math.min(700, Math.max(360, fullest * 46));
  const placed = useMemo(() => placeAtlas(atlas, { length, breadth, padding: turned ? 5 : Math.min(22, 240 / fullest), nodeWidth: turned ? 6 : 5 }), [atlas, length, breadth, turned, fullest]);
  const [active, setActive] = useState<string>();
  const nodes = useRef(new Map<string, SVGGElement>());
  const current = placed.nodes.some(({ node }) => node.key === active) ? active : placed.nodes[0]?.node.key;

  const press = (event: KeyboardEvent): void => {
    const arrow = (turned ? TURNED : ARROWS)[event.key as keyof typeof ARROWS];
    if (arrow !== undefined && current !== undefined) {
      event.preventDefault();
      nodes.current.get(neighbour(placed.nodes, current, arrow))?.focus();
    } else if ((event.key === "Enter" || event.key === " ") && current !== undefined) {
      event.preventDefault();
      onPick(pick === current ? null : current);
    } else if (event.key === "Escape") {
      onPick(null);
      onLook(null);
    }
  };
  const [svgWidth, svgHeight] = turned ? [width, length + 40] : [width, breadth + HEAD + 12];
  return (
    <div ref={frame} className={turned ? "plate turned" : "plate"}>
      {width > 0 && (
        // oxlint-disable-next-line jsx-a11y/prefer-tag-over-role, jsx-a11y/no-noninteractive-element-interactions -- its nodes take the focus; their keys are heard here
        <svg viewBox={`0 0 ${svgWidth} ${svgHeight}`} width={svgWidth} height={svgHeight} role="group" aria-label={text.chart(text.measure[atlas.measure].toLowerCase())} onKeyDown={press} onPointerLeave={() => onLook(null)}>
          {!turned &&
            COLUMNS.map((column, i) => (
              <text key={column} className="column-head" x={i === 0 ? MARGIN : i === 4 ? MARGIN + length : MARGIN + (i * length) / 4} y={15} textAnchor={i === 0 ? "end" : i === 4 ? "start" : "middle"}>
                {text.columns[column]}
              </text>
            ))}
          <g transform={turned ? "translate(1 26)" : `translate(${MARGIN} ${HEAD})`}>
            <Ribbons placed={placed} followed={followed} looked={looked} turned={turned} name={(link) => `${nameOf(placed, link.source, words)} → ${nameOf(placed, link.target, words)}: ${words.value(link.value, atlas.measure)}`} />
            {placed.nodes.map((at) => (
              <Node
                key={at.node.key}
                at={at}
                turned={turned}
                label={words.node(at.node)}
                spoken={text.nodeLabel(words.node(at.node), words.value(at.node.value, atlas.measure), text.columns[COLUMNS[at.node.column] ?? "dataset"])}
                figure={formatShare(at.node.value, atlas.in, 1)}
                number={numberOf(placed, at)}
                roomy={roomAround(placed, at) >= 29}
                pressed={pick === at.node.key}
                tabbable={current === at.node.key}
                register={(element) => {
                  if (element === null) nodes.current.delete(at.node.key);
                  else nodes.current.set(at.node.key, element);
                }}
                onFocus={() => {
                  setActive(at.node.key);
                  onLook(at.node.key);
                }}
                onLook={() => onLook(at.node.key)}
                onBlur={() => onLook(null)}
                onPick={() => {
                  setActive(at.node.key);
                  onPick(pick === at.node.key ? null : at.node.key);
                }}
              />
            ))}
            {seats.length > 0 && <Seals placed={placed} turned={turned} words={words} />}
          </g>
        </svg>
      )}
      {turned && <Legend placed={placed} atlas={atlas} words={words} pick={pick} onPick={onPick} />}
    </div>
  );
}

const nameOf = (placed: Placed, key: string, words: Words): string => {
  const found = placed.nodes.find(({ node }) => node.key === key);
  return found === undefined ? key : words.node(found.node);
};

const numberOf = ({ nodes }: Placed, { node }: PlacedNode): number => 1 + nodes.filter(({ node: other }) => other.column === node.column).findIndex(({ node: other }) => other.key === node.key);

/** From its middle to the nearest middle in its column. */
function roomAround({ nodes }: Placed, at: PlacedNode): number {
  const middle = (placed: PlacedNode): number => (placed.start + placed.end) / 2;
  return Math.min(...nodes.filter((other) => other !== at && other.node.column === at.node.column).map((other) => Math.abs(middle(other) - middle(at))));
}

interface NodeProps {
  readonly at: PlacedNode;
  readonly turned: boolean;
  readonly label: string;
  readonly spoken: string;
  readonly figure: string;
  readonly number: number;
  /** Two lines fit beside it. */
  readonly roomy: boolean;
  readonly pressed: boolean;
  readonly tabbable: boolean;
  readonly register: (element: SVGGElement | null) => void;
  readonly onFocus: () => void;
  readonly onLook: () => void;
  readonly onBlur: () => void;
  readonly onPick: () => void;
}

/** Longest name beside a node, in widths of a Latin letter; the whole is spoken and stands in the lists. */
const LONGEST = 23;
const widthOf = (name: string): number => [...name].reduce((sum, letter) => sum + (letter > "\u2e80" ? 2 : 1), 0);

/** Names of one source begin alike and differ at the end: the middle is what can go. */
function cut(name: string): string {
  const letters = [...name];
  if (widthOf(name) <= LONGEST) return name;
  while (widthOf(letters.join("")) > LONGEST - 1) letters.splice(Math.floor(letters.length * 0.3), 1);
  const at = Math.floor(letters.length * 0.3);
  return `${letters.slice(0, at).join("").trimEnd()}…${letters.slice(at).join("").trimStart()}`;
}

function Node({ at: { node, along, start, end }, turned, label, spoken, figure, number, roomy, pressed, tabbable, register, onFocus, onLook, onBlur, onPick }: NodeProps) {
  const size = Math.max(1.5, end - start);
  const middle = (start + end) / 2;
  const sink = node.kind === "rejected" || node.kind === "rolled";
  const common = {
    ref: register,
    role: "button",
    tabIndex: tabbable ? 0 : -1,
    // What is written beside the node comes first, so that those who speak to their machine can name it.
    "aria-label": turned ? `${number}: ${spoken}, ${figure}` : `${cut(label)} ${figure}: ${spoken}`,
    "aria-pressed": pressed,
    "data-node": node.key,
    "data-value": String(node.value),
    className: `node node-${node.kind}${pressed ? " picked" : ""}`,
    onFocus,
    onBlur,
    onPointerEnter: onLook,
    onClick: onPick,
  } as const;
  if (turned) {
    return (
      <g {...common}>
        <rect className="reach" x={start} y={along - 9} width={size} height={24} />
        <rect className={sink ? "bar sink" : "bar"} x={start} y={along} width={size} height={6} />
        {size >= 15 && (
          <text className="number" x={middle} y={along - 3} textAnchor="middle">
            {number}
          </text>
        )}
      </g>
    );
  }
  const first = node.column === 0;
  const x = first ? along - 9 : along + 13;
  const stacked = roomy && widthOf(label) > 13;
  return (
    <g {...common}>
      <rect className="reach" x={first ? along - 150 : along - 6} y={Math.min(start, middle - 8)} width={first ? 160 : 136} height={Math.max(size, 16)} />
      <rect className={sink ? "bar sink" : "bar"} x={along} y={start} width={5} height={size} />
      <text className="label" x={x} y={middle} dy={stacked ? "-0.12em" : "0.34em"} textAnchor={first ? "end" : "start"}>
        {`${cut(label)} `}
        <tspan className="tally" {...(stacked ? { x, dy: "1.15em" } : { dx: "3" })}>
          {figure}
        </tspan>
      </text>
    </g>
  );
}

function Legend({ placed, atlas, words, pick, onPick }: { readonly placed: Placed } & Pick<PlateProps, "atlas" | "words" | "pick" | "onPick">) {
  const text = useFlowText();
  return (
    <div className="legend">
      {COLUMNS.map((column, i) => (
        <section key={column} aria-label={text.columns[column]}>
          <h2>{text.columns[column]}</h2>
          <ol>
            {placed.nodes
              .filter(({ node }) => node.column === i)
              .map((at) => (
                <li key={at.node.key}>
                  <button type="button" className="plain" aria-pressed={pick === at.node.key} onClick={() => onPick(pick === at.node.key ? null : at.node.key)}>
                    <span className="number">{numberOf(placed, at)}</span>
                    <span className="name">{words.node(at.node)}</span>
                    <span className="tally">{formatShare(at.node.value, atlas.in)}</span>
                  </button>
                </li>
              ))}
          </ol>
        </section>
      ))}
    </div>
  );
}
