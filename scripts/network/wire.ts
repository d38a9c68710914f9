/** What lies between two services: an HTTP proxy that can be slow, cut, or change what comes back. */
import { createServer, request, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** @param bend What an answer's body becomes on the way back. */
export interface Behaviour {
  /** Milliseconds before a request goes on. */
  readonly delay: number;
  readonly cut: boolean;
  readonly bend: ((body: string, path: string) => string) | null;
}

export const STRAIGHT: Behaviour = { delay: 0, cut: false, bend: null };

export interface Wire {
  readonly url: string;
  behave(behaviour: Behaviour): void;
  close(): Promise<void>;
}

/** @param target Where the other end is at the moment; null while it is down. */
export async function startWire(target: () => string | null): Promise<Wire> {
  let behaviour = STRAIGHT;

  async function pass(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const { delay, cut, bend } = behaviour;
    const base = target();
    if (cut || base === null) return void outgoing.destroy();
    const body = await read(incoming);
    if (delay > 0) await new Promise((resolve) => setTimeout(resolve, delay));
    const path = incoming.url ?? "/";
    const onward = request(new URL(path, base), { method: incoming.method ?? "GET", headers: { ...incoming.headers, host: new URL(base).host } }, (answer) => {
      void read(answer).then(
        (bytes) => {
          const given = bend === null ? bytes : Buffer.from(bend(bytes.toString(), path));
          const { "content-length": _, "transfer-encoding": __, connection: ___, ...headers } = answer.headers;
          outgoing.writeHead(answer.statusCode ?? 502, { ...headers, "content-length": given.length }).end(given);
        },
        () => outgoing.destroy(),
      );
    });
    onward.on("error", () => outgoing.destroy());
    onward.end(body);
  }

  const server = createServer((incoming, outgoing) => void pass(incoming, outgoing).catch(() => outgoing.destroy()));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    behave: (next) => void (behaviour = next),
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function read(stream: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}
