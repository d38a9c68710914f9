/** A dataset as it is being written down: what the contract wants, checked before anybody is asked to sign. Pure. */
import type { Hex } from "viem";
import { canonicalJson } from "../../../../protocol/bundle/canonical-json.ts";
import type { DatasetTerms } from "../../../../protocol/dataset-terms.ts";
import { CARD_FORMAT, LONGEST_DESCRIPTION } from "../../datasets/read-card.ts";

export const CARD_TEXTS = ["title", "institution", "purpose", "limits", "unit", "description", "jurisdictions", "recipients"] as const;
export const TERM_TEXTS = ["records", "licence", "legalBasis", "ethicsApproval", "ethicsExpiry", "consentVersion", "privacyCap"] as const;
export type DraftText = (typeof CARD_TEXTS)[number] | (typeof TERM_TEXTS)[number];

/** @param file A card that was written elsewhere; the card's own fields are then left alone. */
export type Draft = Readonly<Record<DraftText, string>> & { readonly exempt: boolean; readonly file: { readonly name: string; readonly bytes: Uint8Array } | undefined };

export const EMPTY_DRAFT: Draft = {
  ...(Object.fromEntries([...CARD_TEXTS, ...TERM_TEXTS].map((name) => [name, ""])) as Record<DraftText, string>),
  consentVersion: "1",
  privacyCap: "0",
  exempt: false,
  file: undefined,
};

const DAY = 86_400;
const LAST_DAY = 65_535;
const MOST_NANO = 2n ** 48n - 1n;
const MOST_RECORDS = 2 ** 32 - 1;

/** Terms as a draft, to be changed. */
export function draftOf(terms: DatasetTerms, file: Draft["file"]): Draft {
  return {
    ...EMPTY_DRAFT,
    records: String(terms.records),
    licence: terms.licence,
    legalBasis: terms.legalBasis,
    ethicsApproval: terms.ethicsApproval,
    ethicsExpiry: new Date(Number(terms.ethicsExpiry) * 1000).toISOString().slice(0, 10),
    consentVersion: String(terms.consentVersion),
    privacyCap: String(terms.privacyCap),
    exempt: terms.exempt,
    file,
  };
}

const lines = (text: string): string[] => text.split("\n").map((line) => line.trim()).filter((line) => line !== "");

/** The card's bytes: canonical, so that the same words give the same hash everywhere. */
export function cardBytes(draft: Draft): Uint8Array {
  if (draft.file !== undefined) return draft.file.bytes;
  const texts = (["title", "institution", "purpose", "limits", "unit", "description"] as const).filter((name) => draft[name].trim() !== "");
  const lists = (["jurisdictions", "recipients"] as const).filter((name) => lines(draft[name]).length > 0);
  const card = {
    format: CARD_FORMAT,
    version: 1,
    ...Object.fromEntries(texts.map((name) => [name, name === "description" ? draft[name].slice(0, LONGEST_DESCRIPTION) : draft[name].trim()])),
    ...Object.fromEntries(lists.map((name) => [name, lines(draft[name])])),
    ...(draft.exempt && { privacy: "exempt: the data is public" }),
    ...(/^[1-9]\d{0,9}$/.test(draft.records) && { records: Number(draft.records) }),
  };
  return new TextEncoder().encode(canonicalJson(card));
}

export type DraftProblem = "required" | "number" | "expiry" | "tooFar" | "cap" | "card";

const wholeNumber = (text: string, least: bigint, most: bigint): boolean => /^\d{1,20}$/.test(text) && BigInt(text) >= least && BigInt(text) <= most;

/** What the contract, or a reader, would refuse. @param now Seconds, by the chain's clock */
export function problemsOf(draft: Draft, now: number): Partial<Record<DraftText | "card", DraftProblem>> {
  const problems: Partial<Record<DraftText | "card", DraftProblem>> = {};
  if (draft.file === undefined && draft.title.trim() === "") problems.card = "card";
  for (const name of ["licence", "legalBasis", "ethicsApproval"] as const) if (draft[name].trim() === "") problems[name] = "required";
  if (!wholeNumber(draft.records, 1n, BigInt(MOST_RECORDS))) problems.records = "number";
  if (!wholeNumber(draft.consentVersion, 1n, BigInt(MOST_RECORDS))) problems.consentVersion = "number";
  if (!draft.exempt && !wholeNumber(draft.privacyCap, 0n, MOST_NANO)) problems.privacyCap = "cap";
  const day = expiryDay(draft.ethicsExpiry);
  if (day === undefined || day <= Math.floor(now / DAY)) problems.ethicsExpiry = "expiry";
  else if (day > LAST_DAY) problems.ethicsExpiry = "tooFar";
  return problems;
}

function expiryDay(text: string): number | undefined {
  const time = /^\d{4}-\d{2}-\d{2}$/.test(text) ? Date.parse(`${text}T00:00:00Z`) : Number.NaN;
  return Number.isNaN(time) ? undefined : time / 1000 / DAY;
}

/** @returns undefined while something is missing or wrong */
export function termsFrom(draft: Draft, card: Hex, now: number): DatasetTerms | undefined {
  const day = expiryDay(draft.ethicsExpiry);
  if (Object.keys(problemsOf(draft, now)).length > 0 || day === undefined) return undefined;
  return {
    card,
    ethicsExpiry: BigInt(day * DAY),
    consentVersion: Number(draft.consentVersion),
    records: Number(draft.records),
    privacyCap: draft.exempt ? 0 : Number(draft.privacyCap),
    exempt: draft.exempt,
    licence: draft.licence.trim(),
    legalBasis: draft.legalBasis.trim(),
    ethicsApproval: draft.ethicsApproval.trim(),
  };
}
