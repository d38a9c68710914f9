/** Words for what the contracts keep as numbers, in the contracts' own order. */
export const DATASET_STATES = ["None", "Proposed", "Approved", "Suspended", "Retired"] as const;

export function nameOf(names: readonly string[], value: number): string {
  return names[value] ?? `Unknown ${value}`;
}

const LONGEST = 20_000;

/** Text from the chain that anyone may have written: a database takes no zero byte, and one long text must not fill it. The whole stays in the raw log. */
export function clean(text: string): string {
  return text.replaceAll("\0", "\u{fffd}").slice(0, LONGEST).toWellFormed();
}
