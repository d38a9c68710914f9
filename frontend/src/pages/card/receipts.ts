/** Which receipts an account has. Pure. */
import type { FederationHistory, SettlementRecord } from "../../chain/book.ts";
import type { ContributorRecord } from "../../chain/contributors.ts";
import { sameAddress } from "../../claims/balances.ts";
import type { SettlementPage } from "../../claims/queries.ts";

/** A seat's part of a settlement. */
export interface ReceiptKey {
  readonly history: FederationHistory;
  readonly record: SettlementRecord;
  readonly seat: number;
}

export const receiptId = ({ record, seat }: Pick<ReceiptKey, "record" | "seat">): string => `${record.federation}.${record.index}.${seat}`;

/** Every settlement that stands, newest first. */
export function settlementsOf(federations: readonly FederationHistory[]): readonly SettlementRecord[] {
  const all = federations.flatMap(({ settlements }) => settlements);
  return all.toSorted((a, b) => Number(b.proposed.blockNumber - a.proposed.blockNumber) || b.index - a.index);
}

/** Seats of this settlement that paid the account, or whose contributor it is: who did the work wants to see the receipt too. */
export function receiptsIn(page: SettlementPage, history: FederationHistory, account: string, contributors: ReadonlyMap<number, ContributorRecord>): readonly ReceiptKey[] {
  if (page.check.kind !== "verified") return [];
  const { record } = page;
  const paid = page.check.table.leaves.filter(({ payee }) => sameAddress(payee, account)).map(({ seat }) => seat);
  const worked = history.seats.filter(({ contributor }) => {
    const key = contributors.get(contributor)?.key;
    return key !== undefined && sameAddress(key, account);
  });
  const seats = [...new Set([...paid, ...worked.map(({ seat }) => seat)])].toSorted((a, b) => a - b);
  return seats.filter((seat) => seat < (page.check.kind === "verified" ? page.check.table.seatCount : 0)).map((seat) => ({ history, record, seat }));
}
