import type { Address } from "viem";
import { Refused } from "../service/refusal.ts";
import type { RelayJournal } from "./journal.ts";

/** What a relay may spend in any 24 hours, and at once. All but `gas` in wei. */
export interface Budget {
  readonly perDay: bigint;
  readonly perOrganisation: bigint;
  readonly perAccount: bigint;
  /** Most gas of one transaction. */
  readonly gas: bigint;
  /** Most wei for a unit of gas, tip included. */
  readonly gasPrice: bigint;
}

export interface Purse {
  readonly budget: bigint;
  readonly spent: bigint;
  readonly left: bigint;
}

export interface Payer {
  readonly organisation: number;
  readonly account: Address;
}

const DAY = 86_400;

function purse(budget: bigint, spent: bigint): Purse {
  return { budget, spent, left: spent < budget ? budget - spent : 0n };
}

export function pursesOf(journal: RelayJournal, budget: Budget, now: number, payer: Payer | null) {
  const since = now - DAY;
  return {
    day: purse(budget.perDay, journal.spentSince(since)),
    organisation: payer === null ? null : purse(budget.perOrganisation, journal.spentSince(since, { organisation: payer.organisation })),
    account: payer === null ? null : purse(budget.perAccount, journal.spentSince(since, { account: payer.account })),
  };
}

/** @param most What the transaction may cost. @throws relay-exhausted, naming whose share it is */
export function requireRoom(journal: RelayJournal, budget: Budget, now: number, payer: Payer, most: bigint): void {
  const { day, organisation, account } = pursesOf(journal, budget, now, payer);
  const shares = [
    [account, "This account has used what the relay pays for it in a day."],
    [organisation, "The organisation has used what the relay pays for its people in a day."],
    [day, "The relay has used what it pays in a day for everybody."],
  ] as const;
  for (const [share, words] of shares) if (share !== null && share.left < most) throw new Refused("relay-exhausted", words);
}
