import { useState } from "react";
import type { KeyboardEvent } from "react";
import { ACTIONS, isBindable, rebind, type Action, type Bindings } from "./keys.ts";
import { useAnnotateText } from "./text.ts";

interface KeySettingsProps {
  readonly bindings: Bindings;
  readonly off: boolean;
  /** Null: as delivered. */
  readonly onChange: (bindings: Bindings | null) => void;
  readonly onOff: (off: boolean) => void;
}

/** Every key can be another, or all of them none (WCAG 2.1.4). */
export function KeySettings({ bindings, off, onChange, onOff }: KeySettingsProps) {
  const text = useAnnotateText().keys;
  const [waiting, setWaiting] = useState<Action>();
  const [taken, setTaken] = useState<Action>();
  const show = (action: Action): string => text.names[bindings[action]] ?? bindings[action].toUpperCase();

  const onKeyDown = (action: Action) => (event: KeyboardEvent): void => {
    if (waiting !== action || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Escape") setWaiting(undefined);
    if (!isBindable(event.key)) return;
    event.preventDefault();
    const next = rebind(bindings, action, event.key);
    setTaken(typeof next === "string" ? next : undefined);
    if (typeof next === "string") return;
    setWaiting(undefined);
    onChange(next);
  };
  return (
    <details className="annotate-details">
      <summary>{text.heading}</summary>
      <p className="quiet">{text.help}</p>
      <p className="annotate-tools">
        <label>
          <input type="checkbox" checked={off} onChange={(event) => onOff(event.target.checked)} /> {text.off}
        </label>
        <button type="button" onClick={() => onChange(null)}>
          {text.reset}
        </button>
      </p>
      <ul className="annotate-keys">
        {ACTIONS.map((action) => (
          <li key={action}>
            <span>{text.actions[action]}</span>
            <button type="button" aria-label={text.change(text.actions[action], show(action))} onClick={() => setWaiting(action)} onKeyDown={onKeyDown(action)} onBlur={() => setWaiting(undefined)}>
              {waiting === action ? text.press : show(action)}
            </button>
          </li>
        ))}
      </ul>
      <output className="refused">{taken === undefined ? "" : text.taken(text.actions[taken])}</output>
    </details>
  );
}
