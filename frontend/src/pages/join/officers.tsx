import { useState } from "react";
import { isAddressEqual } from "viem";
import type { Address } from "viem";
import { passkeyAccountsAbi } from "../../../../protocol/abi/passkey-accounts.ts";
import { rpIdHash } from "../../../../protocol/accounts/assertion.ts";
import { ROLES } from "../../../../protocol/accounts/statements.ts";
import { rpId } from "../../account/passkey/device.ts";
import { useSigner } from "../../account/use-signer.tsx";
import { ConnectButton } from "../../account/connect-button.tsx";
import { useAtBlock } from "../../chain/at-block.ts";
import { useLedger } from "../../chain/use-ledger.tsx";
import { callOf } from "../../tx/call.ts";
import { TransactionButton } from "../../tx/transaction-button.tsx";
import { OrganisationName } from "../../ui/address-name.tsx";
import { Copyable } from "../../ui/copyable.tsx";
import { Section } from "../../ui/section.tsx";
import { Waiting } from "../../ui/waiting.tsx";
import { PendingRecovery } from "./pending-recovery.tsx";
import { readOffices } from "./read-people.ts";
import type { Office } from "./read-people.ts";
import { checkNumber, readRequest } from "./recovery-request.ts";
import { useJoinText } from "./text.ts";

/** What the two officers of an organisation do for its people. */
export function Officers() {
  const text = useJoinText();
  const signer = useSigner();
  return (
    <>
      <Section heading={text.tabs.officers}>
        <p>{text.officers.lead}</p>
        {signer === undefined && (
          <p>
            <ConnectButton>{text.officers.connect}</ConnectButton>
          </p>
        )}
      </Section>
      {signer !== undefined && <Desk officer={signer.address} />}
    </>
  );
}

function Desk({ officer }: { readonly officer: Address }) {
  const text = useJoinText();
  const ledger = useLedger();
  const offices = useAtBlock(["offices", officer], (block) => readOffices(ledger, officer, block));
  if (offices.data === undefined) return <Waiting>{text.home.waiting}</Waiting>;
  if (offices.data.length === 0) return <p className="empty">{text.officers.notOfficer}</p>;
  const people = offices.data.flatMap((office) => office.people);
  const pending = people.filter(({ recovery }) => recovery !== undefined);
  return (
    <>
      <Section heading={text.officers.pending}>
        {pending.length === 0 ? <p className="empty">{text.officers.none}</p> : pending.map((person) => <PendingRecovery key={person.account} person={person} officer={officer} />)}
      </Section>
      <Propose offices={offices.data} />
      {offices.data.map((office) => (
        <People key={office.organisation} office={office} />
      ))}
    </>
  );
}

function Propose({ offices }: { readonly offices: readonly Office[] }) {
  const text = useJoinText();
  const { deployment } = useLedger();
  const [entered, setEntered] = useState(() => (readRequest(location.href) === undefined ? "" : location.href));
  const request = readRequest(entered);
  const known = request !== undefined && offices.some(({ people }) => people.some(({ account }) => isAddressEqual(account, request.account)));
  const underWay =
    request !== undefined && offices.some(({ people }) => people.some(({ account, recovery }) => isAddressEqual(account, request.account) && recovery?.qx === request.point.qx && recovery.qy === request.point.qy));
  const otherSite = request !== undefined && request.rpIdHash !== rpIdHash(rpId());
  const call =
    request === undefined || !known || otherSite
      ? undefined
      : callOf({
          address: deployment.contracts.passkeyAccounts,
          abi: passkeyAccountsAbi,
          functionName: "proposeRecovery",
          args: [request.account, request.point.qx, request.point.qy, request.rpIdHash],
        });
  const problem = entered === "" ? undefined : request === undefined ? text.officers.requestBad : otherSite ? text.officers.otherSite : known ? undefined : text.officers.foreign;
  return (
    <Section heading={text.officers.propose}>
      <p>{text.officers.proposeHelp}</p>
      <div className="field-row">
        <label htmlFor="recovery-request">{text.officers.request}</label>
        <input
          id="recovery-request"
          value={entered}
          onChange={(event) => setEntered(event.target.value)}
          aria-invalid={problem !== undefined}
          aria-describedby="recovery-request-help"
          autoComplete="off"
          spellCheck={false}
        />
        <p id="recovery-request-help" className={problem === undefined ? "quiet" : "unverified"}>
          {problem ?? text.officers.requestHelp}
        </p>
      </div>
      {request !== undefined && problem === undefined && (
        <dl className="join-facts">
          <dt>{text.officers.account}</dt>
          <dd>
            <Copyable value={request.account} what={text.officers.account} />
          </dd>
          <dt>{text.officers.number}</dt>
          <dd>
            <strong className="check-number">{checkNumber(request)}</strong>
          </dd>
        </dl>
      )}
      {underWay ? (
        <p className="quiet">{text.officers.underWay}</p>
      ) : (
        <TransactionButton id={`recovery:propose:${request?.account ?? ""}`} call={call} label={text.officers.proposeButton} doneLabel={text.officers.proposed} />
      )}
    </Section>
  );
}

function People({ office: { organisation, people } }: { readonly office: Office }) {
  const text = useJoinText();
  return (
    <Section heading={text.officers.people}>
      <p>
        <OrganisationName organisation={organisation} />
      </p>
      {people.length === 0 ? (
        <p className="empty">{text.officers.nobody}</p>
      ) : (
        <ul className="join-terms">
          {people.map(({ account, role }) => (
            <li key={account}>
              <Copyable value={account} what={text.officers.account} /> {text.role[ROLES[role] ?? "none"]}
            </li>
          ))}
        </ul>
      )}
      <p className="quiet">
        <code>{text.officers.invite}</code>
      </p>
    </Section>
  );
}
