/** What a dataset's card calls the dataset and its institution. A card is anybody's file: it is read only when it hashes to what the chain names. Pure. */
import type { Hex } from "viem";
import { z } from "zod";
import { artefactDigest } from "../../../protocol/unixfs/encode.ts";

/** A card is a page of text; more is not fetched. */
export const CARD_LIMIT = 64 * 1024;
/** Path under which an artefact of a single file keeps it; the same as `SINGLE_FILE` of the audit, whose module would bring more along. */
export const CARD_PATH = "content";

const LONGEST_TITLE = 160;
const LONGEST_INSTITUTION = 60;

/** Control characters, line breaks, and marks that turn the direction of text around: a name with them could pose as something else. */
const DECEPTIVE = /[\p{Cc}\p{Cf}\p{Co}\p{Cs}\p{Zl}\p{Zp}]/u;

const name = (longest: number) =>
  z
    .string()
    .max(longest)
    .refine((text) => !DECEPTIVE.test(text))
    .transform((text) => text.trim().replaceAll(/\s+/g, " "))
    .refine((text) => text !== "");

const cardSchema = z.looseObject({
  format: z.literal("chongwen-dataset-card"),
  version: z.literal(1),
  title: name(LONGEST_TITLE),
  institution: name(LONGEST_INSTITUTION).optional().catch(undefined),
});

export interface CardNames {
  readonly title: string;
  /** Short name of who holds the data, by its own word. */
  readonly institution: string | undefined;
}

function parse(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    return undefined;
  }
}

/** @param digest Of the card, as the chain has it. @returns undefined for other bytes than those, or a card that this page does not know */
export function readCardNames(bytes: Uint8Array, digest: Hex): CardNames | undefined {
  if (bytes.length > CARD_LIMIT || artefactDigest(new Map([[CARD_PATH, bytes]])) !== digest.toLowerCase()) return undefined;
  const card = cardSchema.safeParse(parse(bytes));
  return card.success ? { title: card.data.title, institution: card.data.institution } : undefined;
}
