/** Transactions that were sent from this browser, kept across reloads: pending is not failed. Pure but for the shelf. */
import { isAddress, isHash } from "viem";
import type { Address, Hex } from "viem";
import type { ProblemKind } from "./problem.ts";
import { PROBLEM_KINDS } from "./problem.ts";

export type TransactionState = "pending" | "done" | "failed";

/**
 * @param key What it is for: the button that sent it finds it again by this.
 * @param label What it does, in the words that the reader saw.
 * @param hash Changes when the wallet sends it again with another fee.
 */
export interface SentTransaction {
  readonly key: string;
  readonly label: string;
  readonly hash: Hex;
  readonly chainId: number;
  readonly account: Address;
  /** Milliseconds since 1970, by this machine's clock. */
  readonly sentAt: number;
  readonly state: TransactionState;
  readonly repriced?: boolean;
  readonly problem?: ProblemKind;
}

/** The part of `localStorage` that is used. */
export interface Shelf {
  getItem(key: string): string | null;
  setItem(key: string, value: string): void;
  removeItem(key: string): void;
}

const KEY = "chongwen.transactions";
/** More would make nobody wiser; those under way are never dropped. */
const KEPT = 30;

export function loadTransactions(shelf: Shelf): readonly SentTransaction[] {
  try {
    const value: unknown = JSON.parse(shelf.getItem(KEY) ?? "[]");
    return Array.isArray(value) ? value.filter(isSentTransaction) : [];
  } catch {
    return [];
  }
}

export function saveTransactions(shelf: Shelf, transactions: readonly SentTransaction[]): void {
  shelf.setItem(KEY, JSON.stringify(transactions));
}

/** Newest first. The same key sent again takes the place of an attempt that has ended. */
export function withSent(transactions: readonly SentTransaction[], sent: SentTransaction): readonly SentTransaction[] {
  const others = transactions.filter(({ key, state, account }) => key !== sent.key || account !== sent.account || state === "pending");
  const all = [sent, ...others];
  return all.filter(({ state }, i) => state === "pending" || i < KEPT);
}

export function withChange(transactions: readonly SentTransaction[], hash: Hex, change: Partial<SentTransaction>): readonly SentTransaction[] {
  return transactions.map((transaction) => (transaction.hash === hash ? { ...transaction, ...change } : transaction));
}

/** What was stored may be of an older page, or of anybody's making. */
function isSentTransaction(value: unknown): value is SentTransaction {
  if (typeof value !== "object" || value === null) return false;
  const { key, label, hash, chainId, account, sentAt, state, problem } = value as Partial<Record<keyof SentTransaction, unknown>>;
  const known = problem === undefined || PROBLEM_KINDS.some((kind) => kind === problem);
  const named = typeof key === "string" && typeof label === "string" && typeof hash === "string" && isHash(hash);
  const placed = Number.isSafeInteger(chainId) && typeof account === "string" && isAddress(account, { strict: false }) && Number.isFinite(sentAt);
  return known && named && placed && (state === "pending" || state === "done" || state === "failed");
}
