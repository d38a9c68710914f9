/** Tokens that a federation's pools held, and where they are: with contributions, or rolled over to the next settlement. */
import { amountOf } from "./amount.ts";
import { total, everything } from "./group.ts";
import { tokensOf, type FlowTable } from "./table.ts";

/** @param pooled Newly reserved by the rounds settled: each pool less what rolled into it. @param distributed To seats. @param rolled Left in the last pool. */
export interface Pools {
  readonly pooled: bigint;
  readonly distributed: bigint;
  readonly rolled: bigint;
}

/** From what the settlements say. pooled = distributed + rolled, whatever they say: `reconcile.ts` compares them with the rows. */
export function poolsOf(table: FlowTable): Pools {
  let [pooled, distributed, carry] = [0n, 0n, 0n];
  for (const { settlement } of table.index.epochs) {
    if (settlement === null) continue;
    pooled += settlement.pool - carry;
    distributed += settlement.distributed;
    carry = settlement.pool - settlement.distributed;
  }
  return { pooled, distributed, rolled: carry };
}

/** What of the pools no shown contribution received, withheld seats aside: rolled over, or given to seats without a counted contribution. */
export function rolledOver(table: FlowTable): bigint {
  return poolsOf(table).rolled + tokensOf(table).unplaced.reduce((a, b) => a + b, 0n);
}

/** Entitlements of an epoch, summed. */
export function entitled(limbs: Uint32Array): bigint {
  let [low, middle, high] = [0, 0, 0];
  for (let i = 0; i < limbs.length; i += 3) {
    low += limbs[i]!;
    middle += limbs[i + 1]!;
    high += limbs[i + 2]!;
  }
  return amountOf(low, middle, high);
}

/** What the withheld seats hold of a measure, in millionths of the whole: all that is told of them. */
export function withheldShare(table: FlowTable, measure: "weight" | "tokens" | "samples"): number {
  const shown = everything(table);
  const all = total(table, measure, { ...shown, seats: shown.seats.map(() => 1) });
  const drawn = total(table, measure, shown);
  return all === 0n ? 0 : Number(((all - drawn) * 1_000_000n) / all);
}
