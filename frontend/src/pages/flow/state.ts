/** What the reader has chosen, in the address and out of it. Pure. */
import type { Hex } from "viem";
import { MEASURES } from "../../../../protocol/flow/table.ts";
import type { Measure } from "../../../../protocol/flow/table.ts";
import type { Query } from "../../../../protocol/flow/query.ts";
import { itemKey, parseItem } from "../../../../protocol/flow/lineage.ts";
import type { Item } from "../../../../protocol/flow/lineage.ts";

export const ZOOMS = ["atlas", "catalogue", "shelf", "slip"] as const;
export type Zoom = (typeof ZOOMS)[number];

/** @param round Null: all contributions of the seat. */
export interface Followed {
  readonly seat: number;
  readonly round: number | null;
}

/** Everything that the reader has chosen. It stands in the address, so that a view can be sent to somebody. */
export interface FlowState {
  readonly digest: Hex | null;
  readonly zoom: Zoom;
  readonly query: Query;
  readonly follow: Followed | null;
  /** Node of the Atlas that is looked at. */
  readonly pick: string | null;
  /** Items on the Shelf: the first is where it began, the others were expanded. */
  readonly items: readonly Item[];
}

const oneOf = <Value extends string>(values: readonly Value[], text: string | null, otherwise: Value): Value => values.find((value) => value === text) ?? otherwise;

const whole = (text: string | null): number | null => (text !== null && /^\d{1,9}$/.test(text) ? Number(text) : null);

const list = (text: string | null): number[] | null => (text !== null && /^\d{1,5}(,\d{1,5}){0,99}$/.test(text) ? [...new Set(text.split(",").map(Number))] : null);

export function parseFollow(text: string | null): Followed | null {
  const match = /^(\d{1,5})(?:\.(\d{1,9}))?$/.exec(text ?? "");
  return match === null ? null : { seat: Number(match[1]), round: match[2] === undefined ? null : Number(match[2]) };
}

/** Reads an address; what is not of its form counts as not there. */
export function parseState(get: (key: string) => string | null): FlowState {
  const digest = get("flow");
  const [from, to] = [whole(get("from")), whole(get("to"))];
  return {
    digest: digest !== null && /^0x[0-9a-f]{64}$/.test(digest) ? (digest as Hex) : null,
    zoom: oneOf(ZOOMS, get("zoom"), "atlas"),
    query: {
      measure: oneOf<Measure>(MEASURES, get("measure"), "weight"),
      institutions: list(get("institutions")),
      datasets: list(get("datasets")),
      from,
      to: from !== null && to !== null && to < from ? from : to,
    },
    follow: parseFollow(get("follow")),
    pick: get("pick"),
    items: (get("items") ?? "").split(",").slice(0, 12).flatMap((text) => parseItem(text) ?? []),
  };
}

export interface FlowChange {
  readonly zoom?: Zoom;
  readonly measure?: Measure;
  readonly institutions?: readonly number[] | null;
  readonly datasets?: readonly number[] | null;
  readonly from?: number | null;
  readonly to?: number | null;
  readonly follow?: Followed | null;
  readonly pick?: string | null;
  readonly items?: readonly Item[];
}

/** What a change writes into the address; null takes it out. */
export function writeChange(change: FlowChange): ReadonlyMap<string, string | null> {
  const written = new Map<string, string | null>();
  const put = (key: string, value: string | number | null | undefined): void => {
    if (value !== undefined) written.set(key, value === null || value === "" ? null : String(value));
  };
  put("zoom", change.zoom === "atlas" ? null : change.zoom);
  put("measure", change.measure === "weight" ? null : change.measure);
  put("institutions", change.institutions === null ? null : change.institutions?.join(","));
  put("datasets", change.datasets === null ? null : change.datasets?.join(","));
  put("from", change.from);
  put("to", change.to);
  put("follow", change.follow === null ? null : change.follow && (change.follow.round === null ? change.follow.seat : `${change.follow.seat}.${change.follow.round}`));
  put("pick", change.pick);
  put("items", change.items?.map(itemKey).join(","));
  return written;
}
