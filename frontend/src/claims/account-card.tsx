import type { UseQueryResult } from "@tanstack/react-query";
import type { Address } from "viem";
import { useClaimed } from "./queries.ts";
import type { Receipt } from "./queries.ts";
import type { RewardsState } from "./read-settlement.ts";
import { useSigner } from "../account/use-signer.tsx";
import { useText } from "../i18n/text.tsx";
import { Copyable } from "../ui/copyable.tsx";
import { AccountFigures } from "./account-figures.tsx";
import { balancesOf, sameAddress } from "./balances.ts";
import { ClaimAction } from "./claim-action.tsx";
import { nextStep } from "./next-step.ts";
import { ReceiptPanel } from "./receipt-panel.tsx";
import { tableOf } from "./receipt-table.ts";

interface AccountCardProps {
  readonly account: Address;
  readonly vault: Address;
  readonly rewards: RewardsState;
  readonly receipt: UseQueryResult<Receipt>;
  readonly pendingReceipt: UseQueryResult<Receipt>;
}

export function AccountCard({ account, vault, rewards, receipt, pendingReceipt }: AccountCardProps) {
  const { claims } = useText();
  const signer = useSigner();
  const table = tableOf(receipt.data);
  const seats = (table?.leaves ?? []).filter((leaf) => sameAddress(leaf.payee, account)).map(({ seat }) => seat);
  const claimed = useClaimed(vault, seats);

  // Before the first final settlement the table is empty, and that needs no proof.
  const leaves = rewards.rewardsRoot === undefined ? [] : table?.leaves;
  const pendingLeaves = tableOf(pendingReceipt.data)?.leaves;
  const balances = leaves === undefined || claimed.data === undefined ? undefined : balancesOf(account, leaves, claimed.data, pendingLeaves);
  return (
    <article className="account" aria-label={claims.account} data-account={account}>
      <header>
        <h3>{claims.account}</h3>
        <Copyable value={account} what={claims.account} />
      </header>
      <AccountFigures balances={balances} rewards={rewards} pendingKnown={rewards.underWay === undefined || pendingLeaves !== undefined} />
      {balances !== undefined && (
        <ClaimAction
          account={account}
          vault={vault}
          table={table}
          step={nextStep(account, balances, signer?.address)}
          claimable={balances.claimable}
        />
      )}
      {rewards.rewardsRoot === undefined ? <p className="quiet">{claims.noSettlement}</p> : <ReceiptPanel account={account} receipt={receipt} />}
    </article>
  );
}
