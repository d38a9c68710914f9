import { Link } from "wouter";
import { settlementAbi } from "../../../../protocol/abi/index.ts";
import { useEvents } from "../../chain/use-history.ts";
import { useLedger } from "../../chain/use-ledger.tsx";
import { useText } from "../../i18n/text.tsx";
import { FreezeBanner } from "../../rounds/freeze-banner.tsx";
import { useFederation } from "../../rounds/queries.ts";
import { RoundFacts } from "../../rounds/round-facts.tsx";
import { StateBadge } from "../../rounds/state-badge.tsx";
import { tombstonesOf } from "../../../../protocol/ledger/tombstones.ts";
import { currentReport } from "../../rounds/trace.ts";
import type { RoundTrace } from "../../rounds/trace.ts";
import { stepsOf, useRoundTraces, useSealedSets, useWithdrawn } from "../../rounds/use-rounds.ts";
import { viewRound } from "../../rounds/view-model.ts";
import { DatasetName } from "../../ui/address-name.tsx";
import { Copyable } from "../../ui/copyable.tsx";
import { Kind } from "../../ui/kind.tsx";
import { Notice } from "../../ui/notice.tsx";
import { Page as Frame } from "../../ui/page.tsx";
import { Section } from "../../ui/section.tsx";
import { useNow } from "../../ui/use-now.ts";
import { Waiting } from "../../ui/waiting.tsx";
import { Disputes } from "./disputes.tsx";
import { EntriesTable } from "./entries-table.tsx";
import { GasTable } from "./gas-table.tsx";
import { useRoundsText } from "./text.ts";
import { useBundle } from "./use-bundle.ts";

export interface RoundName {
  readonly federation: number;
  readonly round: number;
}

/** One round: what is known of it, how, and where to check. */
export function RoundPage({ federation, round }: RoundName) {
  const text = useRoundsText();
  const { rounds: words } = useText();
  const traces = useRoundTraces(federation);
  const trace = traces?.find((each) => each.round === round);
  return (
    <Frame title={round === 0 ? words.genesis : words.title(String(round))} lead={round === 0 ? words.genesisNote : undefined}>
      <p className="links back">
        <Link href="/">{text.all}</Link> · <Link href={`/${federation}.${round}/model`}>{text.modelOf}</Link>
      </p>
      <FreezeBanner federation={federation} />
      {traces === undefined && <Waiting>{text.loading}</Waiting>}
      {traces !== undefined && trace === undefined && round !== 0 && <p className="empty">{text.unknown}</p>}
      {traces !== undefined && trace !== undefined && <Known federation={federation} trace={trace} traces={traces} />}
    </Frame>
  );
}

interface KnownProps {
  readonly federation: number;
  readonly trace: RoundTrace;
  readonly traces: readonly RoundTrace[];
}

function Known({ federation, trace, traces }: KnownProps) {
  const text = useRoundsText();
  const { rounds: words } = useText();
  const now = useNow();
  const state = useFederation(federation, Math.max(1, (traces.at(-1)?.round ?? trace.round) - trace.round + 1));
  const record = state.data?.rounds.find(({ round }) => round === trace.round)?.record;
  const report = currentReport(trace);
  const sets = useSealedSets(federation, traces);
  const set = sets.get(trace.round);
  const bundle = useBundle(report, set?.normsHash).data;
  const counted = set?.entries.filter(({ weight, excluded }) => weight > 0 && !excluded).length ?? 0;
  const seals = new Set(traces.flatMap(({ seals }) => seals.map(({ transaction }) => transaction)));
  const view = record === undefined ? undefined : viewRound(trace.round, record, now);
  const verify = `verify/#/round/${trace.round}${federation === 1 ? "" : `?federation=${federation}`}`;
  const command = `npx chongwen audit --round ${trace.round}${federation === 1 ? "" : ` --federation ${federation}`}`;
  return (
    <div className="round" data-round-page={trace.round}>
      <Section heading={text.about} aside={view !== undefined && <StateBadge state={view.state} genesis={false} />}>
        {view !== undefined && <RoundFacts view={view} report={report === undefined ? undefined : { ...report, excluded: countBits(report.excluded), transactionHash: report.transaction }} failed={false} />}
        <dl className="facts">
          <div className="fact">
            <dt>
              {text.extends} <Kind kind="enforced" />
            </dt>
            <dd>
              <Link href={`/${federation}.${trace.seals.at(-1)?.parent ?? 0}`}>{words.title(String(trace.seals.at(-1)?.parent ?? 0))}</Link>
            </dd>
          </div>
          {report !== undefined && (
            <div className="fact">
              <dt>{text.artefact}</dt>
              <dd>
                <Copyable value={report.artefact} what={text.artefact} />
              </dd>
            </div>
          )}
        </dl>
        <p className="links verify-line">
          <a href={verify}>{text.verifyHere}</a> · {text.cli}: <code>{command}</code> <Copy value={command} what={text.cli} />
        </p>
      </Section>
      <Section heading={text.who} aside={<Kind kind="enforced" />}>
        {set === undefined && <p className="quiet">{trace.state === "open" ? text.none : text.whoUnread}</p>}
        {set?.isWhole === false && (
          <Notice tone="warning">
            <p>{text.whoBroken}</p>
          </Notice>
        )}
        {set?.isWhole === true && <EntriesTable set={set} norms={bundle?.norms} />}
      </Section>
      <Section heading={text.tombstones}>
        <Tombstones federation={federation} round={trace.round} traces={traces} />
      </Section>
      <Section heading={text.disputes}>
        <Disputes federation={federation} trace={trace} />
      </Section>
      <Section heading={text.settlement}>
        <SettlementOf federation={federation} round={trace.round} />
      </Section>
      <Section heading={text.gas}>
        <GasTable trace={trace} seals={seals} contributors={counted} />
      </Section>
    </div>
  );
}

