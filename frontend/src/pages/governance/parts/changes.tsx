import type { DecodedAction } from "../../../../../protocol/governance/decode.ts";
import { sentenceOf } from "../../../../../protocol/governance/sentences.ts";
import { useLedger } from "../../../chain/use-ledger.tsx";
import { useNames } from "../../../chain/use-names.ts";
import { formatAmount } from "../../../format/amount.ts";
import { formatDuration, splitDuration } from "../../../format/duration.ts";
import { useLanguage } from "../../../i18n/text.tsx";
import { Copyable } from "../../../ui/copyable.tsx";
import { Time } from "../../../ui/time.tsx";
import type { Cell, Change, Row } from "../changes/cells.ts";
import { isSame, joinAffected } from "../changes/cells.ts";
import { readChange } from "../changes/read.ts";
import type { Reading } from "../data/with-history.ts";
import { useWithHistory } from "../data/with-history.ts";
import type { ChangesText } from "../changes/text.en.ts";
import { useChangesText } from "../text.ts";
import { StrangerText } from "./stranger-text.tsx";

interface ChangesProps {
  readonly actions: readonly DecodedAction[];
  /** What it is for, to keep the answers apart. */
  readonly id: string;
  /** Last block before it was carried out; undefined: it was not, so the present state counts. */
  readonly asOf: bigint | undefined;
}

/** Each act's values before and after, who is affected, and what no later vote can take back. */
export function Changes({ actions, id, asOf }: ChangesProps) {
  const text = useChangesText();
  const { language } = useLanguage();
  const ledger = useLedger();
  // As of the block before it was carried out, for ever; else as of now.
  const key = ["changes", id, asOf?.toString() ?? ""];
  const read = ({ events, block }: Reading): Promise<readonly (Change | undefined)[]> =>
    Promise.all(actions.map((action) => readChange({ ledger, events, blockNumber: asOf ?? block }, action)));
  const { data, isError } = useWithHistory(key, read);
  if (isError) return <p className="unverified">{text.failed}</p>;
  if (data === undefined) return <p className="quiet">{text.loading}</p>;
  const known = data.filter((change) => change !== undefined);
  return (
    <>
      {actions.map((action, i) => {
        const change = data[i];
        return (
          // oxlint-disable-next-line react/no-array-index-key -- the order is part of the proposal, and two may be equal
          <div key={i} className="change">
            {actions.length > 1 && <h3 className="change-title">{`${i + 1}. ${sentenceOf(action, language)}`}</h3>}
            {change === undefined ? <p className="quiet">{text.unknown}</p> : <Diff rows={change.rows} past={asOf !== undefined} />}
            {action.kind === "governed" && <Effect name={`${action.contract}.${action.functionName}`} text={text} />}
          </div>
        );
      })}
      <Touched changes={known} unknown={actions.some(({ kind }) => kind !== "governed")} />
      <Undone actions={actions} />
    </>
  );
}

function Effect({ name, text }: { readonly name: string; readonly text: ChangesText }) {
  const effect = text.effects[name];
  return effect === undefined ? null : <p className="effect">{effect}</p>;
}

function Diff({ rows, past }: { readonly rows: readonly Row[]; readonly past: boolean }) {
  const text = useChangesText();
  if (rows.length === 0) return <p className="quiet">{text.unchanged}</p>;
  return (
    <table className="ledger diff">
      <thead>
        <tr>
          <th scope="col">{text.what}</th>
          <th scope="col">{past ? text.beforePast : text.before}</th>
          <th scope="col">{text.after}</th>
        </tr>
      </thead>
      <tbody>
        {rows.map(({ label, subject, before, after }) => {
          const same = isSame(before, after);
          return (
            <tr key={label + (subject ?? "")} className={same ? "diff-same" : "diff-changed"} data-change={label}>
              <th scope="row">
                {text.rows[label] ?? label} {subject}
              </th>
              <td data-before>
                <CellValue cell={before} />
              </td>
              <td data-after>{same ? text.unchanged : <CellValue cell={after} />}</td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}

function CellValue({ cell }: { readonly cell: Cell | undefined }) {
  const text = useChangesText();
  if (cell === undefined) return <span className="quiet">–</span>;
  switch (cell.kind) {
    case "number":
      return cell.value.toLocaleString("en");
    case "shu":
      return `${formatAmount(cell.value)} SHU`;
    case "rho":
      return text.rho(cell.value.toLocaleString("en"));
    case "seconds":
      return exactTime(Number(cell.value), text.seconds);
    case "percent":
      return `${cell.value} %`;
    case "day":
      return <Time at={cell.value} day />;
    case "hash":
      return <Copyable value={cell.value} what={cell.value} edge={4} />;
    case "text":
      return <StrangerText>{cell.value}</StrangerText>;
    case "word":
      return text.words[cell.value] ?? cell.value;
  }
}

/** Two units are enough for a countdown; for a rule the seconds behind them matter too. */
function exactTime(seconds: number, units: ChangesText["seconds"]): string {
  const { days, minutes, seconds: rest } = splitDuration(seconds);
  const dropped = days > 0 ? minutes + rest > 0 : seconds >= 3600 && rest > 0;
  return dropped ? `${formatDuration(seconds, units)} (${seconds.toLocaleString("en")} ${units.second})` : formatDuration(seconds, units);
}

function Touched({ changes, unknown }: { readonly changes: readonly Change[]; readonly unknown: boolean }) {
  const text = useChangesText();
  const names = useNames();
  const named = (ids: readonly number[], nameOf: (id: number) => string | undefined): string => ids.map((id) => [id, nameOf(id)].filter(Boolean).join(" · ")).join(", ");
  const { organisations, federations, datasets, seats } = joinAffected(changes.map(({ affected }) => affected));
  const nobody = organisations.length + federations.length + datasets.length + seats === 0;
  return (
    <div className="touched">
      <h3>{text.affected}</h3>
      {unknown ? <p className="unverified">{text.unknownAffected}</p> : nobody && <p>{text.nobody}</p>}
      <ul data-affected>
        {organisations.length > 0 && <li>{text.organisation(named(organisations, names.organisation))}</li>}
        {federations.length > 0 && <li>{text.federation(federations.join(", "))}</li>}
        {datasets.length > 0 && <li>{text.dataset(named(datasets, names.dataset))}</li>}
        {seats > 0 && <li>{text.seats(String(seats))}</li>}
      </ul>
    </div>
  );
}

function Undone({ actions }: { readonly actions: readonly DecodedAction[] }) {
  const text = useChangesText();
  const grave = actions.filter((action) => action.kind !== "governed" || action.gravity !== "reversible");
  const words = grave.map((action) => {
    if (action.kind !== "governed") return text.unknownUndone;
    return text.permanent[`${action.contract}.${action.functionName}`] ?? (action.gravity === "permanent" ? text.permanentOther : text.powerOther);
  });
  return (
    <div className="undone">
      <h3>{text.undone}</h3>
      {words.length === 0 && <p>{text.nothingPermanent}</p>}
      <ul>
        {[...new Set(words)].map((sentence) => (
          <li key={sentence}>{sentence}</li>
        ))}
      </ul>
    </div>
  );
}
