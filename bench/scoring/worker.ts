// One thread of the scenarios: measures a data set with a seed, as often as it is asked to.
import { parentPort } from "node:worker_threads";
import { originalDermatology } from "../data/dermatology.ts";
import type { Dataset } from "../data/dataset.ts";
import { DataAbsent } from "../data/directory.ts";
import { household } from "../data/household.ts";
import { skin } from "../data/skin.ts";
import { qualityRule } from "./rule.ts";
import { measureSeed } from "./scenarios.ts";

export const DATASETS = { skin, dermatology: originalDermatology, household } satisfies Record<string, () => Dataset>;
export type DatasetName = keyof typeof DATASETS;

export interface Job {
  readonly dataset: DatasetName;
  readonly seed: number;
}

export type Answer = { readonly step: string } | { readonly absent: string } | { readonly error: string } | { readonly results: Readonly<Record<string, number>> };

const loaded = new Map<DatasetName, Dataset>();

function load(name: DatasetName): Dataset {
  const dataset = loaded.get(name) ?? DATASETS[name]();
  loaded.set(name, dataset);
  return dataset;
}

function answer({ dataset, seed }: Job, tell: (answer: Answer) => void): Answer {
  try {
    return { results: measureSeed({ dataset: load(dataset), rule: qualityRule, seed }, (step) => tell({ step })) };
  } catch (error) {
    if (error instanceof DataAbsent) return { absent: error.message };
    return { error: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
}

parentPort?.on("message", (job: Job) => {
  const tell = (message: Answer): void => parentPort?.postMessage(message, []);
  tell(answer(job, tell));
});
