import type { Address } from "viem";
import { z } from "zod";
import { deploymentSchema } from "../../protocol/deployment.ts";

/** What the supervisor tells Ponder, in one variable: where the ledger is, how to ask its chain, where to keep what was read. */
const settingsSchema = z.object({
  deployment: deploymentSchema,
  /** Its address stands in no file: the register of contributors made it. */
  libraryCard: z.custom<Address>((value) => typeof value === "string" && /^0x[0-9a-f]{40}$/i.test(value)),
  rpcUrl: z.url(),
  /** Questions a second that the endpoint may be asked at first; Ponder finds the rest. */
  rate: z.number().int().positive(),
  pollMs: z.number().int().positive(),
  /** Widest block range to ask an endpoint for; Ponder finds it out by itself otherwise. */
  logRange: z.number().int().positive().optional(),
  database: z.discriminatedUnion("kind", [z.object({ kind: z.literal("pglite"), directory: z.string() }), z.object({ kind: z.literal("postgres") })]),
});

export type Settings = z.infer<typeof settingsSchema>;
export const SETTINGS_VARIABLE = "CHONGWEN_INDEXER";

export function readSettings(): Settings {
  const text = process.env[SETTINGS_VARIABLE];
  if (text === undefined) throw new Error("Ponder is started by `npm run indexer`, which tells it where the ledger is.");
  return settingsSchema.parse(JSON.parse(text));
}

export function writeSettings(settings: Settings): string {
  return JSON.stringify(settings, (_, value: unknown) => (typeof value === "bigint" ? value.toString() : value));
}
