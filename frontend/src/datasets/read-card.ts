/** A dataset's card, which is anybody's file: believed when it hashes to what the chain names, and even then bounded in every way. Pure. */
import type { Hex } from "viem";
import { z } from "zod";
import { artefactDigest } from "../../../protocol/unixfs/encode.ts";
import { CARD_LIMIT, CARD_PATH } from "../chain/dataset-card.ts";
import { visibleText } from "../format/visible-text.ts";

export const CARD_FORMAT = "chongwen-dataset-card";
const MOST_ITEMS = 4_096;
const MOST_OTHER = 40;
export const LONGEST_DESCRIPTION = 20_000;

const text = (longest: number) => z.string().transform((value) => visibleText(value, longest)).optional().catch(undefined);
const texts = z.array(z.string().transform((value) => visibleText(value, 120))).max(MOST_ITEMS).optional().catch(undefined);
const decimal = z.string().regex(/^-?\d{1,15}(\.\d{1,15})?$/).transform(Number);

const schema = z.looseObject({
  format: z.literal(CARD_FORMAT),
  version: z.literal(1),
  title: text(160),
  institution: text(60),
  /** Markdown. Shown through a filter of its own. */
  description: z.string().max(LONGEST_DESCRIPTION).optional().catch(undefined),
  purpose: text(2_000),
  limits: text(2_000),
  simulated: text(1_000),
  sourceTitle: text(500),
  source: text(500),
  sourceSha256: text(64),
  licence: text(200),
  privacy: text(500),
  unit: text(60),
  jurisdictions: texts,
  recipients: texts,
  records: z.int().min(0).optional().catch(undefined),
  features: texts,
  /** Smallest and largest value of each feature: what scales it to 0 … 1. */
  ranges: z.array(z.tuple([decimal, decimal])).max(MOST_ITEMS).optional().catch(undefined),
  classes: texts,
  classCounts: z.array(z.int().min(0)).max(MOST_ITEMS).optional().catch(undefined),
});

type Known = z.infer<typeof schema>;
const KNOWN = new Set(Object.keys(schema.shape));

/** @param other What this page knows no form for: names and values as text. @param dropped How many fields were left out. */
export interface DatasetCard extends Pick<Known, Exclude<keyof typeof schema.shape, "format" | "version">> {
  readonly other: readonly { readonly name: string; readonly value: string }[];
  readonly dropped: number;
}

export type CardReading = { readonly kind: "checked"; readonly card: DatasetCard } | { readonly kind: "mismatch" | "unreadable" };

function parse(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    return undefined;
  }
}

/** A value in a few words. Nested ones are named, not walked: nesting can be as deep as the file is long. */
function describe(value: unknown): string {
  if (typeof value === "string") return visibleText(value, 300);
  if (Array.isArray(value)) return `[${value.length}]`;
  return typeof value === "object" && value !== null ? `{${Object.keys(value).length}}` : String(value);
}

export const cardDigest = (bytes: Uint8Array): Hex => artefactDigest(new Map([[CARD_PATH, bytes]]));

/** What a card says, whoever wrote it. */
export function readCard(bytes: Uint8Array): DatasetCard | undefined {
  if (bytes.length > CARD_LIMIT) return undefined;
  const parsed = schema.safeParse(parse(bytes));
  if (!parsed.success) return undefined;
  const { format: _format, version: _version, ...known } = parsed.data;
  const names = Object.keys(known).filter((name) => !KNOWN.has(name));
  const other = names.slice(0, MOST_OTHER).map((name) => ({ name: visibleText(name, 60), value: describe(known[name]) }));
  return { ...Object.fromEntries(Object.entries(known).filter(([name]) => KNOWN.has(name))), other, dropped: names.length - other.length };
}

/** @param digest The card's, as the chain has it. */
export function checkCard(bytes: Uint8Array, digest: Hex): CardReading {
  if (cardDigest(bytes) !== digest.toLowerCase()) return { kind: "mismatch" };
  const card = readCard(bytes);
  return card === undefined ? { kind: "unreadable" } : { kind: "checked", card };
}
