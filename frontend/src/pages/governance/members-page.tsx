import { useState } from "react";
import { getAddress, isAddress, isAddressEqual } from "viem";
import type { Address } from "viem";
import { Link, useLocation } from "wouter";
import { titleOf } from "../../../../protocol/governance/description.ts";
import { supportOf } from "../../../../protocol/governance/states.ts";
import { useSigner } from "../../account/use-signer.tsx";
import { formatAmount } from "../../format/amount.ts";
import { useLanguage } from "../../i18n/text.tsx";
import { TransactionButton } from "../../tx/transaction-button.tsx";
import { Copyable } from "../../ui/copyable.tsx";
import { Page as Frame } from "../../ui/page.tsx";
import { Section } from "../../ui/section.tsx";
import { useDelegates, useStanding } from "./data/power.ts";
import type { ListedProposal } from "./data/listed.ts";
import { useProposals } from "./data/proposals.ts";
import { OwnVoice, useDelegateCall } from "./parts/delegation.tsx";
import { PowerSum } from "./parts/power-sum.tsx";
import { StrangerText } from "./parts/stranger-text.tsx";
import { Who } from "./parts/who.tsx";
import { BackLink } from "./proposal-page.tsx";
import { useGovernanceText } from "./text.ts";

/** Proposals that came to a vote, and those of them on which the account voted. */
function participation(proposals: readonly ListedProposal[], account: Address) {
  const held = proposals.filter(({ status }) => status.state !== "Pending" && status.state !== "Canceled");
  const cast = held.flatMap(({ record, actions }) => record.votes.filter(({ voter }) => isAddressEqual(voter, account)).map((vote) => ({ vote, record, actions })));
  return { held: held.length, cast };
}

export function MembersPage() {
  const text = useGovernanceText();
  const { data } = useDelegates();
  const proposals = useProposals();
  return (
    <Frame title={text.membersTitle} lead={text.membersLead}>
      <BackLink />
      <Section heading={text.voice}>
        <OwnVoice manage />
      </Section>
      <Section heading={text.membersTitle}>
        {data === undefined && <p className="quiet">{text.loading}</p>}
        {data?.delegates.length === 0 && <p className="empty">{text.noDelegates}</p>}
        {data !== undefined && data.delegates.length > 0 && (
          <div className="scroll">
            <table className="ledger delegates">
              <thead>
                <tr>
                  <th scope="col">{text.delegation}</th>
                  <th scope="col" className="number">{text.power}</th>
                  <th scope="col" className="number">{text.delegators}</th>
                  <th scope="col" className="number">{text.participation}</th>
                </tr>
              </thead>
              <tbody>
                {data.delegates.map(({ delegate, votes, delegators }) => {
                  const took = proposals.data === undefined ? undefined : participation(proposals.data, delegate);
                  return (
                    <tr key={delegate}>
                      <th scope="row">
                        <Who address={delegate} />
                      </th>
                      <td className="number">{formatAmount(votes)}</td>
                      <td className="number">{delegators}</td>
                      <td className="number">{took === undefined ? "…" : text.participationOf(String(took.cast.length), String(took.held))}</td>
                    </tr>
                  );
                })}
              </tbody>
            </table>
          </div>
        )}
        <LookUp />
      </Section>
    </Frame>
  );
}

function LookUp() {
  const text = useGovernanceText();
  const [, navigate] = useLocation();
  const [typed, setTyped] = useState("");
  const trimmed = typed.trim();
  const valid = isAddress(trimmed, { strict: false });
  return (
    <form
      className="field-row look-up"
      onSubmit={(event) => {
        event.preventDefault();
        if (valid) navigate(`/members/${getAddress(trimmed)}`);
      }}
    >
      <label htmlFor="member">{text.lookUp}</label>
      <input id="member" value={typed} autoComplete="off" spellCheck={false} aria-invalid={trimmed !== "" && !valid} onChange={(event) => setTyped(event.target.value)} />
      {trimmed !== "" && !valid && <p className="unverified">{text.badAddress}</p>}
      <button type="submit" disabled={!valid}>
        {text.show}
      </button>
    </form>
  );
}

export function MemberPage({ address }: { readonly address: string }) {
  const text = useGovernanceText();
  if (isAddress(address, { strict: false })) return <Member account={getAddress(address)} />;
  return (
    <Frame title={text.memberTitle}>
      <BackLink />
      <p className="unverified">{text.badAddress}</p>
    </Frame>
  );
}

function Member({ account }: { readonly account: Address }) {
  const text = useGovernanceText();
  const { language } = useLanguage();
  const signer = useSigner();
  const standing = useStanding(account);
  const own = useStanding(signer?.address);
  const proposals = useProposals();
  const delegateCall = useDelegateCall();
  const took = proposals.data === undefined ? undefined : participation(proposals.data, account);
  const lends = own.data?.delegate !== undefined && isAddressEqual(own.data.delegate, account);
  return (
    <Frame title={text.memberTitle} lead={<Copyable value={account} what={text.memberTitle} edge={8} />}>
      <p className="back links">
        <Link href="/members">{text.membersTitle}</Link>
      </p>
      <Section heading={text.power}>
        {standing.data === undefined ? <p className="quiet">{text.loading}</p> : standing.data.votes === 0n ? <p>{text.powerNone}</p> : <PowerSum power={standing.data} />}
        {signer !== undefined && !isAddressEqual(signer.address, account) && (own.data?.balance ?? 0n) > 0n && !lends && (
          <TransactionButton id={`delegate:${account}`} call={delegateCall(account)} label={text.lendTo} doneLabel={text.delegated} primary={false} />
        )}
      </Section>
      <Section heading={text.castBy}>
        {took !== undefined && (
          <p>
            {text.participation}: {text.participationOf(String(took.cast.length), String(took.held))}
          </p>
        )}
        {took?.cast.length === 0 && <p className="quiet">{text.castNone}</p>}
        <ul className="votes">
          {took?.cast.map(({ vote, record, actions }) => {
            const choice = supportOf(vote.support);
            return (
              <li key={record.id}>
                <p>
                  <span className={`vote-choice vote-${choice ?? "other"}`}>{choice === undefined ? vote.support : text.support[choice]}</span>{" "}
                  <Link href={`/proposal/${record.number}`}>{`${text.numbered(String(record.number))}: ${titleOf(actions, language)}`}</Link>{" "}
                  <span className="vote-weight">{text.votesUnit(formatAmount(vote.weight))}</span>
                </p>
                {vote.reason !== "" && <StrangerText>{vote.reason}</StrangerText>}
              </li>
            );
          })}
        </ul>
      </Section>
    </Frame>
  );
}
