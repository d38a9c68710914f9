/** What left this machine: the one way to the network here, so that the count is the whole truth. The page's content policy enforces the same list. */
export interface Contact {
  readonly host: string;
  readonly requests: number;
  readonly bytes: number;
}

export interface Egress {
  readonly fetch: typeof fetch;
  contacts(): readonly Contact[];
}

/** @param changed Called after every request and answer. */
export function createEgress(network: typeof fetch, changed: () => void = () => undefined): Egress {
  const counts = new Map<string, { requests: number; bytes: number }>();
  return {
    contacts: () => [...counts].map(([host, count]) => ({ host, ...count })),
    async fetch(input, init) {
      const url = new URL(input instanceof Request ? input.url : input);
      const count = counts.get(url.host) ?? { requests: 0, bytes: 0 };
      counts.set(url.host, count);
      count.requests += 1;
      changed();
      // A redirect would be a host that nobody named; a cookie or a referrer would say who asks.
      const response = await network(url, { ...init, redirect: "error", credentials: "omit", referrerPolicy: "no-referrer" });
      if (response.body === null) return response;
      const counted = response.body.pipeThrough(
        new TransformStream<Uint8Array, Uint8Array>({
          transform(chunk, controller) {
            count.bytes += chunk.length;
            controller.enqueue(chunk);
          },
        }),
      );
      return new Response(counted, { status: response.status, headers: response.headers });
    },
  };
}

/** The body, up to a limit: a host that never stops sending is cut off there. */
export async function readBody(response: Response, maxBytes: number): Promise<{ readonly bytes: Uint8Array; readonly cut: boolean }> {
  const reader = response.body?.getReader();
  const parts: Uint8Array[] = [];
  let total = 0;
  for (let step = await reader?.read(); step !== undefined && !step.done && total <= maxBytes; step = await reader?.read()) {
    parts.push(step.value);
    total += step.value.length;
  }
  const cut = total > maxBytes;
  if (cut) await reader?.cancel();
  const bytes = new Uint8Array(Math.min(total, maxBytes));
  let at = 0;
  for (const part of parts) {
    bytes.set(part.subarray(0, maxBytes - at), at);
    at += part.length;
  }
  return { bytes, cut };
}
