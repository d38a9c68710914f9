import { shorten } from "../format/shorten.ts";
import { useText } from "../i18n/text.tsx";
import { useCopy } from "./use-copy.ts";

interface CopyableProps {
  readonly value: string;
  /** What it is, for the button's name. */
  readonly what: string;
  readonly edge?: number;
}

/** A hash or address, shortened, with its whole value in the title and on the clipboard. */
export function Copyable({ value, what, edge = 6 }: CopyableProps) {
  const text = useText();
  const { outcome, copy } = useCopy(value);
  return (
    <span className="copyable">
      <code title={value}>{shorten(value, edge)}</code>
      <button type="button" className="copy" onClick={copy} aria-label={text.copy.button(what)}>
        <svg viewBox="0 0 16 16" aria-hidden="true">
          {outcome === "done" ? <path d="M3 8.5 6.5 12 13 4.5" /> : <path d="M5.5 5.5h7v8h-7zM3.5 10.5v-8h7" />}
        </svg>
      </button>
      <output className={outcome === "failed" ? "copy-failed" : "visually-hidden"}>{outcome === undefined ? "" : text.copy[outcome]}</output>
    </span>
  );
}
