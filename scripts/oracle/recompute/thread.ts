/** The thread that recomputes: one task at a time. */
import { parentPort, workerData } from "node:worker_threads";
import type { BundleReader } from "../../../protocol/index.ts";
import type { EscrowReader } from "../../../protocol/privacy/escrow-reader.ts";
import { inThisThread, type Weighted } from "../../operator/recomputation.ts";
import { nativeHashPairs } from "../../store/hash-pairs.ts";
import { spilling } from "./spilled.ts";
import { outcomeOf, problemOf, valueOf, type Call, type FromThread, type Outcome, type Task, type ToThread } from "./wire.ts";

const recomputation = inThisThread(nativeHashPairs, spilling(String(workerData)));
const tell = (message: FromThread): void => parentPort?.postMessage(message, []);
const asked = new Map<number, (outcome: Outcome) => void>();
let calls = 0;

function ask<Value>(call: Call, ...args: readonly unknown[]): Promise<Value> {
  return new Promise((resolve, reject) => {
    const id = ++calls;
    asked.set(id, (outcome) => {
      asked.delete(id);
      try {
        resolve(valueOf(outcome) as Value);
      } catch (error) {
        reject(error as Error);
      }
    });
    tell({ id, call, args });
  });
}

const reader: BundleReader = { read: (...args) => ask("read", ...args), list: () => ask("list") };
const escrow: EscrowReader = { open: (...args) => ask("open", ...args) };

async function aggregate({ rule, parameters, base }: Extract<Task, { kind: "aggregate" }>): Promise<Int32Array> {
  const aggregator = spilling(String(workerData))(rule.ruleId, rule.ruleParam, parameters);
  for (let next = await ask<Weighted | null>("next"); next !== null; next = await ask<Weighted | null>("next")) aggregator.add(...next);
  return aggregator.finish(base);
}

function work(task: Task): Promise<unknown> {
  switch (task.kind) {
    case "verify":
      return recomputation.verify(reader, task.expected, task.escrowed ? escrow : null).then((found) => ({ ...found, unread: found.unread.map(({ path, error }) => ({ path, error: error === null ? null : problemOf(error) })) }));
    case "aggregate":
      return aggregate(task);
    case "build":
      return recomputation.build(task.input);
    case "evaluate":
      return recomputation.evaluate(task.model, task.input);
  }
}

parentPort?.on("message", (message: ToThread) => {
  if ("answer" in message) asked.get(message.id)?.(message.answer);
  else void outcomeOf(() => work(message.task)).then((done) => tell({ done }));
});
