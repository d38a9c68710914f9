import type { ReputationLine } from "../../../claims/quality-view.ts";
import { decimal } from "./figures.ts";
import { Step } from "./step.tsx";
import { useQualityText } from "./text.ts";

/** What settlements say of the contributor, kind by kind. */
export function Standing({ lines }: { readonly lines: readonly ReputationLine[] }) {
  const text = useQualityText();
  if (lines.length === 0) return null;
  return (
    <>
      <h4>{text.reputation}</h4>
      <p className="quiet">{text.reputationLead}</p>
      <dl className="working">
        {lines.map(({ kind, before, after, asks }) => (
          <Step key={kind} name={text.tier[kind]} kinds={["recomputable"]}>
            <p>
              <strong>{text.reputationIs(decimal(after.mean), decimal(after.uncertainty))}</strong>{" "}
              <span className="quiet">{before === undefined ? text.reputationNew : text.reputationWas(decimal(before.mean), decimal(before.uncertainty))}</span>
            </p>
            {asks !== undefined && <p className="quiet">{text.asks[asks.end](decimal(asks.ppm))}</p>}
          </Step>
        ))}
      </dl>
    </>
  );
}
