import { useId, useState } from "react";
import { plainText } from "../../../../../protocol/governance/description.ts";
import { useGovernanceText } from "../text.ts";

const LONG = 400;
const MANY_LINES = 8;

/** Text that a stranger wrote: as plain text, without what cannot be seen, and folded when it is long. It is never read as markup. */
export function StrangerText({ children }: { readonly children: string }) {
  const text = useGovernanceText();
  const [open, setOpen] = useState(false);
  const id = useId();
  const whole = plainText(children);
  const lines = whole.split("\n");
  const isLong = whole.length > LONG || lines.length > MANY_LINES;
  const shown = isLong && !open ? `${lines.slice(0, MANY_LINES).join("\n").slice(0, LONG).trimEnd()} …` : whole;
  return (
    <div className="stranger-text">
      <p id={id} dir="auto">
        {shown}
      </p>
      {isLong && (
        <button type="button" className="plain" aria-expanded={open} aria-controls={id} onClick={() => setOpen(!open)}>
          {open ? text.fold : text.unfold}
        </button>
      )}
    </div>
  );
}
