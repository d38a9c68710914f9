import { useEffect, useState } from "react";

const SHOWN_MS = 2_000;

export type CopyOutcome = "done" | "failed";

/** Writes a text to the clipboard, and says for a moment what came of it. */
export function useCopy(value: string): { readonly outcome: CopyOutcome | undefined; readonly copy: () => void } {
  const [outcome, setOutcome] = useState<CopyOutcome>();
  useEffect(() => {
    if (outcome === undefined) return undefined;
    const timer = setTimeout(() => setOutcome(undefined), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [outcome]);
  const copy = (): void => {
    navigator.clipboard.writeText(value).then(
      () => setOutcome("done"),
      () => setOutcome("failed"),
    );
  };
  return { outcome, copy };
}
