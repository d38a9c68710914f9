/** What one reader's answers are worth, in integers: every term, so that the reader can follow it. Formulas: docs/annotation.md, “Scores”. */
import { correlate, isSame, type Agrees, type Correlation, type Crossing } from "./correlation.ts";

export interface AnnotationRule {
  /** Fewer readings say too little of a reader. */
  readonly leastTasks: number;
  /** Readings of one reader that count in one UTC day: who reads more does not look. */
  readonly perDay: number;
  /** Bounds of gold among the tasks, in ppm. */
  readonly leastGoldPpm: number;
  readonly mostGoldPpm: number;
  /** Pictures that every reader is taken to have answered as chance does, before the first: few lucky answers are no proof of skill. */
  readonly prior: number;
  /** What an honest answer is taken to cost, in ppm of what a perfect one earns. Scores do not depend on it; what is measured against it does. */
  readonly costPpm: number;
}

export const ANNOTATION_RULE: AnnotationRule = { leastTasks: 30, perDay: 400, leastGoldPpm: 100_000, mostGoldPpm: 150_000, prior: 8, costPpm: 100_000 };

/** Whether the share of gold lets scores be trusted: less says too little, more leaves too little work. */
export const goldShareFits = (gold: number, tasks: number, { leastGoldPpm, mostGoldPpm }: AnnotationRule = ANNOTATION_RULE): boolean =>
  gold * 1_000_000 >= leastGoldPpm * tasks && gold * 1_000_000 <= mostGoldPpm * tasks;

/** A whole: 10^6 parts. */
const PPM = 1_000_000;

/** Everything from which the points of one reader follow. Shares and gains in ppm. */
export interface ReaderTerms {
  /** Readings that count: within the day's limit, and not of a picture with a recognisable person. */
  readonly tasks: number;
  /** Weight of those readings, in ppm of one. */
  readonly weightPpm: number;
  /** @param perfect `crossed` of who knows every answer. */
  readonly gold: Correlation & { readonly perfect: number; readonly accuracyPpm: number; readonly chancePpm: number; readonly gainPpm: number };
  /** @param countedPpm The gain as far as gold bears it out. */
  readonly peers: Correlation & { readonly agreementPpm: number; readonly gainPpm: number; readonly countedPpm: number };
  /** ½ gold accuracy + ½ correlated agreement. */
  readonly scorePpm: number;
  /** What one reading is paid, in ppm. */
  readonly gainPpm: number;
  /** tasks · gain, weighted. */
  readonly points: bigint;
}

export interface ReaderEvidence {
  /** The reader's answer and the known one, of every gold picture that the reader answered. */
  readonly gold: readonly Crossing[];
  /** Of every picture that a peer answered too. */
  readonly peers: readonly Crossing[];
  /** Weight of each reading that counts, in ppm. */
  readonly weightsPpm: readonly number[];
}

/** Floor of a ratio in ppm; 0 for 0 ∕ 0. @param denominator Not negative. */
function ratioPpm(numerator: bigint, denominator: bigint): number {
  if (denominator === 0n) return 0;
  const scaled = numerator * BigInt(PPM);
  const quotient = scaled / denominator;
  return Number(scaled % denominator < 0n ? quotient - 1n : quotient);
}
const product = (...factors: readonly number[]): bigint => factors.reduce((result, factor) => result * BigInt(factor), 1n);

/** pictures · agreeing − crossed: what agreement has beyond chance, before it is divided. */
const excess = ({ pictures, agreeing, crossed }: Correlation): bigint => product(pictures, agreeing) - BigInt(crossed);

/** Agreement less what it would be between different pictures. */
const agreementPpm = (correlation: Correlation): number => ratioPpm(excess(correlation), product(Math.max(0, correlation.pictures - 1), correlation.pairs));

/** @param rule Of which only `leastTasks` and `prior` matter here. */
export function scoreReader({ gold, peers, weightsPpm }: ReaderEvidence, agrees: Agrees, rule: AnnotationRule = ANNOTATION_RULE): ReaderTerms {
  const known = correlate(gold, isSame);
  const perfect = correlate(gold.map((crossing) => ({ ...crossing, own: [...crossing.peers.keys()][0] ?? crossing.own })), isSame).crossed;
  const { pictures: n, agreeing: right, crossed } = known;
  const goldGain = ratioPpm(excess(known) * BigInt(n), (product(n, n) - BigInt(perfect)) * BigInt(n + rule.prior));
  const others = correlate(peers, agrees);
  const m = others.pictures;
  const peerGain = ratioPpm(excess(others) * BigInt(m), product(Math.max(0, m - 1), others.pairs, m + rule.prior));
  // Agreement that comes from the picture cannot exceed what the reader knows of the picture: the rest was arranged.
  const borneOut = ratioPpm(excess(known) * BigInt(n), product(n, Math.max(0, n - 1), n + rule.prior));
  const counted = Math.min(peerGain, borneOut);
  const accuracy = ratioPpm(BigInt(right), BigInt(n));
  const agreement = agreementPpm(others);
  const tasks = weightsPpm.length;
  const weight = weightsPpm.reduce((sum, each) => sum + each, 0);
  const gain = tasks < rule.leastTasks ? 0 : Math.max(0, Math.floor((goldGain + counted) / 2));
  return {
    tasks,
    weightPpm: weight,
    gold: { ...known, perfect, accuracyPpm: accuracy, chancePpm: ratioPpm(BigInt(crossed - right), product(n, Math.max(0, n - 1))), gainPpm: goldGain },
    peers: { ...others, agreementPpm: agreement, gainPpm: peerGain, countedPpm: counted },
    scorePpm: Math.floor((accuracy + agreement) / 2),
    gainPpm: gain,
    points: product(weight, gain) / BigInt(PPM),
  };
}
