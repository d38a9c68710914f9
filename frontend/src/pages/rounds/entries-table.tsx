import { Link } from "wouter";
import { isSupportSeat } from "../../../../protocol/seats.ts";
import { formatShare } from "../../format/share.ts";
import type { SealedEntry, SealedSet } from "../../rounds/entries.ts";
import { DatasetName, OrganisationName } from "../../ui/address-name.tsx";
import { ScrollFrame } from "../../ui/scroll-frame.tsx";
import type { RoundsText } from "./text.en.ts";
import { useRoundsText } from "./text.ts";
import { useOrganisationOf } from "./use-bundle.ts";

function fateOf({ dropped, excluded, forced }: SealedEntry, { drops, fates }: RoundsText): string {
  if (dropped !== undefined) return drops[dropped] ?? dropped;
  return excluded ? (forced ? fates.withheldForced : fates.excluded) : forced ? fates.forced : fates.counted;
}

/** The square root of Σq², to a whole number: what people can compare. */
const length = (normSq: bigint): string => Math.round(Math.sqrt(Number(normSq))).toLocaleString("en");

interface EntriesTableProps {
  readonly set: SealedSet;
  readonly norms: readonly bigint[] | undefined;
}

export function EntriesTable({ set, norms }: EntriesTableProps) {
  const text = useRoundsText();
  const organisationOf = useOrganisationOf();
  const total = set.entries.reduce((sum, { weight, excluded }) => sum + (excluded ? 0 : weight), 0);
  return (
    <ScrollFrame label={text.fate}>
      <table className="ledger entries">
        <caption>{text.whoLead}</caption>
        <thead>
          <tr>
            <th scope="col">{text.seat}</th>
            <th scope="col">{text.institution}</th>
            <th scope="col">{text.dataset}</th>
            <th scope="col" className="number">
              {text.weight}
            </th>
            <th scope="col" className="number">
              {text.share}
            </th>
            <th scope="col" className="number" title={text.normHelp}>
              {text.norm}
            </th>
            <th scope="col">{text.fate}</th>
          </tr>
        </thead>
        <tbody>
          {set.entries.map((entry, i) => {
            const organisation = organisationOf(entry.contributor);
            return (
              <tr key={entry.seat} data-seat={entry.seat}>
                <th scope="row">{entry.seat}</th>
                <td>{organisation === undefined ? "–" : <OrganisationName organisation={organisation} />}</td>
                <td>{entry.dataset === undefined ? "–" : isSupportSeat({ dataset: entry.dataset }) ? <DatasetName dataset={entry.dataset} /> : <Link href={`~/datasets/${entry.dataset}`}><DatasetName dataset={entry.dataset} /></Link>}</td>
                <td className="number">{entry.weight}</td>
                <td className="number">{entry.excluded ? "–" : formatShare(BigInt(entry.weight), BigInt(total))}</td>
                <td className="number">{norms?.[i] === undefined ? "–" : length(norms[i])}</td>
                <td>{fateOf(entry, text)}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </ScrollFrame>
  );
}
