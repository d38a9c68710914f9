import { useMemo } from "react";
import { decodeInvitation } from "../../../../protocol/accounts/link.ts";
import type { InvitationLink } from "../../../../protocol/accounts/link.ts";
import { invitationHash, ROLES } from "../../../../protocol/accounts/statements.ts";
import { passkeysAvailable, rpId } from "../../account/passkey/device.ts";
import { useAtBlock } from "../../chain/at-block.ts";
import { useLedger } from "../../chain/use-ledger.tsx";
import { AddressName, OrganisationName } from "../../ui/address-name.tsx";
import { Notice } from "../../ui/notice.tsx";
import { Section } from "../../ui/section.tsx";
import { Time } from "../../ui/time.tsx";
import { Waiting } from "../../ui/waiting.tsx";
import { Joined } from "./home.tsx";
import { problemOf } from "./read-account.ts";
import { useJoinText } from "./text.ts";
import { useJoin } from "./use-join.ts";

/** An invitation was opened. */
export function Invited({ text: encoded }: { readonly text: string }) {
  const text = useJoinText();
  const link = useMemo(() => {
    try {
      return decodeInvitation(encoded);
    } catch {
      return undefined;
    }
  }, [encoded]);
  if (link !== undefined) return <Invitation link={link} />;
  return (
    <Notice tone="warning">
      <p>{text.invited.malformed}</p>
    </Notice>
  );
}

function Invitation({ link }: { readonly link: InvitationLink }) {
  const text = useJoinText();
  const ledger = useLedger();
  const { state, hasPasskey, join } = useJoin(link);
  const { invitation, officer } = link;
  const finished = state.kind === "done";
  const problem = useAtBlock(["invitation", invitationHash(invitation)], async () => (await problemOf(ledger, link, rpId())) ?? "none", !finished);
  if (finished) {
    return (
      <>
        <Notice tone="good">
          <p>{text.invited.done}</p>
        </Notice>
        <Joined account={state.account} />
      </>
    );
  }
  if (problem.data === undefined) return <Waiting>{text.invited.reading}</Waiting>;
  const busy = state.kind === "making" || state.kind === "sending" || state.kind === "waiting";
  if (problem.data !== "none" && !busy && state.kind !== "mismatch") {
    return (
      <Notice tone="warning">
        <p>{text.invited[problem.data]}</p>
      </Notice>
    );
  }
  return (
    <>
      <Section heading={text.invited.who}>
        <dl className="join-facts">
          <dt>{text.home.organisation}</dt>
          <dd>
            <OrganisationName organisation={invitation.organisation} />
          </dd>
          <dt>{text.invited.by}</dt>
          <dd>
            <AddressName address={officer} />
          </dd>
          <dt>{text.invited.as}</dt>
          <dd>{text.role[ROLES[invitation.role] ?? "none"]}</dd>
          <dt>{text.invited.until}</dt>
          <dd>
            <Time at={invitation.expiry} />
          </dd>
        </dl>
      </Section>
      <Section heading={text.invited.agree}>
        <ul className="join-terms">
          {text.invited.terms.map((term) => (
            <li key={term}>{term}</li>
          ))}
        </ul>
        <button type="button" className="primary" disabled={busy || !passkeysAvailable()} onClick={() => join(`Chongwen · ${invitation.organisation}`)}>
          {hasPasskey && !busy ? text.invited.again : text.invited.create}
        </button>
        {busy && <Waiting>{text.invited[state.kind]}</Waiting>}
        {state.kind === "failed" && (
          <Notice tone="warning">
            <p>{state.words}</p>
          </Notice>
        )}
        {state.kind === "mismatch" && (
          <Notice tone="warning">
            <p>{text.invited.mismatch}</p>
          </Notice>
        )}
      </Section>
    </>
  );
}
