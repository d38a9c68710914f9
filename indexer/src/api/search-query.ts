/** What somebody may be looking for, told by how it is written. */
import { z } from "zod";

export const KINDS = ["transaction", "block", "round", "settlement", "federation", "dataset", "contributor", "organisation", "operator", "member", "proposal", "claim"] as const;
export type Kind = (typeof KINDS)[number];

export type Query =
  | { readonly form: "hash"; readonly prefix: string }
  | { readonly form: "address"; readonly address: string }
  | { readonly form: "number"; readonly number: number }
  | { readonly form: "text"; readonly text: string };

/** Shorter prefixes name nothing, they only list. */
const SHORTEST_PREFIX = 6;

/** @returns What is asked, or undefined when nothing could be meant. */
export function parseQuery(text: string): Query | undefined {
  const trimmed = text.trim();
  if (/^0x[0-9a-f]*$/i.test(trimmed)) {
    const hex = trimmed.toLowerCase();
    if (hex.length === 42) return { form: "address", address: hex };
    return hex.length >= 2 + SHORTEST_PREFIX && hex.length <= 66 ? { form: "hash", prefix: hex } : undefined;
  }
  if (/^[#№]?\d{1,9}$/.test(trimmed)) return { form: "number", number: Number(trimmed.replace(/^\D/, "")) };
  return [...trimmed].length >= 2 ? { form: "text", text: trimmed } : undefined;
}

const whole = z.string().regex(/^\d{1,15}$/, "expected a whole number").transform(Number);

export const searchParameters = z.object({
  q: z.string().min(1).max(120),
  limit: whole.pipe(z.number().min(1).max(50)).default(20),
  kinds: z
    .string()
    .max(200)
    .transform((text) => text.split(","))
    .pipe(z.array(z.enum(KINDS)))
    .default([...KINDS]),
});

export const MOST_LOGS = 2_000;

export const logParameters = z
  .object({
    from: whole.default(0),
    to: whole.default(Number.MAX_SAFE_INTEGER),
    limit: whole.pipe(z.number().min(1).max(MOST_LOGS)).default(500),
    cursor: z
      .string()
      .regex(/^\d{1,15}-\d{1,9}$/, "expected the cursor of the page before")
      .transform((text) => text.split("-").map(Number))
      .optional(),
  })
  .refine(({ from, to }) => from <= to, { error: "expected a block not before `from`", path: ["to"] });

/** For LIKE: what the reader wrote is text, not a pattern. */
export function pattern(text: string): string {
  return `%${text.replaceAll(/[\\%_]/g, String.raw`\$&`)}%`;
}
