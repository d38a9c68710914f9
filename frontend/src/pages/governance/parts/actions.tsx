import type { DecodedAction, ProposalCall } from "../../../../../protocol/governance/decode.ts";
import { sentenceOf } from "../../../../../protocol/governance/sentences.ts";
import { useLanguage } from "../../../i18n/text.tsx";
import { useTransactionText } from "../../../tx/text.ts";
import { Copyable } from "../../../ui/copyable.tsx";
import { Notice } from "../../../ui/notice.tsx";
import { useSimulation } from "../data/simulate.ts";
import { useGovernanceText } from "../text.ts";

const asText = (_: string, value: unknown): unknown => (typeof value === "bigint" ? value.toString() : value);

/** What a proposal does, one act a line; what this page does not know is shown with a warning, never left out. */
export function Actions({ actions }: { readonly actions: readonly DecodedAction[] }) {
  const { language } = useLanguage();
  return (
    <ol className="acts">
      {actions.map((action, i) => (
        // oxlint-disable-next-line react/no-array-index-key -- the order is part of the proposal, and two may be equal
        <li key={i} data-act={action.kind}>
          <p className="act-sentence">{sentenceOf(action, language)}</p>
          <Warnings action={action} />
          <CallData action={action} />
        </li>
      ))}
    </ol>
  );
}

function Warnings({ action }: { readonly action: DecodedAction }) {
  const text = useGovernanceText();
  const warning = { governed: undefined, other: text.other, "unknown-call": text.unknownCall, "unknown-contract": text.unknown }[action.kind];
  return (
    <>
      {action.kind === "governed" && <p className={`gravity gravity-${action.gravity}`}>{text.gravity[action.gravity]}</p>}
      {warning !== undefined && <Notice tone="warning">{warning}</Notice>}
      {action.call.value > 0n && <Notice tone="warning">{text.sendsCoins}</Notice>}
    </>
  );
}

function CallData({ action }: { readonly action: DecodedAction }) {
  const text = useGovernanceText();
  const known = action.kind === "governed" || action.kind === "other";
  const { target, value, data }: ProposalCall = action.call;
  return (
    <details className="call-data" open={!known}>
      <summary>{text.callData}</summary>
      <dl>
        <dt>{text.contract}</dt>
        <dd>
          {action.kind !== "unknown-contract" && `${action.contract} `}
          <Copyable value={target} what={text.contract} />
        </dd>
        {known && (
          <>
            <dt>{text.function}</dt>
            <dd>
              <code>{`${action.functionName}(${(action.args as readonly unknown[]).map((argument) => JSON.stringify(argument, asText)).join(", ")})`}</code>
            </dd>
          </>
        )}
        <dt>{text.value}</dt>
        <dd>{value.toString()}</dd>
        <dt>{text.data}</dt>
        <dd>
          <code className="bytes">{data}</code>
        </dd>
      </dl>
    </details>
  );
}

/** Whether the calls would succeed if they were made now. */
export function Forecast({ calls }: { readonly calls: readonly ProposalCall[] }) {
  const text = useGovernanceText();
  const { data, isError } = useSimulation(calls);
  if (isError) return <p className="unverified">{text.simulationUnavailable}</p>;
  if (data === undefined) return <p className="quiet">{text.simulating}</p>;
  return (
    <div data-forecast={data.kind}>
      {data.kind === "pass" && <p className="forecast-pass">{text.pass}</p>}
      {data.kind === "fail" && <Failing at={data.at} error={data.error} />}
      {data.kind === "unavailable" && <p className="unverified">{text.simulationUnavailable}</p>}
      <p className="quiet">{text.simulationNote}</p>
    </div>
  );
}

function Failing({ at, error }: { readonly at: number; readonly error: string | undefined }) {
  const text = useGovernanceText();
  const { reverts } = useTransactionText();
  return (
    <Notice tone="warning">
      <p>{text.fail(String(at + 1))}</p>
      <p>
        {(error !== undefined && reverts[error]) || text.failUnknown} {error !== undefined && <code>{error}</code>}
      </p>
    </Notice>
  );
}
