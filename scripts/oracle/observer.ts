import type { Address, Hex } from "viem";
import type { StructName } from "../../protocol/index.ts";

interface RoundEvent {
  readonly federation: number;
  readonly round: number;
}

/**
 * Told of what an oracle does: logs, metrics and checkpoints hang on it, and nothing that the oracle does depends on it.
 * Each is called once the thing has happened. After a restart some things are told again.
 */
export interface OracleObserver {
  /** A whole bundle was taken in. */
  bundleReceived(event: RoundEvent & { readonly bundle: Hex }): void;
  /** It can never be recorded. */
  bundleRefused(event: RoundEvent & { readonly bundle: Hex; readonly code: string }): void;
  /** By this oracle. */
  roundSealed(event: RoundEvent & { readonly bundle: Hex }): void;
  /** @param asHanded False when the ledger decided otherwise than the bundle predicted. */
  roundReported(event: RoundEvent & { readonly bundle: Hex; readonly reportHash: Hex; readonly asHanded: boolean }): void;
  /** In the order of rounds, whoever made them final. @param earlier It was final before this oracle started. */
  roundFinal(event: RoundEvent & { readonly reportHash: Hex; readonly earlier: boolean }): void;
  settled(event: { readonly federation: number; readonly settlement: number; readonly step: "proposed" | "final" }): void;
  /** A request to the intake was refused, or failed. */
  requestRefused(code: string): void;
  /** It is tried again. @param where Part of the oracle: "recording", "following", "signing", "the folder". */
  failed(where: string, code: string): void;
  /** An operator of this oracle was asked to sign. @param ok False: it is wrong, or its updates are nowhere to be had. What could not be looked at is told as failed, in "signing". */
  signed(kind: StructName, ok: boolean): void;
  /** What became of asking another operator's service. Later: it sees that the statement is too early, or that another was first. Nothing is told of one that was not needed any more. */
  peerAnswered(peer: Address, answer: "signed" | "later" | "refused" | "invalid" | "silent"): void;
  /** A federation's worker has looked once, with or without success: it is alive. */
  turned(federation: number): void;
}

const nothing = (): void => undefined;

const SILENT: OracleObserver = {
  bundleReceived: nothing, bundleRefused: nothing, roundSealed: nothing, roundReported: nothing, roundFinal: nothing, settled: nothing, requestRefused: nothing, failed: nothing, signed: nothing, peerAnswered: nothing, turned: nothing,
};

/** Whoever wants to know of some things only. */
export function observing(wanted: Partial<OracleObserver> = {}): OracleObserver {
  return { ...SILENT, ...wanted };
}
