import type { UseQueryResult } from "@tanstack/react-query";
import type { Address } from "viem";
import type { Receipt } from "./queries.ts";
import { useText } from "../i18n/text.tsx";
import { Copyable } from "../ui/copyable.tsx";
import { Notice } from "../ui/notice.tsx";
import { Waiting } from "../ui/waiting.tsx";
import { ReceiptLines } from "./receipt-lines.tsx";

interface ReceiptPanelProps {
  readonly account: Address;
  readonly receipt: UseQueryResult<Receipt>;
}

/** Whether the published table is the one that the vault pays by, and why this account was paid what it was. */
export function ReceiptPanel({ account, receipt }: ReceiptPanelProps) {
  const { receipt: text } = useText();
  return (
    <section className="receipt" aria-labelledby="receipt-heading">
      <h4 id="receipt-heading">{text.heading}</h4>
      <ReceiptBody account={account} receipt={receipt} />
    </section>
  );
}

function ReceiptBody({ account, receipt }: ReceiptPanelProps) {
  const { receipt: text } = useText();
  const { data } = receipt;
  if (data === undefined && !receipt.isError) return <Waiting>{text.loading}</Waiting>;
  if (data?.kind !== "checked" || data.check.kind === "invalid") {
    const reason = data === undefined ? text.unavailable : data.kind === "checked" ? text.invalid : text[data.kind];
    return (
      <Notice tone="warning">
        <p>{reason}</p>
        <button type="button" onClick={() => void receipt.refetch()}>
          {text.retry}
        </button>
      </Notice>
    );
  }
  const { check, statement } = data;
  if (check.kind === "mismatch") {
    return (
      <Notice tone="warning">
        <p>
          <strong>{text.mismatch}</strong>
        </p>
        <dl>
          <dt>{text.onChain}</dt>
          <dd>
            <Copyable value={check.expected} what={text.onChain} />
          </dd>
          <dt>{text.computed}</dt>
          <dd>
            <Copyable value={check.computed} what={text.computed} />
          </dd>
        </dl>
      </Notice>
    );
  }
  return (
    <>
      <p className="checked">
        <span aria-hidden="true">✓</span> {text.verified(String(check.table.seatCount))} <Copyable value={statement.rewardsRoot} what={text.onChain} />
      </p>
      <ReceiptLines account={account} statement={statement} table={check.table} />
    </>
  );
}
