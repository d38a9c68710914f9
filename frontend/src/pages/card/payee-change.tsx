import { useId, useState } from "react";
import { zeroAddress } from "viem";
import type { Address } from "viem";
import { readContract } from "viem/actions";
import { getAddress, isAddress } from "viem/utils";
import { contributorsAbi } from "../../../../protocol/abi/index.ts";
import { useFixed } from "../../chain/at-block.ts";
import type { ContributorRecord } from "../../chain/contributors.ts";
import { useLedger } from "../../chain/use-ledger.tsx";
import { sameAddress } from "../../claims/balances.ts";
import { formatDuration } from "../../format/duration.ts";
import { useText } from "../../i18n/text.tsx";
import { callOf } from "../../tx/call.ts";
import { TransactionButton } from "../../tx/transaction-button.tsx";
import { useCardText } from "./text.ts";

const CHOICES = ["institution", "person", "other", "nobody"] as const;
type Choice = (typeof CHOICES)[number];

/** Names another payee. The contract waits, so that officers can stop a thief. */
export function PayeeChangeForm({ record }: { readonly record: ContributorRecord }) {
  const { locale } = useText();
  const { payee: text } = useCardText();
  const { client, deployment } = useLedger();
  const [choice, setChoice] = useState<Choice>("institution");
  const [other, setOther] = useState("");
  const id = useId();
  const contract = { address: deployment.contracts.contributors, abi: contributorsAbi } as const;
  const institution = useFixed(["organisation-account", record.organisation], async () =>
    (await readContract(client, { ...contract, functionName: "organisationOf", args: [record.organisation] })).account,
  ).data;
  const delay = useFixed(["rotation-delay"], () => readContract(client, { ...contract, functionName: "rotationDelay" })).data;
  const typed = isAddress(other.trim(), { strict: false }) && !sameAddress(other.trim(), zeroAddress) ? getAddress(other.trim()) : undefined;
  const payees: Readonly<Record<Choice, Address | undefined>> = { institution, person: record.key, other: typed, nobody: zeroAddress };
  const payee = payees[choice];
  const same = payee !== undefined && sameAddress(payee, record.payee);
  const labels: Readonly<Record<Choice, string>> = { institution: text.toInstitution, person: text.toPerson, other: text.toOther, nobody: text.toNobody };
  return (
    <details className="payee-change">
      <summary>{text.change}</summary>
      <fieldset className="choices">
        <legend>{text.to}</legend>
        {CHOICES.map((each) => (
          <label key={each}>
            <input type="radio" name={`${id}-payee`} value={each} checked={choice === each} onChange={() => setChoice(each)} /> {labels[each]}
          </label>
        ))}
      </fieldset>
      {choice === "other" && (
        <div className="field-row">
          <label htmlFor={id}>{text.address}</label>
          <input id={id} value={other} onChange={(event) => setOther(event.target.value)} placeholder="0x…" spellCheck={false} autoComplete="off" aria-invalid={other !== "" && typed === undefined} />
          {other !== "" && typed === undefined && (
            <p className="refused" role="alert">
              {text.badAddress}
            </p>
          )}
        </div>
      )}
      {choice === "nobody" && <p>{text.declineMeaning}</p>}
      {delay !== undefined && <p className="quiet">{text.delay(formatDuration(Number(delay), locale.units))}</p>}
      {choice !== "nobody" && <p className="quiet">{text.unclaimed}</p>}
      {record.pendingPayee !== undefined && <p className="quiet">{text.holds}</p>}
      {same ? (
        <p className="reason">{text.same}</p>
      ) : (
        <TransactionButton
          id={`payee-change:${record.contributor}`}
          call={payee === undefined ? undefined : callOf({ ...contract, functionName: "changePayee", args: [record.contributor, payee] })}
          label={text.schedule}
          doneLabel={text.scheduled}
        />
      )}
    </details>
  );
}
