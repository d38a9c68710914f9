import { Link } from "wouter";
import { useCardText } from "./text.ts";
import { AllFederations } from "./all-federations.tsx";
import { FederationAccount } from "./federation-account.tsx";
import { LatestReceipt } from "./latest-receipt.tsx";
import { PermissionSection } from "./permission-section.tsx";
import type { CardProps } from "./view.ts";

/** What can be claimed now, federation by federation, and why it is that much. */
export function ClaimsView({ account, federations, contributors }: CardProps) {
  const { claims } = useCardText();
  return (
    <>
      {federations.length > 1 && <AllFederations account={account} federations={federations} />}
      {federations.map((history) => (
        <FederationAccount key={history.federation} account={account} history={history} contributors={contributors} />
      ))}
      <LatestReceipt account={account} federations={federations} contributors={contributors}>
        <Link href="/receipts" className="link">
          {claims.allReceipts}
        </Link>
      </LatestReceipt>
      <PermissionSection account={account} federations={federations} />
    </>
  );
}
