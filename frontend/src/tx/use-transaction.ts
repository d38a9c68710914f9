import { useState } from "react";
import type { Hex, TransactionReceipt } from "viem";
import { useSigner } from "../account/use-signer.tsx";
import { useLedger } from "../chain/use-ledger.tsx";
import type { Call } from "./call.ts";
import { explainProblem } from "./problem.ts";
import type { Problem } from "./problem.ts";
import { simulate } from "./simulate.ts";
import { useTransactions } from "./use-transactions.tsx";

export type TransactionState =
  | { readonly kind: "idle" }
  | { readonly kind: "checking" }
  | { readonly kind: "signing"; readonly with: "wallet" | "passkey" }
  | { readonly kind: "pending"; readonly hash: Hex; readonly repriced: boolean }
  | { readonly kind: "done"; readonly hash: Hex; readonly label: string; readonly receipt: TransactionReceipt | undefined }
  | { readonly kind: "failed"; readonly problem: Problem; readonly hash?: Hex };

export interface Transaction {
  readonly state: TransactionState;
  readonly send: (call: Call, label: string) => void;
  readonly reset: () => void;
}

/**
 * One transaction from click to block: simulated first, followed through replacement, and found again after a reload.
 * @param key What it is for, such as `vote:<proposal>`: at most one is shown for each key and account.
 */
export function useTransaction(key: string): Transaction {
  const signer = useSigner();
  const { client, deployment } = useLedger();
  const transactions = useTransactions();
  const [local, setLocal] = useState<TransactionState>({ kind: "idle" });
  const sent = transactions.all.find((transaction) => transaction.key === key && transaction.account === signer?.address);

  const send = async (call: Call, label: string): Promise<void> => {
    if (signer === undefined) return;
    setLocal({ kind: "checking" });
    try {
      await simulate(client, signer.address, call);
      setLocal({ kind: "signing", with: signer.kind });
      const hash = await signer.sendCalls([{ to: call.to, data: call.data, ...(call.value !== undefined && { value: call.value }) }]);
      transactions.add({ key, label, hash, chainId: deployment.chainId, account: signer.address, sentAt: Date.now(), state: "pending" });
      setLocal({ kind: "idle" });
    } catch (error) {
      setLocal({ kind: "failed", problem: explainProblem(error) });
    }
  };

  const reset = (): void => {
    setLocal({ kind: "idle" });
    if (sent !== undefined && sent.state !== "pending") transactions.dismiss(sent.hash);
  };

  const state = ((): TransactionState => {
    if (local.kind !== "idle" || sent === undefined) return local;
    const { hash, label } = sent;
    if (sent.state === "pending") return { kind: "pending", hash, repriced: sent.repriced === true };
    if (sent.state === "done") return { kind: "done", hash, label, receipt: transactions.receiptOf(hash) };
    return { kind: "failed", hash, problem: { kind: sent.problem ?? "unknown", detail: hash } };
  })();
  return { state, send: (call, label) => void send(call, label), reset };
}
