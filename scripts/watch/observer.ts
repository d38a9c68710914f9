import type { Hex } from "viem";
import type { FetchProblem } from "./fetch.ts";

/** What a check came to. unprovable: wrong, but no verifier judges it · escrowed: only escrow holders can recompute it. */
export type CheckResult = "verified" | "fault" | "missing" | "unprovable" | "escrowed" | "failed";

/** One thing that was checked. Times in milliseconds. */
export interface CheckLine {
  readonly subject: string;
  readonly hash: Hex;
  readonly result: CheckResult;
  readonly reason: string;
  readonly where: string;
  readonly fetched: number;
  readonly computed: number;
  readonly problems: readonly FetchProblem[];
}

/** One thing that was sent. */
export interface ActionLine {
  readonly action: string;
  readonly subject: string;
  readonly transaction: Hex;
  readonly block: bigint;
  readonly gas: bigint;
  readonly note: string;
}

/** Is told what a watcher sees and does. */
export interface Observer {
  /** A look at the whole ledger as of this block has ended well. */
  looked?(block: bigint): void;
  checked(line: CheckLine): void;
  acted(line: ActionLine): void;
  /** Something that a person may want to do something about. */
  warned(subject: string, message: string): void;
  /** What became of something that was checked: final, overturned by somebody else. */
  ended(subject: string, fate: string): void;
}
