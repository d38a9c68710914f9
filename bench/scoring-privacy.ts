// What noise costs: federations on real data in privacy mode A, where every site clips and noises its update as the ledger's software does, at several noise
// levels. The unit is the site (its update, or none); for a record or a patient the same noise is worth four times the ρ (docs/privacy.md).
import { normSqOf } from "../protocol/index.ts";
import { clipWithin, type NoiseSetting, privatise, rhoOf } from "../protocol/privacy/privatise.ts";
import type { FillRandom } from "../protocol/privacy/random-bits.ts";
import { epsilonOf } from "../protocol/privacy/zcdp.ts";
import { macroAuc } from "../protocol/scoring/utility.ts";
import { Random } from "../scripts/data/index.ts";
import type { Dataset } from "./data/dataset.ts";
import { shippedDermatology } from "./data/dermatology.ts";
import { DATA_DIRECTORY, DataAbsent } from "./data/directory.ts";
import { skin } from "./data/skin.ts";
import type { Metric } from "./metric.ts";
import type { Act, Federation } from "./scoring/client.ts";
import { simulate } from "./scoring/simulate.ts";
import { equalSites, unlikeSites } from "./scoring/sites.ts";

const SEEDS = [1, 2, 3, 4, 5];
const DELTA = 1e-5;
/** σ as a multiple of the clip: "z" of the literature. Beside them, a run without noise, clipped all the same. */
const LEVELS = [0.02, 0.1, 0.5, 1, 4];
/** Not this much worse than without noise, in points: what a federation might bear. */
const BEARABLE = 5;

interface Case {
  readonly name: string;
  readonly load: () => Dataset;
  readonly sites: (dataset: Dataset, pool: readonly number[], seed: number) => Federation;
  readonly rounds: number;
}

const CASES: readonly Case[] = [
  { name: "dermatology-5-sites", load: shippedDermatology, sites: (dataset, pool, seed) => equalSites(dataset, pool, 5, seed), rounds: 10 },
  { name: "skin-4-sources", load: () => skin(), sites: (dataset, pool, seed) => unlikeSites(dataset, pool, seed), rounds: 5 },
  { name: "skin-40-sites", load: () => skin(), sites: (dataset, pool, seed) => equalSites(dataset, pool, 40, seed), rounds: 5 },
];

/** Points of 100. */
interface Quality {
  readonly accuracy: number;
  readonly auc: number;
}

export async function privacyMetrics(): Promise<Metric[]> {
  const metrics: Metric[] = [];
  for (const one of CASES) {
    await Promise.resolve();
    try {
      metrics.push(...measure(one, one.load()));
    } catch (error) {
      if (!(error instanceof DataAbsent)) throw error;
      console.error(`Not measured: privacy.${one.name}. ${error.message} (looked in ${DATA_DIRECTORY})`);
    }
  }
  return metrics;
}

export const run = privacyMetrics;

function measure({ name, sites, rounds }: Case, dataset: Dataset): Metric[] {
  // As a federation would fix it beforehand: from a run that is not measured.
  const clip = usualNorm(dataset, sites, rounds);
  const quality = (z: number | null): Quality => meanOf(SEEDS.map((seed) => trained(dataset, sites, rounds, seed, z === null ? null : settingOf(clip, z), clip)));
  const plain = quality(null);
  return [null, ...LEVELS].flatMap((z): Metric[] => {
    const { accuracy, auc } = z === null ? plain : quality(z);
    const epsilon = z === null ? "no noise: ε unbounded" : `ε ${figures(epsilonOf(BigInt(rounds) * rhoOf(settingOf(clip, z)), DELTA))} a site, ${figures(epsilonOf(4n * BigInt(rounds) * rhoOf(settingOf(clip, z)), DELTA))} a record, ${rounds} rounds, δ ${DELTA}`;
    const metric = (what: string, value: number, without: number): Metric => ({
      name: `privacy.${name}.${what}.${z === null ? "no-noise" : `z-${z}`}`, value: rounded(value), unit: "points", better: "higher", target: rounded(without - BEARABLE), reference: epsilon,
    });
    return [metric("macro-auc", auc, plain.auc), metric("accuracy", accuracy, plain.accuracy)];
  });
}

/** σ = z·C, the variance as a fraction over 10^6. */
function settingOf(clip: bigint, z: number): NoiseSetting {
  const millionths = BigInt(Math.round(z * 1000)) ** 2n;
  return { clip, sigmaSquared: { numerator: millionths * clip * clip, denominator: 1_000_000n }, unit: "site" };
}

/** The median norm of updates without noise, in units of the grid. */
function usualNorm(dataset: Dataset, sites: Case["sites"], rounds: number): bigint {
  const norms: number[] = [];
  const seed = 99;
  const draw = dataset.draw(seed);
  const act: Act = ({ honest }) => {
    const update = honest();
    norms.push(Math.sqrt(Number(normSqOf(update))));
    return update;
  };
  simulate(dataset, draw, withAct(sites(dataset, draw.pool, seed), act), seed, { warmUp: 0, windows: 1, roundsPerWindow: rounds });
  return BigInt(Math.round(norms.sort((a, b) => a - b)[norms.length >> 1] ?? 1));
}

const withAct = (federation: Federation, act: Act): Federation => ({ ...federation, clients: federation.clients.map((client) => ({ ...client, act })) });

function trained(dataset: Dataset, sites: Case["sites"], rounds: number, seed: number, setting: NoiseSetting | null, clip: bigint): Quality {
  const draw = dataset.draw(seed);
  const act: Act = ({ honest, seat, round }) => (setting === null ? clipWithin(honest(), clip) : privatise(honest(), setting, seeded(seed, seat, round)).update);
  const { model } = simulate(dataset, draw, withAct(sites(dataset, draw.pool, seed), act), seed, { warmUp: 0, windows: 1, roundsPerWindow: rounds });
  return qualityOf(dataset, model, draw.holdout);
}

/** The same run gives the same figures. Noise that protects somebody comes from the system. */
function seeded(seed: number, seat: number, round: number): FillRandom {
  const random = new Random(seed, `noise ${round}`, seat);
  return (bytes) => {
    for (let i = 0; i < bytes.length; i++) bytes[i] = random.below(256);
  };
}

function qualityOf({ features, classes, lanes, truth }: Dataset, model: Int32Array, rows: readonly number[]): Quality {
  const logits = new Float64Array(rows.length * classes);
  const labels = Uint8Array.from(rows, (row) => truth[row] ?? 0);
  let right = 0;
  rows.forEach((row, r) => {
    const own = logits.subarray(r * classes, (r + 1) * classes);
    for (let c = 0; c < classes; c++) {
      // Lanes stay far below 2^31 here, so these integers are exact in doubles.
      let sum = (model[features * classes + c] ?? 0) * 2 ** 14;
      for (let i = 0; i < features; i++) sum += (lanes[row * features + i] ?? 0) * (model[i * classes + c] ?? 0);
      own[c] = sum;
    }
    if (own.indexOf(Math.max(...own)) === labels[r]) right += 1;
  });
  return { accuracy: (100 * right) / rows.length, auc: macroAuc(labels, classes)(logits) / 10_000 };
}

const meanOf = (all: readonly Quality[]): Quality => ({
  accuracy: all.reduce((sum, { accuracy }) => sum + accuracy, 0) / all.length,
  auc: all.reduce((sum, { auc }) => sum + auc, 0) / all.length,
});
const rounded = (value: number): number => Number(value.toFixed(1));
const figures = (value: number): string => String(Number(value.toPrecision(3)));
