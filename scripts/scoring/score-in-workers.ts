import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import { finishDataTier, permutationSeed, prepareDataTier, scoreDataTier, type DataTierGame, type DataTierResult } from "../../protocol/scoring/data-tier.ts";
import { permutationShapley, type Progress } from "../../protocol/scoring/shapley.ts";
import type { DataTierInput } from "../../protocol/scoring/window.ts";
import type { SliceAnswer, SliceTask, SharedGame } from "./permutation-worker.ts";

export interface ScoreInWorkersParameters {
  /** Default: as many as the machine has cores. */
  readonly threads?: number;
  /** Told of pairs of permutations, done and all. */
  readonly progress?: Progress;
}

/** So many tasks a thread, so that all end at about the same time. */
const TASKS_PER_THREAD = 8;

/**
 * What `scoreDataTier` gives, to the last unit: where permutations are drawn, threads share them. Coalitions of few clusters are counted here, because
 * that takes seconds.
 */
export async function scoreInWorkers(input: DataTierInput, { threads = availableParallelism(), progress }: ScoreInWorkersParameters = {}): Promise<DataTierResult> {
  const prepared = prepareDataTier(input);
  if (prepared.game.players <= input.terms.exactClusters) return scoreDataTier(input, progress);
  const pairs = input.terms.permutations / 2;
  const size = Math.max(1, Math.ceil(pairs / (threads * TASKS_PER_THREAD)));
  const tasks = Array.from({ length: Math.ceil(pairs / size) }, (_, i): SliceTask => ({ from: i * size, to: Math.min((i + 1) * size, pairs) }));
  const shared = shareGame(prepared);
  const slices: Float64Array[] = [];
  let done = 0;
  const left = [...tasks];
  const work = async (): Promise<void> => {
    const worker = new Worker(new URL("permutation-worker.ts", import.meta.url), { workerData: shared });
    try {
      for (let task = left.shift(); task !== undefined; task = left.shift()) {
        slices.push(await ask(worker, task));
        done += task.to - task.from;
        progress?.(done, pairs);
      }
    } finally {
      await worker.terminate();
    }
  };
  await Promise.all(Array.from({ length: Math.min(threads, tasks.length) }, work));
  return finishDataTier(prepared, permutationShapley(slices, pairs));
}

function ask(worker: Worker, task: SliceTask): Promise<Float64Array> {
  return new Promise((resolve, reject) => {
    const settle = (): void => void worker.off("message", answered).off("error", failed).off("exit", ended);
    const answered = (sums: SliceAnswer): void => {
      settle();
      resolve(sums);
    };
    const failed = (error: unknown): void => {
      settle();
      reject(error instanceof Error ? error : new Error(String(error)));
    };
    const ended = (code: number): void => failed(new Error(`A scoring thread ended with ${code} before it answered.`));
    worker.on("message", answered).on("error", failed).on("exit", ended).postMessage(task, []);
  });
}

/** Logits of every player and round in memory that all threads read: with a thousand players there are more than one would like to copy. */
function shareGame({ game, input }: DataTierGame): SharedGame {
  const width = game.base.length;
  const parts = game.rounds.flat();
  const logits = new Float64Array(new SharedArrayBuffer(8 * width * (parts.length + 1)));
  logits.set(game.base);
  parts.forEach((part, i) => part !== null && logits.set(part.logits, (i + 1) * width));
  const { utility, head, gridBits } = input.terms;
  return {
    players: game.players, rounds: game.rounds.length, logits, weights: parts.map((part) => part?.weight ?? 0),
    utility, classes: head.classes, gridBits, targets: input.holdout.targets, seed: permutationSeed(input.seed),
  };
}
