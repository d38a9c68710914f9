import { Amount } from "../../ui/amount.tsx";
import { Fact } from "../../ui/fact.tsx";
import { Notice } from "../../ui/notice.tsx";
import { Page as Frame } from "../../ui/page.tsx";
import { Section } from "../../ui/section.tsx";
import { Waiting } from "../../ui/waiting.tsx";
import { useHistory } from "../../chain/use-history.ts";
import { PeopleTable } from "./people-table.tsx";
import type { OperatorsState } from "./queries.ts";
import { useOperatorHistory, useOperatorsState } from "./queries.ts";
import { Connections, Watcher } from "./services.tsx";
import { Slashes } from "./slashes.tsx";
import { useOperatorsText } from "./text.ts";
import { WaitingList } from "./waiting-list.tsx";
import "./operators.css";

export function Page() {
  const text = useOperatorsText();
  const failed = useHistory().isError;
  const history = useOperatorHistory();
  const state = useOperatorsState(history?.records);
  return (
    <Frame title={text.title} lead={text.lead}>
      {history === undefined && (failed ? <Notice tone="warning">{text.failed}</Notice> : <Waiting>{text.loading}</Waiting>)}
      {history !== undefined && (
        <>
          <Section heading={text.epoch}>
            {state.isError && <p className="unverified">{text.failed}</p>}
            {state.data !== undefined && <Quorum state={state.data} />}
          </Section>
          <Section heading={text.people}>
            <PeopleTable records={history.records} state={state.data} signers={history.epochs.at(-1)?.signers ?? []} />
            <p className="quiet note">{text.reputationNote}</p>
          </Section>
          <Section heading={text.waitingHeading}>
            <p className="quiet">{text.waitingLead}</p>
            <WaitingList rounds={history.rounds} settlements={history.settlements} />
          </Section>
          <Section heading={text.slashes}>
            <Slashes awards={history.awards} state={state.data} />
          </Section>
        </>
      )}
      <Section heading={text.watchers}>
        <p className="quiet">{text.watchersLead}</p>
        <Watcher />
      </Section>
      <Section heading={text.client}>
        <p className="quiet">{text.clientLead}</p>
        <Connections />
      </Section>
    </Frame>
  );
}

/** The signer set in force, and how much of its bonds is bound. */
function Quorum({ state }: { readonly state: OperatorsState }) {
  const text = useOperatorsText();
  const { epoch, bondPerUnit, liveRounds, liveSettlements } = state;
  return (
    <>
      <dl className="facts">
        <Fact name={text.epochNumber} kind="enforced" figure="epoch">
          {epoch.number}
        </Fact>
        <Fact name={text.threshold} kind="enforced" figure="threshold">
          {text.thresholdOf(epoch.threshold, epoch.size)}
        </Fact>
        <Fact name={text.bondPerUnit} kind="enforced">
          <Amount value={bondPerUnit} />
        </Fact>
        <Fact name={`${text.exposure}: ${text.roundsUnits}`} kind="enforced" figure="round-units">
          {text.exposureOf(liveRounds.toLocaleString("en"), epoch.roundUnits.toLocaleString("en"))}
        </Fact>
        <Fact name={`${text.exposure}: ${text.settlementUnits}`} kind="enforced">
          {text.exposureOf(liveSettlements.toLocaleString("en"), epoch.settlementUnits.toLocaleString("en"))}
        </Fact>
      </dl>
      <p className="quiet note">{text.exposureHelp}</p>
    </>
  );
}
