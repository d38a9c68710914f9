import { use } from "react";
import type { QualityView, TierLine } from "../../../claims/quality-view.ts";
import { formatAmount } from "../../../format/amount.ts";
import { AddressName } from "../../../ui/address-name.tsx";
import { AmountUnit } from "../../../ui/amount.tsx";
import { ofPool, ofTier, WHOLE } from "./figures.ts";
import { Step } from "./step.tsx";
import { useQualityText } from "./text.ts";

const HUNDREDTH = 10n ** 16n;

/** The settlement rounds the sum of all tiers, not each: a tier's amount is a reading aid. */
const hundredths = (amount: bigint): bigint => amount - (amount % HUNDREDTH);

/** The pool's parts, and what this seat has of each. */
export function Tiers({ view, pool }: { readonly view: QualityView; readonly pool: bigint }) {
  const text = useQualityText();
  return (
    <>
      <h4>{text.tiers}</h4>
      <p className="quiet">{text.tiersLead}</p>
      <dl className="working">
        {view.tiers.map((line) => (
          <Tier key={line.tier} line={line} pool={pool} />
        ))}
      </dl>
      {view.nobody > 0n && <p className="quiet">{text.nobody(ofPool(view.nobody))}</p>}
    </>
  );
}

function Tier({ line, pool }: { readonly line: TierLine; readonly pool: bigint }) {
  const text = useQualityText();
  const { tier, stop, score, points, allPoints, issuers } = line;
  const unit = use(AmountUnit);
  const own = tier === "data" ? ofTier(points) : String(points);
  return (
    <Step name={text.tier[tier]} kinds={line.backing}>
      <p data-tier={tier} data-score={String(score)}>
        {text.ofPool(ofPool(line.pool))}
      </p>
      {stop === "no-points" ? <p className="quiet">{text.stop[tier === "data" ? "no-share" : stop]}</p> : <p>{text.points[tier](own, String(allPoints))}</p>}
      {stop !== undefined && stop !== "no-points" && <p className="unverified">{text.stop[stop]}</p>}
      {score > 0n && (
        <p>
          {text.gives} <strong>{text.ofPool(ofPool(score))}</strong>
          {text.about(`${formatAmount(hundredths((pool * score) / WHOLE))} ${unit}`)}
        </p>
      )}
      {issuers.length > 0 && (
        <p className="quiet">
          {text.signedBy}{" "}
          {issuers.map((issuer) => (
            <AddressName key={issuer} address={issuer} />
          ))}
        </p>
      )}
    </Step>
  );
}
