import { Link } from "wouter";
import { titleOf } from "../../../../protocol/governance/description.ts";
import { isClosed } from "../../../../protocol/governance/states.ts";
import { formatAmount } from "../../format/amount.ts";
import { formatDuration } from "../../format/duration.ts";
import { useLanguage, useText } from "../../i18n/text.tsx";
import { Page as Frame } from "../../ui/page.tsx";
import { Section } from "../../ui/section.tsx";
import type { ListedProposal } from "./data/listed.ts";
import { useProposals } from "./data/proposals.ts";
import type { Settings } from "./data/settings.ts";
import { useSettings } from "./data/settings.ts";
import { OwnVoice } from "./parts/delegation.tsx";
import { NextMoment, StateBadge } from "./parts/state-badge.tsx";
import { useGovernanceText } from "./text.ts";

export function ListPage() {
  const text = useGovernanceText();
  const { data, isError } = useProposals();
  const settings = useSettings();
  const open = data?.filter(({ status }) => !isClosed(status.state)) ?? [];
  const closed = data?.filter(({ status }) => isClosed(status.state)) ?? [];
  return (
    <Frame title={text.title} lead={text.lead}>
      <RoomLinks />
      {isError && <p className="unverified">{text.failed}</p>}
      {data === undefined && !isError && <p className="quiet">{text.loading}</p>}
      {data?.length === 0 && <p className="empty">{text.none}</p>}
      {open.length > 0 && (
        <Section heading={text.open}>
          <List proposals={open} />
        </Section>
      )}
      <Section heading={text.voice}>
        <OwnVoice />
      </Section>
      {closed.length > 0 && (
        <Section heading={text.closed}>
          <List proposals={closed} />
        </Section>
      )}
      {settings.data !== undefined && <How settings={settings.data} />}
    </Frame>
  );
}

function RoomLinks() {
  const { links, rooms } = useGovernanceText();
  return (
    <nav className="room-links links" aria-label={rooms}>
      <Link href="/draft">{links.draft}</Link>
      <Link href="/members">{links.members}</Link>
      <Link href="/council">{links.council}</Link>
      <Link href="/ballot">{links.ballot}</Link>
      <a href="feeds/governance.xml" type="application/rss+xml">
        {links.feed}
      </a>
      <a href="feeds/governance.ics" type="text/calendar">
        {links.calendar}
      </a>
    </nav>
  );
}

function List({ proposals }: { readonly proposals: readonly ListedProposal[] }) {
  const text = useGovernanceText();
  const { language } = useLanguage();
  return (
    <ul className="proposals">
      {proposals.map((proposal) => {
        const { record, actions, status } = proposal;
        return (
          <li key={record.id} data-proposal={record.number}>
            <p className="proposal-head">
              <span className="proposal-number">{text.numbered(String(record.number))}</span> <StateBadge state={status.state} />{" "}
              <span className="quiet">
                <NextMoment proposal={proposal} />
              </span>
            </p>
            <h3>
              <Link href={`/proposal/${record.number}`}>{titleOf(actions, language)}</Link>
            </h3>
            {actions.length > 1 && <p className="quiet">{text.more(String(actions.length - 1))}</p>}
            {status.state !== "Pending" && status.state !== "Canceled" && (
              <p className="tally-line">
                {text.support.for} {formatAmount(status.tally.for)} · {text.support.against} {formatAmount(status.tally.against)} · {text.support.abstain} {formatAmount(status.tally.abstain)}
              </p>
            )}
          </li>
        );
      })}
    </ul>
  );
}

function How({ settings }: { readonly settings: Settings }) {
  const { how, howList, cannot } = useGovernanceText();
  const { locale } = useText();
  const time = (seconds: bigint | number): string => formatDuration(Number(seconds), locale.units);
  return (
    <Section heading={how}>
      <ol className="how">
        <li>{howList.threshold(formatAmount(settings.threshold))}</li>
        <li>{howList.delay(time(settings.votingDelay))}</li>
        <li>
          {howList.period(time(settings.votingPeriod))} {howList.late(time(settings.lateExtension))}
        </li>
        <li>{howList.quorum(settings.quorumPercent.toString())}</li>
        <li>{howList.wait(time(settings.minDelay))}</li>
      </ol>
      <p>{cannot}</p>
    </Section>
  );
}
