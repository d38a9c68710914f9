import type { Address } from "viem";
import { zeroAddress } from "viem";
import type { FederationHistory } from "../../chain/book.ts";
import type { ContributorRecord } from "../../chain/contributors.ts";
import { useSigner } from "../../account/use-signer.tsx";
import { sameAddress } from "../../claims/balances.ts";
import { recoveredCall } from "../../claims/claim-call.ts";
import { useClaimed } from "../../claims/queries.ts";
import { dueOf, hasToken } from "../../claims/points.ts";
import type { RewardsTable } from "../../claims/receipt.ts";
import { formatAmount } from "../../format/amount.ts";
import { TransactionButton } from "../../tx/transaction-button.tsx";
import { seatOf } from "./payees.ts";
import { useCardText } from "./text.ts";

interface RecoveredClaimsProps {
  readonly account: Address;
  readonly vault: Address;
  readonly table: RewardsTable;
  readonly history: FederationHistory;
  readonly contributors: ReadonlyMap<number, ContributorRecord>;
}

/** Seats whose payee changed after the last settlement: the payee of now takes what the table still owes to the one before. */
export function RecoveredClaims({ account, vault, table, history, contributors }: RecoveredClaimsProps) {
  const { claims } = useCardText();
  const signer = useSigner();
  const isOwnNow = (seat: number): boolean => {
    const payee = contributors.get(seatOf(history, seat)?.contributor ?? 0)?.payee;
    return payee !== undefined && sameAddress(payee, account);
  };
  const leaves = table.leaves.filter(({ seat, payee }) => payee !== zeroAddress && !sameAddress(payee, account) && isOwnNow(seat));
  const claimed = useClaimed(leaves.length === 0 ? undefined : vault, leaves.map(({ seat }) => seat)).data;
  if (claimed === undefined || !hasToken(history.points)) return null;
  const open = leaves.filter(({ seat, cumulative }) => cumulative > (claimed.get(seat) ?? cumulative));
  const mayClaim = signer === undefined || sameAddress(signer.address, account);
  return open.map((leaf) => {
    const amount = formatAmount(dueOf(leaf.cumulative, claimed.get(leaf.seat) ?? 0n, history.points));
    return (
      <div key={leaf.seat} className="claim">
        <p>{claims.recovered(String(leaf.seat))}</p>
        {mayClaim && (
          <TransactionButton id={`claim-recovered:${vault}:${leaf.seat}`} call={recoveredCall(vault, table, leaf)} label={claims.recoveredButton(amount)} doneLabel={claims.done(amount)} />
        )}
      </div>
    );
  });
}
