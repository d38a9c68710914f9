import { Link } from "wouter";
import { useReport } from "./queries.ts";
import { formatDuration } from "../format/duration.ts";
import type { Dictionary } from "../i18n/en.ts";
import { useText } from "../i18n/text.tsx";
import { Kind } from "../ui/kind.tsx";
import { RoundFacts } from "./round-facts.tsx";
import { StateBadge } from "./state-badge.tsx";
import type { RoundView } from "./view-model.ts";

/** One sentence on where the round stands, and what happens next. */
function statusOf(view: RoundView, text: Dictionary): string {
  const { status } = text.rounds;
  const { limit, state } = view;
  const time = limit.kind === "running" ? formatDuration(limit.seconds, text.locale.units) : "";
  if (view.round === 0) return text.rounds.genesisNote;
  if (state === "final" || state === "void") return status[state];
  if (state === "open") {
    if (view.redo) return limit.kind === "running" ? status.redo(time) : status.redoOver;
    return limit.kind === "running" ? status.openForce(time) : status.open;
  }
  if (limit.kind === "running") return status[state](time);
  return state === "sealed" ? status.sealedOver : status.reportedOver;
}

interface RoundSlipProps {
  readonly federation: number;
  readonly view: RoundView;
}

/** A round, as a slip in a card catalogue. */
export function RoundSlip({ federation, view }: RoundSlipProps) {
  const text = useText();
  const report = useReport(federation, view.round, view.reportHash);
  const title = view.round === 0 ? text.rounds.genesis : text.rounds.title(String(view.round));
  return (
    <li className={`slip slip-${view.state}`} data-round={view.round} data-state={view.state}>
      <article aria-label={title}>
        <header>
          <h3>
            {/* What nobody has sealed yet has no page. */}
            {view.state === "open" && !view.redo ? title : <Link href={`~/rounds/${federation}.${view.round}`}>{title}</Link>}
          </h3>
          <StateBadge state={view.state} genesis={view.round === 0} />
          {view.parent !== undefined && (
            <p className="parent">
              {text.rounds.parent(view.parent === 0 ? text.rounds.genesis : text.rounds.title(String(view.parent)))} <Kind kind="enforced" />
            </p>
          )}
        </header>
        <p className="status">{statusOf(view, text)}</p>
        {view.attempt > 0 && <p className="attempt">{text.rounds.attempt(String(view.attempt + 1))}</p>}
        {view.forced > 0 && <p className="attempt">{text.rounds.forced(String(view.forced))}</p>}
        <RoundFacts view={view} report={report.data} failed={report.isError || report.data === null} />
      </article>
    </li>
  );
}
