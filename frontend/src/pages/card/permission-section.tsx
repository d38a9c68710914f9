import type { Address } from "viem";
import type { FederationHistory } from "../../chain/book.ts";
import { Section } from "../../ui/section.tsx";
import { useCardText } from "./text.ts";
import { PermissionSend } from "./permission-send.tsx";
import { PermissionWrite } from "./permission-write.tsx";

interface PermissionSectionProps {
  readonly account: Address;
  readonly federations: readonly FederationHistory[];
}

/** A payee whose key is elsewhere signs, somebody else sends. */
export function PermissionSection({ account, federations }: PermissionSectionProps) {
  const { permission: text } = useCardText();
  return (
    <Section heading={text.heading} className="permission">
      <p>{text.lead}</p>
      {federations.map((history) => (
        <PermissionWrite key={history.federation} account={account} history={history} several={federations.length > 1} />
      ))}
      <details className="permission-part">
        <summary>{text.send}</summary>
        <PermissionSend federations={federations} />
      </details>
      <details className="permission-part">
        <summary>{text.delegate}</summary>
        <p>{text.delegateText}</p>
      </details>
    </Section>
  );
}
