import type { Hex } from "./bytes.ts";

/** `IDatasets.Terms`: what a custodian registers of its data. Enough to vote on, nothing of a person. */
export interface DatasetTerms {
  readonly card: Hex;
  readonly ethicsExpiry: bigint;
  readonly consentVersion: number;
  readonly records: number;
  readonly privacyCap: number;
  readonly exempt: boolean;
  readonly licence: string;
  readonly legalBasis: string;
  readonly ethicsApproval: string;
}
