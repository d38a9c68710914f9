import { Waiting } from "../../ui/waiting.tsx";
import type { Action, Bindings } from "./keys.ts";
import { ProblemOf } from "./problem.tsx";
import { useAnnotateText } from "./text.ts";
import type { Shown } from "./use-desk.ts";
import { filterOf, transformOf, type View } from "./view.ts";

interface ViewerProps {
  readonly shown: Shown;
  readonly view: View;
  readonly turn: number;
  /** What the pictures are: stands beside every one. */
  readonly caption: string;
  readonly names: Bindings;
  readonly onAct: (action: Action) => unknown;
}

const TOOLS: readonly Action[] = ["zoomIn", "zoomOut", "left", "right", "up", "down", "darker", "brighter", "softer", "harder", "reset"];

export function Viewer({ shown, view, turn, caption, names, onAct }: ViewerProps) {
  const text = useAnnotateText();
  return (
    <figure className="annotate-viewer">
      <div className="annotate-frame">
        {shown.address !== null && <img src={shown.address} alt={text.pictureAlt} draggable={false} style={{ transform: transformOf(view, turn), filter: filterOf(view) }} />}
        {shown.address === null && shown.problem === null && <Waiting>{text.pictureLoading}</Waiting>}
        {shown.problem !== null && <ProblemOf code={shown.problem} />}
      </div>
      <figcaption>
        <span>{caption}</span>
        <span>{text.view.zoom(view.zoom)}</span>
      </figcaption>
      <details className="annotate-details">
        <summary>{text.view.label}</summary>
        <p className="annotate-tools">
          {TOOLS.map((action) => (
            <button key={action} type="button" aria-keyshortcuts={names[action]} onClick={() => onAct(action)}>
              {text.keys.actions[action]} <kbd>{text.keys.names[names[action]] ?? names[action]}</kbd>
            </button>
          ))}
        </p>
      </details>
    </figure>
  );
}
