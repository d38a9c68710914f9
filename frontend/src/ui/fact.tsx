import type { ReactNode } from "react";
import { Kind } from "./kind.tsx";
import type { ClaimKind } from "./kind.tsx";

interface FactProps {
  readonly name: ReactNode;
  readonly kind?: ClaimKind | undefined;
  readonly children: ReactNode;
  /** For tests and links. */
  readonly figure?: string;
}

/** One thing that is known, and what its word is worth. Inside `<dl className="facts">`. */
export function Fact({ name, kind, children, figure }: FactProps) {
  return (
    <div className="fact" data-figure={figure}>
      <dt>
        {name} {kind !== undefined && <Kind kind={kind} />}
      </dt>
      <dd>{children}</dd>
    </div>
  );
}
