// Whether pay follows what readers know: earnings of honest and other readers against the cost of an honest answer, and 200 readers ranked. Simulated answers, on the
// class frequencies of real skin pictures; several seeds each, and the worst where a promise is made.
import { ANNOTATION_RULE } from "../protocol/annotation/index.ts";
import { createWorld, honest, readPrior, scoreWorld, spearman, STRATEGIES, type Strategy } from "./annotator-worlds.ts";
import type { Metric } from "./metric.ts";

const RANK_SEEDS = [1, 2, 3, 4, 5];
const PAY_SEEDS = Array.from({ length: 20 }, (_, i) => i + 1);
/** Nine honest readers, and one who is looked at; a pair or a ring takes the place of some. */
const HOUSE = 10;
const PICTURES = 300;
const ACCURACIES = [0.6, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95] as const;

interface Earning {
  readonly mean: number;
  /** Mean of the seed in which they earned most. */
  readonly most: number;
  readonly least: number;
}

/** What each of some readers among honest ones earns for an answer, over what an honest answer costs. */
function earnings(strategies: readonly Strategy[], prior: readonly number[], pictures = PICTURES): Earning {
  const others = Array.from({ length: HOUSE - strategies.length }, (_, i) => honest(ACCURACIES[i % ACCURACIES.length] ?? 0.8));
  const bySeed = PAY_SEEDS.map((seed) => {
    const world = createWorld({ seed, tasks: pictures, perReader: pictures, readers: [...strategies, ...others], prior });
    const paid = scoreWorld(world, strategies.length).map((score) => Number(score?.annotation.points ?? 0n) / pictures / ANNOTATION_RULE.costPpm);
    return paid.reduce((sum, each) => sum + each, 0) / paid.length;
  });
  return { mean: bySeed.reduce((sum, each) => sum + each, 0) / bySeed.length, most: Math.max(...bySeed), least: Math.min(...bySeed) };
}

const round = (value: number): number => Number(value.toFixed(3));

function payMetrics(prior: readonly number[], note: string): Metric[] {
  // A promise about earnings is one about their mean: of a single set, luck is part.
  const metric = (name: string, better: "higher" | "lower", { mean, most, least }: Earning): Metric => ({
    name: `scoring.annotators.${name}`, value: round(mean), unit: "× cost", better, target: 1,
    reference: `mean of ${PAY_SEEDS.length} seeds, which lie between ${least.toFixed(2)} and ${most.toFixed(2)}; ${note}`,
  });
  const honestly = [0.6, 0.75, 0.9].map((accuracy) => metric(`honest-${accuracy * 100}`, "higher", earnings([honest(accuracy)], prior)));
  const alone = (["random", "as-common", "majority", "uncertain", "ungradable", "identifiable"] as const).map((name) => metric(name, "lower", earnings([STRATEGIES[name]], prior)));
  const rings = ([2, 4] as const).flatMap((size) =>
    (["ring-constant", "ring-hash", "ring-noisy-majority"] as const).map((name) => metric(`${name}-of-${size}`, "lower", earnings(Array.from({ length: size }, () => STRATEGIES[name]), prior))),
  );
  const few = [metric("honest-75.60-pictures", "higher", earnings([honest(0.75)], prior, 60)), metric("random.60-pictures", "lower", earnings([STRATEGIES.random], prior, 60))];
  // Not stopped: two who let one of them look, and both answer what it saw. Each earns as if it had looked.
  return [...honestly, ...alone, ...rings, ...few, metric("copy-of-honest-75", "lower", earnings(copied(0.75), prior))];
}

/** One who looks, and one who is told; what either of them earns. */
function copied(accuracy: number): Strategy[] {
  const looks = honest(accuracy);
  let [world, told] = [-1, new Map<number, number>()];
  const tell: Strategy = (seen) => {
    const answer = looks(seen);
    if (seen.seed !== world) [world, told] = [seen.seed, new Map()];
    told.set(seen.task, answer);
    return answer;
  };
  return [tell, ({ task }) => told.get(task) ?? 1];
}

function rankMetrics(prior: readonly number[], note: string): Metric[] {
  const accuracies = Array.from({ length: 200 }, (_, i) => 0.4 + (0.55 * i) / 199);
  const ranked = (perReader: number) =>
    (perReader > 300 ? (["common"] as const) : (["common", "even"] as const)).flatMap((mistakes) =>
      RANK_SEEDS.map((seed) => {
        const world = createWorld({ seed, tasks: perReader * 20, perReader, readers: accuracies.map((accuracy) => honest(accuracy, mistakes)), prior });
        const scores = scoreWorld(world, accuracies.length);
        const by = (value: (score: (typeof scores)[number]) => number): number => spearman(scores.map((score) => value(score)), accuracies);
        return { score: by((score) => score?.annotation.scorePpm ?? 0), points: by((score) => Number(score?.annotation.points ?? 0n)) };
      }),
    );
  return ([300, 500] as const).flatMap((perReader) => {
    const results = ranked(perReader);
    const worst = (key: "score" | "points"): Metric => ({
      name: `scoring.annotators.rank-${perReader}.by-${key}.least`, value: round(Math.min(...results.map((result) => result[key]))), unit: "Spearman", better: "higher", target: 0.9,
      reference: `200 readers of accuracy .4–.95, ${perReader} pictures each; seeds: ${results.map((result) => result[key].toFixed(3)).join(" ")}; ${note}`,
    });
    return [worst("score"), worst("points")];
  });
}

export async function annotatorMetrics(): Promise<Metric[]> {
  const { prior, note } = readPrior();
  return [...payMetrics(prior, note), ...rankMetrics(prior, note)];
}

export const run = annotatorMetrics;
