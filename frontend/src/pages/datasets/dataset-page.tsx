import { useState } from "react";
import { Link } from "wouter";
import { useNames } from "../../chain/use-names.ts";
import { useDatasets } from "../../datasets/queries.ts";
import type { DatasetTrace } from "../../datasets/trace.ts";
import { ethicsEnd, termsOf } from "../../datasets/trace.ts";
import { visibleText } from "../../format/visible-text.ts";
import { OrganisationName } from "../../ui/address-name.tsx";
import { Copyable } from "../../ui/copyable.tsx";
import { Countdown } from "../../ui/countdown.tsx";
import { Fact } from "../../ui/fact.tsx";
import { Page as Frame } from "../../ui/page.tsx";
import { Section } from "../../ui/section.tsx";
import { Time } from "../../ui/time.tsx";
import { Waiting } from "../../ui/waiting.tsx";
import { Actions } from "./actions.tsx";
import { Budget } from "./budget.tsx";
import { CardView } from "./card-view.tsx";
import { useCard, useFederations, useSeatsByDataset } from "./queries.ts";
import { DatasetNotices, DatasetState } from "./state-line.tsx";
import { useDatasetsText } from "./text.ts";
import type { Use } from "./uses.tsx";
import { Uses } from "./uses.tsx";
import { Versions } from "./versions.tsx";

/** One dataset: its terms, its card, what became of it, and what can be done. */
export function DatasetPage({ id }: { readonly id: number }) {
  const text = useDatasetsText();
  const names = useNames();
  const datasets = useDatasets();
  const trace = datasets?.find(({ dataset }) => dataset === id);
  const title = names.dataset(id) ?? text.number(String(id));
  return (
    <Frame title={title} lead={trace === undefined ? undefined : <DatasetState trace={trace} />}>
      <p className="links back">
        <Link href="/">{text.back}</Link>
      </p>
      {datasets === undefined && <Waiting>{text.loading}</Waiting>}
      {datasets !== undefined && trace === undefined && <p className="empty">{text.unknown}</p>}
      {trace !== undefined && <Whole trace={trace} />}
    </Frame>
  );
}

function Whole({ trace }: { readonly trace: DatasetTrace }) {
  const text = useDatasetsText();
  const terms = termsOf(trace);
  const bySeat = useSeatsByDataset();
  const seats = bySeat === undefined ? undefined : (bySeat.get(trace.dataset) ?? []);
  const live = seats?.filter(({ revoked }) => !revoked);
  const federations = useFederations();
  const [uses, setUses] = useState<ReadonlyMap<number, Use>>(new Map());
  return (
    <div className="dataset" data-dataset={trace.dataset} data-status={trace.status}>
      <DatasetNotices trace={trace} />
      <Section heading={text.terms}>
        <dl className="facts">
          <Fact name={text.custodian} kind="enforced">
            <OrganisationName organisation={trace.custodian} />
          </Fact>
          <Fact name={text.records} kind="attested" figure="records">
            {terms.records.toLocaleString("en")}
          </Fact>
          <Fact name={text.licence} kind="attested">
            {visibleText(terms.licence, 400)}
          </Fact>
          <Fact name={text.legalBasis} kind="attested">
            {visibleText(terms.legalBasis, 400)}
          </Fact>
          <Fact name={text.ethics} kind="attested">
            {visibleText(terms.ethicsApproval, 400)}
            <p className="quiet">
              {text.ethicsWhole} <Time at={ethicsEnd(terms)} day /> · <Countdown until={ethicsEnd(terms)} over={text.ethicsOver} left={text.ethicsLeft} />
            </p>
          </Fact>
          <Fact name={text.consent} kind="attested">
            {terms.consentVersion}
          </Fact>
          <Fact name={text.seats} kind="enforced">
            {live === undefined ? "…" : live.length === 0 ? text.noSeat : text.seatsOf(live.length, live.reduce((sum, { weights }) => sum + (weights.at(-1)?.weight ?? 0), 0))}
          </Fact>
          <Fact name={text.cardHash} kind="enforced">
            <Copyable value={terms.card} what={text.cardHash} edge={8} />
          </Fact>
        </dl>
        <Budget trace={trace} seats={seats} />
      </Section>
      <Section heading={text.card}>
        <Card trace={trace} />
      </Section>
      <Section heading={text.uses}>
        <p className="quiet">{text.usesLead}</p>
        {federations?.map((federation) => (
          <Uses
            key={federation}
            dataset={trace.dataset}
            federation={federation}
            withdrawn={trace.withdrawn !== undefined}
            onRead={(use) => setUses((before) => new Map(before).set(federation, use))}
          />
        ))}
      </Section>
      <Section heading={text.history}>
        <Versions trace={trace} />
      </Section>
      <Section heading={text.actions}>
        <Actions trace={trace} uses={[...uses.values()]} />
      </Section>
    </div>
  );
}

function Card({ trace }: { readonly trace: DatasetTrace }) {
  const text = useDatasetsText();
  const card = useCard(termsOf(trace));
  if (card.isError) return <p className="unverified">{text.cardMissing}</p>;
  if (card.data === undefined) return <Waiting>{text.cardLoading}</Waiting>;
  if (card.data.kind !== "checked") return <p className="unverified">{card.data.kind === "mismatch" ? text.cardMismatch : text.cardUnreadable}</p>;
  return (
    <>
      <p className="quiet">{text.cardChecked}</p>
      <CardView card={card.data.card} />
    </>
  );
}
