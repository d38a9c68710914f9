import type { ReactNode } from "react";
import type { RewardsState } from "./read-settlement.ts";
import { formatAmount } from "../format/amount.ts";
import { formatDuration } from "../format/duration.ts";
import { useText } from "../i18n/text.tsx";
import { Amount } from "../ui/amount.tsx";
import { useNow } from "../ui/use-now.ts";
import type { Balances } from "./balances.ts";

interface FigureProps {
  readonly name: string;
  readonly help: string;
  readonly id: string;
  readonly value: bigint | undefined;
}

function Figure({ name, help, id, value }: FigureProps) {
  return (
    <div className={`figure figure-${id}`}>
      <dt>{name}</dt>
      <dd data-figure={id}>{value === undefined ? <span aria-hidden="true">—</span> : <Amount value={value} />}</dd>
      <dd className="quiet">{help}</dd>
    </div>
  );
}

interface AccountFiguresProps {
  /** Undefined until the table was checked: unknown is not zero. */
  readonly balances: Balances | undefined;
  readonly rewards: RewardsState;
  /** The table of the settlement under way was checked, or there is none. */
  readonly pendingKnown: boolean;
}

export function AccountFigures({ balances, rewards, pendingKnown }: AccountFiguresProps) {
  const { claims } = useText();
  return (
    <>
      <dl className="figures">
        <Figure id="claimable" name={claims.claimable} help={claims.claimableHelp} value={balances?.claimable} />
        <Figure id="claimed" name={claims.claimed} help={claims.claimedHelp} value={balances?.claimed} />
        <Figure id="accrued" name={claims.accrued} help={claims.accruedHelp} value={pendingKnown ? balances?.accrued : undefined} />
        <div className="figure figure-when">
          <dt>{claims.when}</dt>
          <dd>
            <WhenNext rewards={rewards} pending={pendingKnown ? balances?.pending : undefined} />
          </dd>
        </div>
      </dl>
      {balances === undefined && <p className="unverified">{claims.unverified}</p>}
    </>
  );
}

/** When more will be claimable. */
function WhenNext({ rewards, pending }: { readonly rewards: RewardsState; readonly pending: bigint | undefined }): ReactNode {
  const { claims, locale } = useText();
  const now = useNow();
  const { underWay, settledThrough } = rewards;
  if (underWay === undefined) return claims.nextAfter(String(settledThrough));
  const index = String(underWay.index);
  const left = underWay.deadline - now;
  return (
    <>
      {pending !== undefined && pending > 0n && <strong>{claims.pending(formatAmount(pending))} </strong>}
      {left > 0 ? claims.pendingRunning(index, formatDuration(left, locale.units)) : claims.pendingOver(index)}
      {pending === undefined && <> {claims.pendingUnknown}</>}
    </>
  );
}
