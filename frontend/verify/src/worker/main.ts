/** The worker: everything that hashes, computes or asks the network happens here, off the page's own thread. */
/// <reference lib="webworker" />
import { codeTable } from "virtual:contract-code";
import { deploymentSchema } from "../../../../protocol/deployment.ts";
import { ChongwenError } from "../../../../protocol/errors.ts";
import { createEgress } from "./egress.ts";
import type { Answer, Request, SentFile } from "./messages.ts";
import { createSession, type Session, type StreamedFile } from "./session.ts";

declare const self: DedicatedWorkerGlobalScope;

const post = (answer: Answer): void => self.postMessage(answer, { transfer: [] });
const egress = createEgress(self.fetch.bind(self), () => post({ type: "contacts", contacts: egress.contacts() }));
/** Nothing in here reaches the network but by that count. */
self.fetch = egress.fetch;
let session: Session | null = null;

function streamed({ path, file }: SentFile): StreamedFile {
  return { path, size: file.size, bytes: async () => new Uint8Array(await file.arrayBuffer()), stream: () => file.stream() };
}

/** At most some twenty a second: a progress line is for people. */
function progressOf(id: number): (path: string, done: number, total: number) => void {
  let last = 0;
  return (path, done, total) => {
    const now = performance.now();
    if (now - last < 50 && done < total) return;
    last = now;
    post({ type: "progress", id, path, done, total });
  };
}

async function answer(request: Exclude<Request, { type: "start" }>, { verify, give, flip, undo, deployment }: Session): Promise<void> {
  const { id } = request;
  let files: (Answer & { type: "outcome" })["files"] = [];
  let outcome;
  if (request.type === "verify") outcome = await verify(request.address);
  else if (request.type === "flip") outcome = await flip(request.artefact, request.path, request.offset);
  else if (request.type === "undo") outcome = await undo();
  else ({ outcome, files } = await give(request.address, request.files.map(streamed), progressOf(id)));
  if (outcome === null) throw new Error("Nothing was loaded yet.");
  post({ type: "outcome", id, outcome, files, deployment: session?.deployment ?? deployment });
  post({ type: "contacts", contacts: egress.contacts() });
}

self.addEventListener("message", ({ data }: MessageEvent<Request>) => {
  if (data.type === "start") {
    const described = deploymentSchema.safeParse(data.deployment);
    session = createSession({ network: egress.fetch, codeTable, home: data.home }, described.success ? described.data : null);
    return;
  }
  if (session === null) return;
  answer(data, session).catch((error: unknown) => {
    const known = error instanceof ChongwenError ? error : null;
    post({ type: "failed", id: data.id, message: error instanceof Error ? error.message : String(error), fix: known?.fix ?? "" });
  });
});
