/** "What changes if this passes": values before and after, still without words. Pure. */

/** A value with its meaning, so that it can be said in any language. */
export type Cell =
  | { readonly kind: "number"; readonly value: number | bigint }
  | { readonly kind: "shu"; readonly value: bigint }
  | { readonly kind: "rho"; readonly value: number | bigint }
  | { readonly kind: "seconds"; readonly value: number | bigint }
  | { readonly kind: "percent"; readonly value: number | bigint }
  | { readonly kind: "day"; readonly value: number | bigint }
  | { readonly kind: "hash"; readonly value: string }
  /** Written by a stranger: plain text. */
  | { readonly kind: "text"; readonly value: string }
  /** A word of the page's dictionary. */
  | { readonly kind: "word"; readonly value: string };

/** @param label A word of the page's dictionary. @param subject Which one, when there are several: "1", "0x…". */
export interface Row {
  readonly label: string;
  readonly subject?: string;
  /** Undefined: there was none, or it does not apply. */
  readonly before: Cell | undefined;
  readonly after: Cell | undefined;
}

/** Who is touched by it. */
export interface Affected {
  readonly organisations: readonly number[];
  readonly federations: readonly number[];
  readonly datasets: readonly number[];
  /** Seats that stop, resume or come to be. */
  readonly seats: number;
}

export interface Change {
  readonly rows: readonly Row[];
  readonly affected: Affected;
}

export const NOBODY: Affected = { organisations: [], federations: [], datasets: [], seats: 0 };

export const cell = {
  number: (value: number | bigint): Cell => ({ kind: "number", value }),
  shu: (value: bigint): Cell => ({ kind: "shu", value }),
  rho: (value: number | bigint): Cell => ({ kind: "rho", value }),
  seconds: (value: number | bigint): Cell => ({ kind: "seconds", value }),
  percent: (value: number | bigint): Cell => ({ kind: "percent", value }),
  day: (value: number | bigint): Cell => ({ kind: "day", value }),
  hash: (value: string): Cell => ({ kind: "hash", value }),
  text: (value: string): Cell => ({ kind: "text", value }),
  word: (value: string): Cell => ({ kind: "word", value }),
  yesNo: (value: boolean): Cell => ({ kind: "word", value: value ? "yes" : "no" }),
} as const;

export const isSame = (a: Cell | undefined, b: Cell | undefined): boolean =>
  a === b || (a !== undefined && b !== undefined && a.kind === b.kind && String(a.value) === String(b.value));

const union = (lists: readonly (readonly number[])[]): readonly number[] => [...new Set(lists.flat())].sort((a, b) => a - b);

export function joinAffected(all: readonly Affected[]): Affected {
  return {
    organisations: union(all.map(({ organisations }) => organisations)),
    federations: union(all.map(({ federations }) => federations)),
    datasets: union(all.map(({ datasets }) => datasets)),
    seats: all.reduce((sum, { seats }) => sum + seats, 0),
  };
}
