import { allowedOrigins, joined, narrow, startWorker, type Ground, type Workbench } from "./boot.ts";
import { formatAddress, parseAddress, type Address, type Subject } from "./subject.ts";
import { createEgress, type Contact } from "./worker/egress.ts";
import type { Answer, HashedFile, Request, SentFile } from "./worker/messages.ts";
import type { Outcome } from "./worker/question.ts";

export type Work =
  | { readonly state: "idle" }
  | { readonly state: "busy"; readonly progress: { readonly path: string; readonly percent: number } | null }
  | { readonly state: "done"; readonly outcome: Outcome; readonly files: readonly HashedFile[] }
  | { readonly state: "failed"; readonly message: string; readonly fix: string };

/** What the page shows. */
export interface View {
  readonly address: Address;
  readonly work: Work;
  readonly contacts: readonly Contact[];
  /** Origins that the policy allows besides the page's server, once it was narrowed. */
  readonly allowed: readonly string[] | null;
}

export interface Laboratory {
  view(): View;
  subscribe(listener: () => void): () => void;
  /** Follows the page's address from now on, and answers what it asks. */
  follow(ground: Ground): void;
  verify(subject: Subject): void;
  give(files: readonly SentFile[]): void;
  flip(artefact: `0x${string}`, path: string, offset: number): void;
  undo(): void;
  readonly network: typeof fetch;
}

type Unnumbered = Request extends infer R ? (R extends { readonly id: number } ? Omit<R, "id"> : never) : never;

const hostsOf = ({ endpoints, sources, needed, own }: Address): string => JSON.stringify([endpoints, sources, needed, own]);

/** The page's state, and the worker that is started at the first question, below the policy narrowed for it. */
export function createLaboratory(): Laboratory {
  const listeners = new Set<() => void>();
  let view: View = { address: parseAddress(location.hash), work: { state: "idle" }, contacts: [], allowed: null };
  let theirs: readonly Contact[] = [];
  let ground: Ground | null = null;
  let bench: Promise<Workbench> | null = null;
  let newest = 0;

  const show = (change: Partial<View>): void => {
    view = { ...view, ...change };
    for (const listener of listeners) listener();
  };
  const egress = createEgress(fetch.bind(globalThis), () => show({ contacts: joined(egress.contacts(), theirs) }));
  const failed = (message: string, fix = ""): void => show({ work: { state: "failed", message, fix } });

  function answered(answer: Answer): void {
    if (answer.type === "contacts") {
      theirs = answer.contacts;
      show({ contacts: joined(egress.contacts(), theirs) });
    } else if (answer.id !== 0 && answer.id !== newest) {
      // The reader has asked something else meanwhile.
    } else if (answer.type === "progress") {
      show({ work: { state: "busy", progress: { path: answer.path, percent: Math.floor((100 * answer.done) / Math.max(1, answer.total)) } } });
    } else if (answer.type === "failed") {
      failed(answer.message, answer.fix);
    } else {
      show({ work: { state: "done", outcome: answer.outcome, files: answer.files } });
    }
  }

  function send(request: Unnumbered): void {
    if (ground === null) return;
    newest += 1;
    const id = newest;
    if (request.type === "verify" || request.type === "give") show({ work: { state: "busy", progress: null } });
    if (bench === null) {
      const allowed = allowedOrigins(view.address, ground);
      narrow(allowed);
      show({ allowed });
      bench = startWorker(egress.fetch, ground, answered);
    }
    bench.then(
      (started) => started.send({ ...request, id }),
      (error: unknown) => failed(error instanceof Error ? error.message : String(error)),
    );
  }

  function ask(address: Address): void {
    show({ address });
    if (address.subject.kind !== "none") send({ type: "verify", address });
  }

  return {
    network: egress.fetch,
    view: () => view,
    subscribe(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    follow(found) {
      ground = found;
      const hosts = hostsOf(view.address);
      addEventListener("hashchange", () => {
        const next = parseAddress(location.hash);
        // The policy cannot be widened again: other hosts need a page of their own.
        if (bench !== null && hostsOf(next) !== hosts) location.reload();
        else ask(next);
      });
      ask(view.address);
    },
    verify(subject) {
      const fragment = formatAddress({ ...view.address, subject });
      if (fragment === location.hash) ask({ ...view.address, subject });
      else location.hash = fragment;
    },
    give: (files) => send({ type: "give", address: view.address, files }),
    flip: (artefact, path, offset) => send({ type: "flip", artefact, path, offset }),
    undo: () => send({ type: "undo" }),
  };
}
