/** `IRounds.State`, by number. */
export const ROUND_STATES = ["None", "Open", "Sealed", "Reported", "Final", "Void"] as const;
export type RoundState = (typeof ROUND_STATES)[number];
