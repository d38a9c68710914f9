import type { ReactNode } from "react";

/** Says that something is under way; spoken by screen readers. */
export function Waiting({ children }: { readonly children: ReactNode }) {
  return <output className="waiting">{children}</output>;
}
