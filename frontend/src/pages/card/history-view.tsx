import { useState } from "react";
import type { FederationHistory } from "../../chain/book.ts";
import { useNames } from "../../chain/use-names.ts";
import { useLedger } from "../../chain/use-ledger.tsx";
import { statementCsv } from "../../claims/statement.ts";
import type { DatedLine, StatementWords } from "../../claims/statement.ts";
import { ownZone } from "../../format/zone.ts";
import { useText } from "../../i18n/text.tsx";
import { Section } from "../../ui/section.tsx";
import { Waiting } from "../../ui/waiting.tsx";
import { HistoryTable } from "./history-table.tsx";
import { seatOf } from "./payees.ts";
import { reasonOf } from "./reason.ts";
import { saveFile } from "./save-file.ts";
import { StatementSection } from "./statement-section.tsx";
import { useCardText } from "./text.ts";
import { useLines } from "./use-lines.ts";
import type { CardProps } from "./view.ts";

const SHOWN = 20;

/** Words for the file, with each seat's dataset as its card calls it. */
function useStatementWords(federations: readonly FederationHistory[]): StatementWords {
  const { history } = useCardText();
  const { names: text } = useText();
  const names = useNames();
  return {
    columns: history.csvColumns,
    kind: (kind) => history.kinds[kind],
    reason: (line) => reasonOf(line, history),
    dataset: ({ federation, seat }) => {
      const own = federations.find((each) => each.federation === federation);
      const dataset = own === undefined ? undefined : seatOf(own, seat)?.dataset;
      return dataset === undefined ? "" : (names.dataset(dataset) ?? text.dataset(String(dataset)));
    },
  };
}

/** Everything that was earned and paid, and the statement of one year. */
export function HistoryView({ account, federations }: CardProps) {
  const { history: text } = useCardText();
  const { deployment } = useLedger();
  const words = useStatementWords(federations);
  const { lines, partial } = useLines(account, federations);
  const [shown, setShown] = useState(SHOWN);
  const csv = (chosen: readonly DatedLine[], zone: string, name: string): void => saveFile(name, "text/csv", statementCsv(chosen, zone, deployment.chainId, words));
  return (
    <>
      <Section heading={text.heading} className="card-history">
        <p>{text.lead}</p>
        {partial && <p className="unverified">{text.partial}</p>}
        {lines === undefined && <Waiting>{text.times}</Waiting>}
        {lines !== undefined && lines.length === 0 && <p className="empty">{text.none}</p>}
        {lines !== undefined && lines.length > 0 && (
          <>
            <p className="quiet">{text.zoneNote(ownZone())}</p>
            <HistoryTable label={text.entries} lines={lines.slice(0, shown)} />
            <p className="actions">
              {lines.length > shown && (
                <button type="button" onClick={() => setShown(shown + SHOWN)}>
                  {text.more}
                </button>
              )}
              <button type="button" onClick={() => csv(lines.toReversed(), ownZone(), `chongwen-${account}.csv`)}>
                {text.csv}
              </button>
            </p>
          </>
        )}
      </Section>
      {lines !== undefined && lines.length > 0 && <StatementSection account={account} lines={lines} partial={partial} onCsv={csv} />}
    </>
  );
}
