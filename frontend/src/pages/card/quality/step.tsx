import type { ReactNode } from "react";
import { Kind } from "../../../ui/kind.tsx";
import type { ClaimKind } from "../../../ui/kind.tsx";

interface StepProps {
  readonly name: string;
  readonly kinds: readonly ClaimKind[];
  readonly children: ReactNode;
}

/** One term of a working, with what its word is worth. */
export function Step({ name, kinds, children }: StepProps) {
  return (
    <div className="step">
      <dt>
        {name}{" "}
        {kinds.map((kind) => (
          <Kind key={kind} kind={kind} />
        ))}
      </dt>
      <dd>{children}</dd>
    </div>
  );
}
