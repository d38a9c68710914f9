import { Link, Route, Switch } from "wouter";
import { useText } from "../../i18n/text.tsx";
import { FreezeBanner } from "../../rounds/freeze-banner.tsx";
import { useFederation } from "../../rounds/queries.ts";
import { RoundsSection } from "../../rounds/rounds-section.tsx";
import { useFederationNumber } from "../../state/use-federation.ts";
import { Page as Frame } from "../../ui/page.tsx";
import { Section } from "../../ui/section.tsx";
import { Waiting } from "../../ui/waiting.tsx";
import { AccuracyChart } from "./accuracy-chart.tsx";
import { Commendations } from "./commend/commend.tsx";
import { Lineage } from "./lineage.tsx";
import { ModelPage } from "./model-page.tsx";
import { RoundPage } from "./round-page.tsx";
import type { RoundName } from "./round-page.tsx";
import { useRoundsText } from "./text.ts";
import { useFederationView, useMetricsSeries } from "./use-federation-view.ts";
import "./rounds.css";

/** `<federation>.<round>` */
function parseName(text: string | undefined): RoundName | undefined {
  const match = /^([1-9]\d{0,8})\.(0|[1-9]\d{0,8})$/.exec(text ?? "");
  return match === null ? undefined : { federation: Number(match[1]), round: Number(match[2]) };
}

export function Page() {
  return (
    <Switch>
      <Route path="/">
        <Overview />
      </Route>
      <Route path="/:id/model">{({ id }) => <Named id={id} of={ModelPage} />}</Route>
      <Route path="/:id">{({ id }) => <Named id={id} of={RoundPage} />}</Route>
    </Switch>
  );
}

function Named({ id, of: Content }: { readonly id: string | undefined; readonly of: typeof RoundPage }) {
  const text = useRoundsText();
  const { app } = useText();
  const name = parseName(id);
  if (name !== undefined) return <Content key={id} federation={name.federation} round={name.round} />;
  return (
    <Frame title={app.pages.rounds} lead={text.unknown}>
      <p className="links">
        <Link href="/">{text.all}</Link>
      </p>
    </Frame>
  );
}

function Overview() {
  const { app } = useText();
  const text = useRoundsText();
  const [federation, choose] = useFederationNumber();
  return (
    <Frame title={app.pages.rounds} lead={text.lead}>
      <FreezeBanner federation={federation} />
      <Drawings key={federation} federation={federation} />
      <RoundsSection key={`list ${federation}`} federation={federation} onChoose={choose} />
      <Commendations key={`voices ${federation}`} federation={federation} />
    </Frame>
  );
}

function Drawings({ federation }: { readonly federation: number }) {
  const text = useRoundsText();
  const tip = useFederation(federation, 1).data?.head.tip;
  const view = useFederationView(federation, tip);
  const series = useMetricsSeries(view?.traces ?? []);
  return (
    <>
      <Section heading={text.lineage}>
        <p className="quiet">{text.lineageLead}</p>
        {view === undefined || tip === undefined ? <Waiting>{text.loading}</Waiting> : <Lineage federation={federation} rounds={view.lineage} onLine={view.onLine} tip={tip} />}
        <p className="quiet">{text.noStable}</p>
      </Section>
      <Section heading={text.chart}>
        {series.length === 0 ? <p className="quiet">{text.chartNone}</p> : <AccuracyChart series={series} />}
      </Section>
    </>
  );
}
