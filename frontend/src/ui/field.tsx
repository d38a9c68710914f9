import { useId } from "react";
import type { ReactNode } from "react";

interface FieldProps {
  readonly label: string;
  readonly help?: ReactNode;
  /** What is wrong with it; spoken with the field. */
  readonly problem?: string | undefined;
  readonly children: (props: { readonly id: string; readonly "aria-describedby": string; readonly "aria-invalid": boolean }) => ReactNode;
}

/** A field of a form: label above, help and trouble below, tied to it for screen readers. */
export function Field({ label, help, problem, children }: FieldProps) {
  const id = useId();
  const below = `${id}-help`;
  return (
    <div className="field-row">
      <label htmlFor={id}>{label}</label>
      {children({ id, "aria-describedby": below, "aria-invalid": problem !== undefined })}
      <div id={below}>
        {help !== undefined && <p className="quiet">{help}</p>}
        {problem !== undefined && <p className="unverified">{problem}</p>}
      </div>
    </div>
  );
}
