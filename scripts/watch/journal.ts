import { appendFile, mkdir, readFile } from "node:fs/promises";
import path from "node:path";
import { z } from "zod";

/**
 * What a watcher remembers between runs, one JSON object a line. It saves work and gas and decides nothing: every pass reads the ledger's state, so a
 * journal that is old, torn or gone costs a check that was made before, never a fault.
 */
const line = z.discriminatedUnion("event", [
  /** Recomputed under this hash, and right. */
  z.object({ event: z.literal("verified"), subject: z.string(), at: z.string() }),
  /** A commitment to a proof, and the block that has it. */
  z.object({ event: z.literal("committed"), subject: z.string(), at: z.string(), commitment: z.string(), block: z.number() }),
  /** Somebody was asked for data. */
  z.object({ event: z.literal("demanded"), subject: z.string(), at: z.string(), id: z.string() }),
  /** The fault was proven. */
  z.object({ event: z.literal("proven"), subject: z.string(), at: z.string(), transaction: z.string() }),
]);

export type JournalLine = z.infer<typeof line>;
type Entry = JournalLine extends infer Line ? (Line extends JournalLine ? Omit<Line, "at"> : never) : never;

export interface Journal {
  readonly file: string;
  /** Whether a line of this kind was written about the subject. */
  has(event: JournalLine["event"], subject: string): boolean;
  write(entry: Entry): Promise<void>;
}

/** A journal that lasts as long as the process. */
export function memoryJournal(): Journal {
  const seen = new Set<string>();
  return {
    file: "",
    has: (event, subject) => seen.has(`${event} ${subject}`),
    async write({ event, subject }) {
      seen.add(`${event} ${subject}`);
    },
  };
}

/**
 * Opens the journal of a ledger in a folder, which is made. Lines that cannot be read, such as the last one of a process that was killed, are passed over.
 * @param ledger Names the file: one folder can serve several ledgers.
 */
export async function openJournal(dir: string, ledger: string): Promise<Journal> {
  await mkdir(dir, { recursive: true });
  const file = path.join(dir, `${ledger}.jsonl`);
  const text = await readFile(file, "utf8").catch(() => "");
  const seen = new Set<string>();
  for (const raw of text.split("\n")) {
    const known = parse(raw);
    if (known !== null) seen.add(`${known.event} ${known.subject}`);
  }
  // A torn line must not swallow the next one.
  if (text !== "" && !text.endsWith("\n")) await appendFile(file, "\n");
  return {
    file,
    has: (event, subject) => seen.has(`${event} ${subject}`),
    async write(entry) {
      seen.add(`${entry.event} ${entry.subject}`);
      await appendFile(file, `${JSON.stringify({ ...entry, at: new Date().toISOString() })}\n`);
    },
  };
}

function parse(raw: string): JournalLine | null {
  try {
    return line.parse(JSON.parse(raw));
  } catch {
    return null;
  }
}
