// How long scoring takes: a window of 12 sites with 28 thousand parameters on one core, and of a thousand sites with all cores.
import { availableParallelism } from "node:os";
import { scoreDataTier } from "../../protocol/scoring/data-tier.ts";
import type { DataTierInput } from "../../protocol/scoring/window.ts";
import { defaultTerms } from "../../protocol/terms/terms.ts";
import { scoreInWorkers } from "../../scripts/scoring/score-in-workers.ts";
import type { Dataset } from "../data/dataset.ts";
import { skin, SKIN_COARSE, SKIN_FINE } from "../data/skin.ts";
import type { Metric } from "../metric.ts";
import { say } from "./say.ts";
import { simulate } from "./simulate.ts";
import { equalSites } from "./sites.ts";

const SEED = 1;
const ROUNDS = 3;
const EXACT_SITES = 12;
const MANY_SITES = 1_000;

/** @throws DataAbsent */
export async function speedMetrics(): Promise<Metric[]> {
  const fine = oneWindow(skin(SKIN_FINE), EXACT_SITES);
  const before = process.threadCpuUsage();
  scoreDataTier(fine, (done, total) => say(`${EXACT_SITES} sites: ${done} of ${total} coalitions`));
  const used = process.threadCpuUsage(before);
  const exact = (used.user + used.system) / 1e6;

  const many = oneWindow(skin(SKIN_COARSE), MANY_SITES);
  const threads = availableParallelism();
  const start = performance.now();
  await scoreInWorkers(many, { threads, progress: (done, total) => say(`${MANY_SITES} sites: ${done} of ${total} pairs of permutations`) });
  const seconds = (performance.now() - start) / 1000;
  say("");
  const shape = ({ base, holdout }: DataTierInput): string => `${base.length} parameters, ${ROUNDS} rounds, ${holdout.targets.length} records`;
  return [
    { name: "scoring.speed.12-sites-28k.one-core", value: rounded(exact), unit: "s", better: "lower", target: 30, reference: `${shape(fine)}; processor time of the thread` },
    {
      name: "scoring.speed.1000-sites.all-cores", value: rounded(seconds), unit: "s", better: "lower", target: 300,
      reference: `${shape(many)}, ${many.terms.permutations} permutations, ${threads} threads`,
    },
  ];
}

function oneWindow(dataset: Dataset, sites: number): DataTierInput {
  const draw = dataset.draw(SEED);
  const schedule = { warmUp: 1, windows: 1, roundsPerWindow: ROUNDS };
  const [window] = simulate(dataset, draw, equalSites(dataset, draw.pool, sites, SEED), SEED, schedule).windows;
  if (window === undefined) throw new Error("A simulation of one window has none.");
  const { head, utility, gridBits } = window;
  return { ...window, terms: defaultTerms({ head, utility, gridBits }).data };
}

const rounded = (seconds: number): number => Number(seconds.toFixed(2));
