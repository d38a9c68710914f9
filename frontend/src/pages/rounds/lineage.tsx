import { useMemo } from "react";
import { Link } from "wouter";
import type { RoundState } from "../../rounds/view-model.ts";
import { useText } from "../../i18n/text.tsx";
import { layoutLineage, NODE } from "./lineage-layout.ts";
import { useRoundsText } from "./text.ts";

export interface LineageRound {
  readonly round: number;
  readonly parent: number | undefined;
  readonly state: RoundState;
  readonly tombstones: number;
}

interface LineageProps {
  readonly federation: number;
  readonly rounds: readonly LineageRound[];
  readonly onLine: ReadonlySet<number>;
  readonly tip: number;
  /** The one that this page is about. */
  readonly here?: number;
}

/** Rounds and what each extends: a drawing whose nodes are links, and the same as a list. */
export function Lineage({ federation, rounds, onLine, tip, here }: LineageProps) {
  const text = useRoundsText();
  const { rounds: words } = useText();
  const placed = useMemo(() => layoutLineage(rounds), [rounds]);
  const byRound = new Map(rounds.map((each) => [each.round, each]));
  const nameOf = (round: number): string => (round === 0 ? words.genesis : words.title(String(round)));
  /** What stands in a node: its spoken name begins with it. */
  const labelOf = (round: number): string => (round === 0 ? text.first : String(round));
  const sayOf = ({ round, parent, state, tombstones }: LineageRound): string =>
    [
      `${round === 0 ? labelOf(round) : `${text.round} ${labelOf(round)}`} ${words.states[state]}`,
      parent === undefined ? "" : words.parent(nameOf(parent)),
      round === tip ? text.isTip : onLine.has(round) ? text.isOnLine : text.isBranch,
      tombstones > 0 ? text.tombstoneCount(String(tombstones)) : "",
    ]
      .filter((part) => part !== "")
      .join(", ");
  return (
    <div className="lineage">
      <div className="scroll">
        {/* oxlint-disable-next-line jsx-a11y/prefer-tag-over-role -- a drawing whose nodes are links is a group of them */}
        <svg width={placed.width} height={placed.height} viewBox={`0 0 ${placed.width} ${placed.height}`} role="group" aria-label={text.lineage}>
          {placed.lines.map(({ from, to, points }) => (
            <polyline key={`${from}-${to}`} className={onLine.has(from) && onLine.has(to) ? "line line-main" : "line"} points={points} />
          ))}
          {placed.nodes.map(({ round, x, y }) => {
            const each = byRound.get(round);
            if (each === undefined) return null;
            return (
              <a key={round} href={`#/rounds/${federation}.${round}`} aria-label={sayOf(each)} aria-current={round === here ? "page" : undefined}>
                <g className={`node node-${each.state} ${round === tip ? "node-tip" : ""}`} transform={`translate(${x - NODE.width / 2} ${y - NODE.height / 2})`}>
                  <rect width={NODE.width} height={NODE.height} />
                  <text x={NODE.width / 2} y={17}>
                    {labelOf(round)}
                  </text>{" "}
                  <text x={NODE.width / 2} y={32} className="small">
                    {words.states[each.state]}
                  </text>
                  {each.tombstones > 0 && <path className="mark" d={`M${NODE.width - 12} 0 h12 v12 z`} />}
                </g>
              </a>
            );
          })}
        </svg>
      </div>
      <details>
        <summary>{text.asList}</summary>
        <ul className="plain-list">
          {rounds.toReversed().map((each) => (
            <li key={each.round}>
              <Link href={`~/rounds/${federation}.${each.round}`}>{sayOf(each)}</Link>
            </li>
          ))}
        </ul>
      </details>
    </div>
  );
}
