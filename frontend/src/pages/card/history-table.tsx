import type { DatedLine } from "../../claims/statement.ts";
import { isoIn } from "../../format/zone.ts";
import { useLanguage } from "../../i18n/text.tsx";
import { Amount } from "../../ui/amount.tsx";
import { Copyable } from "../../ui/copyable.tsx";
import { ScrollFrame } from "../../ui/scroll-frame.tsx";
import { reasonOf } from "./reason.ts";
import { useCardText } from "./text.ts";

interface HistoryTableProps {
  readonly lines: readonly DatedLine[];
  /** Name of the frame, which is pushed sideways where it is too narrow. */
  readonly label: string;
  /** The reader's own when undefined. */
  readonly zone?: string;
}

export function HistoryTable({ lines, label, zone }: HistoryTableProps) {
  const { history: text, points } = useCardText();
  return (
    <ScrollFrame label={label}>
      <table className="ledger">
        <thead>
          <tr>
            <th scope="col">{text.columns.date}</th>
            <th scope="col">{text.columns.what}</th>
            <th scope="col">{text.columns.reason}</th>
            <th scope="col" className="number">
              {text.columns.quantity}
            </th>
            <th scope="col">{text.columns.transaction}</th>
          </tr>
        </thead>
        <tbody>
          {lines.map((line) => (
            <tr key={`${line.transactionHash}:${line.kind}:${line.federation}:${line.seat}`} data-line={line.kind}>
              <td>
                <When at={line.at} zone={zone} />
              </td>
              <td>{text.kinds[line.kind]}</td>
              <td className="reason-cell">{reasonOf(line, text)}</td>
              <td className="number">
                <Amount value={line.quantity} unit={line.unit === "points" ? points : "SHU"} />
              </td>
              <td>
                <Copyable value={line.transactionHash} what={text.columns.transaction} edge={4} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </ScrollFrame>
  );
}

function When({ at, zone }: { readonly at: number; readonly zone: string | undefined }) {
  const { language } = useLanguage();
  const date = new Date(at * 1000);
  const text = date.toLocaleString(language === "zh" ? "zh-CN" : "en-GB", { dateStyle: "medium", timeStyle: "short", ...(zone !== undefined && { timeZone: zone }) });
  return <time dateTime={zone === undefined ? date.toISOString() : isoIn(at, zone)}>{text}</time>;
}
