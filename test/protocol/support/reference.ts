/** The aggregation rules once more, with bigints and sorting, as slowly and plainly as the specification reads. */

const floorDiv = (a: bigint, b: bigint): bigint => (a >= 0n || a % b === 0n ? a / b : a / b - 1n);
const rhu = (a: bigint, b: bigint): bigint => floorDiv(2n * a + b, 2n * b);
const clamp32 = (v: bigint): bigint => (v < -(2n ** 31n) ? -(2n ** 31n) : v > 2n ** 31n - 1n ? 2n ** 31n - 1n : v);

function isqrt(n: bigint): bigint {
  let [low, high] = [0n, 1n << 32n];
  while (low < high) {
    const middle = (low + high + 1n) / 2n;
    if (middle * middle <= n) low = middle;
    else high = middle - 1n;
  }
  return low;
}

function clip(update: Int16Array, bound: bigint): bigint[] {
  const lanes = [...update].map(BigInt);
  const normSq = lanes.reduce((sum, q) => sum + q * q, 0n);
  return normSq > bound * bound ? lanes.map((q) => floorDiv(q * bound, isqrt(normSq) + 1n)) : lanes;
}

export function referenceAggregate(ruleId: number, ruleParam: bigint, base: Int32Array | null, updates: readonly Int16Array[], weights: readonly number[]): number[] {
  const counted = updates.map((update, i) => ({ update, w: BigInt(weights[i]!) })).filter(({ w }) => w > 0n);
  const lanes = counted.map(({ update }) => (ruleId === 2 ? clip(update, ruleParam) : [...update].map(BigInt)));
  const total = counted.reduce((sum, { w }) => sum + w, 0n);
  const n = counted.length;
  return Array.from({ length: updates[0]!.length }, (_, x) => {
    const column = lanes.map((lane) => lane[x]!);
    let delta: bigint;
    if (ruleId <= 2) {
      delta = rhu(column.reduce((sum, q, i) => sum + q * counted[i]!.w, 0n), total);
    } else {
      const sorted = column.toSorted((a, b) => (a < b ? -1 : a > b ? 1 : 0));
      if (ruleId === 3) {
        const kept = sorted.slice(Number(ruleParam), n - Number(ruleParam));
        delta = rhu(kept.reduce((sum, q) => sum + q, 0n), BigInt(kept.length));
      } else {
        delta = n % 2 === 1 ? sorted[(n - 1) / 2]! : rhu(sorted[n / 2 - 1]! + sorted[n / 2]!, 2n);
      }
    }
    return Number(clamp32(BigInt(base?.[x] ?? 0) + delta));
  });
}
