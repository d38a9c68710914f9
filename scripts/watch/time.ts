import type { PublicClient } from "viem";

/** The chain's present. @param blockSeconds How far apart blocks are, as a rule. */
export interface Now {
  readonly block: bigint;
  readonly timestamp: number;
  readonly blockSeconds: number;
}

const LOOK_BACK = 5n;

/** Reads the chain's clock. The median of the last gaps, so that a chain that stood still, or whose clock was moved, does not count. */
export async function readNow(client: PublicClient): Promise<Now> {
  const latest = await client.getBlock({ blockTag: "latest" });
  const oldest = latest.number > LOOK_BACK ? latest.number - LOOK_BACK : 0n;
  const numbers = Array.from({ length: Number(latest.number - oldest) }, (_, i) => oldest + BigInt(i));
  const before = await Promise.all(numbers.map((blockNumber) => client.getBlock({ blockNumber })));
  const times = [...before, latest].map(({ timestamp }) => Number(timestamp));
  const gaps = times.slice(1).map((time, i) => time - (times[i] ?? time)).sort((a, b) => a - b);
  return { block: latest.number, timestamp: Number(latest.timestamp), blockSeconds: Math.max(1, gaps[Math.floor(gaps.length / 2)] ?? 1) };
}

/** Milliseconds to wait before the n-th try, 1 s to 60 s, doubling. */
export function backOff(tries: number): number {
  return Math.min(60_000, 1_000 * 2 ** Math.min(tries, 6));
}
