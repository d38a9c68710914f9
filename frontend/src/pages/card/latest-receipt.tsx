import type { ReactNode } from "react";
import { useSettlementPages } from "../../claims/queries.ts";
import { Section } from "../../ui/section.tsx";
import { ReceiptEntry } from "./receipt-entry.tsx";
import { receiptId, receiptsIn, settlementsOf } from "./receipts.ts";
import { useCardText } from "./text.ts";
import type { CardProps } from "./view.ts";

/** Why the last payment was what it was, where the reader looks first. */
export function LatestReceipt({ account, federations, contributors, children }: CardProps & { readonly children: ReactNode }) {
  const { claims } = useCardText();
  const newest = settlementsOf(federations).filter(({ finalised }) => finalised !== undefined).slice(0, 1);
  const [page] = useSettlementPages(federations, newest);
  const history = federations.find(({ federation }) => federation === newest[0]?.federation);
  if (page?.data === undefined || history === undefined) return null;
  const { data } = page;
  const receipts = receiptsIn(data, history, account, contributors);
  if (receipts.length === 0) return null;
  return (
    <Section heading={claims.latest} aside={children}>
      {receipts.slice(0, 1).map((receipt) => (
        <ReceiptEntry key={receiptId(receipt)} receipt={receipt} page={data} />
      ))}
    </Section>
  );
}
