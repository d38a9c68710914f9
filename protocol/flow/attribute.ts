/**
 * Tokens of a contribution: its seat's entitlement, divided over the seat's counted contributions of the epoch by weight. The first i of them together get
 * `floor(E · Σ₁ⁱ w ÷ Σ w)`, each the difference to the one before: so the parts sum to E to the last unit, whatever is grouped.
 * Source: cumulative rounding, as in Cox, 1987, “A constructive procedure for unbiased controlled rounding”, along one dimension.
 */
import type { EpochFile } from "./epoch-file.ts";
import { amountOf } from "./amount.ts";
import { isAccepted } from "./fate.ts";

/** Three columns, a row each: limbs of the amount, lowest first. */
export type TokenColumns = readonly [Uint32Array, Uint32Array, Uint32Array];

const LIMB = 2 ** 24;

/** `floor(entitlement · part ÷ whole)` for part ≤ whole < 2^28, in doubles only: a bigint division a row would take most of a second for a million. */
function share(limbs24: Float64Array, at: number, part: number, whole: number, out: Float64Array): void {
  let remainder = 0;
  // Long multiplication and long division in one sweep, highest limb first: remainder · 2^24 + limb · part stays below 2^53.
  let carry = 0;
  for (let i = 0; i < 4; i++) {
    const product = limbs24[at + i]! * part + carry;
    out[i] = product % LIMB;
    carry = Math.floor(product / LIMB);
  }
  out[4] = carry;
  for (let i = 4; i >= 0; i--) {
    const dividend = remainder * LIMB + out[i]!;
    out[i] = Math.floor(dividend / whole);
    remainder = dividend - out[i]! * whole;
  }
}

const limb = new Float64Array(4);

/** Writes limbs of 32 bits from limbs of 24: a − b, which is never negative. Afterwards b is a. */
function difference(a: Float64Array, b: Float64Array, at: number, into: TokenColumns, row: number): void {
  let borrow = 0;
  for (let i = 0; i < 4; i++) {
    let value = a[i]! - b[at + i]! - borrow;
    borrow = value < 0 ? 1 : 0;
    if (borrow === 1) value += LIMB;
    limb[i] = value;
    b[at + i] = a[i]!;
  }
  into[0][row] = limb[0]! + (limb[1]! % 2 ** 8) * LIMB;
  into[1][row] = Math.floor(limb[1]! / 2 ** 8) + (limb[2]! % 2 ** 16) * 2 ** 16;
  into[2][row] = Math.floor(limb[2]! / 2 ** 16) + limb[3]! * 2 ** 8;
}

function isEntitled(entitlements: Uint32Array, seat: number): boolean {
  return (entitlements[3 * seat]! | entitlements[3 * seat + 1]! | entitlements[3 * seat + 2]!) !== 0;
}

/**
 * @param start Row of the columns at which the epoch's rows begin.
 * @returns What seats were given without a counted contribution: it stands beside the rows, so that nothing is lost.
 */
export function attributeTokens(epoch: EpochFile, into: TokenColumns, start = 0): bigint {
  const seatCount = epoch.entitlements.length / 3;
  const totals = new Float64Array(seatCount);
  const { seats, weights, fates, entitlements } = epoch;
  for (let row = 0; row < seats.length; row++) if (isAccepted(fates[row]!)) totals[seats[row]!]! += weights[row]!;
  const running = new Float64Array(seatCount);
  // Four 24-bit limbs a seat, and those of what its earlier rows got.
  const whole = new Float64Array(4 * seatCount);
  const before = new Float64Array(4 * seatCount);
  let unplaced = 0n;
  for (let seat = 0; seat < seatCount; seat++) {
    const [low, middle, high] = [entitlements[3 * seat]!, entitlements[3 * seat + 1]!, entitlements[3 * seat + 2]!];
    whole[4 * seat] = low % LIMB;
    whole[4 * seat + 1] = Math.floor(low / LIMB) + (middle % 2 ** 16) * 2 ** 8;
    whole[4 * seat + 2] = Math.floor(middle / 2 ** 16) + (high % 2 ** 8) * 2 ** 16;
    whole[4 * seat + 3] = Math.floor(high / 2 ** 8);
    if (totals[seat] === 0) unplaced += amountOf(low, middle, high);
  }
  const now = new Float64Array(5);
  for (let row = 0; row < seats.length; row++) {
    const seat = seats[row]!;
    if (!isAccepted(fates[row]!) || weights[row] === 0 || !isEntitled(entitlements, seat)) continue;
    running[seat]! += weights[row]!;
    share(whole, 4 * seat, running[seat]!, totals[seat]!, now);
    difference(now, before, 4 * seat, into, start + row);
  }
  return unplaced;
}

/** The same by definition, for the one who checks. */
export function shareOf(entitlement: bigint, before: number, weight: number, total: number): bigint {
  const upTo = (sum: number): bigint => (entitlement * BigInt(sum)) / BigInt(total);
  return upTo(before + weight) - upTo(before);
}

