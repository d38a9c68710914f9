import { isAddressEqual } from "viem";
import type { Address } from "viem";
import { passkeyAccountsAbi } from "../../../../protocol/abi/passkey-accounts.ts";
import { useLedger } from "../../chain/use-ledger.tsx";
import { callOf } from "../../tx/call.ts";
import { TransactionButton } from "../../tx/transaction-button.tsx";
import { AddressName } from "../../ui/address-name.tsx";
import { Copyable } from "../../ui/copyable.tsx";
import { Countdown } from "../../ui/countdown.tsx";
import { useNow } from "../../ui/use-now.ts";
import type { Person } from "./read-people.ts";
import { checkNumber } from "./recovery-request.ts";
import { useJoinText } from "./text.ts";

/** A recovery under way: where it stands, and what this officer can do about it. */
export function PendingRecovery({ person, officer }: { readonly person: Person; readonly officer: Address }) {
  const { officers: text } = useJoinText();
  const { deployment } = useLedger();
  const now = useNow();
  const { account, recovery, stale } = person;
  if (recovery === undefined) return null;
  const { proposedBy, confirmedBy, effectiveAt, qx, qy, rpIdHash } = recovery;
  const factory = { address: deployment.contracts.passkeyAccounts, abi: passkeyAccountsAbi } as const;
  const canConfirm = confirmedBy === undefined && !stale && !isAddressEqual(proposedBy, officer);
  const canComplete = confirmedBy !== undefined && !stale && effectiveAt <= now;
  return (
    <article className="pending-recovery" aria-label={account}>
      <p>
        <Copyable value={account} what={text.account} /> · {text.proposedBy} <AddressName address={proposedBy} />
        {confirmedBy !== undefined && (
          <>
            {" · "}
            {text.confirmedBy} <AddressName address={confirmedBy} />
          </>
        )}
      </p>
      <p>
        {text.number}: <strong className="check-number">{checkNumber({ account, point: { qx, qy }, rpIdHash })}</strong>
      </p>
      <p className={stale ? "unverified" : ""}>
        {stale ? text.stale : confirmedBy === undefined ? text.needsOther : <Countdown until={effectiveAt} over={text.ready} left={text.wait} />}
      </p>
      <div className="actions">
        {canConfirm && (
          <TransactionButton
            id={`recovery:confirm:${account}:${qx}`}
            call={callOf({ ...factory, functionName: "confirmRecovery", args: [account, qx, qy, rpIdHash] })}
            label={text.confirm}
            doneLabel={text.confirmed}
          />
        )}
        {canComplete && (
          <TransactionButton
            id={`recovery:complete:${account}:${qx}`}
            call={callOf({ ...factory, functionName: "completeRecovery", args: [account] })}
            label={text.complete}
            doneLabel={text.completed}
          />
        )}
        <TransactionButton
          id={`recovery:cancel:${account}:${qx}`}
          call={callOf({ ...factory, functionName: "cancelRecovery", args: [account] })}
          label={text.cancel}
          doneLabel={text.cancelled}
          primary={false}
        />
      </div>
    </article>
  );
}
