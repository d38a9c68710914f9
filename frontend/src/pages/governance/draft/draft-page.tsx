import { useState } from "react";
import { parseEventLogs } from "viem";
import { Link } from "wouter";
import { chongwenGovernorAbi } from "../../../../../protocol/abi/index.ts";
import type { ProposalCall } from "../../../../../protocol/governance/decode.ts";
import { decodeAction } from "../../../../../protocol/governance/decode.ts";
import { describeActions } from "../../../../../protocol/governance/description.ts";
import { useSigner } from "../../../account/use-signer.tsx";
import { useLedger } from "../../../chain/use-ledger.tsx";
import { formatAmount } from "../../../format/amount.ts";
import { callOf } from "../../../tx/call.ts";
import { TransactionButton } from "../../../tx/transaction-button.tsx";
import { Page as Frame } from "../../../ui/page.tsx";
import { Section } from "../../../ui/section.tsx";
import { useStanding } from "../data/power.ts";
import { useSettings } from "../data/settings.ts";
import { Actions, Forecast } from "../parts/actions.tsx";
import { Changes } from "../parts/changes.tsx";
import { BackLink } from "../proposal-page.tsx";
import { useChangesText, useGovernanceText } from "../text.ts";
import { ActForm } from "./act-form.tsx";

/** Drafts a proposal: acts, their sentences, what they change, whether they would work, and only then a signature. */
export function DraftPage() {
  const text = useGovernanceText();
  const changes = useChangesText();
  const { deployment } = useLedger();
  const [calls, setCalls] = useState<readonly ProposalCall[]>([]);
  const [reason, setReason] = useState("");
  const actions = calls.map((call) => decodeAction(deployment, call));
  const key = calls.map(({ target, data }) => target + data).join();
  return (
    <Frame title={text.draftTitle} lead={text.draftLead}>
      <BackLink />
      <Section heading={text.act}>
        <ActForm onAdd={(call) => setCalls([...calls, call])} />
      </Section>
      <Section heading={text.acts}>
        {calls.length === 0 ? <p className="empty">{text.noActs}</p> : (
          <>
            <Actions actions={actions} />
            <button type="button" onClick={() => setCalls(calls.slice(0, -1))}>
              {`${text.remove} (${calls.length})`}
            </button>
          </>
        )}
      </Section>
      {calls.length > 0 && (
        <>
          <Section heading={changes.heading.future}>
            <Changes actions={actions} id={`draft:${key}`} asOf={undefined} />
          </Section>
          <Section heading={text.works}>
            <Forecast calls={calls} />
          </Section>
          <Section heading={text.reasonFor}>
            <div className="field-row">
              <label htmlFor="draft-reason">{text.reasonFor}</label>
              <textarea id="draft-reason" value={reason} maxLength={5000} aria-describedby="draft-reason-help" onChange={(event) => setReason(event.target.value)} />
              <p id="draft-reason-help" className="quiet">
                {text.reasonForHelp}
              </p>
            </div>
            <details>
              <summary>{text.descriptionIs}</summary>
              <pre className="description">{describeActions(actions, reason.trim())}</pre>
            </details>
          </Section>
          <Propose calls={calls} description={describeActions(actions, reason.trim())} />
        </>
      )}
    </Frame>
  );
}

function Propose({ calls, description }: { readonly calls: readonly ProposalCall[]; readonly description: string }) {
  const text = useGovernanceText();
  const signer = useSigner();
  const { deployment } = useLedger();
  const settings = useSettings();
  const standing = useStanding(signer?.address);
  const [made, setMade] = useState<bigint>();
  const { threshold } = settings.data ?? {};
  const votes = standing.data?.votes;
  const low = threshold !== undefined && votes !== undefined && votes < threshold;
  const call = callOf({
    address: deployment.contracts.governor,
    abi: chongwenGovernorAbi,
    functionName: "propose",
    args: [calls.map(({ target }) => target), calls.map(({ value }) => value), calls.map(({ data }) => data), description],
  });
  return (
    <Section heading={text.propose}>
      {threshold !== undefined && votes !== undefined && <p>{text.threshold(formatAmount(threshold), formatAmount(votes))}</p>}
      {low ? <p className="unverified">{text.thresholdLow}</p> : (
        <TransactionButton
          id={`propose:${description.length}:${call.data.slice(-40)}`}
          call={call}
          label={text.propose}
          doneLabel={text.proposed}
          onDone={({ logs }) => setMade(parseEventLogs({ abi: chongwenGovernorAbi, logs, eventName: "ProposalCreated" })[0]?.args.proposalId)}
        />
      )}
      {made !== undefined && (
        <p className="links">
          <Link href={`/proposal/${made}`}>{text.see}</Link>
        </p>
      )}
    </Section>
  );
}
