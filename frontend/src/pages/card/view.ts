import type { Address } from "viem";
import type { FederationHistory } from "../../chain/book.ts";
import type { ContributorRecord } from "../../chain/contributors.ts";

/** What every part of the card is given: whose it is, and the ledger's history. */
export interface CardProps {
  readonly account: Address;
  readonly federations: readonly FederationHistory[];
  readonly contributors: ReadonlyMap<number, ContributorRecord>;
}
