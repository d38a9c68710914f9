import { useId } from "react";
import type { ReactNode } from "react";

interface SectionProps {
  readonly heading: string;
  readonly children: ReactNode;
  /** At the heading's other end: a link, a switch. */
  readonly aside?: ReactNode;
  readonly className?: string;
}

/** A part of a page under its own heading. */
export function Section({ heading, children, aside, className = "" }: SectionProps) {
  const id = useId();
  return (
    <section className={`section ${className}`} aria-labelledby={id}>
      <div className="section-head">
        <h2 id={id}>{heading}</h2>
        {aside}
      </div>
      {children}
    </section>
  );
}
