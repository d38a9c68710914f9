import { useId, useState } from "react";
import { getAddress, isAddress, isAddressEqual, zeroAddress } from "viem";
import type { Address } from "viem";
import { contributionTokenAbi } from "../../../../../protocol/abi/index.ts";
import { useSigner } from "../../../account/use-signer.tsx";
import { useLedger } from "../../../chain/use-ledger.tsx";
import { formatAmount } from "../../../format/amount.ts";
import { callOf } from "../../../tx/call.ts";
import type { Call } from "../../../tx/call.ts";
import { TransactionButton } from "../../../tx/transaction-button.tsx";
import { useStanding } from "../data/power.ts";
import { useGovernanceText } from "../text.ts";
import { PowerSum } from "./power-sum.tsx";

export function useDelegateCall(): (to: Address) => Call {
  const { deployment } = useLedger();
  return (to) => callOf({ address: deployment.contracts.token, abi: contributionTokenAbi, functionName: "delegate", args: [to] });
}

/** The reader's own votes, and to whom they are lent. @param manage Also offers to change it. */
export function OwnVoice({ manage = false }: { readonly manage?: boolean }) {
  const text = useGovernanceText();
  const signer = useSigner();
  const { data } = useStanding(signer?.address);
  const delegateCall = useDelegateCall();
  if (signer === undefined) return <p>{text.voiceConnect}</p>;
  if (data === undefined) return <p className="quiet">{text.loading}</p>;
  const { balance, delegate, votes } = data;
  const self = delegate !== undefined && isAddressEqual(delegate, signer.address);
  return (
    <div className="own-voice" data-delegate={delegate ?? "none"}>
      {votes > 0n && <PowerSum power={data} />}
      {balance === 0n && votes === 0n && <p>{text.noShu}</p>}
      {balance > 0n && delegate === undefined && <p className="sleeping">{text.sleeping(formatAmount(balance))}</p>}
      {delegate !== undefined && <p>{self ? text.lentToSelf : text.lent(delegate)}</p>}
      {balance > 0n && !self && <TransactionButton id="delegate:self" call={delegateCall(signer.address)} label={text.delegateSelf} doneLabel={text.delegatedSelf} primary={delegate === undefined} />}
      {manage && balance > 0n && <LendForm />}
      {manage && delegate !== undefined && <TransactionButton id="delegate:nobody" call={delegateCall(zeroAddress)} label={text.undelegate} doneLabel={text.undelegated} primary={false} />}
    </div>
  );
}

function LendForm() {
  const text = useGovernanceText();
  const [typed, setTyped] = useState("");
  const delegateCall = useDelegateCall();
  const id = useId();
  const trimmed = typed.trim();
  const valid = isAddress(trimmed, { strict: false });
  return (
    <div className="lend">
      <div className="field-row">
        <label htmlFor={id}>{text.delegateTo}</label>
        <input id={id} value={typed} autoComplete="off" spellCheck={false} aria-invalid={trimmed !== "" && !valid} aria-describedby={`${id}-help`} onChange={(event) => setTyped(event.target.value)} />
        <p id={`${id}-help`} className="quiet">
          {trimmed !== "" && !valid ? text.badAddress : text.delegateHelp}
        </p>
      </div>
      <TransactionButton id="delegate:other" call={valid ? delegateCall(getAddress(trimmed)) : undefined} label={text.delegate} doneLabel={text.delegated} primary={false} />
    </div>
  );
}
