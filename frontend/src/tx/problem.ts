/** What went wrong with a transaction, as something that can be said in plain words. Pure. */
import { BaseError, ContractFunctionRevertedError, HttpRequestError, TimeoutError } from "viem";

export const PROBLEM_KINDS = ["rejected", "wrong-chain", "no-funds", "busy-wallet", "unreachable", "reverted", "cancelled", "refused-by-relay", "relay-exhausted", "unknown"] as const;
export type ProblemKind = (typeof PROBLEM_KINDS)[number];

/**
 * @param detail The technical message, for those who can use it.
 * @param revert Name of the contract's error, when it gave one.
 */
export interface Problem {
  readonly kind: ProblemKind;
  readonly detail: string;
  readonly revert?: string;
}

/** EIP-1193 and EIP-1474 codes. */
const CODES: Readonly<Record<number, ProblemKind>> = {
  4001: "rejected",
  4100: "rejected",
  4900: "unreachable",
  4901: "wrong-chain",
  4902: "wrong-chain",
  [-32_002]: "busy-wallet",
};

const NAMES: Readonly<Record<string, ProblemKind>> = {
  UserRejectedRequestError: "rejected",
  ChainMismatchError: "wrong-chain",
  ConnectorChainMismatchError: "wrong-chain",
  SwitchChainError: "wrong-chain",
  InsufficientFundsError: "no-funds",
  // A person closed the browser's passkey dialog, or let it time out.
  NotAllowedError: "rejected",
  RelayRefused: "refused-by-relay",
};

interface Layer {
  readonly name?: unknown;
  readonly code?: unknown;
  readonly revert?: unknown;
  readonly cause?: unknown;
}

function* layersOf(error: unknown): Generator<Layer> {
  let layer = error;
  for (let depth = 0; depth < 12 && typeof layer === "object" && layer !== null; depth++) {
    yield layer as Layer;
    layer = (layer as Layer).cause;
  }
}

function classify(error: unknown): Pick<Problem, "kind" | "revert"> {
  for (const layer of layersOf(error)) {
    if (layer instanceof ContractFunctionRevertedError) return { kind: "reverted", ...(layer.data !== undefined && { revert: layer.data.errorName }) };
    if (layer.name === "RelayRefused" && layer.code === "relay-exhausted") return { kind: "relay-exhausted" };
    if (layer.name === "RelayRefused" && layer.code === "unreachable") return { kind: "unreachable" };
    if (layer.name === "RelayRefused" && typeof layer.revert === "string") return { kind: "reverted", revert: layer.revert };
    if (typeof layer.name === "string" && NAMES[layer.name] !== undefined) return { kind: NAMES[layer.name] ?? "unknown" };
    if (typeof layer.code === "number" && CODES[layer.code] !== undefined) return { kind: CODES[layer.code] ?? "unknown" };
    if (layer instanceof HttpRequestError || layer instanceof TimeoutError) return { kind: "unreachable" };
  }
  return { kind: "unknown" };
}

export function explainProblem(error: unknown): Problem {
  const detail = error instanceof BaseError ? error.shortMessage : error instanceof Error ? error.message : String(error);
  return { ...classify(error), detail };
}