const countBits = (bitmap: bigint): number => bitmap.toString(2).replaceAll("0", "").length;

/** A whole command for the clipboard. */
function Copy({ value, what }: { readonly value: string; readonly what: string }) {
  return <span className="copy-only"><Copyable value={value} what={what} /></span>;
}

/** Withdrawn datasets in a model's lineage. */
export function Tombstones({ federation, round, traces }: RoundName & { readonly traces: readonly RoundTrace[] }) {
  const text = useRoundsText();
  const { rounds: words } = useText();
  const withdrawn = useWithdrawn();
  const sets = useSealedSets(federation, traces);
  if (withdrawn === undefined) return <p className="quiet">{text.loading}</p>;
  const { tombstones, isComplete } = tombstonesOf(round, stepsOf(traces, sets), withdrawn);
  return (
    <>
      {!isComplete && <p className="unverified">{text.tombstonesUnknown}</p>}
      {tombstones.length === 0 && isComplete && <p className="quiet">{text.tombstonesNone}</p>}
      <ul className="plain-list">
        {tombstones.map(({ dataset, since }) => (
          <li key={dataset} data-tombstone={dataset}>
            <span className="tombstone">{text.tombstones}</span>{" "}
            <Link href={`~/datasets/${dataset}`}>
              <DatasetName dataset={dataset} />
            </Link>
            : {text.tombstoneOf(since.map((each) => words.title(String(each))).join(", "))}
          </li>
        ))}
      </ul>
      {tombstones.length > 0 && <p className="quiet">{text.tombstoneMeaning}</p>}
    </>
  );
}

function SettlementOf({ federation, round }: RoundName) {
  const text = useRoundsText();
  const { settlement } = useLedger().deployment.contracts;
  const events = useEvents({ address: settlement, abi: settlementAbi, eventName: ["SettlementProposed", "SettlementFinalised", "SettlementOverturned"] });
  if (events === undefined) return <p className="quiet">{text.loading}</p>;
  const proposed = events.filter((event) => event.eventName === "SettlementProposed").findLast(({ args }) => args.federation === federation && args.statement.firstRound <= round && round <= args.statement.lastRound);
  if (proposed === undefined) return <p className="quiet">{text.settlementNone}</p>;
  const { index, statement } = proposed.args;
  const isFinal = events.some((event) => event.eventName === "SettlementFinalised" && event.args.federation === federation && event.args.index === index);
  const wasOverturned = events.some((event) => event.eventName === "SettlementOverturned" && event.args.federation === federation && event.args.index === index);
  return (
    <p>
      {text.settlementOf(String(index), String(statement.firstRound), String(statement.lastRound))} · {isFinal ? text.final : text.reported} <Kind kind="disprovable" />
      {wasOverturned && <span className="quiet"> {text.settlementOverturned}</span>}
    </p>
  );
}
