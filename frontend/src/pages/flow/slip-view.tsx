import { useVirtualizer } from "@tanstack/react-virtual";
import { useRef } from "react";
import { isAccepted } from "../../../../protocol/flow/fate.ts";
import { slipsCsv } from "../../../../protocol/flow/export.ts";
import type { Slip } from "../../../../protocol/flow/follow.ts";
import type { SlipDetail } from "../../flow-data/messages.ts";
import { useFlow, useOpened } from "../../flow-data/use-flow.tsx";
import { Amount } from "../../ui/amount.tsx";
import { Copyable } from "../../ui/copyable.tsx";
import { Notice } from "../../ui/notice.tsx";
import { Waiting } from "../../ui/waiting.tsx";
import { download } from "./download.ts";
import type { ViewProps } from "./index.tsx";
import { useFlowText } from "./text.ts";

/** One update, as a slip of paper in a book: what it was, what became of it, and how far that was checked. */
export function SlipView({ state, change, words }: ViewProps) {
  const text = useFlowText();
  const { withheld, synthetic } = useOpened();
  const { follow } = state;
  const seat = follow?.seat ?? -1;
  const hidden = withheld.hidden.includes(seat);
  const slips = useFlow<"slips">({ kind: "slips", seat }, follow !== null && !hidden);
  const list = slips.isPlaceholderData ? undefined : slips.data;
  const round = follow?.round ?? list?.at(-1)?.round ?? -1;
  const detail = useFlow<"slip">({ kind: "slip", seat, round }, follow !== null && !hidden && round >= 0);
  if (follow === null) return <p className="empty">{text.slip.begin}</p>;
  if (hidden) return <Notice tone="note">{text.slip.hidden(withheld.smallest)}</Notice>;
  if (list === undefined) return <Waiting>{text.opening}</Waiting>;
  if (list.length === 0) return <p className="empty">{text.slip.none}</p>;
  const shown = detail.isPlaceholderData ? undefined : detail.data;
  return (
    <div className="slip-view">
      {shown === undefined ? <Waiting>{text.opening}</Waiting> : shown === null ? <p className="empty">{text.slip.none}</p> : <SlipPaper detail={shown} words={words} change={change} state={state} />}
      <section className="slip-list" aria-label={text.slip.table(seat)}>
        <h2>{text.slip.choose}</h2>
        <SlipList slips={list} chosen={round} words={words} change={change} state={state} />
        <p className="flow-exports">
          <span>{text.exports.label}</span>
          <button type="button" className="plain" onClick={() => download(`${synthetic === null ? "" : "synthetic-"}seat-${seat}.csv`, "text/csv", slipsCsv(list, { synthetic: synthetic !== null }, words.fate))}>
            {text.exports.slips}
          </button>
        </p>
      </section>
    </div>
  );
}

function SlipPaper({ detail: { slip, report, proof }, words, change }: ViewProps & { readonly detail: SlipDetail }) {
  const text = useFlowText();
  const accepted = isAccepted(slip.fate);
  return (
    <article className="slip" data-seat={slip.seat} data-round={slip.round} data-tokens={String(slip.tokens)}>
      <header>
        <h2>{text.slip.heading(slip.seat, slip.round)}</h2>
        <span className={accepted ? "stamp" : "stamp refused"}>{words.fate(slip.fate)}</span>
      </header>
      <dl>
        <Field name={text.slip.institution}>{words.institution(slip.institution)}</Field>
        <Field name={text.slip.contributor}>{slip.contributor}</Field>
        <Field name={text.slip.dataset}>{words.dataset(slip.dataset)}</Field>
        <Field name={text.slip.weight}>{slip.weight.toLocaleString("en")}</Field>
        <Field name={text.slip.records}>{slip.samples.toLocaleString("en")}</Field>
        <Field name={text.slip.tokens}>
          <Amount value={slip.tokens} />
        </Field>
        {proof.kind === "checked" && (
          <>
            <Field name={text.slip.updateRoot}>
              <Copyable value={proof.updateRoot} what={text.slip.updateRoot} />
            </Field>
            <Field name={text.slip.norm}>{proof.normSq.toString()}</Field>
            <Field name={text.slip.rho}>{proof.rho === 0 ? text.slip.rhoExempt : `${proof.rho} nρ`}</Field>
            <Field name={text.slip.signer}>
              <Copyable value={proof.signer} what={text.slip.signer} />
            </Field>
          </>
        )}
        {report !== null && (
          <>
            <Field name={text.slip.report}>
              <Copyable value={report.reportHash} what={text.slip.report} />
            </Field>
            {report.transaction !== null && (
              <Field name={text.slip.transaction}>
                <Copyable value={report.transaction} what={text.slip.transaction} />
              </Field>
            )}
            <Field name={text.slip.artefact}>
              <Copyable value={report.artefact} what={text.slip.artefact} />
            </Field>
          </>
        )}
      </dl>
      <p className={`proof proof-${proof.kind}`}>{text.slip[proof.kind]}</p>
      {report !== null && (
        <p className="quiet">
          {text.slip.audit}: <code>npx chongwen audit --round {slip.round}</code>
        </p>
      )}
      <p className="actions">
        <button type="button" onClick={() => change({ zoom: "atlas", follow: { seat: slip.seat, round: slip.round } })}>
          {text.slip.inAtlas}
        </button>
        <button type="button" onClick={() => change({ zoom: "shelf", items: [{ kind: "update", at: slip.seat, round: slip.round }] })}>
          {text.slip.onShelf}
        </button>
      </p>
    </article>
  );
}

function Field({ name, children }: { readonly name: string; readonly children: React.ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

const LINE = 30;

function SlipList({ slips, chosen, words, change }: ViewProps & { readonly slips: readonly Slip[]; readonly chosen: number }) {
  const text = useFlowText();
  const frame = useRef<HTMLDivElement>(null);
  // oxlint-disable-next-line react/incompatible-library -- its functions are called while rendering and given to no memoised part
  const virtual = useVirtualizer({ count: slips.length, getScrollElement: () => frame.current, estimateSize: () => LINE, overscan: 12, initialOffset: Math.max(0, slips.findIndex(({ round }) => round === chosen) - 4) * LINE });
  return (
    <div ref={frame} className="slip-frame">
      <ul style={{ height: virtual.getTotalSize() }}>
        {virtual.getVirtualItems().map(({ index, start }) => {
          const slip = slips[index];
          return slip === undefined ? null : (
            <li key={slip.round} style={{ transform: `translateY(${start}px)`, height: LINE }}>
              <button type="button" className="plain" aria-current={slip.round === chosen} onClick={() => change({ follow: { seat: slip.seat, round: slip.round } })}>
                <span>{text.node.round(slip.round)}</span>
                <span className={isAccepted(slip.fate) ? "fate" : "fate refused"}>{words.fate(slip.fate)}</span>
                <span className="tally">{slip.weight}</span>
              </button>
            </li>
          );
        })}
      </ul>
    </div>
  );
}
