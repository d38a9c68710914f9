import { Link } from "wouter";
import { useHistory } from "../../chain/use-history.ts";
import { useNames } from "../../chain/use-names.ts";
import { useDatasets } from "../../datasets/queries.ts";
import type { DatasetTrace } from "../../datasets/trace.ts";
import { ethicsEnd, matches, termsOf } from "../../datasets/trace.ts";
import { visibleText } from "../../format/visible-text.ts";
import { useUrlState } from "../../state/use-url-state.ts";
import { OrganisationName } from "../../ui/address-name.tsx";
import { Countdown } from "../../ui/countdown.tsx";
import { Field } from "../../ui/field.tsx";
import { Notice } from "../../ui/notice.tsx";
import { useNow } from "../../ui/use-now.ts";
import { Waiting } from "../../ui/waiting.tsx";
import { BudgetLine } from "./budget.tsx";
import { useSeatsByDataset } from "./queries.ts";
import type { DatasetSeat } from "./queries.ts";
import { DatasetState } from "./state-line.tsx";
import { useDatasetsText } from "./text.ts";

const FILTERS = ["approved", "proposed", "suspended", "held", "withdrawn", "retired", "expired"] as const;

export function Catalogue() {
  const text = useDatasetsText();
  const names = useNames();
  const now = useNow();
  const history = useHistory();
  const datasets = useDatasets();
  const seats = useSeatsByDataset();
  const [words, setWords] = useUrlState("q");
  const [state, setState] = useUrlState("state");
  if (datasets === undefined) return history.isError ? <Notice tone="warning">{text.failed}</Notice> : <Waiting>{text.loading}</Waiting>;
  const search = { words: words ?? "", state: FILTERS.find((each) => each === state) };
  const found = datasets.filter((trace) => matches(trace, search, [names.dataset(trace.dataset), names.organisation(trace.custodian)], now));
  return (
    <>
      <div className="catalogue-tools">
        <Field label={text.search} help={text.searchHelp}>
          {(props) => <input {...props} type="search" value={words ?? ""} onChange={(event) => setWords(event.target.value === "" ? null : event.target.value)} />}
        </Field>
        <Field label={text.state}>
          {(props) => (
            <select {...props} value={search.state ?? ""} onChange={(event) => setState(event.target.value === "" ? null : event.target.value)}>
              <option value="">{text.all}</option>
              {FILTERS.map((each) => (
                <option key={each} value={each}>
                  {text.states[each]}
                </option>
              ))}
            </select>
          )}
        </Field>
        <Link className="button" href="/register">
          {text.register}
        </Link>
      </div>
      <output className="quiet">{text.found(found.length, datasets.length)}</output>
      {datasets.length === 0 && <p className="empty">{text.none}</p>}
      {datasets.length > 0 && found.length === 0 && <p className="empty">{text.noneFound}</p>}
      <ol className="catalogue">
        {found.map((trace) => (
          <Slip key={trace.dataset} trace={trace} seats={seats?.get(trace.dataset) ?? (seats === undefined ? undefined : [])} />
        ))}
      </ol>
    </>
  );
}

interface SlipProps {
  readonly trace: DatasetTrace;
  readonly seats: readonly DatasetSeat[] | undefined;
}

/** A dataset, as a slip in a card catalogue. */
function Slip({ trace, seats }: SlipProps) {
  const text = useDatasetsText();
  const names = useNames();
  const terms = termsOf(trace);
  const live = seats?.filter(({ revoked }) => !revoked);
  const weight = live?.reduce((sum, { weights }) => sum + (weights.at(-1)?.weight ?? 0), 0);
  return (
    <li className="entry" data-dataset={trace.dataset} data-status={trace.status}>
      <header>
        <h2>
          <Link href={`/${trace.dataset}`}>{names.dataset(trace.dataset) ?? text.number(String(trace.dataset))}</Link>
        </h2>
        <p className="entry-state">
          <DatasetState trace={trace} />
        </p>
      </header>
      <p className="quiet entry-line">
        {text.number(String(trace.dataset))} · {text.version(String(trace.versions.length))} · {text.custodian}: <OrganisationName organisation={trace.custodian} />
      </p>
      <dl className="entry-facts">
        <div>
          <dt>{text.records}</dt>
          <dd>{terms.records.toLocaleString("en")}</dd>
        </div>
        <div>
          <dt>{text.licence}</dt>
          <dd>{visibleText(terms.licence, 80)}</dd>
        </div>
        <div>
          <dt>{text.ethics}</dt>
          <dd>
            {visibleText(terms.ethicsApproval, 120)}
            <span className="quiet">
              {" "}
              · <Countdown until={ethicsEnd(terms)} over={text.ethicsOver} left={text.ethicsLeft} />
            </span>
          </dd>
        </div>
        <div>
          <dt>{text.privacy}</dt>
          <dd>
            <BudgetLine trace={trace} seats={seats} />
          </dd>
        </div>
        <div>
          <dt>{text.seats}</dt>
          <dd>{live === undefined ? "…" : live.length === 0 ? text.noSeat : text.seatsOf(live.length, weight ?? 0)}</dd>
        </div>
      </dl>
    </li>
  );
}
