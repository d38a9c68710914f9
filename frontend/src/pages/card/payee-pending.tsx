import { zeroAddress } from "viem";
import { contributorsAbi } from "../../../../protocol/abi/index.ts";
import { useSigner } from "../../account/use-signer.tsx";
import type { ContributorRecord, PayeeChange } from "../../chain/contributors.ts";
import { useNames } from "../../chain/use-names.ts";
import { useLedger } from "../../chain/use-ledger.tsx";
import { sameAddress } from "../../claims/balances.ts";
import { callOf } from "../../tx/call.ts";
import { TransactionButton } from "../../tx/transaction-button.tsx";
import { AddressName } from "../../ui/address-name.tsx";
import { Countdown } from "../../ui/countdown.tsx";
import { useNow } from "../../ui/use-now.ts";
import { useCardText } from "./text.ts";

interface PendingChangeProps {
  readonly record: ContributorRecord;
  readonly change: PayeeChange;
}

/** A change that waits for its delay: dropped by the key or an officer, completed by anyone. */
export function PendingChange({ record, change }: PendingChangeProps) {
  const { payee: text } = useCardText();
  const { contracts } = useLedger().deployment;
  const signer = useSigner();
  const bearer = useNames().bearer(signer?.address ?? "");
  const ready = Number(change.effectiveAt) <= useNow();
  const isOfficer = bearer?.kind === "officer" && bearer.organisation === record.organisation;
  const mayCancel = signer !== undefined && (isOfficer || sameAddress(signer.address, record.key));
  const contract = { address: contracts.contributors, abi: contributorsAbi, args: [record.contributor] } as const;
  const id = `${record.contributor}:${change.effectiveAt}`;
  return (
    <div className="pending-change">
      <p>
        <strong>{text.pending}</strong> {text.pendingTo} {change.payee === zeroAddress ? text.declined : <AddressName address={change.payee} />}
      </p>
      <p>
        <Countdown until={change.effectiveAt} left={text.pendingIn} over={text.pendingReady} />
      </p>
      {ready && <TransactionButton id={`payee-complete:${id}`} call={callOf({ ...contract, functionName: "completePayeeChange" })} label={text.complete} doneLabel={text.completed} />}
      {mayCancel ? (
        <TransactionButton id={`payee-cancel:${id}`} call={callOf({ ...contract, functionName: "cancelPayeeChange" })} label={text.cancel} doneLabel={text.cancelled} primary={false} />
      ) : (
        <p className="quiet">{text.onlyKeyOrOfficer}</p>
      )}
    </div>
  );
}
