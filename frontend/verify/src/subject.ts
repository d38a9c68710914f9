/** What is asked about, and how it stands in the page's address: `#/round/3?federation=1&rpc=…`. */
import type { Hex } from "viem";
import { DAG_PB, parseCid } from "../../../protocol/unixfs/cid.ts";

export type Subject =
  | { readonly kind: "round" | "settlement" | "seat"; readonly number: number }
  | { readonly kind: "hash" | "tx" | "artefact"; readonly hash: Hex }
  | { readonly kind: "none" };

/** @param endpoints Empty: the deployment's own. @param sources Bases of artefact sources; empty: the page's own server. @param own The reader says the node is theirs. */
export interface Address {
  readonly subject: Subject;
  readonly federation: number;
  readonly endpoints: readonly string[];
  readonly needed: number | null;
  readonly own: boolean;
  readonly sources: readonly string[];
}

const NUMBERED = ["round", "settlement", "seat"] as const;
const MAX_ENDPOINTS = 9;

function numberOf(text: string): number | null {
  return /^\d{1,9}$/.test(text) ? Number(text) : null;
}

/** What someone typed or pasted: a kind and a number, a hash, a content identifier, or a link to this page. Null when it is none of them. */
export function readSubject(text: string): Subject | null {
  const trimmed = text.trim().replace(/^.*#\//, "");
  const [kind = "", id = ""] = trimmed.split("?")[0]?.split(/[/\s]+/) ?? [];
  const numbered = NUMBERED.find((name) => name === kind.toLowerCase());
  const number = numberOf(id);
  if (numbered !== undefined) return number === null ? null : { kind: numbered, number };
  const bare = ["tx", "hash", "artefact", "cid"].includes(kind.toLowerCase()) ? id : trimmed.replace(/^ipfs:\/\//, "").split("/")[0] ?? "";
  if (numberOf(bare) !== null) return { kind: "round", number: Number(bare) };
  if (/^0x[0-9a-f]{64}$/i.test(bare)) {
    const hash = bare.toLowerCase() as Hex;
    if (kind.toLowerCase() === "tx") return { kind: "tx", hash };
    return { kind: kind.toLowerCase() === "artefact" ? "artefact" : "hash", hash };
  }
  try {
    const { codec, digest } = parseCid(bare);
    return codec === DAG_PB ? { kind: "artefact", hash: digest } : { kind: "hash", hash: digest };
  } catch {
    return null;
  }
}

export function subjectText(subject: Subject): string {
  if (subject.kind === "none") return "";
  return "number" in subject ? `${subject.kind}/${subject.number}` : `${subject.kind}/${subject.hash}`;
}

function webAddress(text: string): string | null {
  try {
    const { protocol, href } = new URL(text);
    return protocol === "http:" || protocol === "https:" ? href : null;
  } catch {
    return null;
  }
}

/** @param fragment As `location.hash` gives it. What is malformed is left out. */
export function parseAddress(fragment: string): Address {
  const [path = "", query = ""] = fragment.replace(/^#?\/?/, "").split("?");
  const parameters = new URLSearchParams(query);
  const addresses = (name: string) => parameters.getAll(name).map(webAddress).filter((url) => url !== null).slice(0, MAX_ENDPOINTS);
  return {
    subject: path === "" ? { kind: "none" } : (readSubject(path) ?? { kind: "none" }),
    federation: numberOf(parameters.get("federation") ?? "") ?? 1,
    endpoints: [...new Set(addresses("rpc"))],
    needed: numberOf(parameters.get("k") ?? ""),
    own: parameters.get("own") === "1",
    sources: [...new Set(addresses("from"))],
  };
}

/** The fragment that leads here again. */
export function formatAddress({ subject, federation, endpoints, needed, own, sources }: Address): string {
  const parameters = new URLSearchParams();
  if (federation !== 1) parameters.set("federation", String(federation));
  for (const url of endpoints) parameters.append("rpc", url);
  if (needed !== null) parameters.set("k", String(needed));
  if (own) parameters.set("own", "1");
  for (const url of sources) parameters.append("from", url);
  const query = parameters.toString();
  return `#/${subjectText(subject)}${query === "" ? "" : `?${query}`}`;
}

/** Quoted for a shell whatever it holds. */
const quoted = (text: string): string => (/^[\w:/.,@%+=-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`);

/** The same question on the command line. @param rpc What the page asked first; the workspace's own endpoint when undefined. */
export function commandFor(subject: Subject, federation: number, rpc: string | undefined): string {
  const at = `${federation === 1 ? "" : ` --federation ${federation}`}${rpc === undefined ? "" : ` --rpc ${quoted(rpc)}`}`;
  if (subject.kind === "round") return `npx chongwen audit --round ${subject.number}${at}`;
  if (subject.kind === "settlement") return `npx chongwen audit --settlement ${subject.number}${at}`;
  return `npx chongwen audit${at}`;
}

