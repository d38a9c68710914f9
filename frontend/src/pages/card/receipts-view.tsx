import { useState } from "react";
import { useSettlementPages } from "../../claims/queries.ts";
import type { SettlementPage } from "../../claims/queries.ts";
import { useUrlState } from "../../state/use-url-state.ts";
import { Amount } from "../../ui/amount.tsx";
import { Section } from "../../ui/section.tsx";
import { Waiting } from "../../ui/waiting.tsx";
import { ReceiptEntry } from "./receipt-entry.tsx";
import { receiptId, receiptsIn, settlementsOf } from "./receipts.ts";
import type { ReceiptKey } from "./receipts.ts";
import { TableCheckNotice } from "./table-check.tsx";
import { useCardText } from "./text.ts";
import type { CardProps } from "./view.ts";

const SHOWN = 12;

/** Every settlement's receipt, newest first; one is open. */
export function ReceiptsView({ account, federations, contributors }: CardProps) {
  const { receipts: text, history: historyText } = useCardText();
  const [shown, setShown] = useState(SHOWN);
  const [chosen] = useUrlState("receipt");
  const records = settlementsOf(federations);
  const pages = useSettlementPages(federations, records.slice(0, shown));
  const waiting = pages.some(({ data, failed }) => data === undefined && !failed);
  const unusable = pages.filter(({ data, failed }) => failed || (data !== undefined && data.check.kind !== "verified"));
  const receipts = pages.flatMap(({ data }) => {
    const history = federations.find(({ federation }) => federation === data?.record.federation);
    if (data === undefined || history === undefined) return [];
    return receiptsIn(data, history, account, contributors).map((receipt) => ({ receipt, page: data }));
  });
  const first = receipts.some(({ receipt }) => receiptId(receipt) === chosen) ? chosen : receipts[0] && receiptId(receipts[0].receipt);
  return (
    <Section heading={text.heading} className="receipts">
      <p>{text.lead}</p>
      {unusable.map((page) => (
        <TableCheckNotice key={page.data?.record.rewardsRoot ?? "failed"} page={page} />
      ))}
      {receipts.map(({ receipt, page }) => (
        <Folded key={receiptId(receipt)} receipt={receipt} page={page} opened={receiptId(receipt) === first} />
      ))}
      {waiting && <Waiting>{text.loading}</Waiting>}
      {!waiting && receipts.length === 0 && <p className="empty">{text.none}</p>}
      {records.length > shown && (
        <button type="button" className="more" onClick={() => setShown(shown + SHOWN)}>
          {historyText.more}
        </button>
      )}
    </Section>
  );
}

interface FoldedProps {
  readonly receipt: ReceiptKey;
  readonly page: SettlementPage;
  readonly opened: boolean;
}

/** Only an open one is worked out. */
function Folded({ receipt, page, opened }: FoldedProps) {
  const text = useCardText();
  const [open, setOpen] = useState(opened);
  const { record, seat } = receipt;
  const amount = page.breakdown?.amounts[seat];
  return (
    <details className="receipt-fold" open={open} onToggle={(event) => setOpen(event.currentTarget.open)} data-receipt={receiptId(receipt)}>
      <summary>
        <span>
          {text.federation(String(record.federation))} · {text.receipts.settlement(String(record.index))} · {text.receipts.seat(String(seat))}
        </span>{" "}
        {amount !== undefined && <Amount value={amount} unit={receipt.history.points === undefined ? "SHU" : text.points} />}
      </summary>
      {open && <ReceiptEntry receipt={receipt} page={page} />}
    </details>
  );
}
