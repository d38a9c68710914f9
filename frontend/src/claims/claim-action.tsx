import { useEffect, useState } from "react";
import type { Address } from "viem";
import { useSwitchChain } from "wagmi";
import { useLedger } from "../chain/use-ledger.tsx";
import { formatAmount } from "../format/amount.ts";
import { useText } from "../i18n/text.tsx";
import { ConnectDialog } from "../wallet/connect-dialog.tsx";
import { claimCall } from "./claim-call.ts";
import { ClaimCostLine } from "./claim-cost-line.tsx";
import { ClaimProgress } from "./claim-progress.tsx";
import type { NextStep } from "./next-step.ts";
import { explainProblem } from "./problem.ts";
import type { RewardsTable } from "./receipt.ts";
import { useClaim } from "./use-claim.ts";

interface ClaimActionProps {
  readonly account: Address;
  readonly vault: Address;
  readonly table: RewardsTable | undefined;
  readonly step: NextStep;
  readonly claimable: bigint;
  /** A newer settlement replaced the proof. */
  readonly onOvertaken: () => void;
}

/** The one button of the card, or the reason why there is none; and what became of the last claim. */
export function ClaimAction({ account, vault, table, step, claimable, onOvertaken }: ClaimActionProps) {
  const { claims } = useText();
  const claim = useClaim(vault, account);
  const { state } = claim;
  const overtaken = state.kind === "failed" && state.problem.kind === "overtaken";
  useEffect(() => {
    if (overtaken) onOvertaken();
  }, [overtaken, onOvertaken]);

  const busy = state.kind === "checking" || state.kind === "signing" || state.kind === "pending";
  const call = step.kind === "claim" && table !== undefined ? claimCall(account, vault, table, step.seats) : undefined;
  return (
    <div className="claim">
      {step.kind === "none" && !busy && <p className="reason">{claims.reasons[step.reason]}</p>}
      {step.kind === "connect" && <ConnectToClaim />}
      {step.kind === "other-account" && <OtherAccount />}
      {step.kind === "switch-chain" && <SwitchChain />}
      {call !== undefined && !busy && <ClaimButton claimable={claimable} onClick={() => claim.send(call)} />}
      {call !== undefined && state.kind === "idle" && <ClaimCostLine call={call} />}
      <ClaimProgress state={state} onReset={claim.reset} />
    </div>
  );
}

function ClaimButton({ claimable, onClick }: { readonly claimable: bigint; readonly onClick: () => void }) {
  const { claim } = useText();
  return (
    <button type="button" className="primary" onClick={onClick}>
      {claim.button(formatAmount(claimable))}
    </button>
  );
}

function OtherAccount() {
  const { claim } = useText();
  return <p className="reason">{claim.otherAccount}</p>;
}

function ConnectToClaim() {
  const { claim } = useText();
  const [choosing, setChoosing] = useState(false);
  return (
    <>
      <button type="button" aria-haspopup="dialog" onClick={() => setChoosing(true)}>
        {claim.connect}
      </button>
      {choosing && <ConnectDialog onClose={() => setChoosing(false)} />}
    </>
  );
}

function SwitchChain() {
  const { claim } = useText();
  const { deployment } = useLedger();
  const switchChain = useSwitchChain();
  return (
    <>
      <button type="button" className="primary" disabled={switchChain.isPending} onClick={() => switchChain.mutate({ chainId: deployment.chainId })}>
        {switchChain.isPending ? claim.switching : claim.switchChain(String(deployment.chainId))}
      </button>
      {switchChain.error !== null && (
        <p className="unverified" role="alert">
          {claim.problems[explainProblem(switchChain.error).kind]}
        </p>
      )}
    </>
  );
}
