import { useMetrics } from "./queries.ts";
import type { RoundReport } from "./read-report.ts";
import { useText } from "../i18n/text.tsx";
import { Copyable } from "../ui/copyable.tsx";
import { Fact } from "../ui/fact.tsx";
import { Accuracy } from "./accuracy.tsx";
import type { RoundView } from "./view-model.ts";

/** Disprovable where the holdout is open, else what the operators attest. Nothing is said before the file was checked. */
function AccuracyFact({ report, failed }: Pick<RoundFactsProps, "report" | "failed">) {
  const { rounds } = useText();
  const { data } = useMetrics(report);
  const fact = { name: rounds.accuracy, children: <Accuracy report={report} failed={failed} /> };
  return data?.kind === "verified" ? <Fact {...fact} kind={data.disprovable ? "disprovable" : "attested"} /> : <Fact {...fact} />;
}

interface RoundFactsProps {
  readonly view: RoundView;
  readonly report: RoundReport | null | undefined;
  /** The report's event could not be read. */
  readonly failed: boolean;
}

export function RoundFacts({ view, report, failed }: RoundFactsProps) {
  const { rounds } = useText();
  const genesis = view.round === 0;
  return (
    <dl className="facts">
      {view.reportHash !== undefined && !genesis && (
        <AccuracyFact report={report} failed={failed} />
      )}
      {view.entries > 0 && (
        <Fact name={rounds.contributors} kind="enforced">
          {rounds.acceptedOf(String(view.accepted), String(view.entries))}
          {report && report.excluded > 0 && <p className="quiet">{rounds.excluded(String(report.excluded))}</p>}
        </Fact>
      )}
      {view.reportHash !== undefined && (
        <Fact name={rounds.modelRoot} kind={genesis ? "enforced" : "disprovable"}>
          {report ? <Copyable value={report.modelRoot} what={rounds.modelRoot} /> : failed ? rounds.reportMissing : rounds.loadingReport}
        </Fact>
      )}
      {view.reportHash !== undefined && (
        <Fact name={rounds.reportHash}>
          <Copyable value={view.reportHash} what={rounds.reportHash} />
        </Fact>
      )}
    </dl>
  );
}
