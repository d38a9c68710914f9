import { formatShare } from "../../format/share.ts";
import { useText } from "../../i18n/text.tsx";
import type { Metrics } from "../../rounds/metrics.ts";
import { useRoundsText } from "./text.ts";

export interface RoundMetrics {
  readonly round: number;
  /** Undefined while it is being read; null when it could not be. */
  readonly metrics: Metrics | null | undefined;
}

const SIZE = { width: 640, height: 200, left: 48, right: 14, top: 12, bottom: 28 } as const;

/** Accuracies that were checked, as a line; what was not is left out, and said so in the table. */
export function AccuracyChart({ series }: { readonly series: readonly RoundMetrics[] }) {
  const text = useRoundsText();
  const { metrics: words, rounds } = useText();
  const checked = series.flatMap(({ round, metrics }) => (metrics?.kind === "verified" ? [{ round, share: metrics.correct / metrics.total, metrics }] : []));
  const lowest = Math.max(0, Math.floor(10 * Math.min(1, ...checked.map(({ share }) => share))) / 10 - 0.1);
  const [first, last] = [checked[0]?.round ?? 0, checked.at(-1)?.round ?? 1];
  const x = (round: number): number => SIZE.left + ((round - first) / Math.max(1, last - first)) * (SIZE.width - SIZE.left - SIZE.right);
  const y = (share: number): number => SIZE.top + ((1 - share) / (1 - lowest)) * (SIZE.height - SIZE.top - SIZE.bottom);
  const steps = Array.from({ length: 3 }, (_, i) => lowest + ((1 - lowest) * i) / 2);
  return (
    <figure className="chart">
      {checked.length > 1 && (
        // oxlint-disable-next-line jsx-a11y/prefer-tag-over-role -- a drawing made of lines has no other element
        <svg viewBox={`0 0 ${SIZE.width} ${SIZE.height}`} role="img" aria-label={text.chartLabel(checked.length)}>
          {steps.map((share) => (
            <g key={share}>
              <line className="grid" x1={SIZE.left} x2={SIZE.width - SIZE.right} y1={y(share)} y2={y(share)} />
              <text className="axis" x={SIZE.left - 8} y={y(share) + 4} textAnchor="end">
                {Math.round(100 * share)} %
              </text>
            </g>
          ))}
          <polyline className="curve" points={checked.map(({ round, share }) => `${x(round)},${y(share)}`).join(" ")} />
          {checked.map(({ round, share }) => (
            <g key={round}>
              <circle className="point" cx={x(round)} cy={y(share)} r="3.5" />
              {(checked.length <= 16 || round === first || round === last) && (
                <text className="axis" x={x(round)} y={SIZE.height - 8} textAnchor="middle">
                  {round}
                </text>
              )}
            </g>
          ))}
        </svg>
      )}
      <details>
        <summary>{text.asTable}</summary>
        <table className="ledger">
          <caption>{text.chartCaption}</caption>
          <thead>
            <tr>
              <th scope="col">{text.round}</th>
              <th scope="col">{rounds.accuracy}</th>
              <th scope="col">{text.counted}</th>
            </tr>
          </thead>
          <tbody>
            {series.map(({ round, metrics }) => (
              <tr key={round}>
                <th scope="row">{round}</th>
                {metrics?.kind === "verified" ? (
                  <>
                    <td>{formatShare(BigInt(metrics.correct), BigInt(metrics.total))}</td>
                    <td>{rounds.holdout(String(metrics.correct), String(metrics.total))}</td>
                  </>
                ) : (
                  <td colSpan={2}>{metrics === undefined ? words.loading : metrics === null ? words.unavailable : words[metrics.kind]}</td>
                )}
              </tr>
            ))}
          </tbody>
        </table>
      </details>
    </figure>
  );
}
