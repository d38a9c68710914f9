/** Recomputes in a thread of its own, one task after the other: so whoever asks the oracle something is answered meanwhile, and one bundle's lanes are in memory at most. */
import { Worker } from "node:worker_threads";
import type { EvaluatedModel } from "../../../protocol/evaluation/evaluate.ts";
import { ChongwenError } from "../../../protocol/errors.ts";
import type { BundleReader, RoundBundle, RoundVerification } from "../../../protocol/index.ts";
import type { EscrowReader } from "../../../protocol/privacy/escrow-reader.ts";
import type { Recomputation, Weighted } from "../../operator/recomputation.ts";
import { errorOf, outcomeOf, valueOf, type Call, type FromThread, type Outcome, type Task, type ToThread } from "./wire.ts";

export interface Recomputer extends Recomputation {
  /** What is under way fails, as it would at a crash. */
  close(): Promise<void>;
}

/** What the thread may ask for while it works. */
type Answers = Partial<Record<Call, (...args: never[]) => Promise<unknown>>>;

/** @param dir For what does not fit into memory; it has to be there. */
export function createRecomputer(dir: string): Recomputer {
  let worker: Worker | null = null;
  let last: Promise<unknown> = Promise.resolve();
  let closed = false;

  function start(): Worker {
    const begun = new Worker(new URL("thread.ts", import.meta.url), { workerData: dir });
    // It keeps no process alive that has nothing else to do.
    begun.unref();
    const gone = (): void => {
      if (worker === begun) worker = null;
    };
    begun.once("error", gone).once("exit", gone);
    return begun;
  }

  function turn(task: Task, answers: Answers): Promise<unknown> {
    if (closed) return Promise.reject(ended("The oracle stops."));
    const thread = (worker ??= start());
    const post = (message: ToThread): void => thread.postMessage(message, []);
    return new Promise((resolve, reject) => {
      const settle = (result: () => void): void => {
        thread.off("message", heard).off("error", failed).off("exit", left);
        thread.unref();
        result();
      };
      const failed = (error: unknown): void => settle(() => reject(ended(error instanceof Error ? error.message : String(error))));
      const left = (code: number): void => failed(new Error(`It ended with ${code}.`));
      const heard = (message: FromThread): void => {
        if ("done" in message) settle(() => fulfil(message.done, resolve, reject));
        else void outcomeOf(async () => answers[message.call]?.(...(message.args as never[]))).then((answer) => post({ id: message.id, answer }));
      };
      thread.on("message", heard).once("error", failed).once("exit", left);
      thread.ref();
      post({ task });
    });
  }

  /** After what was asked before. */
  function queue<Value>(task: () => Task, answers: Answers = {}): Promise<Value> {
    const next = last.then(() => turn(task(), answers));
    last = next.catch(() => undefined);
    return next as Promise<Value>;
  }

  return {
    verify: (reader, expected, escrow) =>
      queue<Travelled>(() => ({ kind: "verify", expected, escrowed: escrow !== null }), readingFrom(reader, escrow)).then((found) => ({
        ...found, unread: found.unread.map(({ path, error }) => ({ path, error: error === null ? null : (errorOf(error) as ChongwenError) })),
      })),
    aggregate(rule, parameters, base, updates) {
      const iterator = updates[Symbol.iterator]();
      const next = async (): Promise<Weighted | null> => {
        const { value, done } = iterator.next();
        return done === true ? null : value;
      };
      return queue(() => ({ kind: "aggregate", rule: { ruleId: rule.ruleId, ruleParam: rule.ruleParam }, parameters, base }), { next });
    },
    build: (input) => queue<RoundBundle>(() => ({ kind: "build", input })),
    evaluate: (model, input) => queue<EvaluatedModel>(() => ({ kind: "evaluate", model, input })),
    async close() {
      closed = true;
      await worker?.terminate();
    },
  };
}

type Travelled = Omit<RoundVerification, "unread"> & { readonly unread: readonly { readonly path: string; readonly error: Parameters<typeof errorOf>[0] | null }[] };

const readingFrom = (reader: BundleReader, escrow: EscrowReader | null): Answers => ({
  read: (...args: Parameters<BundleReader["read"]>) => reader.read(...args),
  list: () => reader.list(),
  ...(escrow === null ? {} : { open: (...args: Parameters<EscrowReader["open"]>) => escrow.open(...args) }),
});

function fulfil(outcome: Outcome, resolve: (value: unknown) => void, reject: (error: unknown) => void): void {
  try {
    resolve(valueOf(outcome));
  } catch (error) {
    reject(error);
  }
}

/** Nothing is lost: the same step is tried again. */
const ended = (why: string): ChongwenError =>
  new ChongwenError({ code: "recomputation-ended", message: `The thread that recomputes ended: ${why}`, fix: "Nothing: it is tried again by itself. If it happens again, give the oracle more memory.", retryable: true });
