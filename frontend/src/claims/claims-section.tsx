import { getAddress } from "viem";
import { isAddress } from "viem/utils";
import { useSigner } from "../account/use-signer.tsx";
import { useReceipt, useRewards } from "./queries.ts";
import { useText } from "../i18n/text.tsx";
import { Notice } from "../ui/notice.tsx";
import { useUrlState } from "../state/use-url-state.ts";
import { AccountCard } from "./account-card.tsx";
import { AccountForm } from "./account-form.tsx";
import { tableOf } from "./receipt-table.ts";

/** What an account earned in a federation, and the way to claim it. */
export function ClaimsSection({ federation }: { readonly federation: number }) {
  const { claims } = useText();
  const connected = useSigner()?.address;
  const [lookedUp, lookUp] = useUrlState("account");
  const rewards = useRewards(federation);
  const { vault, rewardsRoot, finalIndex, underWay } = rewards.data ?? {};
  const settled = rewardsRoot === undefined || finalIndex === undefined ? undefined : { index: finalIndex, rewardsRoot };
  const receipt = useReceipt(federation, vault, settled);
  const pendingReceipt = useReceipt(federation, vault, underWay);

  const chosen = lookedUp !== null && isAddress(lookedUp, { strict: false }) ? getAddress(lookedUp) : undefined;
  const account = chosen ?? connected;
  const payees = tableOf(receipt.data)?.leaves ?? tableOf(pendingReceipt.data)?.leaves ?? [];
  return (
    <section id="claims" className="claims" aria-labelledby="claims-heading">
      <div className="section-head">
        <h2 id="claims-heading">{claims.heading}</h2>
        <p className="quiet">{claims.lead}</p>
      </div>
      <AccountForm key={chosen ?? "none"} account={chosen} connected={connected} payees={payees} onChoose={lookUp} />
      {rewards.data !== undefined && vault === undefined && <p className="empty">{claims.noVault}</p>}
      {account === undefined && <p className="empty">{claims.empty}</p>}
      {rewards.isError && (
        <Notice tone="warning">
          <p>{claims.unverified}</p>
        </Notice>
      )}
      {account !== undefined && rewards.data !== undefined && vault !== undefined && (
        <AccountCard key={account} account={account} vault={vault} rewards={rewards.data} receipt={receipt} pendingReceipt={pendingReceipt} />
      )}
    </section>
  );
}
