import { z } from "zod";

const DAY = 86_400;

/** How long what is stored is kept. Everything the ledger still needs is kept whatever stands here. */
export const retentionSchema = z.strictObject({
  stableYears: z.number().min(0).max(100).default(10).describe("Years after its promotion that all evidence of a stable model is kept: every bundle of its lineage, and the settlements over them."),
  experimentalDays: z.number().min(0).max(36_525).default(1_095).describe("Days after its finality that a round is kept which no stable model descends from. Never less than the ledger's windows and the unbonding period together."),
  graceDays: z.number().min(0).max(365).default(7).describe("Days for which nothing that was just put is swept: what is put goes on the ledger only later."),
  quarantineDays: z.number().min(0).max(365).default(30).describe("Days for which what was swept from a folder can still be read and taken back. 0: removed at once."),
  sweepHours: z.number().min(0).max(8_760).default(24).describe("Hours between two sweeps by the service. 0: it sweeps nothing by itself."),
  stable: z
    .array(z.strictObject({ federation: z.int().min(0).describe("Which federation."), round: z.int().min(1).describe("Which round."), promotedAt: z.iso.date().describe("Since when: `2026-11-01`.") }))
    .max(10_000)
    .default([])
    .describe("Models in use that the ledger does not say so of: it knows governance's approval of a report, and no promotion."),
});

export type RetentionPolicy = z.infer<typeof retentionSchema>;

export const DEFAULT_RETENTION: RetentionPolicy = retentionSchema.parse({});

export const seconds = {
  stable: ({ stableYears }: RetentionPolicy): number => Math.ceil(stableYears * 365.25 * DAY),
  experimental: ({ experimentalDays }: RetentionPolicy): number => Math.ceil(experimentalDays * DAY),
  grace: ({ graceDays }: RetentionPolicy): number => Math.ceil(graceDays * DAY),
  quarantine: ({ quarantineDays }: RetentionPolicy): number => Math.ceil(quarantineDays * DAY),
} as const;

/** A day as configuration has it, in seconds since 1970. */
export const secondsOf = (date: string): number => Date.parse(`${date}T00:00:00Z`) / 1000;
