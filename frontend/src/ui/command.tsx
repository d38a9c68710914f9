import { CopyWhole } from "./copy-whole.tsx";

/** A command line that says the same as the page, to be copied. */
export function Command({ line, label }: { readonly line: string; readonly label: string }) {
  return (
    <p className="command">
      <span className="quiet">{label}</span> <code>{line}</code> <CopyWhole value={line} what={line} />
    </p>
  );
}
