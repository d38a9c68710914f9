/** When the reader was here last, kept in this browser alone. Pure but for the shelf. */
import { z } from "zod";
import type { Shelf } from "../../tx/store.ts";

/** Opening the page again within half an hour is the same visit: a reload must not make the news vanish. */
const SAME_VISIT = 30 * 60;

const schema = z.object({
  /** Through which block the visit before this one had read; null on the first. */
  before: z.string().regex(/^\d{1,20}$/).nullable(),
  /** Through which block this visit has read so far. */
  through: z.string().regex(/^\d{1,20}$/),
  at: z.number(),
});

export interface Visit {
  /** Undefined on the first visit. */
  readonly since: bigint | undefined;
}

/**
 * Notes that the reader has seen the ledger through this block.
 * @param key Of the ledger: another one has other news.
 * @param now Seconds since 1970 by this machine's clock.
 */
export function noteVisit(shelf: Shelf, key: string, through: bigint, now: number): Visit {
  const name = `chongwen.visit.${key}`;
  const stored = read(shelf, name);
  // A chain shorter than what was seen is another chain: a local one that was started anew.
  const known = stored !== undefined && BigInt(stored.through) <= through ? stored : undefined;
  const before = known === undefined ? null : now - known.at < SAME_VISIT ? known.before : known.through;
  shelf.setItem(name, JSON.stringify({ before, through: String(through), at: now }));
  return { since: before === null ? undefined : BigInt(before) };
}

function read(shelf: Shelf, name: string): z.infer<typeof schema> | undefined {
  try {
    const parsed = schema.safeParse(JSON.parse(shelf.getItem(name) ?? "null"));
    return parsed.success ? parsed.data : undefined;
  } catch {
    return undefined;
  }
}
