/** How a tier's part of the score is divided by points: proportionally, under a ceiling for each party, in integers. */
import { PPM } from "../terms/terms.ts";

/**
 * @param seats Points of each seat. @param parties Whom each seat belongs to: a ceiling is one for all seats of a party.
 * @param outside Points of parties without a seat, by party: they take their part of the pool, and it is nobody's.
 */
export interface Claims {
  readonly seats: readonly bigint[];
  readonly parties: readonly string[];
  readonly outside?: ReadonlyMap<string, bigint>;
}

/** @param ceiling Most that one party got. @param parties How many have points. @param nobody Excess, remainders, and all of it when nobody has points. */
export interface Division {
  readonly seats: readonly bigint[];
  readonly nobody: bigint;
  readonly ceiling: bigint;
  readonly parties: number;
}

const sum = (values: Iterable<bigint>): bigint => [...values].reduce((total, value) => total + value, 0n);

/**
 * A party's part is its share of all points, at most `ceilingPpm` times the fair share `pool ∕ parties`; its seats divide it by their points. Splitting into several
 * accounts of one party therefore changes nothing, and whoever inflates points gains no more than the ceiling.
 */
export function divide(pool: bigint, { seats, parties, outside = new Map() }: Claims, ceilingPpm: number): Division {
  const byParty = new Map<string, bigint>();
  const add = (party: string, points: bigint): void => void byParty.set(party, (byParty.get(party) ?? 0n) + points);
  seats.forEach((points, seat) => points > 0n && add(parties[seat]!, points));
  for (const [party, points] of outside) if (points > 0n) add(party, points);
  const total = sum(byParty.values());
  const count = byParty.size;
  if (total === 0n) return { seats: seats.map(() => 0n), nobody: pool, ceiling: 0n, parties: 0 };
  const limit = (pool * BigInt(ceilingPpm)) / (BigInt(count) * BigInt(PPM));
  const ceiling = limit < pool ? limit : pool;
  const scores = seats.map((points, seat) => {
    if (points === 0n) return 0n;
    const own = byParty.get(parties[seat]!)!;
    const granted = (pool * own) / total;
    return ((granted < ceiling ? granted : ceiling) * points) / own;
  });
  return { seats: scores, nobody: pool - sum(scores), ceiling, parties: count };
}

/** Each voice divides one vote equally over one to three seats; sixths keep that whole. */
const SIXTHS = 6n;

/** The community's part: by votes, no seat above half of it. @param voices Seats that each voice names; one that is not among the seats takes its part to nobody. */
export function divideVotes(pool: bigint, voices: readonly (readonly number[])[], seatCount: number): Omit<Division, "parties"> & { readonly sixths: readonly bigint[] } {
  const sixths = new Array<bigint>(seatCount).fill(0n);
  for (const named of voices) {
    for (const seat of named) if (seat < seatCount) sixths[seat]! += SIXTHS / BigInt(named.length);
  }
  const ceiling = pool / 2n;
  const votes = SIXTHS * BigInt(voices.length);
  const seats = sixths.map((own) => {
    const granted = votes === 0n ? 0n : (pool * own) / votes;
    return granted < ceiling ? granted : ceiling;
  });
  return { seats, nobody: pool - sum(seats), ceiling, sixths };
}
