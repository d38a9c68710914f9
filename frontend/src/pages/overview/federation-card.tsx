import type { ReactNode } from "react";
import { isSupportSeat } from "../../../../protocol/seats.ts";
import type { FederationHistory } from "../../chain/book.ts";
import type { ContributorRecord } from "../../chain/contributors.ts";
import { useRewards } from "../../claims/queries.ts";
import { Accuracy } from "../../rounds/accuracy.tsx";
import { FreezeBanner } from "../../rounds/freeze-banner.tsx";
import { useFederation, useReport } from "../../rounds/queries.ts";
import { upcomingRound, viewRound } from "../../rounds/view-model.ts";
import { DatasetName } from "../../ui/address-name.tsx";
import { Countdown } from "../../ui/countdown.tsx";
import { useNow } from "../../ui/use-now.ts";
import { RoundLine } from "./round-line.tsx";
import { useOverviewText } from "./text.ts";

/** Datasets that are named; the others are counted. */
const NAMED = 4;
/** Rounds that can be under way at once are few: each waits for its parent. */
const NEWEST = 8;

interface FederationCardProps {
  readonly history: FederationHistory;
  readonly contributors: ReadonlyMap<number, ContributorRecord>;
}

function Fact({ name, children }: { readonly name: string; readonly children: ReactNode }) {
  return (
    <div className="fact">
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

/** What a federation learns from, by which rule, and how far it is. */
export function FederationCard({ history, contributors }: FederationCardProps) {
  const { federations: text } = useOverviewText();
  const { federation, seats } = history;
  const config = history.configs.at(-1)?.config;
  const datasets = [...new Set(seats.filter((seat) => !isSupportSeat(seat)).map(({ dataset }) => dataset))];
  const institutions = new Set(seats.flatMap(({ contributor }) => contributors.get(contributor)?.organisation ?? []));
  return (
    <article className="federation" data-federation={federation} aria-label={text.name(String(federation))}>
      <header>
        <h3>{text.name(String(federation))}</h3>
        <a className="link" href={`?federation=${federation}#/rounds`}>
          {text.rounds}
        </a>
      </header>
      <FreezeBanner federation={federation} />
      <dl className="facts">
        <Fact name={text.learns}>
          {datasets.length === 0 && text.noSeats}
          <ul>
            {datasets.slice(0, NAMED).map((dataset) => (
              <li key={dataset}>
                <DatasetName dataset={dataset} />
              </li>
            ))}
            {datasets.length > NAMED && <li>{text.learnsMore(String(datasets.length - NAMED))}</li>}
          </ul>
        </Fact>
        {config !== undefined && (
          <>
            <Fact name={text.rule}>{text.rules[config.ruleId] ?? text.ruleUnknown(String(config.ruleId))}</Fact>
            <Fact name={text.privacy}>{text.privacyModes[config.privacyMode] ?? String(config.privacyMode)}</Fact>
          </>
        )}
        <Fact name={text.members}>
          {text.institutions(String(institutions.size))}, {text.seats(String(seats.length))}
        </Fact>
        <ModelFact history={history} />
      </dl>
      <Rounds federation={federation} />
      <Settlement federation={federation} every={config?.settleEvery ?? 1} />
    </article>
  );
}

/** The newest final model, and how it fares where that could be checked. */
function ModelFact({ history }: { readonly history: FederationHistory }) {
  const { federations: text } = useOverviewText();
  const newest = history.rounds.findLast(({ finalised, voided }) => finalised !== undefined && voided === undefined);
  const report = useReport(history.federation, newest?.round ?? 0, newest?.finalised?.reportHash);
  return (
    <Fact name={text.model}>
      {newest === undefined ? (
        text.firstModel
      ) : (
        <>
          <p>
            <a className="link" href={`?federation=${history.federation}#/rounds/${newest.round}`}>
              {text.modelOf(String(newest.round))}
            </a>
          </p>
          <p className="quiet">{text.accuracy}</p>
          <Accuracy report={report.data} failed={report.isError || report.data === null} />
        </>
      )}
    </Fact>
  );
}

function Rounds({ federation }: { readonly federation: number }) {
  const { federations: text } = useOverviewText();
  const now = useNow();
  const state = useFederation(federation, NEWEST).data;
  if (state === undefined) return null;
  const { head, rounds, tip } = state;
  const upcoming = upcomingRound(head, tip, now);
  const views = [...(upcoming === undefined ? [] : [upcoming]), ...rounds.map(({ round, record }) => viewRound(round, record, now))];
  return (
    <div className="under-way">
      <h4>{text.underWay}</h4>
      <ul>
        {views
          .filter((view) => view.state !== "final" && view.state !== "void")
          .map((view) => (
            <RoundLine key={view.round} federation={federation} view={view} />
          ))}
      </ul>
    </div>
  );
}

function Settlement({ federation, every }: { readonly federation: number; readonly every: number }) {
  const { federations: text } = useOverviewText();
  const rewards = useRewards(federation).data;
  if (rewards === undefined) return null;
  const { underWay } = rewards;
  return (
    <div className="under-way">
      <h4>{text.settlement}</h4>
      <p>
        {rewards.vault === undefined ? (
          text.noVault
        ) : underWay === undefined ? (
          text.settlementNone(String(rewards.settledThrough), String(every))
        ) : (
          <Countdown until={underWay.deadline} left={(time) => text.settlementRunning(String(underWay.index), time)} over={text.settlementOver(String(underWay.index))} />
        )}
      </p>
    </div>
  );
}
