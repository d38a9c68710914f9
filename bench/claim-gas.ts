// What a claim costs among 100k members, against the floor of the token it pays: what any claim of that token must do.
import { measureClaim } from "../test/contracts/value/claim-gas.ts";
import { openChain } from "../test/contracts/value/helpers.ts";
import type { Metric } from "./metric.ts";

const REFERENCE = "1inch cumulative over a plain token: 1.06 first, 1.10 later";

export async function run(): Promise<Metric[]> {
  const metrics: Metric[] = [];
  for (const when of ["first", "later"] as const) {
    const { used, floor } = await measureClaim(await openChain(), when, false);
    metrics.push(
      { name: `claim.${when}.gas`, value: used, unit: "gas", better: "lower", target: Math.floor(1.05 * floor), reference: `floor ${floor}` },
      { name: `claim.${when}.over-floor`, value: Number((used / floor).toFixed(4)), unit: "×", better: "lower", target: 1.05, reference: REFERENCE },
    );
  }
  return metrics;
}
