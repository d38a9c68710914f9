import { formatShare } from "../../../format/share.ts";

/** All of a pool, as in `protocol/scoring/working.ts`, whose schemas this page need not load for it. */
export const WHOLE = 1_000_000_000_000n;

export const ofPool = (score: bigint): string => formatShare(score, WHOLE, 2);
/** Of 10^9. */
export const ofTier = (ppb: bigint): string => formatShare(ppb, 1_000_000_000n, 2);

/** Parts per million as a percentage, with its sign. */
export function percent(ppm: number): string {
  return ppm < 0 ? `−${formatShare(BigInt(-ppm), 1_000_000n, 2)}` : formatShare(BigInt(ppm), 1_000_000n, 2);
}

/** Parts per million as a decimal of three digits, rounded towards zero, with its sign. */
export function decimal(ppm: number): string {
  const digits = String(Math.abs(ppm)).padStart(7, "0");
  return `${ppm < 0 ? "−" : ""}${digits.slice(0, -6)}.${digits.slice(-6, -3)}`;
}
