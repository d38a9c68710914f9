// What no HTTP library would send: bytes on a socket, as slowly and as wrongly as a test likes.
import { connect } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

export interface Raw {
  /** 0: the connection ended without an answer. */
  readonly status: number;
  /** Of the oracle's own errors. */
  readonly code: string | null;
}

/** One connection. @param pieces Sent one after the other. @param pause Milliseconds between them. @param end Half-closes after the last. */
export async function raw(url: string, pieces: Iterable<string | Uint8Array>, { pause = 0, end = false, patience = 25_000 } = {}): Promise<Raw> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  let text = "";
  const over = new Promise<void>((resolve) => {
    socket.on("data", (piece: Buffer) => {
      text += piece.toString("latin1");
      if (parse(text) !== null) resolve();
    });
    socket.on("error", () => resolve()).on("close", () => resolve());
  });
  let open = true;
  void over.then(() => (open = false));
  const send = async (): Promise<void> => {
    for (const piece of pieces) {
      if (!open) return;
      if (!socket.write(piece)) await Promise.race([new Promise((resolve) => socket.once("drain", resolve)), over]);
      if (pause > 0) await sleep(pause);
    }
    if (end) socket.end();
  };
  await Promise.race([send().then(() => over), over, sleep(patience, undefined, { ref: false })]);
  socket.destroy();
  return parse(text) ?? { status: 0, code: null };
}

function parse(text: string): Raw | null {
  const status = /^HTTP\/1\.1 (\d{3})/.exec(text)?.[1];
  if (status === undefined || !text.includes("\r\n\r\n")) return null;
  const length = Number(/\r\ncontent-length: (\d+)/i.exec(text)?.[1] ?? 0);
  if (text.length < text.indexOf("\r\n\r\n") + 4 + length) return null;
  return { status: Number(status), code: /"code":"([a-z-]+)"/.exec(text)?.[1] ?? null };
}

/** The head of a request. */
export const head = (method: string, target: string, url: string, headers: Readonly<Record<string, string>>): string =>
  `${[`${method} ${target} HTTP/1.1`, `host: ${new URL(url).host}`, ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`)].join("\r\n")}\r\n\r\n`;
