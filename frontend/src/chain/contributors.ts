/** Who contributes, for whom, and who is paid: from the register's events. Pure. */
import type { Address } from "viem";
import { contributorsAbi } from "../../../protocol/abi/index.ts";
import type { Deployment } from "../../../protocol/deployment.ts";
import type { HistoryEntry } from "./history-entry.ts";
import { eventsIn } from "./events.ts";

export interface PayeeChange {
  readonly payee: Address;
  /** Chain time from which anyone can complete it. */
  readonly effectiveAt: bigint;
}

export interface ContributorRecord {
  readonly contributor: number;
  readonly organisation: number;
  /** Signs contributions, and says who is paid. */
  readonly key: Address;
  /** The zero address declines payment. */
  readonly payee: Address;
  readonly suspended: boolean;
  readonly pendingPayee: PayeeChange | undefined;
}

const NAMES = [
  "ContributorRegistered",
  "KeyRotated",
  "PayeeChangeScheduled",
  "PayeeChangeCancelled",
  "PayeeChanged",
  "ContributorSuspended",
  "ContributorReinstated",
] as const;

export function readContributors(entries: readonly HistoryEntry[], { contracts }: Deployment): ReadonlyMap<number, ContributorRecord> {
  const records = new Map<number, ContributorRecord>();
  for (const event of eventsIn(entries, { address: contracts.contributors, abi: contributorsAbi, eventName: NAMES })) {
    const { contributor } = event.args;
    if (event.eventName === "ContributorRegistered") {
      const { organisation, key, payee } = event.args;
      records.set(contributor, { contributor, organisation, key, payee, suspended: false, pendingPayee: undefined });
      continue;
    }
    const record = records.get(contributor);
    if (record === undefined) continue;
    switch (event.eventName) {
      case "KeyRotated":
        records.set(contributor, { ...record, key: event.args.newKey });
        break;
      case "PayeeChangeScheduled":
        records.set(contributor, { ...record, pendingPayee: { payee: event.args.payee, effectiveAt: event.args.effectiveAt } });
        break;
      case "PayeeChangeCancelled":
        records.set(contributor, { ...record, pendingPayee: undefined });
        break;
      case "PayeeChanged":
        records.set(contributor, { ...record, payee: event.args.payee, pendingPayee: undefined });
        break;
      case "ContributorSuspended":
        records.set(contributor, { ...record, suspended: true });
        break;
      case "ContributorReinstated":
        records.set(contributor, { ...record, suspended: false });
        break;
    }
  }
  return records;
}
