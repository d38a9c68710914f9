import type { Address } from "viem";
import { claimCall } from "../../claims/claim-call.ts";
import type { NextStep } from "../../claims/next-step.ts";
import type { RewardsTable } from "../../claims/receipt.ts";
import { formatAmount } from "../../format/amount.ts";
import { TransactionButton } from "../../tx/transaction-button.tsx";
import { Outcome } from "./outcome.tsx";
import { useCardText } from "./text.ts";

interface ClaimActionProps {
  readonly account: Address;
  readonly vault: Address;
  readonly table: RewardsTable | undefined;
  readonly step: NextStep;
  readonly claimable: bigint;
}

/** The one button of the card, or the reason why there is none; and what became of the last claim. */
export function ClaimAction({ account, vault, table, step, claimable }: ClaimActionProps) {
  const { claims } = useCardText();
  const amount = formatAmount(claimable);
  const id = `claim:${vault}:${account}`;
  if (step.kind === "none") {
    return (
      <div className="claim">
        <Outcome id={id} />
        <p className="reason">{claims.reasons[step.reason]}</p>
      </div>
    );
  }
  if (step.kind === "other-account") return <p className="claim reason">{claims.otherAccount}</p>;
  const call = table === undefined ? undefined : claimCall(vault, table, step.seats);
  return (
    <div className="claim">
      <TransactionButton id={id} call={call} label={claims.button(amount)} doneLabel={claims.done(amount)} />
      {table !== undefined && step.seats.length > 1 && (
        <details>
          <summary>{claims.oneSeat}</summary>
          {step.seats.map((seat) => {
            const own = formatAmount(seat.claimable);
            return (
              <TransactionButton
                key={seat.seat}
                id={`claim:${vault}:${account}:${seat.seat}`}
                call={claimCall(vault, table, [seat])}
                label={claims.seatButton(String(seat.seat), own)}
                doneLabel={claims.done(own)}
                primary={false}
              />
            );
          })}
        </details>
      )}
    </div>
  );
}
