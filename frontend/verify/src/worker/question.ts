import type { Hex } from "viem";
import type { Comparison, Finding } from "../../../../protocol/audit/findings.ts";
import type { Rung, Verification } from "../../../../protocol/audit/report.ts";
import type { Deployment } from "../../../../protocol/deployment.ts";
import type { CodeCheck, CodeTable } from "../chain/code.ts";
import type { Given } from "../store/given.ts";
import type { Address, Subject } from "../subject.ts";
import type { Found } from "./find.ts";

/** What the page was built with, and where it lies. */
export interface Setting {
  readonly network: typeof fetch;
  readonly codeTable: CodeTable;
  /** Base of the artefacts of the server that gave the page; null for the page on a disk. */
  readonly home: string | null;
}

export interface Question {
  readonly address: Address;
  /** From the server that gave the page, or dropped on it. */
  readonly deployment: Deployment | null;
  readonly given: Given;
}

/** What a seat has earned, opened against the vault's root. */
export interface SeatReward {
  readonly seat: number;
  readonly payee: string;
  readonly cumulative: string;
  readonly claimed: string;
  readonly proof: readonly Hex[];
}

export interface LoadedFile {
  readonly artefact: Hex;
  readonly path: string;
  readonly bytes: number;
}

/** Everything that a verification gave. */
export interface Outcome {
  /** What was looked at in the end: a transaction leads to a round. */
  readonly subject: Subject;
  readonly federation: number;
  readonly rungs: readonly Rung[];
  readonly findings: readonly Finding[];
  readonly comparisons: readonly Comparison[];
  readonly chain: Verification["chain"];
  readonly code: readonly CodeCheck[];
  readonly found: readonly Found[];
  readonly reward: SeatReward | null;
  /** 0 public · 1 escrowed · 2 masked; null when no configuration was read. */
  readonly privacyMode: number | null;
  readonly loaded: readonly LoadedFile[];
  /** As the worker was given it, so that a report can name it. */
  readonly tampered: string | null;
  readonly milliseconds: number;
}
