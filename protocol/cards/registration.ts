/**
 * What a dataset card of the Hugging Face Hub and its custodian's own word come to: our data card, and the terms that are proposed with it. A card
 * cannot say on which legal basis data is used or which committee approved it: what nobody said is missing, and is never made up. Pure.
 */
import type { Hex } from "viem";
import { encodeJson, type Json } from "../bundle/canonical-json.ts";
import type { DatasetTerms } from "../dataset-terms.ts";
import type { Configuration, HubCard, Sourced } from "./hugging-face.ts";
import { findLicence } from "./licences.ts";
import type { Section } from "./markdown.ts";
import { warningsOf } from "./registration-warnings.ts";
import { dayOf, type Said } from "./said.ts";

export const CARD_FORMAT = "chongwen-dataset-card";
/** As much as readers of cards take. */
export const CARD_LIMIT = 64 * 1024;

const LONGEST_DESCRIPTION = 12_000;
const LONGEST_TEXT = 2_000;

export interface Field {
  readonly field: string;
  readonly value: string;
  readonly from: string;
}

/** @param option How to say it. @param needed False: the dataset can be proposed without it. */
export interface Missing {
  readonly field: string;
  readonly option: string;
  readonly why: string;
  readonly needed: boolean;
}

/** @param terms Undefined while something needed is missing. Takes the digest under which the card is stored. */
export interface Registration {
  readonly card: Uint8Array;
  readonly fields: readonly Field[];
  readonly missing: readonly Missing[];
  readonly warnings: readonly string[];
  readonly terms: ((card: Hex) => DatasetTerms) | undefined;
}

const PURPOSE = /^(?:direct uses?|intended uses?(?: .*)?|uses?|use cases?|supported tasks.*|purpose)$/iu;
const LIMITS = /out-of-scope|misuse|limitation|\bbias|\brisks?\b|recommendations|social impact|caveats/iu;

function passage(sections: readonly Section[], heading: RegExp): Sourced<string> | undefined {
  const found = sections.filter((section) => heading.test(section.heading));
  if (found.length === 0) return undefined;
  const value = found.map(({ text }) => text).join("\n").replaceAll(/\s+/g, " ").trim().slice(0, LONGEST_TEXT);
  return { value, from: found.map(({ heading: name }) => `section “${name}”`).join(", ") };
}

/** All that is left of the text, with its headings, as far as there is room: whole sections only. */
function describe(sections: readonly Section[]): { readonly text: Sourced<string> | undefined; readonly shortened: boolean } {
  const kept: string[] = [];
  let room = LONGEST_DESCRIPTION;
  for (const { heading, level, text } of sections) {
    const part = heading === "" ? text : `${"#".repeat(Math.max(2, level))} ${heading}\n\n${text}`;
    room -= part.length + 2;
    if (room < 0) break;
    kept.push(part);
  }
  const text = kept.length === 0 ? undefined : { value: kept.join("\n\n"), from: `text: ${kept.length} of ${sections.length} sections` };
  return { text, shortened: kept.length < sections.length };
}

/** The one that was chosen, or the only one. */
function configurationOf({ configurations }: HubCard, { config }: Said): Configuration | undefined {
  const fitting = config === undefined ? configurations : configurations.filter(({ name }) => name === config);
  return fitting.length === 1 ? fitting[0] : undefined;
}

/** SPDX where there is such a name. Several licences, “unknown” and none at all are for the custodian to resolve. */
function licenceOf({ licences: [only, ...others], licenceName }: HubCard): Sourced<string> | undefined {
  if (only === undefined || others.length > 0 || /^unknown$/iu.test(only)) return undefined;
  if (!/^other$/iu.test(only)) return { value: findLicence(only)?.spdx ?? only, from: "front matter: license" };
  return licenceName === undefined ? undefined : { value: `LicenseRef-${licenceName.replaceAll(/[^\p{L}\p{N}.-]+/gu, "-")}`, from: "front matter: license_name" };
}

/** A value, where it came from, and who is to be asked when nobody said it. @param place Whether it stands in the card, in the terms, or in both. */
interface Row {
  readonly field: string;
  readonly found: Sourced<Json> | undefined;
  readonly place: "card" | "terms" | "both";
  readonly ask?: Omit<Missing, "field">;
}

const need = (option: string, why: string): Omit<Missing, "field"> => ({ option, why, needed: true });
const offer = (option: string, why: string): Omit<Missing, "field"> => ({ option, why, needed: false });
const own = <Value>(value: Value | undefined, option: string): Sourced<Value> | undefined => (value === undefined ? undefined : { value, from: option });

