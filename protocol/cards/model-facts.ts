/** All that a model card says, before it is said: from the chain, from bundles that hash to it, and from the cards of datasets. */
import type { Address, Hex } from "viem";
import type { Finding } from "../audit/findings.ts";
import type { FederationConfig } from "../eip712/structs.ts";
import type { Evaluation } from "../evaluation/evaluation.ts";

/** An entry of a sealed round. @param dropped Why the contract gave it no weight; null when it has some. @param excluded Its payload never came. */
export interface CardEntry {
  readonly seat: number;
  readonly weight: number;
  readonly dropped: string | null;
  readonly excluded: boolean;
}

/** A round between the first model and this one. @param entries Null: its bundle could not be read, or is not the one that was reported. */
export interface CardRound {
  readonly round: number;
  readonly state: string;
  readonly reportHash: Hex;
  readonly artefact: Hex;
  readonly entries: readonly CardEntry[] | null;
}

export interface CardSeat {
  readonly seat: number;
  readonly contributor: number;
  readonly organisation: number;
  /** 0: a support seat, which trains nothing. */
  readonly dataset: number;
}

/** Terms of a dataset in force at one of the seals. Text of its custodian. */
export interface CardTerms {
  readonly version: number;
  readonly card: Hex;
  readonly licence: string;
  readonly legalBasis: string;
  readonly ethicsApproval: string;
  /** Seconds since 1970. */
  readonly ethicsExpiry: bigint;
  readonly consentVersion: number;
  readonly records: number;
}

/** What the card of a dataset says: anybody's words. */
export interface CardWords {
  readonly title?: string | undefined;
  readonly institution?: string | undefined;
  readonly source?: string | undefined;
  readonly tasks?: string | undefined;
  readonly purpose?: string | undefined;
  readonly limits?: string | undefined;
}

export interface CardDataset {
  readonly dataset: number;
  readonly custodian: number;
  readonly status: string;
  /** Block of the withdrawal. */
  readonly withdrawnAt: bigint | null;
  /** Held by the ethics council, until this second at least. */
  readonly heldUntil: bigint | null;
  /** Of every version that was used, the earliest first. */
  readonly terms: readonly CardTerms[];
  /** Null: the card could not be read, or is not the one that the chain names. */
  readonly words: CardWords | null;
  readonly exempt: boolean;
  /** Nano-ρ: most, and charged so far over all federations. */
  readonly cap: bigint;
  readonly spent: bigint;
  /** Nano-ρ charged in the rounds of this lineage; null when one of them could not be read. */
  readonly spentHere: bigint | null;
}

/** @param balanced Mean share of right answers over the classes, in parts per million; null when labels or predictions could not be read. */
export interface CardEvaluation extends Evaluation {
  readonly balancedPpm: number | null;
}

export interface ModelFacts {
  readonly chainId: number;
  readonly ledger: Address;
  readonly federation: number;
  readonly round: number;
  /** Block of the last change in the registries and rounds that this rests on: the same state gives the same card. */
  readonly lastChange: bigint;
  readonly config: FederationConfig;
  readonly configHash: Hex;
  readonly parameters: number;
  readonly genesis: Hex;
  readonly state: string;
  readonly reportHash: Hex;
  readonly metricsHash: Hex;
  readonly modelRoot: Hex;
  readonly artefact: Hex;
  /** Null: none, or the bundle that states it could not be checked. */
  readonly evaluation: CardEvaluation | null;
  /** Rounds of its lineage, the first first; the last is the model's own. */
  readonly lineage: readonly CardRound[];
  readonly seats: readonly CardSeat[];
  /** Those whose updates are in the lineage, by number. */
  readonly datasets: readonly CardDataset[];
  /** Of the round, as `chongwen audit --round` gives it. */
  readonly audit: { readonly checked: number; readonly findings: readonly Finding[] };
  readonly delta: number;
  /** Where the dapp is served. */
  readonly page: string | null;
}

/** Seats whose updates are in a round's aggregate. */
export const countedIn = ({ entries }: CardRound): readonly CardEntry[] => (entries ?? []).filter(({ weight, excluded }) => weight > 0 && !excluded);

export const isVerified = ({ audit }: Pick<ModelFacts, "audit">): boolean => audit.findings.length === 0;
export const isWholeLineage = ({ lineage }: Pick<ModelFacts, "lineage">): boolean => lineage.every(({ entries }) => entries !== null);
