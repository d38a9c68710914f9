/** A contributor's record as something that can be cited: what it contributed, pinned by hashes, with its own hash. Pure. */
import type { Address, Hex } from "viem";
import { keccak256 } from "viem/utils";
import { canonicalJson } from "../../../protocol/bundle/canonical-json.ts";
import type { Json } from "../../../protocol/bundle/canonical-json.ts";

/** What a seat did in the rounds that one final settlement covers. */
export interface ColophonPart {
  readonly federation: number;
  readonly seat: number;
  readonly dataset: number;
  readonly datasetTitle: string | undefined;
  readonly settlement: number;
  readonly firstRound: number;
  readonly lastRound: number;
  /** The sum of the seat's weights in those rounds, as signed: its score under size-v1. */
  readonly score: bigint;
  readonly scoreSum: bigint;
  /** Of the last final round: pins every round before it. */
  readonly reportHash: Hex;
  readonly modelRoot: Hex | undefined;
  readonly scoresHash: Hex;
}

export interface Colophon {
  readonly chainId: number;
  readonly ledger: Address;
  readonly contributor: number;
  readonly organisation: number;
  /** By its own dataset card, if one was checked. */
  readonly institution: string | undefined;
  readonly parts: readonly ColophonPart[];
  readonly asOf: { readonly block: bigint; readonly blockHash: Hex; readonly timestamp: number };
  /** Where anyone can check it. */
  readonly url: string;
}

function asJson({ chainId, ledger, contributor, organisation, institution, parts, asOf }: Colophon): Json {
  return {
    format: "chongwen-colophon",
    version: 1,
    chainId,
    ledger: ledger.toLowerCase(),
    contributor,
    organisation,
    institution: institution ?? null,
    asOf: { block: String(asOf.block), blockHash: asOf.blockHash, timestamp: asOf.timestamp },
    parts: parts.map(({ datasetTitle, score, scoreSum, modelRoot, ...part }) => ({
      ...part,
      datasetTitle: datasetTitle ?? null,
      score: String(score),
      scoreSum: String(scoreSum),
      modelRoot: modelRoot ?? null,
    })),
  };
}

/** The record in canonical JSON: the same facts give the same bytes, whoever writes them down. */
export function colophonJson(colophon: Colophon): string {
  return canonicalJson(asJson(colophon));
}

/** Keccak-256 of the canonical JSON. */
export function colophonHash(colophon: Colophon): Hex {
  return keccak256(new TextEncoder().encode(colophonJson(colophon)));
}

function dateOf({ asOf }: Colophon): readonly [number, number, number] {
  const date = new Date(asOf.timestamp * 1000);
  return [date.getUTCFullYear(), date.getUTCMonth() + 1, date.getUTCDate()];
}

const idOf = ({ chainId, contributor, asOf }: Colophon): string => `chongwen-${chainId}-contributor-${contributor}-block-${asOf.block}`;
const authorOf = ({ institution, contributor }: Colophon): string => (institution === undefined ? `Contributor ${contributor}` : `${institution} (contributor ${contributor})`);
const titleOf = ({ parts }: Colophon): string => {
  const federations = [...new Set(parts.map(({ federation }) => federation))];
  return `Contributions to federated models on the Chongwen ledger, ${federations.length === 1 ? "federation" : "federations"} ${federations.join(", ")}`;
};
const noteOf = (colophon: Colophon): string =>
  `As of block ${colophon.asOf.block} (${colophon.asOf.blockHash}), chain ${colophon.chainId}, ledger ${colophon.ledger}. Keccak-256 of the record: ${colophonHash(colophon)}`;

const BIBTEX: Readonly<Record<string, string>> = { "\\": "\\textbackslash{}", "{": "\\{", "}": "\\}", "%": "\\%", $: "\\$", "&": "\\&", "#": "\\#", _: "\\_", "~": "\\textasciitilde{}", "^": "\\textasciicircum{}" };
const texted = (text: string): string => text.replaceAll(/[\\{}%$&#_~^]/g, (sign) => BIBTEX[sign] ?? sign);

export function toBibtex(colophon: Colophon): string {
  const [year, month, day] = dateOf(colophon);
  const fields = [
    ["author", `{${texted(authorOf(colophon))}}`],
    ["title", `{${texted(titleOf(colophon))}}`],
    ["year", String(year)],
    ["date", `${year}-${String(month).padStart(2, "0")}-${String(day).padStart(2, "0")}`],
    ["howpublished", "Chongwen ledger"],
    ["note", texted(noteOf(colophon))],
    ["url", colophon.url.replaceAll(/[\\{}]/g, "")],
  ];
  return `@misc{${idOf(colophon)},\n${fields.map(([name, value]) => `  ${name} = {${value}},`).join("\n")}\n}\n`;
}

export function toCslJson(colophon: Colophon): string {
  const item = {
    id: idOf(colophon),
    type: "dataset",
    author: [{ literal: authorOf(colophon) }],
    title: titleOf(colophon),
    issued: { "date-parts": [dateOf(colophon)] },
    publisher: "Chongwen ledger",
    version: `block ${colophon.asOf.block}`,
    note: noteOf(colophon),
    URL: colophon.url,
  };
  return `${JSON.stringify([item], null, 2)}\n`;
}

export function toPlainCitation(colophon: Colophon): string {
  const [year] = dateOf(colophon);
  return `${authorOf(colophon)} (${year}). ${titleOf(colophon)}. ${noteOf(colophon)}. ${colophon.url}`;
}
