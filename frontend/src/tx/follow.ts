import { WaitForTransactionReceiptTimeoutError } from "viem";
import type { Hex, TransactionReceipt } from "viem";
import { waitForTransactionReceipt } from "viem/actions";
import type { ChainClient } from "../chain/ledger.ts";
import { explainProblem } from "./problem.ts";
import type { Problem } from "./problem.ts";

export type Outcome =
  | { readonly kind: "done"; readonly hash: Hex; readonly receipt: TransactionReceipt }
  | { readonly kind: "failed"; readonly hash: Hex; readonly problem: Problem };

export interface FollowOptions {
  readonly signal: AbortSignal;
  /** The wallet sent the same transaction again with another fee. */
  readonly onRepriced: (hash: Hex) => void;
}

const PAUSE = 3000;
const ATTEMPT = 30_000;

function outcomeOf(receipt: TransactionReceipt, replaced: boolean): Outcome {
  const hash = receipt.transactionHash;
  if (replaced) return { kind: "failed", hash, problem: { kind: "cancelled", detail: hash } };
  return receipt.status === "success" ? { kind: "done", hash, receipt } : { kind: "failed", hash, problem: { kind: "reverted", detail: hash } };
}

/** Waits for the block that holds the transaction, however long: pending is not failed, nor is an endpoint that is away. @returns undefined when given up */
export async function follow(client: ChainClient, hash: Hex, { signal, onRepriced }: FollowOptions): Promise<Outcome | undefined> {
  let current = hash;
  let replaced = false;
  while (!signal.aborted) {
    try {
      const receipt = await waitForTransactionReceipt(client, {
        hash: current,
        timeout: ATTEMPT,
        onReplaced: ({ reason, transaction }) => {
          current = transaction.hash;
          if (reason === "repriced") onRepriced(transaction.hash);
          else replaced = true;
        },
      });
      return signal.aborted ? undefined : outcomeOf(receipt, replaced);
    } catch (error) {
      const waiting = error instanceof WaitForTransactionReceiptTimeoutError || explainProblem(error).kind === "unreachable";
      if (!waiting) return signal.aborted ? undefined : { kind: "failed", hash: current, problem: explainProblem(error) };
      await new Promise((resolve) => setTimeout(resolve, PAUSE));
    }
  }
  return undefined;
}
