import type { RoundState } from "../../../protocol/ledger/states.ts";
import type { Digest } from "../cid.ts";

/** A report that was ever made. @param deadline Seconds since 1970 until which it could be disproven. */
export interface NamedReport {
  readonly round: number;
  readonly artefact: Digest;
  readonly reportHash: string;
  readonly deadline: number;
}

/** @param reportHash Of the report that stands. @param finalAt Seconds; null unless it is final. @param approved Governance approved that report. */
export interface NamedRound {
  readonly round: number;
  readonly state: Exclude<RoundState, "None">;
  readonly parentRound: number;
  readonly reportHash: string;
  readonly finalAt: number | null;
  readonly approved: boolean;
}

export interface NamedSettlement {
  readonly index: number;
  readonly state: "Proposed" | "Final" | "Overturned";
  readonly firstRound: number;
  readonly lastRound: number;
  readonly artefact: Digest;
  readonly deadline: number;
}

/** All artefacts that the ledger names for one federation, and what it still needs them for. */
export interface NamedFederation {
  readonly federation: number;
  readonly genesis: Digest;
  readonly rounds: readonly NamedRound[];
  readonly reports: readonly NamedReport[];
  readonly settlements: readonly NamedSettlement[];
  /** The round that the next one extends. */
  readonly tip: number;
  /** Somebody is paid: without that, no round waits for a settlement. */
  readonly settles: boolean;
  readonly settledThrough: number;
  /** Seconds in which a report or its signers can still be held to account: the longest windows that the federation ever had, and unbonding. */
  readonly accountable: number;
}

/** @param cards Of every version of every dataset, also those that were only proposed. */
export interface Named {
  readonly federations: readonly NamedFederation[];
  readonly cards: readonly { readonly dataset: number; readonly card: Digest }[];
}
