/** How things are called and numbers are written on this page. Pure. */
import type { Atlas, AtlasNode } from "../../../../protocol/flow/atlas.ts";
import { fateName } from "../../../../protocol/flow/fate.ts";
import type { Item } from "../../../../protocol/flow/lineage.ts";
import type { Measure } from "../../../../protocol/flow/table.ts";
import type { Opened } from "../../flow-data/messages.ts";
import { splitAmount } from "../../format/amount.ts";
import type { FlowText } from "./text.en.ts";

/** Names that checked cards give; undefined where none does. Without them, numbers: pseudonyms. */
export interface GivenNames {
  readonly dataset: (dataset: number) => string | undefined;
  readonly organisation: (organisation: number) => string | undefined;
}

export interface Words {
  readonly node: (node: AtlasNode) => string;
  /** @param position Null: a support seat, which has none. */
  readonly dataset: (position: number | null) => string;
  readonly institution: (position: number) => string;
  readonly item: (item: Item) => string;
  readonly value: (value: bigint, measure: Measure) => string;
  /** Short: for beside a node. */
  readonly brief: (value: bigint, measure: Measure) => string;
  readonly fate: (fate: number) => string;
}

export function createWords(text: FlowText, { datasets, institutions, epochs }: Opened, names: GivenNames | null): Words {
  const dataset = (position: number | null): string => {
    if (position === null) return text.node.support;
    const id = datasets[position]?.id ?? position;
    return names?.dataset(id) ?? datasets[position]?.name ?? text.node.dataset(id);
  };
  const institution = (position: number): string => {
    const id = institutions[position]?.id ?? position;
    return names?.organisation(id) ?? institutions[position]?.name ?? text.node.institution(id);
  };
  const edition = (first: number, last: number): string => text.node.edition(epochs[first]?.epoch ?? first + 1, epochs[last]?.epoch ?? last + 1);
  const fate = (code: number): string => text.fates[fateName(code)];
  const node = ({ kind, members, column }: AtlasNode): string => {
    const [first = 0, last = first] = [members[0], members.at(-1)];
    switch (kind) {
      case "dataset":
        return dataset(first);
      case "institution":
        return institution(first);
      case "band":
        return text.node.band(first, last);
      case "edition":
        return edition(first, last);
      case "reward":
        return fate(first);
      case "other":
        return column === 0 ? text.node.otherDatasets(members.length) : text.node.otherInstitutions(members.length);
      default:
        return text.node[kind];
    }
  };
  const item = ({ kind, at, round = 0 }: Item): string => {
    switch (kind) {
      case "dataset":
        return dataset(at);
      case "institution":
        return institution(at);
      case "seat":
        return text.node.seat(at);
      case "round":
        return text.node.round(at);
      case "edition":
        return edition(at, at);
      case "update":
        return text.node.update(at, round);
    }
  };
  return { node, dataset, institution, item, fate, value: (value, measure) => `${exactNumber(value, measure)} ${text.unit[measure]}`, brief: briefNumber };
}

const grouped = (value: bigint): string => value.toString().replaceAll(/\B(?=(\d{3})+$)/g, ",");

/** Every digit. */
export function exactNumber(value: bigint, measure: Measure): string {
  if (measure !== "tokens") return grouped(value);
  const { whole, fraction } = splitAmount(value);
  return fraction === "" ? whole : `${whole}.${fraction}`;
}

/** Three significant digits or so; never rounded to nothing. */
export function briefNumber(value: bigint, measure: Measure): string {
  const unit = measure === "tokens" ? 10n ** 18n : 1n;
  const number = Number((value * 1000n) / unit) / 1000;
  if (value > 0n && number < 0.01) return "< 0.01";
  if (number >= 1e9) return `${(number / 1e9).toPrecision(3)} G`;
  if (number >= 1e6) return `${(number / 1e6).toPrecision(3)} M`;
  if (number >= 1e4) return `${(number / 1e3).toPrecision(3)} k`;
  return number >= 100 ? String(Math.round(number)) : String(Number(number.toPrecision(3)));
}

/** Whether what went in came out: at the page, once more, from the numbers that are drawn. */
export function isBalanced({ nodes, links, in: into, out }: Atlas): boolean {
  if (into !== out.counted + out.rejected + out.rolled) return false;
  const sums = new Map<string, { into: bigint; outOf: bigint }>(nodes.map(({ key }) => [key, { into: 0n, outOf: 0n }]));
  for (const { source, target, value } of links) {
    const [a, b] = [sums.get(source), sums.get(target)];
    if (a === undefined || b === undefined) return false;
    a.outOf += value;
    b.into += value;
  }
  return [...sums.values()].every(({ into: a, outOf: b }) => a === 0n || b === 0n || a === b);
}
