import type { Loaded, SettlementPage } from "../../claims/queries.ts";
import { Copyable } from "../../ui/copyable.tsx";
import { Notice } from "../../ui/notice.tsx";
import { Waiting } from "../../ui/waiting.tsx";
import { useCardText } from "./text.ts";

/** Whether the published table is the one that the vault pays by. @param page Undefined when the endpoint has no event of that settlement. */
export function TableCheckNotice({ page }: { readonly page: Loaded<SettlementPage> | undefined }) {
  const { table: text } = useCardText();
  if (page !== undefined && page.data === undefined && !page.failed) return <Waiting>{text.loading}</Waiting>;
  const check = page?.data?.check;
  if (page === undefined || page.data === undefined || check === undefined || check.kind === "invalid") {
    return (
      <Notice tone="warning">
        <p>{page === undefined ? text.missing : check === undefined ? text.unavailable : text.invalid}</p>
        {page !== undefined && (
          <button type="button" onClick={page.retry}>
            {text.retry}
          </button>
        )}
      </Notice>
    );
  }
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
    <p className="checked">
      <span aria-hidden="true">✓</span> {text.verified(String(check.table.seatCount))} <Copyable value={page.data.record.rewardsRoot} what={text.onChain} />
    </p>
  );
}
