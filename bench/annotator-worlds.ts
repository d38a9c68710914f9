// Readers who are simulated: how they answer is known, so scores can be compared with it. Class frequencies are those of real skin pictures.
import { goldCommitment, SPECIAL, TASK_SET_FORMAT, type Gold, type TaskSet } from "../protocol/annotation/index.ts";
import { scoreTaskSet, type ReaderScore, type ScoredReading } from "../protocol/annotation/score-set.ts";
import { createRandom } from "../test/protocol/support/random.ts";
import { DataAbsent, readData } from "./data/directory.ts";

/** HAM10000 (Tschandl et al. 2018, https://doi.org/10.1038/sdata.2018.161): pictures by diagnosis, as its paper gives them. */
const PUBLISHED: Readonly<Record<string, number>> = { nv: 6705, mel: 1113, bkl: 1099, bcc: 514, akiec: 327, vasc: 142, df: 115 };

export const PUBLISHED_PRIOR: readonly number[] = Object.values(PUBLISHED);

/** Frequencies of the classes, the most frequent first. @param note Where they are from, for people. */
export function readPrior(): { readonly prior: readonly number[]; readonly note: string } {
  try {
    const [header = "", ...lines] = readData("HAM10000_metadata.csv").toString("utf8").trim().split(/\r?\n/);
    const column = header.split(",").indexOf("dx");
    const counts = new Map<string, number>();
    for (const line of lines) {
      const name = line.split(",")[column] ?? "";
      counts.set(name, (counts.get(name) ?? 0) + 1);
    }
    return { prior: [...counts.values()].sort((a, b) => b - a), note: "classes as in HAM10000_metadata.csv" };
  } catch (error) {
    if (!(error instanceof DataAbsent)) throw error;
    console.error(`Readers are simulated on published frequencies. ${error.message}`);
    return { prior: PUBLISHED_PRIOR, note: "classes as published for HAM10000" };
  }
}

/** A class, from 1, by weight. @param but One that is not drawn. */
export function drawClass(random: () => number, weights: readonly number[], but = 0): number {
  const total = weights.reduce((sum, weight, i) => sum + (i + 1 === but ? 0 : weight), 0);
  let left = random() * total;
  const at = weights.findIndex((weight, i) => i + 1 !== but && (left -= weight) < 0);
  return at < 0 ? (but === weights.length ? 1 : weights.length) : at + 1;
}

/** What a reader sees of a picture, and what the simulation knows. */
export interface Seen {
  readonly seed: number;
  readonly task: number;
  readonly truth: number;
  readonly prior: readonly number[];
  /** The reader's own. */
  readonly random: () => number;
  /** The same for everyone in the world: what a ring may agree upon beforehand. */
  readonly plan: (task: number) => { readonly hash: number; readonly noisy: number };
}
export type Strategy = (seen: Seen) => number;

/** @param mistakes How wrong answers spread: as common as the diseases are, or evenly. */
export const honest = (accuracy: number, mistakes: "common" | "even" = "common"): Strategy => ({ truth, prior, random }) =>
  random() < accuracy ? truth : drawClass(random, mistakes === "common" ? prior : prior.map(() => 1), truth);

export const STRATEGIES = {
  random: ({ prior, random }) => drawClass(random, prior.map(() => 1)),
  "as-common": ({ prior, random }) => drawClass(random, prior),
  majority: () => 1,
  uncertain: () => SPECIAL.uncertain,
  ungradable: () => SPECIAL.ungradable,
  identifiable: () => SPECIAL.identifiable,
  "ring-constant": () => 2,
  "ring-hash": ({ task, plan }) => plan(task).hash,
  "ring-noisy-majority": ({ task, plan }) => plan(task).noisy,
} as const satisfies Readonly<Record<string, Strategy>>;

export interface WorldParameters {
  readonly seed: number;
  readonly tasks: number;
  readonly perReader: number;
  readonly readers: readonly Strategy[];
  readonly prior: readonly number[];
  readonly goldPercent?: number;
}

