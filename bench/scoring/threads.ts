// Shares jobs between threads, and says on stderr how far they are.
import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import { say } from "./say.ts";
import type { Answer, Job } from "./worker.ts";

const MOST_THREADS = 4;

export interface Done {
  readonly job: Job;
  readonly answer: Exclude<Answer, { step: string }>;
}

/** Answers in the order of the jobs. @throws what a thread threw */
export async function inThreads(jobs: readonly Job[]): Promise<Done[]> {
  const done: Done[] = [];
  const left = [...jobs.entries()];
  const work = async (): Promise<void> => {
    const worker = new Worker(new URL("worker.ts", import.meta.url));
    try {
      for (let next = left.shift(); next !== undefined; next = left.shift()) {
        const [at, job] = next;
        const answer = await ask(worker, job, (step) => say(`${done.filter(Boolean).length} of ${jobs.length} · ${job.dataset}, seed ${job.seed}: ${step}`));
        if ("error" in answer) throw new Error(answer.error);
        done[at] = { job, answer };
      }
    } finally {
      await worker.terminate();
    }
  };
  await Promise.all(Array.from({ length: Math.min(MOST_THREADS, availableParallelism(), jobs.length) }, work));
  say("");
  return done;
}

function ask(worker: Worker, job: Job, tell: (step: string) => void): Promise<Done["answer"]> {
  return new Promise((resolve, reject) => {
    const listen = (answer: Answer): void => {
      if ("step" in answer) return tell(answer.step);
      worker.off("message", listen).off("error", reject);
      resolve(answer);
    };
    worker.on("message", listen).once("error", reject).postMessage(job, []);
  });
}
