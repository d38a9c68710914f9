import { useState } from "react";
import { useFederation, useFederationCount } from "./queries.ts";
import { useText } from "../i18n/text.tsx";
import { Notice } from "../ui/notice.tsx";
import { Waiting } from "../ui/waiting.tsx";
import { useNow } from "../ui/use-now.ts";
import { FederationSelect } from "./federation-select.tsx";
import { KindsLegend } from "./kinds-legend.tsx";
import { RoundSlip } from "./round-slip.tsx";
import { upcomingRound, viewRound } from "./view-model.ts";

const PAGE = 5;

interface RoundsSectionProps {
  readonly federation: number;
  readonly onChoose: (federation: number) => void;
}

export function RoundsSection({ federation, onChoose }: RoundsSectionProps) {
  const { rounds: text } = useText();
  const [shown, setShown] = useState(PAGE);
  const count = useFederationCount();
  const known = count.data !== undefined && federation <= count.data;
  return (
    <section id="rounds" className="rounds" aria-labelledby="rounds-heading">
      <div className="section-head">
        <h2 id="rounds-heading">{text.heading}</h2>
        {count.data !== undefined && count.data > 1 && <FederationSelect count={count.data} chosen={federation} onChoose={onChoose} />}
      </div>
      <KindsLegend />
      {count.isError && (
        <Notice tone="warning">
          <p>{text.failed}</p>
        </Notice>
      )}
      {count.isPending && <Waiting>{text.loading}</Waiting>}
      {count.data !== undefined && !known && <p className="empty">{text.none}</p>}
      {known && <RoundList federation={federation} shown={shown} onMore={() => setShown(shown + PAGE)} />}
    </section>
  );
}

interface RoundListProps {
  readonly federation: number;
  readonly shown: number;
  readonly onMore: () => void;
}

function RoundList({ federation, shown, onMore }: RoundListProps) {
  const { rounds: text } = useText();
  const now = useNow();
  const state = useFederation(federation, shown);
  if (state.data === undefined) return state.isError ? <Notice tone="warning">{text.failed}</Notice> : <Waiting>{text.loading}</Waiting>;
  const { head, rounds, tip } = state.data;
  const upcoming = upcomingRound(head, tip, now);
  return (
    <>
      <ol className="slips">
        {upcoming !== undefined && <RoundSlip federation={federation} view={upcoming} />}
        {rounds.map(({ round, record }) => (
          <RoundSlip key={round} federation={federation} view={viewRound(round, record, now)} />
        ))}
      </ol>
      {rounds.length <= head.last && (
        <button type="button" className="more" onClick={onMore}>
          {text.older}
        </button>
      )}
      <p className="recompute quiet">
        {text.recompute} <code>npx chongwen audit</code>
      </p>
    </>
  );
}
