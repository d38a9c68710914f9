import type { ClusterLine, DataLine } from "../../../claims/quality-view.ts";
import { Copyable } from "../../../ui/copyable.tsx";
import { useCardText } from "../text.ts";
import { decimal, ofTier, percent } from "./figures.ts";
import { Step } from "./step.tsx";
import { useQualityText } from "./text.ts";

type Open = Extract<DataLine, { readonly kind: "open" }>;

/** The data tier, term by term. */
export function DataTerms({ data }: { readonly data: DataLine }) {
  const text = useQualityText();
  return (
    <>
      <h4>{text.data}</h4>
      {data.kind === "open" ? <Judged data={data} /> : <p>{data.kind === "private" ? text.dataPrivate : text.dataNone}</p>}
    </>
  );
}

function Judged({ data }: { readonly data: Open }) {
  const text = useQualityText();
  const { receipts } = useCardText();
  const { holdout, gates, cluster } = data;
  return (
    <dl className="working">
      <Step name={text.holdout} kinds={["recomputable"]}>
        <p>{text.holdoutIs(String(holdout.records))}</p>
        <p className="quiet">
          {text.commitment} <Copyable value={holdout.commitment} what={text.commitment} />
        </p>
      </Step>
      <Step name={text.model} kinds={["recomputable"]}>
        {text.modelWent(text.measure[data.utility], percent(data.startPpm), percent(data.endPpm))}
      </Step>
      <Step name={text.gate} kinds={["recomputable"]}>
        {gates.map(({ round, reason }) => (
          <p key={round} className="unverified">
            {text.gateShut(receipts.round(String(round)), text.reasons[reason])}
          </p>
        ))}
        {gates.length === 0 && <p>{cluster === undefined ? text.noPart : text.gateOpen}</p>}
      </Step>
      {cluster !== undefined && <Cluster cluster={cluster} lambdaPpm={data.lambdaPpm} />}
    </dl>
  );
}

function Cluster({ cluster, lambdaPpm }: { readonly cluster: ClusterLine; readonly lambdaPpm: number }) {
  const text = useQualityText();
  const { mates, phiPpm, marginalPpb, meritPpb, cut } = cluster;
  return (
    <>
      <Step name={text.cluster} kinds={["recomputable"]}>
        {mates.length === 0 ? text.clusterAlone : text.clusterMates(mates.join(", "))}
      </Step>
      <Step name={text.marginal} kinds={["recomputable"]}>
        <p>{text.marginalIs(decimal(phiPpm), ofTier(marginalPpb))}</p>
        <p className="quiet">{text.lambda(percent(lambdaPpm))}</p>
      </Step>
      <Step name={text.merit} kinds={["recomputable", "attested"]}>
        <p>{text.meritIs(percent(cluster.competencePpm), String(cluster.records), percent(cluster.qualityPpm), String(cluster.passed), ofTier(meritPpb))}</p>
        {cluster.backward && <p className="unverified">{text.backward}</p>}
      </Step>
      <Step name={text.ceiling} kinds={["recomputable"]}>
        {cut > 1n ? text.ceilingCut(ofTier(cut)) : text.ceilingFree}
      </Step>
    </>
  );
}
