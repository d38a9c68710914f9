/** Words of a dataset's card that a model card quotes. A card is anybody's file: every field is text of bounded length, or not there. Pure. */
import { z } from "zod";
import type { CardWords } from "./model-facts.ts";

const text = (longest: number) => z.string().transform((value) => value.slice(0, longest)).optional().catch(undefined);
const schema = z.object({ format: z.literal("chongwen-dataset-card"), version: z.literal(1), title: text(160), institution: text(60), source: text(500), tasks: text(500), purpose: text(2_000), limits: text(2_000) });

/** @returns null for what is no data card */
export function readCardWords(bytes: Uint8Array): CardWords | null {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    return null;
  }
  const parsed = schema.safeParse(value);
  if (!parsed.success) return null;
  const { format: _format, version: _version, ...words } = parsed.data;
  return words;
}
