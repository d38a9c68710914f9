/** Federations that earn points, to which a token may be attached later. Pure. */
import type { PointsState } from "../chain/book.ts";
import { pointsDue } from "../../../protocol/rewards/points.ts";

/** Whether what is earned is worth SHU: always, but for points without a token. */
export function hasToken(points: PointsState | undefined): boolean {
  return points === undefined || points.rate > 0n;
}

/** SHU that a claim pays for a leaf of which `claimed` was paid before; nothing while no token is attached. */
export function dueOf(cumulative: bigint, claimed: bigint, points: PointsState | undefined): bigint {
  if (cumulative <= claimed) return 0n;
  return points === undefined ? cumulative - claimed : pointsDue(cumulative, claimed, points.rate);
}
