import { useEffect, useRef } from "react";
import type { ReactNode } from "react";

interface PageProps {
  readonly title: string;
  /** What this page is for, in one or two sentences. */
  readonly lead?: ReactNode;
  readonly children: ReactNode;
}

/** The first page leaves the focus at the top of the document, where a reader expects it. */
let opened = false;

/** The frame of every page: its title takes the focus when the reader has come from another page, so that screen readers say where they are. */
export function Page({ title, lead, children }: PageProps) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    if (opened) heading.current?.focus({ preventScroll: true });
    scrollTo(0, 0);
    const timer = setTimeout(() => {
      opened = true;
    });
    return () => clearTimeout(timer);
  }, []);
  useEffect(() => {
    document.title = `${title} · 崇文 Chongwen`;
  }, [title]);
  return (
    <div className="page">
      <header className="page-head">
        <h1 ref={heading} tabIndex={-1}>
          {title}
        </h1>
        {lead !== undefined && <p className="lead">{lead}</p>}
      </header>
      {children}
    </div>
  );
}
