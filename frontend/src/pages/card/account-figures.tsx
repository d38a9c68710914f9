import { use } from "react";
import type { ReactNode } from "react";
import type { Balances } from "../../claims/balances.ts";
import type { RewardsState } from "../../claims/read-settlement.ts";
import { formatAmount } from "../../format/amount.ts";
import { Amount, AmountUnit } from "../../ui/amount.tsx";
import { Countdown } from "../../ui/countdown.tsx";
import { useCardText } from "./text.ts";

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
  const { claims } = useCardText();
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
  const { claims } = useCardText();
  const unit = use(AmountUnit);
  const { underWay, settledThrough } = rewards;
  if (underWay === undefined) return claims.nextAfter(String(settledThrough));
  const index = String(underWay.index);
  return (
    <>
      {pending !== undefined && pending > 0n && <strong>{claims.pending(`${formatAmount(pending)} ${unit}`)} </strong>}
      <Countdown until={underWay.deadline} left={(time) => claims.pendingRunning(index, time)} over={claims.pendingOver(index)} />
      {pending === undefined && <> {claims.pendingUnknown}</>}
    </>
  );
}
