import type { Tally } from "../../../../protocol/flow/reconcile.ts";
import { useFlow, useOpened } from "../../flow-data/use-flow.tsx";
import { useFlowText } from "./text.ts";
import { exactNumber } from "./words.ts";

/** Which totals agree with the chain, and which could not be compared. */
export function Checks() {
  const text = useFlowText();
  const { synthetic, source } = useOpened();
  const account = useFlow<"account">({ kind: "account" });
  const { reconciliation, pools, files } = account.data ?? {};
  return (
    <details className="checks" open={reconciliation !== undefined && [reconciliation.distributed, reconciliation.entitlements, reconciliation.weights].some(({ differ }) => differ > 0)}>
      <summary>{text.checks.heading}</summary>
      {reconciliation === undefined || pools === undefined ? (
        <p className="quiet">{text.checks.waiting}</p>
      ) : (
        <ul>
          {synthetic === null ? (
            <>
              <Line what={text.checks.distributed} tally={reconciliation.distributed} />
              <Line what={text.checks.entitlements} tally={reconciliation.entitlements} />
              <Line what={text.checks.weights} tally={reconciliation.weights} />
            </>
          ) : (
            <li>{text.checks.notHere}</li>
          )}
          <li>
            {text.checks.conserved}: <strong className={reconciliation.conserved ? "agrees" : "differs"}>{reconciliation.conserved ? text.checks.yes : text.checks.no}</strong>
          </li>
          {source === "export" && files !== undefined && <Line what={text.checks.files} tally={files} />}
          <li>{text.balance.pools(exactNumber(pools.pooled, "tokens"), exactNumber(pools.distributed, "tokens"), exactNumber(pools.rolled, "tokens"))}</li>
        </ul>
      )}
    </details>
  );
}

function Line({ what, tally: { agree, differ, unchecked, differing } }: { readonly what: string; readonly tally: Tally }) {
  const text = useFlowText();
  return (
    <li>
      {what}: {agree > 0 && <strong className="agrees">{text.checks.agree(agree)}</strong>}
      {differ > 0 && <strong className="differs"> {text.checks.differ(differ, differing)}</strong>}
      {(unchecked > 0 || agree + differ === 0) && <em> {text.checks.unchecked(unchecked)}</em>}
    </li>
  );
}
