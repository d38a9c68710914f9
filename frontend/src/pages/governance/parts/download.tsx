import type { ReactNode } from "react";

interface DownloadProps {
  readonly name: string;
  readonly type: string;
  /** Made when it is asked for. */
  readonly content: () => string;
  readonly children: ReactNode;
}

/** A file made in the browser. */
export function Download({ name, type, content, children }: DownloadProps) {
  const save = (): void => {
    const url = URL.createObjectURL(new Blob([content()], { type }));
    const link = document.createElement("a");
    link.href = url;
    link.download = name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(url), 10_000);
  };
  return (
    <button type="button" onClick={save}>
      {children}
    </button>
  );
}
