// Quality decides the pay: what honest sites and attackers earn on real data, over several seeds, against what was promised. `npm run bench -- scoring`.
import { DATA_DIRECTORY, DataAbsent } from "../data/directory.ts";
import type { Metric } from "../metric.ts";
import { annotatorMetrics } from "../scoring-annotators.ts";
import { privacyMetrics } from "../scoring-privacy.ts";
import { FLIP_RATES } from "./scenarios.ts";
import { speedMetrics } from "./speed.ts";
import { PUBLISHED_CURVE, TARGETS } from "./targets.ts";
import { type Done, inThreads } from "./threads.ts";
import { DATASETS, type DatasetName } from "./worker.ts";

const SEEDS = [1, 2, 3, 4, 5];
/** Of a fair share. */
const UNIT = "fair";

export async function run(): Promise<Metric[]> {
  console.error(`Real data from ${DATA_DIRECTORY}; ${SEEDS.length} seeds.`);
  const names = Object.keys(DATASETS) as DatasetName[];
  const done = await inThreads(names.flatMap((dataset) => SEEDS.map((seed) => ({ dataset, seed }))));
  const sites = names.flatMap((name) => metricsOf(name, done.filter(({ job }) => job.dataset === name)));
  return [...sites, ...(await speed()), ...(await annotatorMetrics()), ...(await privacyMetrics())];
}

async function speed(): Promise<Metric[]> {
  try {
    return await speedMetrics();
  } catch (error) {
    if (!(error instanceof DataAbsent)) throw error;
    console.error(`Not measured: speed. ${error.message}`);
    return [];
  }
}

function metricsOf(dataset: DatasetName, done: readonly Done[]): Metric[] {
  const absent = done.find(({ answer }) => "absent" in answer)?.answer;
  if (absent !== undefined && "absent" in absent) {
    console.error(`Not measured: ${dataset}. ${absent.absent}`);
    return [];
  }
  const runs = done.flatMap(({ answer }) => ("results" in answer ? [answer.results] : []));
  const values = (name: string): number[] => runs.map((results) => results[name] ?? Number.NaN);
  const scenarios = Object.entries(TARGETS).map(([name, target]): Metric => {
    const all = values(name);
    const worst = target.better === "lower" ? Math.max(...all) : Math.min(...all);
    return { name: `scoring.${dataset}.${name}`, value: rounded(worst), mean: rounded(mean(all)), unit: UNIT, ...target };
  });
  return [...scenarios, ...curve(dataset, values)];
}

/** Shares by flip rate, means over the seeds: each should be at most the one before. */
function curve(dataset: DatasetName, values: (name: string) => number[]): Metric[] {
  const bySeed = FLIP_RATES.map((rate) => values(`curve.${100 * rate}`));
  const means = bySeed.map(mean);
  const rise = (points: readonly number[]): number => Math.max(...points.slice(1).map((point, i) => point - (points[i] as number)));
  const points = FLIP_RATES.map((rate, i): Metric => {
    const reference = `2CP: ${PUBLISHED_CURVE[rate]}`;
    const goal = i === 0 ? ({ better: "higher", target: 0.6 } as const) : ({ better: "lower", target: rounded(means[i - 1] as number) } as const);
    return { name: `scoring.${dataset}.curve.flip-${100 * rate}.mean`, value: rounded(means[i] as number), unit: UNIT, ...goal, reference };
  });
  const published = rise(FLIP_RATES.map((rate) => PUBLISHED_CURVE[rate] as number));
  const reference = `2CP: ${published.toFixed(3)}, not monotone`;
  const worst = Math.max(...(bySeed[0] ?? []).map((_, seed) => rise(bySeed.map((points) => points[seed] as number))));
  const largest = (name: string, value: number): Metric => ({
    name: `scoring.${dataset}.curve.largest-rise.${name}`, value: rounded(value), unit: UNIT, better: "lower", target: 0, reference,
  });
  return [...points, largest("of-means", rise(means)), largest("worst-seed", worst)];
}

const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;
const rounded = (value: number): number => Number(value.toFixed(4));
