import type { QualityCheck } from "../../../claims/quality-check.ts";
import { viewQuality } from "../../../claims/quality-view.ts";
import { useLanguage } from "../../../i18n/text.tsx";
import { Waiting } from "../../../ui/waiting.tsx";
import { DataTerms } from "./data-terms.tsx";
import { Dispute } from "./dispute.tsx";
import { Standing } from "./standing.tsx";
import { useQualityText } from "./text.ts";
import { Tiers } from "./tiers.tsx";
import "./quality.css";

interface QualityTermsProps {
  readonly check: QualityCheck | undefined;
  readonly failed: boolean;
  readonly seat: number;
  readonly pool: bigint;
  readonly final: boolean;
}

/** Every term of a settlement by quality, for one seat. */
export function QualityTerms({ check, failed, seat, pool, final }: QualityTermsProps) {
  const text = useQualityText();
  const { language } = useLanguage();
  if (failed) return <p className="unverified">{text.unavailable}</p>;
  if (check === undefined) return <Waiting>{text.checking}</Waiting>;
  if (check.kind === "mismatch") {
    return (
      <p className="unverified" data-quality={check.what}>
        {text.mismatch[check.what]} {text.mismatchHelp}
      </p>
    );
  }
  const view = viewQuality(check.facts, seat);
  return (
    <div className="quality" data-quality="checked">
      <Tiers view={view} pool={pool} />
      <DataTerms data={view.data} />
      <Standing lines={view.reputation} />
      <Dispute view={view} final={final} separator={language === "zh" ? "、" : ", "} />
    </div>
  );
}
