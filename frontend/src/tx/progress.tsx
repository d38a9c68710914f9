import { Copyable } from "../ui/copyable.tsx";
import { Notice } from "../ui/notice.tsx";
import { useTransactionText } from "./text.ts";
import type { TransactionText } from "./text.en.ts";
import type { TransactionState } from "./use-transaction.ts";
import { wordsFor } from "./words.ts";

interface ProgressProps {
  readonly state: TransactionState;
  readonly onReset: () => void;
}

function sentence(state: TransactionState, text: TransactionText): string {
  switch (state.kind) {
    case "idle":
      return "";
    case "checking":
      return text.checking;
    case "signing":
      return state.with === "passkey" ? text.signingPasskey : text.signing;
    case "pending":
      return state.repriced ? text.repriced : text.pending;
    case "done":
      return state.label;
    case "failed":
      return wordsFor(state.problem, text);
  }
}

/** Where a transaction stands, in plain words, spoken by screen readers as it changes. */
export function Progress({ state, onReset }: ProgressProps) {
  const text = useTransactionText();
  const words = sentence(state, text);
  const busy = state.kind === "checking" || state.kind === "signing" || state.kind === "pending";
  return (
    <div className="transaction-progress" data-transaction={state.kind}>
      <output className="visually-hidden">{words}</output>
      {busy && (
        <p className="busy" aria-hidden="true">
          {words}
        </p>
      )}
      {state.kind === "pending" && <TransactionHash hash={state.hash} />}
      {state.kind === "done" && (
        <Notice tone="good">
          <p>
            <strong>{words}</strong>
          </p>
          <TransactionHash hash={state.hash} />
        </Notice>
      )}
      {state.kind === "failed" && (
        <Notice tone="note">
          <p>{words}</p>
          {state.hash !== undefined && <TransactionHash hash={state.hash} />}
          <details>
            <summary>{text.details}</summary>
            <p className="detail">{state.problem.detail}</p>
          </details>
          <button type="button" className="plain" onClick={onReset}>
            {text.dismiss}
          </button>
        </Notice>
      )}
    </div>
  );
}

function TransactionHash({ hash }: { readonly hash: string }) {
  const { transaction } = useTransactionText();
  return (
    <p className="transaction-hash">
      {transaction} <Copyable value={hash} what={transaction} />
    </p>
  );
}
