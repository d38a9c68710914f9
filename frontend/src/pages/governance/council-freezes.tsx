import { useState } from "react";
import { keccak256 } from "viem";
import type { Hex } from "viem";
import { freezesAbi } from "../../../../protocol/abi/index.ts";
import { useLedger } from "../../chain/use-ledger.tsx";
import { FreezeBanner, useFrozenUntil } from "../../rounds/freeze-banner.tsx";
import { useFederationCount } from "../../rounds/queries.ts";
import { callOf } from "../../tx/call.ts";
import { TransactionButton } from "../../tx/transaction-button.tsx";
import { Copyable } from "../../ui/copyable.tsx";
import { useNow } from "../../ui/use-now.ts";
import { useGovernanceText } from "./text.ts";

/** Which federations the council has stopped; for the council, how to stop one and how to end that. */
export function Freezes({ isCouncil }: { readonly isCouncil: boolean }) {
  const text = useGovernanceText().freezes;
  const count = useFederationCount().data ?? 0;
  const federations = Array.from({ length: count }, (_, i) => i + 1);
  return (
    <>
      <p className="quiet">{text.lead}</p>
      {federations.map((federation) => (
        <Freeze key={federation} federation={federation} isCouncil={isCouncil} />
      ))}
    </>
  );
}

function Freeze({ federation, isCouncil }: { readonly federation: number; readonly isCouncil: boolean }) {
  const text = useGovernanceText().freezes;
  const { freezes } = useLedger().deployment.contracts;
  const [reason, setReason] = useState<Hex>();
  const until = useFrozenUntil(federation);
  const frozen = useNow() < (until ?? 0);
  if (until === undefined || (!frozen && !isCouncil)) return null;
  const contract = { address: freezes, abi: freezesAbi } as const;
  /** As `council freeze --reason-file` does: of the file's bytes, so that the file proves the hash. */
  const take = async (file: File | undefined): Promise<void> => {
    const written = file === undefined ? "" : (await file.text()).trim();
    setReason(file === undefined || written === "" ? undefined : keccak256(new Uint8Array(await file.arrayBuffer())));
  };
  return (
    <div className="freeze">
      <h3>{text.federation(String(federation))}</h3>
      <FreezeBanner federation={federation} />
      {isCouncil && frozen && (
        <TransactionButton
          id={`unfreeze:${federation}:${until}`} label={text.lift} doneLabel={text.lifted(String(federation))} primary={false}
          call={callOf({ ...contract, functionName: "lift", args: [federation] })}
        />
      )}
      {isCouncil && !frozen && (
        <>
          <div className="field-row">
            <label htmlFor={`reason-${federation}`}>{text.reason}</label>
            <input id={`reason-${federation}`} type="file" accept="text/plain,.txt,.md" onChange={(event) => void take(event.target.files?.[0])} />
            {reason !== undefined && <Copyable value={reason} what={text.reason} />}
            <p className="quiet">{text.reasonHelp}</p>
          </div>
          <TransactionButton
            id={`freeze:${federation}:${until}`} label={text.freeze} doneLabel={text.frozen(String(federation))}
            call={reason === undefined ? undefined : callOf({ ...contract, functionName: "freeze", args: [federation, reason] })}
          />
        </>
      )}
    </div>
  );
}
