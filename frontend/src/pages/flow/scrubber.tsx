import { useEffect, useRef, useState } from "react";
import type { Query } from "../../../../protocol/flow/query.ts";
import { useOpened } from "../../flow-data/use-flow.tsx";
import type { FlowChange } from "./state.ts";
import { useFlowText } from "./text.ts";

interface ScrubberProps {
  readonly query: Query;
  readonly onChange: (change: FlowChange) => void;
}

/** The address follows a moving mark at once, then no oftener than this: browsers refuse addresses that change at every frame. */
const PACE = 120;

/** Two marks on the ledger's rounds, over how much each brought. */
export function Scrubber({ query, onChange }: ScrubberProps) {
  const text = useFlowText();
  const { rounds, profile } = useOpened();
  const chosen = { from: Math.max(rounds.first, query.from ?? rounds.first), to: Math.min(rounds.last, query.to ?? rounds.last) };
  const [moving, setMoving] = useState<{ readonly from: number; readonly to: number }>();
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const written = useRef(0);
  useEffect(() => () => clearTimeout(timer.current), []);
  const { from, to } = moving ?? chosen;

  const move = (next: { readonly from: number; readonly to: number }): void => {
    const write = (): void => {
      written.current = performance.now();
      onChange({ from: next.from === rounds.first ? null : next.from, to: next.to === rounds.last ? null : next.to });
      setMoving(undefined);
    };
    clearTimeout(timer.current);
    const since = performance.now() - written.current;
    if (since > PACE) write();
    else {
      setMoving(next);
      timer.current = setTimeout(write, PACE - since);
    }
  };
  if (rounds.last <= rounds.first) return null;
  const all = from === rounds.first && to === rounds.last;
  const position = (round: number): number => (100 * (round - rounds.first)) / (rounds.last - rounds.first);
  return (
    <fieldset className="flow-rounds">
      <legend>
        {text.rounds.label}: <output>{all ? `${text.rounds.all} (${rounds.first}–${rounds.last.toLocaleString()})` : text.rounds.span(from, to)}</output>
      </legend>
      <div className="track">
        <svg viewBox={`0 0 ${profile.length} 24`} preserveAspectRatio="none" aria-hidden="true">
          {profile.map((height, i) => {
            const middle = (100 * (i + 0.5)) / profile.length;
            const inside = middle >= position(from) - 50 / profile.length && middle <= position(to) + 50 / profile.length;
            return <path key={middle} className={inside ? "inside" : "outside"} d={`M${i + 0.5} 24V${24 - 22 * height}`} />;
          })}
        </svg>
        <input type="range" aria-label={text.rounds.from} aria-valuetext={text.node.round(from)} min={rounds.first} max={rounds.last} value={from} onChange={({ target }) => move({ from: Math.min(Number(target.value), to), to })} />
        <input type="range" aria-label={text.rounds.to} aria-valuetext={text.node.round(to)} min={rounds.first} max={rounds.last} value={to} onChange={({ target }) => move({ from, to: Math.max(Number(target.value), from) })} />
      </div>
    </fieldset>
  );
}
