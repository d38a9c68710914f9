import type { Receipt } from "./queries.ts";
import type { RewardsTable } from "./receipt.ts";

/** The table of a receipt, if it was verified. */
export function tableOf(receipt: Receipt | undefined): RewardsTable | undefined {
  return receipt?.kind === "checked" && receipt.check.kind === "verified" ? receipt.check.table : undefined;
}
