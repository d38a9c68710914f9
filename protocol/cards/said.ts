/** What a custodian says of a dataset: all that a card of somebody else's cannot. Pure. */

/** Each value is checked where it comes in. @param ethicsExpiry First day on which the approval counts no more, "2027-05-01". */
export interface Said {
  readonly institution?: string | undefined;
  readonly title?: string | undefined;
  readonly records?: number | undefined;
  /** Which configuration of several. */
  readonly config?: string | undefined;
  readonly licence?: string | undefined;
  readonly legalBasis?: string | undefined;
  readonly ethicsApproval?: string | undefined;
  readonly ethicsExpiry?: string | undefined;
  readonly consentVersion?: number | undefined;
  readonly privacyCap?: number | undefined;
  readonly exempt?: boolean | undefined;
  readonly unit?: string | undefined;
  readonly purpose?: string | undefined;
  readonly limits?: string | undefined;
  readonly jurisdictions?: readonly string[] | undefined;
  readonly recipients?: readonly string[] | undefined;
  /** Records by the level at which their label was verified, the lowest first. */
  readonly labelLevels?: readonly number[] | undefined;
  /** Where the dataset is: address of its page. */
  readonly source?: string | undefined;
}

export const MOST_NANO = 2 ** 48 - 1;
export const MOST_RECORDS = 2 ** 32 - 1;

const DAY = 86_400;
const LAST_DAY = 65_535;

/** First second of the day, UTC. @returns undefined for what is no day that the ledger can hold */
export function dayOf(text: string): bigint | undefined {
  const time = /^\d{4}-\d{2}-\d{2}$/.test(text) ? Date.parse(`${text}T00:00:00Z`) / 1000 : Number.NaN;
  const isDay = Number.isFinite(time) && new Date(time * 1000).toISOString().startsWith(text);
  return isDay && time > 0 && time / DAY <= LAST_DAY ? BigInt(time) : undefined;
}