/** @param importedSha256 Of the README. */
export function register(hub: HubCard, said: Said, importedSha256: string): Registration {
  const configuration = configurationOf(hub, said);
  const several = hub.configurations.length > 1;
  const counted = own(configuration?.records, `front matter: dataset_info, all splits of “${configuration?.name}”`);
  const institution = own(said.institution, "--institution");
  const title = own(said.title, "--title") ?? hub.title;
  const records = own(said.records, "--records") ?? (counted?.value === 0 ? undefined : counted);
  const licence = own(said.licence === undefined ? undefined : (findLicence(said.licence)?.spdx ?? said.licence), "--licence") ?? licenceOf(hub);
  const legalBasis = own(said.legalBasis, "--legal-basis");
  const ethicsApproval = own(said.ethicsApproval, "--ethics-approval");
  const ethicsExpiry = said.ethicsExpiry === undefined ? undefined : dayOf(said.ethicsExpiry);
  const consentVersion = own(said.consentVersion, "--consent-version");
  const exempt = said.exempt === true;
  const privacyCap = exempt ? { value: 0, from: "--exempt" } : own(said.privacyCap, "--privacy-cap");
  const { text, shortened } = describe(hub.sections);

  const rows: readonly Row[] = [
    { field: "title", found: title, place: "both", ask: need("--title", "the card has neither a pretty_name nor a heading") },
    { field: "institution", found: institution, place: "both", ask: need("--institution", "who holds the data") },
    { field: "records", found: records, place: "both", ask: need(several ? "--config or --records" : "--records", several ? "the card has several configurations" : "the card does not count its records") },
    { field: "licence", found: licence, place: "both", ask: need("--licence", hub.licences.length > 1 ? `the card names several: ${hub.licences.join(", ")}` : "the card names no licence that says what may be done") },
    { field: "legalBasis", found: legalBasis, place: "terms", ask: need("--legal-basis", "a card cannot say on which basis in law the data is used") },
    { field: "ethicsApproval", found: ethicsApproval, place: "terms", ask: need("--ethics-approval", "a card cannot say which committee approved it, or why none had to") },
    { field: "ethicsExpiry", found: own(ethicsExpiry === undefined ? undefined : said.ethicsExpiry, "--ethics-expiry"), place: "terms", ask: need("--ethics-expiry", "the day from which the approval counts no more") },
    { field: "consentVersion", found: consentVersion, place: "terms", ask: need("--consent-version", "which version of the consent form") },
    { field: "privacyCap", found: privacyCap, place: "terms", ask: need("--privacy-cap or --exempt", "most nano-rho that all uses together may spend, or that the data is public") },
    { field: "description", found: text, place: "card" },
    { field: "purpose", found: own(said.purpose, "--purpose") ?? passage(hub.sections, PURPOSE), place: "card", ask: offer("--purpose", "what it may be used for") },
    { field: "limits", found: own(said.limits, "--limits") ?? passage(hub.sections, LIMITS), place: "card", ask: offer("--limits", "what it does not represent") },
    { field: "unit", found: own(said.unit, "--unit"), place: "card", ask: offer("--unit", "the privacy unit: record, patient or site") },
    { field: "jurisdictions", found: own(said.jurisdictions, "--jurisdiction"), place: "card", ask: offer("--jurisdiction", "whose law applies") },
    { field: "recipients", found: own(said.recipients, "--recipient"), place: "card", ask: offer("--recipient", "who receives what is trained on it") },
    { field: "labelLevels", found: own(said.labelLevels, "--label-levels"), place: "card", ask: offer("--label-levels", "how labels were verified; without it every record counts as unverified") },
    { field: "source", found: own(said.source, "--source"), place: "card", ask: offer("--source", "where the dataset can be found") },
    { field: "sourceTitle", found: hub.title, place: "card" },
    { field: "licenceLink", found: own(hub.licenceLink, "front matter: license_link"), place: "card" },
    { field: "classes", found: own(configuration?.classes, "front matter: dataset_info"), place: "card" },
    // As text: what a reader of cards has no form for is shown as it is.
    ...[...hub.lists].map(([field, { value, from }]): Row => ({ field, found: { value: value.join(", "), from }, place: "card" })),
    { field: "privacy", found: exempt ? { value: "exempt: the data is public", from: "--exempt" } : undefined, place: "card" },
  ];
  const inCard = rows.flatMap(({ field, found, place }) => (found === undefined || place === "terms" ? [] : [[field, found.value] as const]));
  const card = { format: CARD_FORMAT, version: 1, ...Object.fromEntries(inCard), importedFrom: "Hugging Face dataset card", importedSha256 };
  const isWhole = title !== undefined && institution !== undefined && records !== undefined && licence !== undefined && legalBasis !== undefined && ethicsApproval !== undefined && ethicsExpiry !== undefined && consentVersion !== undefined && privacyCap !== undefined;
  return {
    card: encodeJson(card),
    fields: rows.flatMap(({ field, found }) => (found === undefined ? [] : [{ field, value: Array.isArray(found.value) ? found.value.join(", ") : String(found.value), from: found.from }])),
    missing: rows.flatMap(({ field, found, ask }) => (found !== undefined || ask === undefined ? [] : [{ field, ...ask }])),
    warnings: warningsOf(hub, said, { licence: licence?.value, records: records?.value, shortened }),
    terms: isWhole
      ? (digest) => ({
          card: digest, ethicsExpiry, consentVersion: consentVersion.value, records: records.value, privacyCap: privacyCap.value, exempt,
          licence: licence.value, legalBasis: legalBasis.value, ethicsApproval: ethicsApproval.value,
        })
      : undefined,
  };
}
