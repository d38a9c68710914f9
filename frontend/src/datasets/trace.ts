/** What became of each dataset: from the ledger's events alone. Pure. */
import type { Address, Hex } from "viem";
import type { datasetsAbi } from "../../../protocol/abi/index.ts";
import type { DatasetTerms } from "../../../protocol/dataset-terms.ts";
import type { LedgerEvent } from "../chain/events.ts";

export const DATASET_EVENTS = ["DatasetProposed", "AmendmentProposed", "DatasetAmended", "DatasetStatusChanged", "ConsentWithdrawn", "DatasetHeld", "HoldLifted"] as const;
export type DatasetEvent = LedgerEvent<typeof datasetsAbi, (typeof DATASET_EVENTS)[number]>;

/** `IDatasets.Status`, by position. */
export const STATUSES = ["none", "proposed", "approved", "suspended", "retired"] as const;
export type DatasetStatus = (typeof STATUSES)[number];

export interface DatasetPlace {
  readonly transaction: Hex;
  readonly block: bigint;
}

export interface DatasetVersion extends DatasetPlace {
  readonly version: number;
  readonly terms: DatasetTerms;
}

export interface DatasetTrace {
  readonly dataset: number;
  readonly custodian: number;
  readonly status: DatasetStatus;
  /** Oldest first; the last one counts. */
  readonly versions: readonly DatasetVersion[];
  /** Waits for governance. */
  readonly amendment: (DatasetPlace & { readonly termsHash: Hex; readonly terms: DatasetTerms }) | undefined;
  /** Seconds since 1970; undefined when not held. */
  readonly heldUntil: bigint | undefined;
  /** Version that was held last: the council cannot hold it again. */
  readonly heldVersion: number;
  readonly withdrawn: (DatasetPlace & { readonly officer: Address }) | undefined;
}

function apply(trace: DatasetTrace, event: DatasetEvent): DatasetTrace {
  const place = { transaction: event.transactionHash, block: event.blockNumber };
  switch (event.eventName) {
    case "AmendmentProposed":
      return { ...trace, amendment: { ...place, termsHash: event.args.termsHash, terms: event.args.terms } };
    case "DatasetAmended":
      return { ...trace, amendment: undefined, versions: [...trace.versions, { ...place, version: event.args.version, terms: event.args.terms }] };
    case "DatasetStatusChanged":
      return { ...trace, status: STATUSES[event.args.status] ?? "none" };
    case "ConsentWithdrawn":
      return { ...trace, withdrawn: { ...place, officer: event.args.officer } };
    case "DatasetHeld":
      return { ...trace, heldUntil: event.args.until, heldVersion: event.args.version };
    case "HoldLifted":
      return { ...trace, heldUntil: undefined };
    default:
      return trace;
  }
}

/** Every dataset that was ever proposed, by number. @param events In the chain's order. */
export function traceDatasets(events: readonly DatasetEvent[]): readonly DatasetTrace[] {
  const traces = new Map<number, DatasetTrace>();
  for (const event of events) {
    const { dataset } = event.args;
    const known = traces.get(dataset);
    if (event.eventName === "DatasetProposed") {
      const { custodian, terms } = event.args;
      const first = { version: 1, terms, transaction: event.transactionHash, block: event.blockNumber };
      traces.set(dataset, { dataset, custodian, status: "proposed", versions: [first], amendment: undefined, heldUntil: undefined, heldVersion: 0, withdrawn: undefined });
    } else if (known !== undefined) traces.set(dataset, apply(known, event));
  }
  return [...traces.values()].toSorted((a, b) => a.dataset - b.dataset);
}

export function termsOf({ versions }: DatasetTrace): DatasetTerms {
  const last = versions.at(-1);
  if (last === undefined) throw new RangeError("A dataset has a version from the moment it was proposed.");
  return last.terms;
}

export const versionOf = ({ versions }: DatasetTrace): number => versions.length;

export type TermName = keyof DatasetTerms;
export const TERM_NAMES = ["card", "records", "licence", "legalBasis", "ethicsApproval", "ethicsExpiry", "consentVersion", "exempt", "privacyCap"] as const satisfies readonly TermName[];

/** Which terms differ. */
export function changedTerms(before: DatasetTerms, after: DatasetTerms): readonly TermName[] {
  return TERM_NAMES.filter((name) => before[name] !== after[name]);
}

const DAY = 86_400n;

/** First second at which the ethics approval no longer counts: the ledger counts whole UTC days. */
export const ethicsEnd = ({ ethicsExpiry }: Pick<DatasetTerms, "ethicsExpiry">): bigint => (ethicsExpiry / DAY) * DAY;

export interface Search {
  readonly words: string;
  /** Undefined: any. `held`, `withdrawn`, `expired` are no statuses of the contract, but what people look for. */
  readonly state: string | undefined;
}

/** @param names What people call the dataset and its custodian. */
export function matches(trace: DatasetTrace, { words, state }: Search, names: readonly (string | undefined)[], now: number): boolean {
  const terms = termsOf(trace);
  if (state === "held" && trace.heldUntil === undefined) return false;
  if (state === "withdrawn" && trace.withdrawn === undefined) return false;
  if (state === "expired" && ethicsEnd(terms) > BigInt(now)) return false;
  if (state !== undefined && (STATUSES as readonly string[]).includes(state) && trace.status !== state) return false;
  const haystack = [...names, terms.licence, terms.legalBasis, terms.ethicsApproval, String(trace.dataset), terms.card].join("\n").toLowerCase();
  return words.toLowerCase().split(/\s+/).every((word) => haystack.includes(word));
}
