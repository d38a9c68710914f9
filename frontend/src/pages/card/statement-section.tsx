import { useId, useState } from "react";
import type { Address } from "viem";
import { useBook } from "../../chain/use-book.ts";
import { statementOf, yearsOf } from "../../claims/statement.ts";
import type { DatedLine } from "../../claims/statement.ts";
import { ownZone } from "../../format/zone.ts";
import { BearerName } from "../../ui/address-name.tsx";
import { Amount } from "../../ui/amount.tsx";
import { Section } from "../../ui/section.tsx";
import { HistoryTable } from "./history-table.tsx";
import { useCardText } from "./text.ts";

interface StatementSectionProps {
  readonly account: Address;
  readonly lines: readonly DatedLine[];
  readonly partial: boolean;
  readonly onCsv: (lines: readonly DatedLine[], zone: string, name: string) => void;
}

/** One year on one sheet: what a person files with a tax declaration or an institution's accounts. */
export function StatementSection({ account, lines, partial, onCsv }: StatementSectionProps) {
  const { history: text, points } = useCardText();
  const { through } = useBook();
  const zones = [...new Set([ownZone(), "UTC"])];
  const [zone, setZone] = useState(ownZone);
  const years = yearsOf(lines, zone);
  const [chosen, choose] = useState<number>();
  const year = chosen !== undefined && years.includes(chosen) ? chosen : (years[0] ?? 0);
  const statement = statementOf(lines, year, zone);
  const id = useId();
  return (
    <Section heading={text.statement} className="statement">
      <p className="quiet">{text.statementLead}</p>
      <div className="statement-choice">
        <div className="field-row">
          <label htmlFor={`${id}-year`}>{text.year}</label>
          <select id={`${id}-year`} value={year} onChange={(event) => choose(Number(event.target.value))}>
            {years.map((each) => (
              <option key={each}>{each}</option>
            ))}
          </select>
        </div>
        <div className="field-row">
          <label htmlFor={`${id}-zone`}>{text.zone}</label>
          <select id={`${id}-zone`} value={zone} onChange={(event) => setZone(event.target.value)}>
            {zones.map((each) => (
              <option key={each}>{each}</option>
            ))}
          </select>
        </div>
      </div>
      <div className="statement-sheet" data-statement={year}>
        <h3>{text.printTitle(String(year))}</h3>
        <p>
          {text.account} <BearerName address={account} /> <code>{account}</code>
        </p>
        {partial && <p className="unverified">{text.partial}</p>}
        <dl className="statement-sums">
          <Sum name={text.earned} id="earned" value={statement.earned} />
          {statement.earnedPoints > 0n && <Sum name={text.earned} id="earned-points" value={statement.earnedPoints} unit={points} />}
          <Sum name={text.received} id="received" value={statement.received} />
          {statement.passedOn > 0n && <Sum name={text.passedOn} id="passed-on" value={statement.passedOn} />}
        </dl>
        <HistoryTable label={text.printTitle(String(year))} lines={statement.lines} zone={zone} />
        <p className="quiet">
          {text.zoneNote(zone)} {through !== undefined && text.asOf(through.toLocaleString("en"))}
        </p>
      </div>
      <p className="actions">
        <button type="button" onClick={() => window.print()}>
          {text.print}
        </button>
        <button type="button" onClick={() => onCsv(statement.lines, zone, `chongwen-${year}-${account}.csv`)}>
          {text.yearCsv(String(year))}
        </button>
      </p>
    </Section>
  );
}

function Sum({ name, id, value, unit = "SHU" }: { readonly name: string; readonly id: string; readonly value: bigint; readonly unit?: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd data-sum={id}>
        <Amount value={value} unit={unit} />
      </dd>
    </div>
  );
}