export interface World {
  readonly set: TaskSet;
  readonly gold: Gold;
  readonly readings: readonly ScoredReading[];
}

const both = (text: string) => ({ en: text, zh: text });
export const accountOf = (reader: number): `0x${string}` => `0x${(reader + 1).toString(16).padStart(40, "0")}`;

function shuffled(random: () => number, count: number): number[] {
  const order = Array.from({ length: count }, (_, i) => i);
  for (let i = count - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [order[i], order[j]] = [order[j] ?? 0, order[i] ?? 0];
  }
  return order;
}

/** Every reader is of a house of its own, and reads a random part of the set. */
export function createWorld({ seed, tasks, perReader, readers, prior, goldPercent = 12 }: WorldParameters): World {
  const random = createRandom(seed);
  const truth = Array.from({ length: tasks }, () => drawClass(random, prior));
  const plans = Array.from({ length: tasks }, () => ({ hash: drawClass(random, prior.map(() => 1)), noisy: random() < 0.9 ? 1 : drawClass(random, prior) }));
  const chosen = shuffled(random, tasks).slice(0, Math.round((tasks * goldPercent) / 100)).sort((a, b) => a - b);
  const gold: Gold = { salt: `0x${"5a".repeat(32)}`, entries: chosen.map((task) => ({ task, answer: truth[task] ?? 1, level: "histo" })) };
  const set: TaskSet = {
    format: TASK_SET_FORMAT, version: 1, id: "simulated", edition: 1, chainId: 31337, ledger: `0x${"ab".repeat(20)}`, dataset: 0, title: both("Simulated"), question: both("Which?"),
    instructions: both("None."), pictures: both("None."), practice: false, readings: 2, perReader, goldCommitment: goldCommitment(gold),
    classes: prior.map((_, i) => ({ code: i + 1, name: `class-${i + 1}`, label: both(`Class ${i + 1}`) })),
    tasks: Array.from({ length: tasks }, (_, i) => ({ image: `0x${i.toString(16).padStart(64, "0")}`, turn: 1 })),
  };
  const readings = readers.flatMap((strategy, reader) => {
    const own = createRandom(seed * 1009 + reader * 9176 + 7);
    const seen = (task: number): Seen => ({ seed, task, truth: truth[task] ?? 1, prior, random: own, plan: (at) => plans[at] ?? { hash: 1, noisy: 1 } });
    return shuffled(own, tasks).slice(0, perReader).map((task, i): ScoredReading => ({
      annotator: accountOf(reader), organisation: reader + 1, task, tier: 1, answer: strategy(seen(task)), day: Math.floor(i / 300),
    }));
  });
  return { set, gold, readings };
}

/** Scores of all readers, in their order; of one who counts for nothing too. */
export function scoreWorld(world: World, readers: number): (ReaderScore | undefined)[] {
  const { readers: scored } = scoreTaskSet({ ...world, seatOf: (_, organisation) => organisation });
  const byAccount = new Map(scored.map((score) => [score.annotator, score]));
  return Array.from({ length: readers }, (_, reader) => byAccount.get(accountOf(reader)));
}

/** Spearman's rank correlation; equal values share their mean rank. */
export function spearman(a: readonly number[], b: readonly number[]): number {
  const ranks = (values: readonly number[]): number[] =>
    values.map((value) => values.reduce((rank, other) => rank + (other < value ? 1 : other === value ? 0.5 : 0), 0));
  const [x, y] = [ranks(a), ranks(b)];
  const mean = a.length / 2;
  const sum = (f: (i: number) => number): number => x.reduce((total, _, i) => total + f(i), 0);
  const dx = (i: number): number => (x[i] ?? 0) - mean;
  const dy = (i: number): number => (y[i] ?? 0) - mean;
  return sum((i) => dx(i) * dy(i)) / Math.sqrt(sum((i) => dx(i) ** 2) * sum((i) => dy(i) ** 2));
}
