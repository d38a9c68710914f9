/** What points are worth once a token is attached, as `contracts/libraries/Points.sol` says it. */
import { protocolError } from "../errors.ts";

/** 10^18 points make one whole point, as with SHU. */
export const WHOLE_POINT = 10n ** 18n;

/**
 * @param points 0..2^128 − 1. @param rate 10^−18 SHU for one whole point, 0..2^128 − 1; 0 while no token is attached.
 * @returns 10^−18 SHU, rounded down.
 * @throws out-of-range
 */
export function pointsWorth(points: bigint, rate: bigint): bigint {
  for (const value of [points, rate]) if (value < 0n || value >= 1n << 128n) throw protocolError("out-of-range", `${value} is not a number of 128 bits.`);
  return (points * rate) / WHOLE_POINT;
}

/** What a vault in points pays for a leaf of which `claimed` points were paid before. @throws out-of-range */
export function pointsDue(cumulative: bigint, claimed: bigint, rate: bigint): bigint {
  return pointsWorth(cumulative, rate) - pointsWorth(claimed, rate);
}
