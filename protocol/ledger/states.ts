/** `IRounds.State`, by number. */
export const ROUND_STATES = ["None", "Open", "Sealed", "Reported", "Final", "Void"] as const;
export type RoundState = (typeof ROUND_STATES)[number];

/** `ISeats.DropReason`, by number. */
export const DROP_REASONS = ["none", "unknown-seat", "revoked", "dataset-stopped", "contributor-suspended", "ethics-expired", "budget-exhausted", "duplicate-root", "support-seat"] as const;
export type DropReason = (typeof DROP_REASONS)[number];

/** `IDatasets.Status`, by number. */
export const DATASET_STATES = ["None", "Proposed", "Approved", "Suspended", "Retired"] as const;
