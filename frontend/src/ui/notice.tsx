import type { ReactNode } from "react";

interface NoticeProps {
  /** `warning`: something is wrong and the reader should know. `note`: worth knowing. */
  readonly tone: "note" | "warning" | "good";
  readonly children: ReactNode;
}

export function Notice({ tone, children }: NoticeProps) {
  return (
    <div className={`notice notice-${tone}`} role={tone === "warning" ? "alert" : undefined}>
      {children}
    </div>
  );
}
