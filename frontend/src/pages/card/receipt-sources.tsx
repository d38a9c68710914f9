import type { ReactNode } from "react";
import type { CoveredRound } from "../../chain/book.ts";
import { Command } from "../../ui/command.tsx";
import { Copyable } from "../../ui/copyable.tsx";
import type { ReceiptKey } from "./receipts.ts";
import { useCardText } from "./text.ts";

interface ReceiptSourcesProps {
  readonly receipt: ReceiptKey;
  /** Final rounds covered. */
  readonly rounds: readonly CoveredRound[];
}

/** Where every figure above comes from, and how to check it without this page. */
export function ReceiptSources({ receipt: { record }, rounds }: ReceiptSourcesProps) {
  const { receipts: text } = useCardText();
  const { federation, index } = record;
  const query = federation === 1 ? "" : `?federation=${federation}`;
  return (
    <details className="receipt-sources">
      <summary>{text.sources}</summary>
      <dl>
        <Source name={text.steps.rounds}>
          {rounds.map(({ round }) => (
            <a key={round} className="link" href={`?federation=${federation}#/rounds/${round}`}>
              {text.roundLink(String(round))}
            </a>
          ))}
        </Source>
        <Hash name={text.report} value={record.lastReportHash} />
        <Hash name={text.scoresHash} value={record.scoresHash} />
        <Hash name={text.entitlementsHash} value={record.entitlementsHash} />
        <Hash name={text.root} value={record.rewardsRoot} />
        <Hash name={text.artefact} value={record.artefact} />
        <Hash name={text.proposal} value={record.proposed.transactionHash} />
        {record.finalised !== undefined && <Hash name={text.finality} value={record.finalised.transactionHash} />}
      </dl>
      <p>
        <a className="link" href={`verify/#/settlement/${index}${query}`}>
          {text.verify}
        </a>
      </p>
      <Command label={text.command} line={`npx chongwen audit --settlement ${index}${federation === 1 ? "" : ` --federation ${federation}`}`} />
    </details>
  );
}

function Source({ name, children }: { readonly name: string; readonly children: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function Hash({ name, value }: { readonly name: string; readonly value: string }) {
  return (
    <Source name={name}>
      <Copyable value={value} what={name} />
    </Source>
  );
}
