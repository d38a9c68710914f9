/** The kernel's structures as TypeScript values: field for field those of `contracts/types/Kernel.sol`, where each is documented. Up to 48 bits: number. */
import type { Address, Hex } from "viem";

export type FederationConfig = {
  readonly ruleId: number;
  readonly ruleParam: bigint;
  readonly scoringId: number;
  readonly privacyMode: number;
  readonly elementWidth: number;
  readonly hasBase: boolean;
  readonly depth: number;
  readonly modelSpecRoot: Hex;
  readonly termsHash: Hex;
  readonly recordsPerWeight: number;
  readonly maxSeats: number;
  readonly minContributors: number;
  readonly maxExcludedBps: number;
  readonly rhoPerRound: number;
  readonly normSqBound: bigint;
  readonly forceWindow: number;
  readonly reportWindow: number;
  readonly challengeWindow: number;
  readonly maxAttempts: number;
  readonly settleEvery: number;
  readonly poolPerRound: bigint;
  readonly finality: number;
  readonly approvalWindow: number;
};

export type Contribution = {
  readonly federation: number;
  readonly round: number;
  readonly parentReportHash: Hex;
  readonly seat: number;
  readonly updateRoot: Hex;
  readonly rho: number;
  readonly normSq: bigint;
  readonly normTraceRoot: Hex;
  readonly configHash: Hex;
};

export type Seal = {
  readonly federation: number;
  readonly round: number;
  readonly attempt: number;
  readonly parentReportHash: Hex;
  readonly configHash: Hex;
  readonly seatsHash: Hex;
  readonly updateRootsHash: Hex;
  readonly normsHash: Hex;
  readonly normTracesHash: Hex;
  readonly signaturesHash: Hex;
};

export type Report = {
  readonly federation: number;
  readonly round: number;
  readonly attempt: number;
  readonly sealHash: Hex;
  readonly modelRoot: Hex;
  readonly metricsHash: Hex;
  readonly excluded: bigint;
  readonly artefact: Hex;
};

export type SettlementStatement = {
  readonly federation: number;
  readonly index: number;
  readonly attempt: number;
  readonly firstRound: number;
  readonly lastRound: number;
  readonly lastReportHash: Hex;
  readonly scoresHash: Hex;
  readonly entitlementsHash: Hex;
  readonly rewardsRoot: Hex;
  readonly distributed: bigint;
  readonly total: bigint;
  readonly artefact: Hex;
};

/** What a key signs to show that it exists and agrees to its registration. Verified by `Contributors`. */
export type KeyProof = {
  readonly organisation: number;
  readonly payee: Address;
  readonly key: Address;
};

/** What a new key signs to follow another in a rotation or a recovery. Verified by `Contributors`. */
export type KeySuccession = {
  readonly contributor: number;
  readonly key: Address;
};

/** What a payee signs so that anyone may claim for it. Verified by the federation's `RewardsVault`. */
export type Claim = {
  readonly federation: number;
  readonly index: number;
  readonly recipient: Address;
  readonly cumulative: bigint;
  readonly deadline: bigint;
};

/** Structures by their EIP-712 name. */
export type Structs = {
  FederationConfig: FederationConfig;
  Contribution: Contribution;
  Seal: Seal;
  Report: Report;
  SettlementStatement: SettlementStatement;
  KeyProof: KeyProof;
  KeySuccession: KeySuccession;
  Claim: Claim;
};

export type StructName = keyof Structs;
