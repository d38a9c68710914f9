import { useBook } from "../../chain/use-book.ts";
import { useHistory } from "../../chain/use-history.ts";
import { Notice } from "../../ui/notice.tsx";
import { Section } from "../../ui/section.tsx";
import { Waiting } from "../../ui/waiting.tsx";
import { FederationCard } from "./federation-card.tsx";
import { News } from "./news.tsx";
import { OpenProposals } from "./open-proposals.tsx";
import { useOverviewText } from "./text.ts";

/** What is going on now, and what has changed. */
export function Live() {
  const text = useOverviewText();
  const { federations, contributors, failed } = useBook();
  const history = useHistory().data;
  if (failed) {
    return (
      <Notice tone="warning">
        <p>{text.failed}</p>
      </Notice>
    );
  }
  if (federations === undefined || contributors === undefined || history === undefined) return <Waiting>{text.loading}</Waiting>;
  return (
    <>
      <News history={history} federations={federations} />
      <Section heading={text.federations.heading} className="federations">
        {federations.length === 0 && <p className="empty">{text.federations.none}</p>}
        {federations.map((federation) => (
          <FederationCard key={federation.federation} history={federation} contributors={contributors} />
        ))}
      </Section>
      <OpenProposals />
    </>
  );
}
