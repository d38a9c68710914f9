/** Says on standard error what is going on; standard output belongs to data. */
export interface Progress {
  /** A new part of the work. */
  heading(text: string): void;
  /** One thing that is done. */
  done(text: string): void;
  /** Something the reader should know. */
  note(text: string): void;
}

interface Stream {
  readonly isTTY?: boolean;
  write(text: string): unknown;
}

/** @param started Milliseconds, as of `performance.now()`: times are shown since then. */
export function createProgress(stream: Stream, env: Readonly<Record<string, string | undefined>>, started = performance.now()): Progress {
  const colour = stream.isTTY === true && env["NO_COLOR"] === undefined;
  const paint = (code: number, text: string): string => (colour ? `\u001b[${code}m${text}\u001b[0m` : text);
  const clock = (): string => paint(2, `${((performance.now() - started) / 1000).toFixed(1).padStart(6)} s`);
  return {
    heading: (text) => void stream.write(`\n${paint(1, text)}\n`),
    done: (text) => void stream.write(`${clock()}  ${text}\n`),
    note: (text) => void stream.write(`${paint(2, `          ${text}`)}\n`),
  };
}

export const silentProgress: Progress = { heading: () => undefined, done: () => undefined, note: () => undefined };
