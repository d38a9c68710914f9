import type { ReactNode, Ref } from "react";

interface ScrollFrameProps {
  /** Names it for those who hear it. */
  readonly label: string;
  readonly className?: string;
  readonly children: ReactNode;
  readonly ref?: Ref<HTMLElement>;
}

/** Around what is wider than a phone: pushed sideways, by keyboard too. */
export function ScrollFrame({ label, className = "scroll", children, ref }: ScrollFrameProps) {
  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- what can be pushed sideways must take the focus
    <section ref={ref} className={className} tabIndex={0} aria-label={label}>
      {children}
    </section>
  );
}
