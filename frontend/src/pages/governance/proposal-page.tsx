import { Link } from "wouter";
import { checkDescription, plainText, titleOf } from "../../../../protocol/governance/description.ts";
import type { DescriptionCheck } from "../../../../protocol/governance/description.ts";
import { sentenceOf } from "../../../../protocol/governance/sentences.ts";
import { isClosed } from "../../../../protocol/governance/states.ts";
import { useLanguage } from "../../i18n/text.tsx";
import { Notice } from "../../ui/notice.tsx";
import { Page as Frame } from "../../ui/page.tsx";
import { Section } from "../../ui/section.tsx";
import type { ListedProposal } from "./data/listed.ts";
import { useProposals } from "./data/proposals.ts";
import { Actions, Forecast } from "./parts/actions.tsx";
import { Changes } from "./parts/changes.tsx";
import { NextMoment, StateBadge } from "./parts/state-badge.tsx";
import { NextStep } from "./parts/steps.tsx";
import { StrangerText } from "./parts/stranger-text.tsx";
import { TallyTable } from "./parts/tally.tsx";
import { Timeline } from "./parts/timeline.tsx";
import { VoteBox } from "./parts/vote-box.tsx";
import { Votes } from "./parts/votes.tsx";
import { Who } from "./parts/who.tsx";
import { useChangesText, useGovernanceText } from "./text.ts";

/** @param name A proposal's number, or its whole id. */
export function ProposalPage({ name }: { readonly name: string }) {
  const text = useGovernanceText();
  const { data, isError } = useProposals();
  const found = data?.find(({ record }) => String(record.number) === name || String(record.id) === name);
  if (found !== undefined) return <Proposal proposal={found} />;
  return (
    <Frame title={text.title}>
      <BackLink />
      <p className={isError ? "unverified" : "quiet"}>{isError ? text.failed : data === undefined ? text.loading : text.ballotUnknown}</p>
    </Frame>
  );
}

export function BackLink() {
  const { back } = useGovernanceText();
  return (
    <p className="back links">
      <Link href="/">{back}</Link>
    </p>
  );
}

function Proposal({ proposal }: { readonly proposal: ListedProposal }) {
  const text = useGovernanceText();
  const changes = useChangesText();
  const { language } = useLanguage();
  const { record, actions, status } = proposal;
  const check = checkDescription(actions, record.description);
  const executed = record.milestones.find(({ kind }) => kind === "executed");
  const heading = executed !== undefined ? changes.heading.past : isClosed(status.state) ? changes.heading.never : changes.heading.future;
  const lead = (
    <span className="proposal-lead">
      <span className="proposal-number">{text.numbered(String(record.number))}</span> <StateBadge state={status.state} /> <NextMoment proposal={proposal} />
      <span className="quiet proposal-meaning">{text.stateMeaning[status.state]}</span>
    </span>
  );
  return (
    <Frame key={String(record.id)} title={titleOf(actions, language)} lead={lead}>
      <BackLink />
      <article className="proposal" data-proposal={record.number}>
        {check.kind === "different" && <Mismatch check={check} actions={actions} />}
        <Section heading={text.does}>
          <p className="quiet">{text.doesLead}</p>
          <Actions actions={actions} />
        </Section>
        <Section heading={heading}>
          <Changes actions={actions} id={String(record.id)} asOf={executed === undefined ? undefined : executed.block - 1n} />
        </Section>
        <Section heading={text.why}>
          <Why proposal={proposal} check={check} />
        </Section>
        <Section heading={text.stands}>
          <Timeline proposal={proposal} />
          {!isClosed(status.state) && (
            <>
              <h3>{text.works}</h3>
              <Forecast calls={record.calls} />
            </>
          )}
          <NextStep proposal={proposal} />
        </Section>
        <Section heading={text.votes}>
          <TallyTable proposal={proposal} />
          <Votes proposal={proposal} />
        </Section>
        <Section heading={text.yourVote}>
          <VoteBox proposal={proposal} />
        </Section>
      </article>
    </Frame>
  );
}

function Why({ proposal: { record }, check }: { readonly proposal: ListedProposal; readonly check: DescriptionCheck }) {
  const text = useGovernanceText();
  const words = check.kind === "same" ? check.reasons : record.description;
  return (
    <>
      {words.trim() === "" ? <p className="quiet">{text.noWhy}</p> : <blockquote className="why"><StrangerText>{words}</StrangerText></blockquote>}
      <p className="quiet">
        {text.proposer} <Who address={record.proposer} /> · {text.whyNote}
      </p>
    </>
  );
}

function Mismatch({ check, actions }: { readonly check: DescriptionCheck; readonly actions: ListedProposal["actions"] }) {
  const text = useGovernanceText();
  const { language } = useLanguage();
  const unsaid = check.unsaid.map((i) => actions[i]).filter((action) => action !== undefined);
  return (
    <Notice tone="warning">
      <p>
        <strong>{text.mismatch}</strong>
      </p>
      {unsaid.length > 0 && (
        <>
          <p>{text.mismatchUnsaid}</p>
          <ul className="mismatch" data-unsaid>
            {unsaid.map((action, i) => (
              // oxlint-disable-next-line react/no-array-index-key -- the order is part of the proposal, and two may be equal
              <li key={i}>{sentenceOf(action, language)}</li>
            ))}
          </ul>
        </>
      )}
      {check.undone.length > 0 && (
        <>
          <p>{text.mismatchUndone}</p>
          <ul className="mismatch" data-undone>
            {check.undone.slice(0, 20).map((line, i) => (
              // oxlint-disable-next-line react/no-array-index-key -- the order is part of the proposal, and two may be equal
              <li key={i}>{plainText(line).slice(0, 300)}</li>
            ))}
          </ul>
        </>
      )}
    </Notice>
  );
}
