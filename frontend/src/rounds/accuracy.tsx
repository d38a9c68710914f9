import { useMetrics } from "./queries.ts";
import type { RoundReport } from "./read-report.ts";
import { formatShare } from "../format/share.ts";
import { useText } from "../i18n/text.tsx";

interface AccuracyProps {
  readonly report: RoundReport | null | undefined;
  readonly failed: boolean;
}

/** A number is shown only when its file hashes to what the operators signed. */
export function Accuracy({ report, failed }: AccuracyProps) {
  const { metrics: text, rounds } = useText();
  const metrics = useMetrics(report);
  if (failed || metrics.isError) return <span className="unverified">{text.unavailable}</span>;
  if (!metrics.data) return <span className="quiet">{text.loading}</span>;
  if (metrics.data.kind !== "verified") return <strong className="unverified">{text[metrics.data.kind]}</strong>;
  const { correct, total } = metrics.data;
  return (
    <>
      <strong className="accuracy" title={text.verified}>
        {formatShare(BigInt(correct), BigInt(total))}
      </strong>
      <p className="quiet">{rounds.holdout(String(correct), String(total))}</p>
    </>
  );
}
