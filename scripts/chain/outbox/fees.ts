import { parseGwei, type PublicClient } from "viem";
import type { Fees } from "./attempt.ts";

/** What the next blocks will take: room for the base fee to double, and a tip. At most `cap`. */
export async function feesNow(client: PublicClient, cap: bigint): Promise<Fees & { readonly base: bigint }> {
  const { baseFeePerGas } = await client.getBlock({ blockTag: "latest" });
  const base = baseFeePerGas ?? 0n;
  const tip = await client.estimateMaxPriorityFeePerGas().catch(() => parseGwei("1"));
  return { base, ...within({ price: 2n * base + tip, tip }, cap) };
}

/** What replaces a transaction: nodes ask for a tenth more of both, some for an eighth; a quarter is enough for all. Null above `cap`. */
export function outbid({ price, tip }: Fees, cap: bigint): Fees | null {
  const more = (fee: bigint): bigint => (fee * 5n) / 4n + 1n;
  return more(price) > cap ? null : within({ price: more(price), tip: more(tip) }, cap);
}

function within({ price, tip }: Fees, cap: bigint): Fees {
  const most = price < cap ? price : cap;
  return { price: most, tip: tip < most ? tip : most };
}
