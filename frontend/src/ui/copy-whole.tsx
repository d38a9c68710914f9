import { useText } from "../i18n/text.tsx";
import { useCopy } from "./use-copy.ts";

/** Copies a text that is shown in full beside it. @param what Names it for those who hear the button. */
export function CopyWhole({ value, what }: { readonly value: string; readonly what: string }) {
  const { copy: words } = useText();
  const { outcome, copy } = useCopy(value);
  return (
    <button type="button" className="plain copy-whole" onClick={copy}>
      {outcome === undefined ? words.short : words[outcome]}
      <span className="visually-hidden"> {what}</span>
    </button>
  );
}
