import type { ReaderTerms, Standing } from "../../../../protocol/annotation/index.ts";
import { formatShare } from "../../format/share.ts";

const PPM = 1_000_000n;

/** Parts per million as a percentage; the sign is a minus, not a hyphen. */
export const formatPpm = (ppm: number): string => `${ppm < 0 ? "−" : ""}${formatShare(BigInt(Math.abs(ppm)), PPM)}`;

/** Points are parts per million of a reading; people read them as readings. */
const asReadings = (points: bigint): string => {
  const tenths = (points * 10n) / PPM;
  return `${tenths / 10n}.${tenths % 10n}`;
};

export const TERM_ROWS = ["tasks", "accuracy", "chance", "goldGain", "agreement", "counted", "gain", "weight", "points"] as const;
export type TermRow = (typeof TERM_ROWS)[number];

const VALUES: Readonly<Record<TermRow, (terms: ReaderTerms) => string>> = {
  tasks: ({ tasks }) => String(tasks),
  accuracy: ({ gold }) => (gold.pictures === 0 ? "–" : `${gold.agreeing} ∕ ${gold.pictures}`),
  chance: ({ gold }) => (gold.pictures < 2 ? "–" : formatPpm(gold.chancePpm)),
  goldGain: ({ gold }) => formatPpm(gold.gainPpm),
  agreement: ({ peers }) => (peers.pairs === 0 ? "–" : formatPpm(peers.agreementPpm)),
  counted: ({ peers }) => formatPpm(peers.countedPpm),
  gain: ({ gainPpm }) => formatPpm(gainPpm),
  weight: ({ weightPpm }) => asReadings(BigInt(weightPpm)),
  points: ({ points }) => asReadings(points),
};

/** The terms of first readings and of verifications, row by row. */
export const termRows = ({ annotation, verification }: NonNullable<Standing["terms"]>): { readonly name: TermRow; readonly values: readonly [string, string] }[] =>
  TERM_ROWS.map((name) => ({ name, values: [VALUES[name](annotation), VALUES[name](verification)] }));
