import { getBlock } from "viem/actions";
import { useFixed } from "../../../chain/at-block.ts";
import { useLedger } from "../../../chain/use-ledger.tsx";
import { Time } from "../../../ui/time.tsx";
import type { ListedProposal } from "../data/listed.ts";
import type { Step } from "../timeline.ts";
import { timelineOf } from "../timeline.ts";
import { useGovernanceText } from "../text.ts";
import { NextMoment } from "./state-badge.tsx";

export function Timeline({ proposal }: { readonly proposal: ListedProposal }) {
  const text = useGovernanceText();
  const steps = timelineOf(proposal.record, proposal.status);
  const next = steps.findIndex(({ reached }) => !reached);
  return (
    <ol className="timeline">
      {steps.map((step, i) => (
        <li key={step.kind} data-step={step.kind} data-reached={step.reached}>
          <span className="step-name">{step.extended === true ? `${text.steps[step.kind]}. ${text.steps.extended}` : text.steps[step.kind]}</span>{" "}
          <Moment at={step.at} />
          {step.kind === "opens" && <span className="quiet"> {text.snapshotNote}</span>}
          {i === next && (
            <strong className="step-next">
              {" "}
              <NextMoment proposal={proposal} />
            </strong>
          )}
        </li>
      ))}
    </ol>
  );
}

function Moment({ at }: { readonly at: Step["at"] }) {
  return "time" in at ? <Time at={at.time} /> : <BlockTime block={at.block} />;
}

export function BlockTime({ block }: { readonly block: bigint }) {
  const { client } = useLedger();
  const { data } = useFixed(["block-time", block], async () => (await getBlock(client, { blockNumber: block })).timestamp);
  return data === undefined ? null : <Time at={data} />;
}
