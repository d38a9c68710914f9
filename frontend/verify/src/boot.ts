/** What happens before anything is asked: find the ledger, narrow the policy to the hosts that were named, and start the worker below that policy. */
// oxlint-disable-next-line import/default -- Vite gives every such module this export.
import workerUrl from "./worker/main.ts?worker&url";
import type { Address } from "./subject.ts";
import type { Contact } from "./worker/egress.ts";
import type { Answer, Request } from "./worker/messages.ts";

/** The build writes the worker's hash here. */
const WORKER_INTEGRITY = "worker-integrity-goes-here";
/** While developing there is no build, and the worker is a module that imports its parts. */
const pinned = import.meta.env.PROD;

/** Whether a server gave us the page; a file on a disk has none to ask. */
export const served = location.protocol === "http:" || location.protocol === "https:";

/** The ledger's server lies one folder above the page. */
const home = served ? new URL("../artefacts/", location.href).href : null;

/** @param described The deployment's JSON as it came: the worker checks it. @param rpcUrl What it names, only to allow it. */
export interface Ground {
  readonly home: string | null;
  readonly described: unknown;
  readonly rpcUrl: string | null;
}

export async function findLedger(network: typeof fetch): Promise<Ground> {
  const nothing: Ground = { home, described: null, rpcUrl: null };
  if (!served) return nothing;
  try {
    const response = await network(new URL("../deployment.json", location.href), { cache: "no-cache" });
    const described: unknown = response.ok ? await response.json() : null;
    const url = typeof described === "object" && described !== null && "rpcUrl" in described ? described.rpcUrl : null;
    return { home, described, rpcUrl: typeof url === "string" && URL.canParse(url) ? url : null };
  } catch {
    return nothing;
  }
}

/** Origins that this page may contact for what its address names. */
export function allowedOrigins({ endpoints, sources }: Address, { rpcUrl }: Ground): string[] {
  const urls = [...(endpoints.length > 0 || rpcUrl === null ? endpoints : [rpcUrl]), ...sources];
  return [...new Set(urls.map((url) => new URL(url).origin))];
}

/** From now on the browser refuses every other connection, of the page and of the worker that it starts. It cannot be widened again. */
export function narrow(origins: readonly string[]): void {
  const policy = document.createElement("meta");
  policy.httpEquiv = "Content-Security-Policy";
  const allowed = [...(served ? ["'self'"] : []), ...origins];
  policy.content = `connect-src ${allowed.length === 0 ? "'none'" : allowed.join(" ")}`;
  document.head.append(policy);
}

/** The worker's source: in the page itself when it is one file, else from the page's server, and then exactly the one that the page was built with. */
async function workerSource(network: typeof fetch): Promise<string> {
  const inlined = document.querySelector("#worker")?.textContent;
  if (inlined !== null && inlined !== undefined) return inlined;
  const url = new URL(workerUrl, location.href);
  if (!pinned) return `import ${JSON.stringify(url.href)};`;
  return (await network(url, { integrity: WORKER_INTEGRITY })).text();
}

export interface Workbench {
  send(request: Request): void;
}

/** A worker from a blob has the policy of the page that made it. */
export async function startWorker(network: typeof fetch, ground: Ground, answered: (answer: Answer) => void): Promise<Workbench> {
  const url = URL.createObjectURL(new Blob([await workerSource(network)], { type: "text/javascript" }));
  const worker = new Worker(url, { type: pinned ? "classic" : "module" });
  worker.addEventListener("message", ({ data }: MessageEvent<Answer>) => answered(data));
  worker.addEventListener("error", ({ message }) => answered({ type: "failed", id: 0, message, fix: "" }));
  const bench: Workbench = { send: (request) => worker.postMessage(request, { transfer: [] }) };
  bench.send({ type: "start", home: ground.home, deployment: ground.described });
  return bench;
}

/** One list of what page and worker asked. */
export function joined(...lists: readonly (readonly Contact[])[]): Contact[] {
  const sum = new Map<string, Contact>();
  for (const { host, requests, bytes } of lists.flat()) {
    const before = sum.get(host);
    sum.set(host, { host, requests: requests + (before?.requests ?? 0), bytes: bytes + (before?.bytes ?? 0) });
  }
  return [...sum.values()];
}
