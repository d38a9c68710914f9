import { isAddressEqual } from "viem";
import { Link } from "wouter";
import { datasetsAbi } from "../../../../protocol/abi/index.ts";
import { useSigner } from "../../account/use-signer.tsx";
import { useLedger } from "../../chain/use-ledger.tsx";
import type { DatasetTrace } from "../../datasets/trace.ts";
import { callOf } from "../../tx/call.ts";
import { TransactionButton } from "../../tx/transaction-button.tsx";
import { useNow } from "../../ui/use-now.ts";
import { useCouncil, useOffices } from "./queries.ts";
import { useDatasetsText } from "./text.ts";
import type { Use } from "./uses.tsx";
import { Withdraw } from "./withdraw.tsx";

interface ActionsProps {
  readonly trace: DatasetTrace;
  readonly uses: readonly Use[];
}

/** What who is connected can do here. Anyone can lift a hold whose time is over. */
export function Actions({ trace, uses }: ActionsProps) {
  const text = useDatasetsText();
  const account = useSigner()?.address;
  const offices = useOffices();
  const council = useCouncil().data;
  const now = useNow();
  const isOfficer = offices?.includes(trace.custodian) ?? false;
  const isCouncil = account !== undefined && council !== undefined && isAddressEqual(account, council);
  const isLive = trace.status !== "retired" && trace.status !== "none";
  const canLift = trace.heldUntil !== undefined && (isCouncil || (account !== undefined && BigInt(now) >= trace.heldUntil));
  return (
    <>
      {account === undefined && <p>{text.who.nobody}</p>}
      {account !== undefined && <p className="quiet">{isOfficer ? text.who.officer : isCouncil ? text.who.council : text.who.other}</p>}
      <div className="dataset-actions">
        {isOfficer && isLive && trace.status !== "proposed" && (
          <p>
            <Link className="button" href={`/${trace.dataset}/amend`}>
              {text.amend}
            </Link>
          </p>
        )}
        {isOfficer && isLive && <Withdraw trace={trace} uses={uses} />}
        {isCouncil && isLive && <Hold trace={trace} />}
        {canLift && <Lift trace={trace} />}
      </div>
    </>
  );
}

function Hold({ trace }: { readonly trace: DatasetTrace }) {
  const text = useDatasetsText();
  const { datasets } = useLedger().deployment.contracts;
  if (trace.heldUntil !== undefined) return null;
  if (trace.heldVersion === trace.versions.length) return <p className="quiet">{text.holdUsed}</p>;
  const call = callOf({ address: datasets, abi: datasetsAbi, functionName: "hold", args: [trace.dataset] });
  return (
    <div>
      <p>{text.holdLead}</p>
      <TransactionButton id={`hold:${trace.dataset}:${trace.versions.length}`} call={call} label={text.holdAction} doneLabel={text.holdDone} primary={false} />
    </div>
  );
}

function Lift({ trace }: { readonly trace: DatasetTrace }) {
  const text = useDatasetsText();
  const { datasets } = useLedger().deployment.contracts;
  const call = callOf({ address: datasets, abi: datasetsAbi, functionName: "liftHold", args: [trace.dataset] });
  return (
    <div>
      <p>{text.liftLead}</p>
      <TransactionButton id={`lift:${trace.dataset}:${trace.versions.length}`} call={call} label={text.lift} doneLabel={text.liftDone} primary={false} />
    </div>
  );
}
