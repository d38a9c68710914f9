import { useEffect, useState } from "react";
import type { FederationHistory } from "../../chain/book.ts";
import type { History } from "../../chain/history-source.ts";
import type { Names } from "../../chain/names.ts";
import { useNames } from "../../chain/use-names.ts";
import { useLedger } from "../../chain/use-ledger.tsx";
import { formatAmount } from "../../format/amount.ts";
import type { Dictionary } from "../../i18n/en.ts";
import { useText } from "../../i18n/text.tsx";
import { shelf } from "../../state/remember.ts";
import { Section } from "../../ui/section.tsx";
import { changesSince } from "./changes.ts";
import type { Change } from "./changes.ts";
import type { OverviewText } from "./text.en.ts";
import { useOverviewText } from "./text.ts";
import { noteVisit } from "./visit.ts";

interface NewsProps {
  readonly history: History;
  readonly federations: readonly FederationHistory[];
}

/** What happened while the reader was away. */
export function News({ history, federations }: NewsProps) {
  const { changes: text } = useOverviewText();
  const dictionary = useText();
  const names = useNames();
  const { deployment } = useLedger();
  const { through } = history;
  const key = `${deployment.chainId}:${deployment.contracts.rounds}`;
  // Asked once, when the page is opened; what is read meanwhile counts as seen.
  const [{ since }] = useState(() => noteVisit(shelf, key, through, Date.now() / 1000));
  useEffect(() => {
    noteVisit(shelf, key, through, Date.now() / 1000);
  }, [key, through]);
  const changes = since === undefined ? [] : changesSince(history.entries, federations, deployment, since);
  const block = since?.toLocaleString("en") ?? "";
  return (
    <Section heading={text.heading} className="news">
      {since === undefined && <p data-news="first">{text.first}</p>}
      {since !== undefined && changes.length === 0 && <p data-news="none">{text.none(block)}</p>}
      {changes.length > 0 && (
        <>
          <ul data-news="some">
            {changes.map((change) => (
              <li key={JSON.stringify(change, (_, value: unknown) => (typeof value === "bigint" ? String(value) : value))}>
                <a href={linkOf(change)}>{sentenceOf(change, text, names, dictionary)}</a>
              </li>
            ))}
          </ul>
          <p className="quiet">{text.since(block)}</p>
        </>
      )}
    </Section>
  );
}

function linkOf(change: Change): string {
  if ("datasets" in change) return "#/datasets";
  if (change.kind === "proposals-made" || change.kind === "proposals-executed") return "#/governance";
  const room = change.kind.startsWith("settlement") || change.kind === "claims" ? "#/card" : "#/rounds";
  return "federation" in change ? `?federation=${change.federation}${room}` : room;
}

function sentenceOf(change: Change, text: OverviewText["changes"], names: Names, dictionary: Dictionary): string {
  const dataset = (id: number): string => names.dataset(id) ?? dictionary.names.dataset(String(id));
  switch (change.kind) {
    case "federation":
      return text.federation(String(change.federation));
    case "rounds-final":
    case "rounds-reported":
    case "rounds-void":
    case "fault":
      return text[change.kind](String(change.federation), change.rounds.map(String));
    case "settlements-final":
      return text[change.kind](String(change.federation), change.settlements.map(String), formatAmount(change.distributed));
    case "settlement-proposed":
      return text[change.kind](String(change.federation), change.settlements.map(String));
    case "claims":
      return text.claims(String(change.federation), change.count, formatAmount(change.amount));
    case "seats":
      return text.seats(String(change.federation), change.seats.map(String));
    case "datasets-proposed":
    case "datasets-approved":
    case "datasets-withdrawn":
      return text[change.kind](change.datasets.map(dataset));
    case "proposals-made":
    case "proposals-executed":
      return text[change.kind](change.count);
  }
}
