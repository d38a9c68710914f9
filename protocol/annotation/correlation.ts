/**
 * How much two ways of answering agree beyond what their own habits bring about: Correlated Agreement. Source: V. Shnayder, A. Agarwal, R. Frongillo, D. C. Parkes,
 * “Informed Truthfulness in Multi-Task Peer Prediction”, EC 2016, https://arxiv.org/abs/1603.03151.
 *
 * Its bonus compares answers to one picture and its penalty answers to two different ones. Instead of drawing such pairs, all of them are averaged: given the answers,
 * the mean over all pairs is the expectation of any draw, so it has the same mean and the least variance (a U-statistic: W. Hoeffding 1948,
 * https://doi.org/10.1214/aoms/1177730196), and nobody has to be trusted with a seed.
 */

/** One picture: the reader's own answer, and how often peers gave each. */
export interface Crossing {
  readonly own: number;
  readonly peers: ReadonlyMap<number, number>;
}

/** Whether two answers speak for each other. */
export type Agrees = (own: number, peer: number) => boolean;

export const isSame: Agrees = (own, peer) => own === peer;

/** Counts of which everything follows. Excess over chance = (pictures · agreeing − crossed) ∕ ((pictures − 1) · pairs). */
export interface Correlation {
  readonly pictures: number;
  /** Own answer and a peer's, to one picture. */
  readonly pairs: number;
  /** Of those, the ones that speak for each other. */
  readonly agreeing: number;
  /** The same of own answers and peers' answers to any picture, the same one included. */
  readonly crossed: number;
}

export function correlate(pictures: readonly Crossing[], agrees: Agrees): Correlation {
  const own = new Map<number, number>();
  const peers = new Map<number, number>();
  let [pairs, agreeing, crossed] = [0, 0, 0];
  for (const { own: answer, peers: others } of pictures) {
    own.set(answer, (own.get(answer) ?? 0) + 1);
    for (const [other, count] of others) {
      peers.set(other, (peers.get(other) ?? 0) + count);
      pairs += count;
      if (agrees(answer, other)) agreeing += count;
    }
  }
  for (const [answer, n] of own) for (const [other, m] of peers) if (agrees(answer, other)) crossed += n * m;
  return { pictures: pictures.length, pairs, agreeing, crossed };
}

/** One answer to a picture. @param organisation 0 when it is not known: such answers are nobody's peers. */
export interface Signal {
  readonly organisation: number;
  readonly answer: number;
}

/** Two readers can be compared when it is known that they are not of one house. */
export const arePeers = (a: Signal, b: Signal): boolean => a.organisation !== 0 && b.organisation !== 0 && a.organisation !== b.organisation;

type Counts = Map<number, Map<number, number>>;
const countOf = (counts: Counts | undefined, a: number, b: number): number => counts?.get(a)?.get(b) ?? 0;
function increase(counts: Counts, a: number, b: number): void {
  const row = counts.get(a) ?? new Map<number, number>();
  counts.set(a, row.set(b, (row.get(b) ?? 0) + 1));
}

/**
 * Which answers go together more often than chance has it: `N · n_kl > n_k · n_l` over all pairs of peers who read the same picture, the sign test of the source's
 * detail-free mechanism. Pairs in which the reader's own house takes part are left out, so that nobody shapes the table that they are judged by.
 * @param pictures All answers, by picture.
 */
export function learnAgreement(pictures: Iterable<readonly Signal[]>): (organisation: number) => Agrees {
  const all: Counts = new Map();
  const house = new Map<number, Counts>();
  for (const answers of pictures) {
    for (const a of answers) {
      for (const b of answers) {
        if (!arePeers(a, b)) continue;
        increase(all, a.answer, b.answer);
        for (const { organisation } of [a, b]) {
          const own: Counts = house.get(organisation) ?? new Map();
          house.set(organisation, own);
          increase(own, a.answer, b.answer);
        }
      }
    }
  }
  return (organisation) => {
    const own = house.get(organisation);
    const totals = new Map([...all].map(([a, row]) => [a, [...row].reduce((sum, [b, count]) => sum + count - countOf(own, a, b), 0)]));
    const pairs = [...totals.values()].reduce((sum, total) => sum + total, 0);
    // Two houses only: without their pairs nothing is left to learn from, and an answer goes with itself (A. Dasgupta, A. Ghosh, WWW 2013).
    if (pairs === 0) return isSame;
    // The largest product is beyond 2^53.
    const together = (a: number, b: number): boolean => BigInt(pairs) * BigInt(countOf(all, a, b) - countOf(own, a, b)) > BigInt(totals.get(a) ?? 0) * BigInt(totals.get(b) ?? 0);
    const table = new Map([...totals.keys()].map((a) => [a, new Set([...totals.keys()].filter((b) => together(a, b)))]));
    return (answer, peer) => table.get(answer)?.has(peer) === true;
  };
}
