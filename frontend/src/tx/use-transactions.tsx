import { useQueryClient } from "@tanstack/react-query";
import { createContext, use, useCallback, useEffect, useMemo, useRef, useState } from "react";
import type { ReactNode } from "react";
import type { Hex, TransactionReceipt } from "viem";
import { useLedger } from "../chain/use-ledger.tsx";
import { shelf } from "../state/remember.ts";
import { follow } from "./follow.ts";
import { loadTransactions, saveTransactions, withChange, withSent } from "./store.ts";
import type { SentTransaction } from "./store.ts";

interface Transactions {
  /** Of this ledger's chain, newest first. */
  readonly all: readonly SentTransaction[];
  readonly add: (sent: SentTransaction) => void;
  readonly dismiss: (hash: Hex) => void;
  /** What the chain said of those that ended since the page was opened. */
  readonly receiptOf: (hash: Hex) => TransactionReceipt | undefined;
}

const Context = createContext<Transactions | undefined>(undefined);

/** Follows every transaction that was sent from this browser until it is in a block, whichever page is open. */
export function TransactionsProvider({ children }: { readonly children: ReactNode }) {
  const { client, deployment } = useLedger();
  const queries = useQueryClient();
  const [all, setAll] = useState(() => loadTransactions(shelf));
  const receipts = useRef(new Map<Hex, TransactionReceipt>());
  const followed = useRef(new Map<Hex, AbortController>());

  const change = useCallback((update: (transactions: readonly SentTransaction[]) => readonly SentTransaction[]) => {
    setAll((before) => {
      const after = update(before);
      saveTransactions(shelf, after);
      return after;
    });
  }, []);

  useEffect(() => {
    for (const { hash, chainId, state } of all) {
      if (state !== "pending" || chainId !== deployment.chainId || followed.current.has(hash)) continue;
      const controller = new AbortController();
      followed.current.set(hash, controller);
      let current = hash;
      const onRepriced = (next: Hex): void => {
        followed.current.set(next, controller);
        change((transactions) => withChange(transactions, current, { hash: next, repriced: true }));
        current = next;
      };
      void follow(client, hash, { signal: controller.signal, onRepriced }).then(async (outcome) => {
        if (outcome === undefined) return;
        // What it changed is on chain now: show it without waiting for the next look.
        await queries.invalidateQueries({ queryKey: ["block"] });
        if (outcome.kind === "done") receipts.current.set(outcome.hash, outcome.receipt);
        const problem = outcome.kind === "failed" ? { problem: outcome.problem.kind } : {};
        change((transactions) => withChange(transactions, current, { hash: outcome.hash, state: outcome.kind, ...problem }));
      });
    }
  }, [all, client, deployment.chainId, queries, change]);

  useEffect(() => {
    const { current } = followed;
    return () => {
      for (const controller of current.values()) controller.abort();
      current.clear();
    };
  }, []);

  const value = useMemo<Transactions>(
    () => ({
      all: all.filter(({ chainId }) => chainId === deployment.chainId),
      add: (sent) => change((transactions) => withSent(transactions, sent)),
      dismiss: (hash) => change((transactions) => transactions.filter((transaction) => transaction.hash !== hash)),
      receiptOf: (hash) => receipts.current.get(hash),
    }),
    [all, change, deployment.chainId],
  );
  return <Context value={value}>{children}</Context>;
}

export function useTransactions(): Transactions {
  const context = use(Context);
  if (context === undefined) throw new Error("useTransactions needs a TransactionsProvider above it.");
  return context;
}
