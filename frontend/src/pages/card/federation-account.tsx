import type { Address } from "viem";
import type { FederationHistory } from "../../chain/book.ts";
import type { ContributorRecord } from "../../chain/contributors.ts";
import { useSigner } from "../../account/use-signer.tsx";
import { sameAddress } from "../../claims/balances.ts";
import { nextStep } from "../../claims/next-step.ts";
import { hasToken } from "../../claims/points.ts";
import { formatAmount } from "../../format/amount.ts";
import { useText } from "../../i18n/text.tsx";
import { AddressName } from "../../ui/address-name.tsx";
import { AmountUnit } from "../../ui/amount.tsx";
import { Notice } from "../../ui/notice.tsx";
import { AccountFigures } from "./account-figures.tsx";
import { ClaimAction } from "./claim-action.tsx";
import { RecoveredClaims } from "./recovered-claims.tsx";
import { TableCheckNotice } from "./table-check.tsx";
import { useCardText } from "./text.ts";
import { useFederationAccount } from "./use-federation-account.ts";

interface FederationAccountProps {
  readonly account: Address;
  readonly history: FederationHistory;
  readonly contributors: ReadonlyMap<number, ContributorRecord>;
}

/** What one federation owes this account, and the way to claim it. */
export function FederationAccount({ account, history, contributors }: FederationAccountProps) {
  const { rounds } = useText();
  const text = useCardText();
  const signer = useSigner();
  const state = useFederationAccount(account, history);
  const { rewards, balances, table, final } = state;
  const name = text.federation(String(history.federation));
  if (state.failed) {
    return (
      <Notice tone="warning">
        <p>{rounds.failed}</p>
      </Notice>
    );
  }
  if (rewards === undefined) return null;
  const { vault } = rewards;
  const { points } = history;
  const token = hasToken(points);
  return (
    <article className="account" aria-label={`${text.account.account}: ${name}`} data-account={account} data-federation={history.federation}>
      <header>
        <h2>{name}</h2>
        <AddressName address={account} edge={6} />
        {points !== undefined && <p className="quiet">{token ? text.claims.pointsWorth(formatAmount(points.rate)) : text.claims.pointsOnly}</p>}
      </header>
      {vault === undefined ? (
        <p className="reason">{text.claims.noVault}</p>
      ) : (
        <>
          <AmountUnit value={token ? "SHU" : text.points}>
            <AccountFigures balances={balances} rewards={rewards} pendingKnown={state.pendingKnown} />
          </AmountUnit>
          {balances !== undefined && <ClaimAction account={account} vault={vault} table={table} step={nextStep(account, balances, signer?.address, points)} claimable={balances.claimable} />}
          {balances !== undefined && balances.accrued === 0n && <PaidElsewhere account={account} history={history} contributors={contributors} />}
          {table !== undefined && <RecoveredClaims account={account} vault={vault} table={table} history={history} contributors={contributors} />}
          {rewards.rewardsRoot === undefined ? <p className="quiet">{text.claims.noSettlement}</p> : <TableCheckNotice page={final} />}
        </>
      )}
    </article>
  );
}

/** A doctor looks for her own work and finds nothing: her payment goes to the institution. */
function PaidElsewhere({ account, history, contributors }: FederationAccountProps) {
  const { claims } = useCardText();
  const own = history.seats.flatMap(({ contributor }) => contributors.get(contributor) ?? []).find(({ key, payee }) => sameAddress(key, account) && !sameAddress(payee, account));
  if (own === undefined) return null;
  return (
    <p>
      {claims.paidElsewhere} <AddressName address={own.payee} />
    </p>
  );
}
