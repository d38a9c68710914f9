import { formatAmount } from "../format/amount.ts";
import type { Dictionary } from "../i18n/en.ts";
import { useText } from "../i18n/text.tsx";
import { Copyable } from "../ui/copyable.tsx";
import { Notice } from "../ui/notice.tsx";
import type { ClaimState } from "./use-claim.ts";

interface ClaimProgressProps {
  readonly state: ClaimState;
  readonly onReset: () => void;
}

function wordsFor(state: ClaimState, { claim }: Dictionary): string {
  switch (state.kind) {
    case "idle":
      return "";
    case "pending":
      return state.repriced ? claim.repriced : claim.pending;
    case "done":
      return claim.done(formatAmount(state.amount));
    case "failed":
      return claim.problems[state.problem.kind];
    default:
      return claim[state.kind];
  }
}

/** Where a claim stands, in plain words, spoken by screen readers as it changes. */
export function ClaimProgress({ state, onReset }: ClaimProgressProps) {
  const text = useText();
  const { claim } = text;
  return (
    <div className="claim-progress" data-claim={state.kind}>
      <output className="visually-hidden">{wordsFor(state, text)}</output>
      {(state.kind === "checking" || state.kind === "signing") && <p className="busy" aria-hidden="true">{wordsFor(state, text)}</p>}
      {state.kind === "pending" && (
        <>
          <p className="busy" aria-hidden="true">{wordsFor(state, text)}</p>
          <Transaction hash={state.hash} />
        </>
      )}
      {state.kind === "done" && (
        <Notice tone="good">
          <p>
            <strong>{wordsFor(state, text)}</strong>
          </p>
          <Transaction hash={state.hash} />
        </Notice>
      )}
      {state.kind === "failed" && (
        <Notice tone="note">
          <p>{wordsFor(state, text)}</p>
          {state.hash !== undefined && <Transaction hash={state.hash} />}
          <details>
            <summary>{claim.details}</summary>
            <p className="detail">{state.problem.detail}</p>
          </details>
          <button type="button" className="plain" onClick={onReset}>
            {claim.dismiss}
          </button>
        </Notice>
      )}
    </div>
  );
}

function Transaction({ hash }: { readonly hash: string }) {
  const { claim } = useText();
  return (
    <p className="transaction">
      {claim.transaction} <Copyable value={hash} what={claim.transaction} />
    </p>
  );
}
