/**
 * A statement that an artefact, or one file of it, was erased: what a server answers with instead of the bytes (HTTP 410), and what may lie beside a store.
 * It is a statement and proves nothing: whoever stops serving can write one. The hash stays on chain, so bytes that turn up later can still be checked.
 * It names no person, and no content.
 */
import { z } from "zod";
import type { Hex } from "viem";
import { ChongwenError } from "../errors.ts";
import { bytes32 } from "../schema.ts";

export const ERASURE_FORMAT = "chongwen-erasure";

/**
 * @param artefact Digest that the chain holds. @param path One file of it; the whole when absent.
 * @param erasedAt Seconds since 1970. @param basis Why, in a word of law or consent: "consent withdrawn". @param statedBy Who says so.
 */
export const erasureSchema = z.strictObject({
  format: z.literal(ERASURE_FORMAT),
  version: z.literal(1),
  artefact: bytes32,
  path: z.string().min(1).max(64).optional(),
  erasedAt: z.int().min(0),
  basis: z.string().min(1).max(200),
  statedBy: z.string().min(1).max(200),
});

export type Erasure = z.infer<typeof erasureSchema>;

/** The statement, when the value is one about this artefact; else null: a statement about another one says nothing here. */
export function erasureOf(value: unknown, artefact: Hex): Erasure | null {
  const parsed = erasureSchema.safeParse(value);
  return parsed.success && parsed.data.artefact === artefact ? parsed.data : null;
}

/** What an audit is told. */
export function erasedError({ artefact, path, erasedAt, basis, statedBy }: Erasure): ChongwenError {
  const what = path === undefined ? `Artefact ${artefact}` : `${path} of artefact ${artefact}`;
  const day = new Date(1000 * erasedAt).toISOString().slice(0, 10);
  return new ChongwenError({
    code: "artefact-erased",
    message: `${what} was erased on ${day} (${basis}), says ${statedBy}. Its hash stays on the ledger; nobody can recompute it any more.`,
    fix: "Nothing to do. If you hold a copy, it can still be checked against the hash.",
    docs: "docs/verify.md",
  });
}
