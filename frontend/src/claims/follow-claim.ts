import { isAddressEqual, parseEventLogs, WaitForTransactionReceiptTimeoutError } from "viem";
import type { Address, Hex, TransactionReceipt } from "viem";
import { waitForTransactionReceipt } from "viem/actions";
import { rewardsVaultAbi } from "../../../protocol/abi/index.ts";
import type { ChainClient } from "../chain/ledger.ts";
import { explainProblem } from "./problem.ts";
import type { Problem } from "./problem.ts";

export type ClaimOutcome =
  | { readonly kind: "done"; readonly hash: Hex; readonly amount: bigint }
  | { readonly kind: "failed"; readonly problem: Problem; readonly hash: Hex };

export interface FollowOptions {
  readonly signal: AbortSignal;
  /** The wallet sent the same claim again with another fee. */
  readonly onRepriced: (hash: Hex) => void;
}

const PAUSE = 3000;
const ATTEMPT = 30_000;

/** What the vault says it paid in this transaction. */
function paidBy(receipt: TransactionReceipt, vault: Address): bigint {
  const claimed = parseEventLogs({ abi: rewardsVaultAbi, eventName: "Claimed", logs: receipt.logs });
  return claimed.filter(({ address }) => isAddressEqual(address, vault)).reduce((sum, { args }) => sum + args.amount, 0n);
}

function outcomeOf(receipt: TransactionReceipt, vault: Address, replaced: boolean): ClaimOutcome {
  const hash = receipt.transactionHash;
  const amount = paidBy(receipt, vault);
  if (receipt.status === "success" && amount > 0n) return { kind: "done", hash, amount };
  return { kind: "failed", hash, problem: { kind: replaced ? "cancelled" : "reverted", detail: hash } };
}

/** Waits for the block that holds the claim, however long: pending is not failed, nor is an endpoint that is away. @returns undefined when given up */
export async function followClaim(client: ChainClient, vault: Address, hash: Hex, { signal, onRepriced }: FollowOptions): Promise<ClaimOutcome | undefined> {
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
      return signal.aborted ? undefined : outcomeOf(receipt, vault, replaced);
    } catch (error) {
      const waiting = error instanceof WaitForTransactionReceiptTimeoutError || explainProblem(error).kind === "unreachable";
      if (!waiting) return signal.aborted ? undefined : { kind: "failed", hash: current, problem: explainProblem(error) };
      await new Promise((resolve) => setTimeout(resolve, PAUSE));
    }
  }
  return undefined;
}
