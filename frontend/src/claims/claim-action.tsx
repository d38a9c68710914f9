import type { Address } from "viem";
import { formatAmount } from "../format/amount.ts";
import { useText } from "../i18n/text.tsx";
import { TransactionButton } from "../tx/transaction-button.tsx";
import { claimCall } from "./claim-call.ts";
import type { NextStep } from "./next-step.ts";
import type { RewardsTable } from "./receipt.ts";

interface ClaimActionProps {
  readonly account: Address;
  readonly vault: Address;
  readonly table: RewardsTable | undefined;
  readonly step: NextStep;
  readonly claimable: bigint;
}

/** The one button of the card, or the reason why there is none; and what became of the last claim. */
export function ClaimAction({ account, vault, table, step, claimable }: ClaimActionProps) {
  const { claims } = useText();
  const call = step.kind === "claim" && table !== undefined ? claimCall(vault, table, step.seats) : undefined;
  const amount = formatAmount(claimable);
  return (
    <div className="claim">
      {step.kind === "none" && <p className="reason">{claims.reasons[step.reason]}</p>}
      {step.kind === "other-account" && <p className="reason">{claims.otherAccount}</p>}
      {step.kind === "claim" && <TransactionButton id={`claim:${vault}:${account}`} call={call} label={claims.button(amount)} doneLabel={claims.done(amount)} />}
    </div>
  );
}
