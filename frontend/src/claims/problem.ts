/** What went wrong with a transaction, as something that can be said in plain words. Pure. */
import { BaseError, ContractFunctionRevertedError, HttpRequestError, TimeoutError } from "viem";

export type ProblemKind =
  | "rejected"
  | "wrong-chain"
  | "no-funds"
  | "busy-wallet"
  | "unreachable"
  | "nothing-to-claim"
  | "overtaken"
  | "wrong-payee"
  | "reverted"
  | "cancelled"
  | "unknown";

/** @param detail The technical message, for those who can use it. */
export interface Problem {
  readonly kind: ProblemKind;
  readonly detail: string;
}

/** Custom errors of the vault that a claim can meet. */
const REVERTS: Readonly<Record<string, ProblemKind>> = {
  VaultNothingToClaim: "nothing-to-claim",
  VaultBadProof: "overtaken",
  VaultNotCurrentPayee: "wrong-payee",
};

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
};

interface Layer {
  readonly name?: unknown;
  readonly code?: unknown;
  readonly cause?: unknown;
}

function* layersOf(error: unknown): Generator<Layer> {
  let layer = error;
  for (let depth = 0; depth < 12 && typeof layer === "object" && layer !== null; depth++) {
    yield layer as Layer;
    layer = (layer as Layer).cause;
  }
}

function kindOf(error: unknown): ProblemKind {
  for (const layer of layersOf(error)) {
    if (layer instanceof ContractFunctionRevertedError) return REVERTS[layer.data?.errorName ?? ""] ?? "reverted";
    if (typeof layer.name === "string" && NAMES[layer.name] !== undefined) return NAMES[layer.name] ?? "unknown";
    if (typeof layer.code === "number" && CODES[layer.code] !== undefined) return CODES[layer.code] ?? "unknown";
    if (layer instanceof HttpRequestError || layer instanceof TimeoutError) return "unreachable";
  }
  return "unknown";
}

export function explainProblem(error: unknown): Problem {
  const detail = error instanceof BaseError ? error.shortMessage : error instanceof Error ? error.message : String(error);
  return { kind: kindOf(error), detail };
}
