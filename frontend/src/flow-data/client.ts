import type { Ask, Reply, RequestKind, Requests } from "./messages.ts";

/** The worker could not answer. @param code As in docs/errors.md. */
export class FlowError extends Error {
  override readonly name = "FlowError";
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

interface Waiting {
  resolve(answer: unknown): void;
  reject(error: FlowError): void;
}

/** One worker, many questions. */
export interface FlowClient {
  ask<Kind extends RequestKind>(ask: Requests[Kind]["ask"]): Promise<Requests[Kind]["answer"]>;
}

let shared: FlowClient | undefined;

/** The worker of this page: it starts when the flow is first looked at, and keeps what it has read. */
export function flowClient(): FlowClient {
  shared ??= createFlowClient();
  return shared;
}

function createFlowClient(): FlowClient {
  const worker = new Worker(new URL("worker.ts", import.meta.url), { type: "module" });
  const waiting = new Map<number, Waiting>();
  let next = 0;
  worker.addEventListener("message", ({ data }: MessageEvent<Reply>) => {
    const asked = waiting.get(data.id);
    waiting.delete(data.id);
    if (data.ok) asked?.resolve(data.answer);
    else asked?.reject(new FlowError(data.code, data.message));
  });
  worker.addEventListener("error", (event) => {
    for (const { reject } of waiting.values()) reject(new FlowError("unexpected", event.message));
    waiting.clear();
  });
  return {
    ask<Kind extends RequestKind>(ask: Requests[Kind]["ask"]) {
      const id = next++;
      return new Promise<Requests[Kind]["answer"]>((resolve, reject) => {
        waiting.set(id, { resolve: (answer) => resolve(answer as Requests[Kind]["answer"]), reject });
        worker.postMessage({ id, ask } satisfies Ask, []);
      });
    },
  };
}
