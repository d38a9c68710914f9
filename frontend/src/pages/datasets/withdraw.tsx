import { useId, useState } from "react";
import { datasetsAbi } from "../../../../protocol/abi/index.ts";
import { useLedger } from "../../chain/use-ledger.tsx";
import type { DatasetTrace } from "../../datasets/trace.ts";
import { callOf } from "../../tx/call.ts";
import { TransactionButton } from "../../tx/transaction-button.tsx";
import { Dialog } from "../../ui/dialog.tsx";
import { Field } from "../../ui/field.tsx";
import { useDatasetsText } from "./text.ts";
import type { Use } from "./uses.tsx";

interface WithdrawProps {
  readonly trace: DatasetTrace;
  readonly uses: readonly Use[];
}

/** Two steps: what it does and cannot undo; then the dataset's number, written out, opens the button. */
export function Withdraw({ trace, uses }: WithdrawProps) {
  const text = useDatasetsText();
  const { datasets } = useLedger().deployment.contracts;
  const heading = useId();
  const [open, setOpen] = useState(false);
  const [typed, setTyped] = useState("");
  const confirmed = typed.trim() === String(trace.dataset);
  const underWay = uses.flatMap((use) => use.underWay);
  const carriers = uses.reduce((sum, use) => sum + use.carriers.length, 0);
  const call = callOf({ address: datasets, abi: datasetsAbi, functionName: "withdraw", args: [trace.dataset] });
  return (
    <>
      <p>{text.withdrawLead}</p>
      <button type="button" aria-haspopup="dialog" onClick={() => setOpen(true)}>
        {text.withdrawStart}
      </button>
      {open && (
        <Dialog labelledBy={heading} onClose={() => setOpen(false)}>
          <h2 id={heading}>{text.withdrawTitle}</h2>
          <ul className="plain-list">
            {text.withdrawFacts.map((fact) => (
              <li key={fact}>{fact}</li>
            ))}
          </ul>
          <h3>{text.withdrawAffected}</h3>
          {underWay.length === 0 ? (
            <p className="quiet">{text.withdrawAffectedNone}</p>
          ) : (
            <ul className="plain-list">
              {underWay.map(({ round, state }) => (
                <li key={round}>{state === "sealed" ? text.withdrawSealed(String(round)) : text.withdrawReported(String(round))}</li>
              ))}
            </ul>
          )}
          <p>
            <strong>{text.withdrawTombstones(String(carriers))}</strong>
          </p>
          <Field label={text.withdrawConfirm(String(trace.dataset))}>
            {(props) => <input {...props} inputMode="numeric" autoComplete="off" value={typed} onChange={(event) => setTyped(event.target.value)} />}
          </Field>
          <TransactionButton id={`withdraw:${trace.dataset}`} call={confirmed ? call : undefined} label={text.withdrawButton} doneLabel={text.withdrawDone} />
          <button type="button" className="plain" onClick={() => setOpen(false)}>
            {text.cancel}
          </button>
        </Dialog>
      )}
    </>
  );
}
