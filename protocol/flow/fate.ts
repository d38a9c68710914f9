/**
 * What became of a contribution, in one byte. Below 16 it counts in a model, and the number says what became of its payment; from 16 on it does not count,
 * and the number says why. Exactly one fate each: so everything that goes in comes out somewhere.
 */
export const FATE = {
  /** Its settlement is final. */
  paid: 0,
  /** Its settlement is still open to challenge. */
  proposed: 1,
  /** Its round is final, but no settlement covers it yet. */
  unsettled: 2,
  /** Its settlement gave its seat nothing: payment declined, or less than the smallest unit. */
  unpaid: 3,
  /** Its round is sealed or reported, not yet final. */
  pending: 4,
  /** Dropped by the contract at the seal; 16 + `ISeats.DropReason`. */
  dropped: 16,
  /** Excluded by the report: its payload never came. */
  withheld: 32,
  /** Its round became void. */
  void: 33,
} as const;

/** `ISeats.DropReason`, by number. */
export const DROP_REASONS = [
  "none",
  "unknownSeat",
  "revoked",
  "datasetStopped",
  "contributorSuspended",
  "ethicsExpired",
  "budgetExhausted",
  "duplicateRoot",
  "supportSeat",
] as const;

const DROPPED_LAST = FATE.dropped + DROP_REASONS.length - 1;

/** Fates are bytes below this, so that a mask of them is a small array. */
export const FATE_COUNT = 34;

export function isFate(code: number): boolean {
  return code <= FATE.pending || (code > FATE.dropped && code <= DROPPED_LAST) || code === FATE.withheld || code === FATE.void;
}

/** Whether its weight counts in a model. */
export function isAccepted(fate: number): boolean {
  return fate < FATE.dropped;
}

export type FateName = "paid" | "proposed" | "unsettled" | "unpaid" | "pending" | "withheld" | "void" | (typeof DROP_REASONS)[number];

/** The name that a dictionary of texts is asked with. */
export function fateName(fate: number): FateName {
  if (fate > FATE.dropped && fate <= DROPPED_LAST) return DROP_REASONS[fate - FATE.dropped]!;
  const names: Partial<Record<number, FateName>> = {
    [FATE.paid]: "paid",
    [FATE.proposed]: "proposed",
    [FATE.unsettled]: "unsettled",
    [FATE.unpaid]: "unpaid",
    [FATE.pending]: "pending",
    [FATE.withheld]: "withheld",
    [FATE.void]: "void",
  };
  return names[fate] ?? "none";
}
