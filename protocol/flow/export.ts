/** A view as files for others: a table (CSV, RFC 4180) and provenance (PROV-JSON, W3C submission of 2013). Both say what they are and what they leave out. */
import type { Atlas, AtlasNode } from "./atlas.ts";
import type { Slip } from "./follow.ts";

/** What a file says of itself. @param synthetic Said in every file of numbers that no ledger holds. */
export interface ExportContext {
  readonly synthetic: boolean;
  readonly chainId: number;
  readonly ledger: string;
  readonly federation: number;
  readonly label: (node: AtlasNode) => string;
}

/** Quoted where needed. A cell that a spreadsheet would run as a formula is made text. */
function cell(value: string): string {
  const safe = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\n\r]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

const line = (cells: readonly string[]): string => `${cells.map(cell).join(",")}\r\n`;

/** One line a ribbon. */
export function atlasCsv(atlas: Atlas, context: ExportContext): string {
  const nodes = new Map(atlas.nodes.map((node) => [node.key, node]));
  const name = (key: string): string => {
    const node = nodes.get(key);
    return node === undefined ? key : context.label(node);
  };
  const head = ["from_key", "from", "to_key", "to", "measure", "value", "kind"];
  const kind = context.synthetic ? "synthetic" : "ledger";
  return line(head) + atlas.links.map(({ source, target, value }) => line([source, name(source), target, name(target), atlas.measure, String(value), kind])).join("");
}

/** Identifiers may hold letters, digits, - and _ only. */
const local = (key: string): string => `cw:${key.replaceAll(/[^A-Za-z0-9_-]/g, "_")}`;

interface Prov {
  readonly prefix: Readonly<Record<string, string>>;
  readonly entity: Record<string, Record<string, unknown>>;
  readonly agent: Record<string, Record<string, unknown>>;
  readonly activity: Record<string, Record<string, unknown>>;
  readonly wasDerivedFrom: Record<string, Record<string, unknown>>;
  readonly wasAttributedTo: Record<string, Record<string, unknown>>;
  readonly wasGeneratedBy: Record<string, Record<string, unknown>>;
  readonly used: Record<string, Record<string, unknown>>;
}

function empty({ chainId, ledger }: ExportContext): Prov {
  const prefix = { cw: `urn:chongwen:${chainId}:${ledger.toLowerCase()}:`, xsd: "http://www.w3.org/2001/XMLSchema#" };
  return { prefix, entity: {}, agent: {}, activity: {}, wasDerivedFrom: {}, wasAttributedTo: {}, wasGeneratedBy: {}, used: {} };
}

/** Datasets and editions are entities, institutions agents, rounds activities. */
export function atlasProv(atlas: Atlas, context: ExportContext): string {
  const prov = empty(context);
  const about = (node: AtlasNode): Record<string, unknown> => ({ "prov:label": context.label(node), "cw:value": String(node.value), "cw:measure": atlas.measure, "cw:synthetic": context.synthetic });
  for (const node of atlas.nodes) {
    const list = node.column === 1 ? prov.agent : node.column === 2 ? prov.activity : prov.entity;
    list[local(node.key)] = about(node);
  }
  const column = new Map(atlas.nodes.map(({ key, column }) => [key, column]));
  atlas.links.forEach(({ source, target, value }, i) => {
    const [id, from, to] = [`_:r${i}`, local(source), local(target)];
    const amount = { "cw:value": String(value) };
    if (column.get(source) === 0) prov.wasAttributedTo[id] = { "prov:entity": from, "prov:agent": to, ...amount };
    else if (column.get(source) === 1) prov.used[id] = { "prov:activity": to, "prov:entity": `${from}_updates`, ...amount };
    else if (column.get(source) === 2) prov.wasGeneratedBy[id] = { "prov:entity": to, "prov:activity": from, ...amount };
    else prov.wasDerivedFrom[id] = { "prov:generatedEntity": to, "prov:usedEntity": from, ...amount };
    // What an institution brings to a round is an entity of its own: an activity uses things, not parties.
    if (column.get(source) === 1) {
      prov.entity[`${from}_updates`] = { "prov:label": "updates" };
      prov.wasAttributedTo[`${id}a`] = { "prov:entity": `${from}_updates`, "prov:agent": from };
    }
  });
  return `${JSON.stringify(prov, null, 2)}\n`;
}

/** The contributions of one seat. */
export function slipsCsv(slips: readonly Slip[], context: Pick<ExportContext, "synthetic">, fateText: (fate: number) => string): string {
  const head = ["seat", "round", "weight", "records", "tokens_1e-18_SHU", "outcome", "kind"];
  const rows = slips.map(({ seat, round, weight, samples, tokens, fate }) =>
    line([String(seat), String(round), String(weight), String(samples), String(tokens), fateText(fate), context.synthetic ? "synthetic" : "ledger"]),
  );
  return line(head) + rows.join("");
}
