/** What the page asks of the worker that holds the table, and what comes back. Plain data: it is copied between the two. */
import type { Address, Hex } from "viem";
import type {
  Atlas,
  Catalogue,
  FlowContracts,
  FlowDataset,
  FlowSeat,
  Found,
  Item,
  Lineage,
  Pools,
  Query,
  RawLog,
  Reconciliation,
  Slip,
  Tally,
} from "../../../protocol/flow/index.ts";

/** The ledger on chain. @param base Where the page lives: artefacts are asked for relative to it. */
export interface LedgerSource {
  readonly chainId: number;
  readonly contracts: FlowContracts;
  readonly federation: number;
  readonly block: bigint;
  readonly logs: readonly RawLog[];
}

/** @param digest Of an export in the artefact store; null = read the ledger itself. @param ledger What the chain says: to build from, or to compare an export with. */
export interface OpenRequest {
  readonly kind: "open";
  readonly base: string;
  readonly digest: Hex | null;
  readonly ledger: LedgerSource | null;
}

/** One part of a view, drawn over it. */
export type Part =
  | { readonly kind: "node"; readonly key: string }
  | { readonly kind: "seat"; readonly seat: number; readonly round: number | null };

export interface Requests {
  readonly open: { readonly ask: OpenRequest; readonly answer: Opened };
  readonly atlas: { readonly ask: { readonly kind: "atlas"; readonly query: Query }; readonly answer: Atlas };
  readonly overlay: { readonly ask: { readonly kind: "overlay"; readonly query: Query; readonly part: Part }; readonly answer: Atlas };
  readonly catalogue: { readonly ask: { readonly kind: "catalogue"; readonly query: Query }; readonly answer: Catalogue };
  readonly lineage: { readonly ask: { readonly kind: "lineage"; readonly query: Query; readonly items: readonly Item[] }; readonly answer: readonly Lineage[] };
  readonly find: { readonly ask: { readonly kind: "find"; readonly text: string }; readonly answer: readonly Found[] };
  readonly slips: { readonly ask: { readonly kind: "slips"; readonly seat: number }; readonly answer: readonly Slip[] };
  readonly slip: { readonly ask: { readonly kind: "slip"; readonly seat: number; readonly round: number }; readonly answer: SlipDetail | null };
  readonly account: { readonly ask: { readonly kind: "account" }; readonly answer: Account };
}

export type RequestKind = keyof Requests;

/** What the page must know to label and to offer. */
export interface Opened {
  readonly synthetic: { readonly seed: number; readonly contributions: number } | null;
  readonly source: "ledger" | "export";
  readonly chainId: number;
  readonly ledger: Address;
  readonly federation: number;
  readonly block: bigint;
  readonly rows: number;
  readonly rounds: { readonly first: number; readonly last: number };
  readonly datasets: readonly FlowDataset[];
  readonly institutions: readonly { readonly id: number; readonly name: string | null }[];
  readonly seats: readonly FlowSeat[];
  readonly epochs: readonly OpenedEpoch[];
  readonly withheld: { readonly seats: number; readonly rows: number; readonly smallest: number; readonly hidden: readonly number[] };
  /** Not in the drawing, because their bundles could not be read. */
  readonly missing: { readonly rounds: readonly number[]; readonly settlements: readonly number[] };
  /** Weight by sixty-fourth of the rounds, largest = 1: what the scrubber shows. */
  readonly profile: readonly number[];
}

export interface OpenedEpoch {
  readonly epoch: number;
  readonly firstRound: number;
  readonly lastRound: number;
  readonly modelRoot: Hex | null;
  readonly settlement: number | null;
}

/** What needs every row: asked for once the first drawing stands. @param share Millionths of the measure that is withheld. */
export interface Account {
  readonly pools: Pools;
  readonly reconciliation: Reconciliation;
  readonly files: Tally;
  readonly share: Readonly<Record<"weight" | "tokens" | "samples", number>>;
}

/** One update. @param proof What the round's bundle says of it, once that was compared with the seal on chain. */
export interface SlipDetail {
  readonly slip: Slip;
  readonly report: { readonly reportHash: Hex; readonly artefact: Hex; readonly transaction: Hex | null } | null;
  readonly proof:
    | { readonly kind: "checked"; readonly updateRoot: Hex; readonly normSq: bigint; readonly rho: number; readonly signer: Address }
    | { readonly kind: "unavailable" | "differs" | "synthetic" };
}

export interface Ask<Kind extends RequestKind = RequestKind> {
  readonly id: number;
  readonly ask: Requests[Kind]["ask"];
}

export type Reply<Kind extends RequestKind = RequestKind> =
  | { readonly id: number; readonly ok: true; readonly answer: Requests[Kind]["answer"] }
  | { readonly id: number; readonly ok: false; readonly code: string; readonly message: string };
