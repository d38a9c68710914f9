import { useEffect, useState } from "react";
import { useText } from "../i18n/text.tsx";

/** Copies a text that is shown in full beside it. @param what Names it for those who hear the button. */
export function CopyWhole({ value, what }: { readonly value: string; readonly what: string }) {
  const { copy } = useText();
  const [outcome, setOutcome] = useState<"done" | "failed">();
  useEffect(() => {
    if (outcome === undefined) return undefined;
    const timer = setTimeout(() => setOutcome(undefined), 2000);
    return () => clearTimeout(timer);
  }, [outcome]);
  const write = (): void => {
    navigator.clipboard.writeText(value).then(
      () => setOutcome("done"),
      () => setOutcome("failed"),
    );
  };
  return (
    <button type="button" className="plain copy-whole" onClick={write}>
      {outcome === undefined ? copy.short : copy[outcome]}
      <span className="visually-hidden"> {what}</span>
    </button>
  );
}
