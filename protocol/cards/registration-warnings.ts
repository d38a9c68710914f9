/** What a reader of an imported card should know before it is proposed. Pure. */
import type { HubCard } from "./hugging-face.ts";
import { findLicence, isNonCommercial } from "./licences.ts";
import type { Said } from "./said.ts";

const SIZES: readonly (readonly [name: string, least: number, most: number])[] = [
  ["n<1k", 0, 1e3], ["1k<n<10k", 1e3, 1e4], ["10k<n<100k", 1e4, 1e5], ["100k<n<1m", 1e5, 1e6], ["1m<n<10m", 1e6, 1e7], ["10m<n<100m", 1e7, 1e8], ["100m<n<1b", 1e8, 1e9],
];

function aboutLicence(card: HubCard, licence: string, said: Said): string[] {
  const stated = card.licences.map((one) => findLicence(one)?.spdx ?? one);
  const known = findLicence(licence);
  return [
    ...(isNonCommercial(licence) ? [`The licence ${licence} is not for commercial use; nor, then, is what is trained on it.`] : []),
    ...(known === undefined ? [`The licence ${licence} is not known here: no model card will say what it asks for.`] : []),
    ...(known?.restrictions.includes("no-derivatives") === true ? [`The licence ${licence} forbids to pass on what is made from the data. Whether a model is that is for a lawyer.`] : []),
    ...(said.licence !== undefined && stated.length > 0 && !stated.includes(licence) ? [`The card says ${stated.join(", ")}, and --licence says ${licence}.`] : []),
  ];
}

/** @param shortened Whether the text did not fit. */
export function warningsOf(card: HubCard, said: Said, { licence, records, shortened }: { readonly licence: string | undefined; readonly records: number | undefined; readonly shortened: boolean }): string[] {
  const sizes = card.lists.get("sizes")?.value ?? [];
  const range = SIZES.find(([name]) => sizes.some((one) => one.toLowerCase() === name));
  const levels = said.labelLevels?.reduce((sum, count) => sum + count, 0);
  return [
    ...(licence === undefined ? [] : aboutLicence(card, licence, said)),
    ...(card.isGated ? ["The Hub hands this dataset out under conditions of its own (gated): they are not in the licence."] : []),
    ...(range !== undefined && records !== undefined && (records < range[1] || records > range[2]) ? [`The card's size category is ${sizes.join(", ")}; ${records} records are registered.`] : []),
    ...(levels !== undefined && records !== undefined && levels !== records ? [`--label-levels add up to ${levels}, not to ${records} records: every record will count as unverified.`] : []),
    ...(shortened ? ["The text is longer than a data card takes: the last sections were left out of the description."] : []),
    "A program does not know a name in running text. Read the card before you propose it: it stays for ever.",
  ];
}
