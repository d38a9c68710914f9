/** What a watcher says of itself at `GET /health`. Nobody has to believe it: what it found is on the chain, or was never proven. */
import { z } from "zod";

export const HEALTH_FORMAT = "chongwen-watcher";

const count = z.int().min(0);

export const watcherHealthSchema = z.object({
  format: z.literal(HEALTH_FORMAT),
  version: z.literal(1),
  /** Version of the software. */
  software: z.string().max(64),
  /** When the process started, ISO 8601. */
  started: z.iso.datetime(),
  chainId: z.int().min(1),
  federation: count,
  /** Newest block up to which everything was looked at; null before the first look has ended. */
  block: z.string().regex(/^\d{1,20}$/).nullable(),
  /** Seconds since a look last ended well; null before the first. */
  lagSeconds: count.nullable(),
  /** Reports and settlements that were checked, each counted once by what came of it last. */
  subjects: z.object({ checked: count, verified: count, faults: count, couldNotFetch: count, other: count }),
  proofsSent: count,
  /** Who pays for proofs; null looks only. */
  sender: z.string().regex(/^0x[0-9a-fA-F]{40}$/).nullable(),
  /** What went wrong last, if anything has since the last look that ended well. */
  trouble: z.string().max(400).nullable(),
});

export type WatcherHealth = z.infer<typeof watcherHealthSchema>;
