import { zeroAddress } from "viem";
import type { Address } from "viem";
import { useSigner } from "../../account/use-signer.tsx";
import type { ContributorRecord } from "../../chain/contributors.ts";
import { useNames } from "../../chain/use-names.ts";
import { sameAddress } from "../../claims/balances.ts";
import { AddressName, OrganisationName } from "../../ui/address-name.tsx";
import { Section } from "../../ui/section.tsx";
import { PayeeChangeForm } from "./payee-change.tsx";
import { PendingChange } from "./payee-pending.tsx";
import { contributorsOf } from "./payees.ts";
import type { CardText } from "./text.en.ts";
import { useCardText } from "./text.ts";
import type { CardProps } from "./view.ts";

/** Who is paid for each contributor that this account speaks for or is paid by, and how that is changed. */
export function PayeeView({ account, federations, contributors }: CardProps) {
  const { payee: text } = useCardText();
  const own = contributorsOf(account, contributors);
  return (
    <Section heading={text.heading} className="payee">
      <p>{text.lead}</p>
      {own.length === 0 && <p className="empty">{text.none}</p>}
      {own.map((record) => (
        <ContributorPayee key={record.contributor} record={record} seats={federations.flatMap(({ federation, seats }) => seats.filter(({ contributor }) => contributor === record.contributor).map(({ seat }) => `${federation}.${seat}`))} />
      ))}
    </Section>
  );
}

function kindOf(payee: Address, record: ContributorRecord, isInstitution: boolean, text: CardText["payee"]): string {
  if (payee === zeroAddress) return text.declined;
  if (isInstitution) return text.institution;
  return sameAddress(payee, record.key) ? text.person : text.other;
}

function ContributorPayee({ record, seats }: { readonly record: ContributorRecord; readonly seats: readonly string[] }) {
  const { payee: text } = useCardText();
  const signer = useSigner();
  const bearer = useNames().bearer(record.payee);
  const isInstitution = bearer?.kind === "organisation" && bearer.organisation === record.organisation;
  const isKey = signer !== undefined && sameAddress(signer.address, record.key);
  return (
    <article className="contributor-payee" data-contributor={record.contributor}>
      <h3>
        {text.contributor(String(record.contributor))} {text.of} <OrganisationName organisation={record.organisation} />
      </h3>
      <dl className="facts">
        <div className="fact">
          <dt>{text.payee}</dt>
          <dd>
            <p>{kindOf(record.payee, record, isInstitution, text)}</p>
            {record.payee !== zeroAddress && <AddressName address={record.payee} />}
          </dd>
        </div>
        <div className="fact">
          <dt>{text.key}</dt>
          <dd>
            <AddressName address={record.key} />
          </dd>
        </div>
        {seats.length > 0 && (
          <div className="fact">
            <dt>{text.pays}</dt>
            <dd>{seats.join(", ")}</dd>
          </div>
        )}
      </dl>
      {record.pendingPayee !== undefined && <PendingChange record={record} change={record.pendingPayee} />}
      {record.suspended ? <p className="reason">{text.suspended}</p> : isKey ? <PayeeChangeForm record={record} /> : <p className="quiet">{text.onlyKey}</p>}
    </article>
  );
}
