import type { ReactNode } from "react";
import { useFixed } from "../../chain/at-block.ts";
import type { ContributorRecord } from "../../chain/contributors.ts";
import { useBook } from "../../chain/use-book.ts";
import { useNames } from "../../chain/use-names.ts";
import { useLedger } from "../../chain/use-ledger.tsx";
import { colophonHash, colophonJson, toBibtex, toCslJson, toPlainCitation } from "../../claims/colophon.ts";
import type { Colophon, ColophonPart } from "../../claims/colophon.ts";
import type { SettledPage } from "../../claims/statement.ts";
import { getBlock } from "viem/actions";
import { DatasetName, OrganisationName } from "../../ui/address-name.tsx";
import { Command } from "../../ui/command.tsx";
import { Copyable } from "../../ui/copyable.tsx";
import { Section } from "../../ui/section.tsx";
import { Waiting } from "../../ui/waiting.tsx";
import { contributorsOf } from "./payees.ts";
import { Takeaway } from "./takeaway.tsx";
import { useCardText } from "./text.ts";
import { useSettledPages } from "./use-lines.ts";
import type { CardProps } from "./view.ts";

/** What a contributor gave, written so that it can be cited. */
export function RecordView({ account, federations, contributors }: CardProps) {
  const { record: text, receipts } = useCardText();
  const { pages, waiting, partial } = useSettledPages(federations);
  const own = contributorsOf(account, contributors);
  return (
    <Section heading={text.heading} className="record">
      <p>{text.lead}</p>
      {partial && <p className="unverified">{text.partial}</p>}
      {own.length === 0 && <p className="empty">{text.none}</p>}
      {waiting && <Waiting>{receipts.loading}</Waiting>}
      {!waiting && own.map((record) => <ContributorColophon key={record.contributor} record={record} pages={pages} federations={federations} />)}
    </Section>
  );
}

interface ColophonProps {
  readonly record: ContributorRecord;
  readonly pages: readonly SettledPage[];
  readonly federations: CardProps["federations"];
}

function usePartsOf({ record, pages, federations }: ColophonProps): readonly ColophonPart[] {
  const names = useNames();
  return pages.flatMap(({ record: settlement, breakdown }) => {
    const history = federations.find(({ federation }) => federation === settlement.federation);
    const report = history?.rounds.flatMap(({ reports }) => reports).findLast(({ reportHash }) => reportHash === settlement.lastReportHash);
    const seats = history?.seats.filter(({ contributor, seat }) => contributor === record.contributor && (breakdown.scores[seat] ?? 0n) > 0n) ?? [];
    return seats.map(({ seat, dataset }): ColophonPart => {
      const { federation, index, firstRound, lastRound, scoresHash, lastReportHash } = settlement;
      const score = breakdown.scores[seat] ?? 0n;
      return {
        federation, seat, dataset, datasetTitle: names.dataset(dataset), settlement: index, firstRound, lastRound,
        score, scoreSum: breakdown.scoreSum, reportHash: lastReportHash, modelRoot: report?.modelRoot, scoresHash,
      };
    });
  });
}

function ContributorColophon(props: ColophonProps) {
  const { record } = props;
  const { record: text, payee } = useCardText();
  const { client, deployment } = useLedger();
  const { through } = useBook();
  const institution = useNames().organisation(record.organisation);
  const parts = usePartsOf(props);
  // As of the last block that changed anything here: the same record keeps its hash while nothing happens.
  const last = props.pages.findLast(({ record: settlement }) => parts.some((part) => part.federation === settlement.federation && part.settlement === settlement.index))?.record.finalised;
  const block = useFixed(["block-of-record", last?.blockHash], () => (last === undefined ? getBlock(client) : getBlock(client, { blockHash: last.blockHash })), last !== undefined).data;
  if (parts.length === 0 || last === undefined || through === undefined) return <p className="empty">{text.nothing}</p>;
  if (block === undefined) return null;
  const newest = parts.at(-1);
  const verify = `verify/#/settlement/${newest?.settlement ?? 1}${newest === undefined || newest.federation === 1 ? "" : `?federation=${newest.federation}`}`;
  const colophon: Colophon = {
    chainId: deployment.chainId,
    ledger: deployment.contracts.rounds,
    contributor: record.contributor,
    organisation: record.organisation,
    institution,
    parts,
    asOf: { block: last.blockNumber, blockHash: last.blockHash, timestamp: Number(block.timestamp) },
    url: new URL(verify, document.baseURI).href,
  };
  const name = `chongwen-contributor-${record.contributor}`;
  return (
    <article className="colophon" aria-label={`${text.heading}: ${payee.contributor(String(record.contributor))}`} data-colophon={record.contributor}>
      <p className="colophon-mark" lang="zh-Hans" aria-hidden="true">
        跋
      </p>
      <div className="colophon-leaf">
        <h3>
          <OrganisationName organisation={record.organisation} />
        </h3>
        <p className="quiet">
          {payee.contributor(String(record.contributor))}
          {institution !== undefined && ` · ${text.byWord}`}
        </p>
        <ul className="colophon-lines">
          {parts.map((part) => (
            <li key={`${part.federation}.${part.settlement}.${part.seat}`}>
              <p>{text.line(String(part.seat), String(part.federation), String(part.firstRound), String(part.lastRound), String(part.score), String(part.scoreSum))}</p>
              <p className="quiet">
                {text.dataset} <DatasetName dataset={part.dataset} />
              </p>
              <p className="colophon-hashes">
                <Hash name={text.report} value={part.reportHash} />
                {part.modelRoot !== undefined && <Hash name={text.model} value={part.modelRoot} />}
              </p>
            </li>
          ))}
        </ul>
        <p className="colophon-end">
          {text.asOf(colophon.asOf.block.toLocaleString("en"))} <Copyable value={colophon.asOf.blockHash} what={text.asOf(String(colophon.asOf.block))} />
        </p>
        <p className="colophon-end">
          {text.hash} <Copyable value={colophonHash(colophon)} what={text.hash} edge={10} />
        </p>
        <p className="quiet">{text.meaning}</p>
      </div>
      <div className="colophon-cite">
        <h4>{text.cite}</h4>
        <Citation name={text.plain}>
          <Takeaway label={text.plain} value={toPlainCitation(colophon)} file={`${name}.txt`} type="text/plain" />
        </Citation>
        <Citation name="BibTeX">
          <Takeaway label="BibTeX" value={toBibtex(colophon)} file={`${name}.bib`} type="text/plain" />
        </Citation>
        <Citation name="CSL-JSON">
          <Takeaway label="CSL-JSON" value={toCslJson(colophon)} file={`${name}.csl.json`} type="application/json" />
        </Citation>
        <Citation name={text.json}>
          <Takeaway label={text.json} value={colophonJson(colophon)} file={`${name}.json`} type="application/json" />
        </Citation>
        <p>
          <a className="link" href={verify}>
            {text.verify}
          </a>
        </p>
        <Command label={text.command} line={`npx chongwen audit --settlement ${newest?.settlement ?? 1}${newest === undefined || newest.federation === 1 ? "" : ` --federation ${newest.federation}`}`} />
      </div>
    </article>
  );
}

function Hash({ name, value }: { readonly name: string; readonly value: string }) {
  return (
    <span>
      {name} <Copyable value={value} what={name} />
    </span>
  );
}

function Citation({ name, children }: { readonly name: string; readonly children: ReactNode }) {
  return (
    <details>
      <summary>{name}</summary>
      {children}
    </details>
  );
}
