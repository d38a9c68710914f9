import type { Tally } from "../../../../../protocol/governance/states.ts";
import { countTally, isClosed } from "../../../../../protocol/governance/states.ts";
import { formatShare } from "../../../format/share.ts";
import { splitAmount } from "../../../format/amount.ts";
import type { ListedProposal } from "../data/listed.ts";
import { useGovernanceText } from "../text.ts";

const CHOICES = ["for", "against", "abstain"] as const;

/** The exact sums, and how far they are from the quorum. */
export function TallyTable({ proposal: { record, status } }: { readonly proposal: ListedProposal }) {
  const text = useGovernanceText();
  const { tally, quorum } = status;
  const all = tally.for + tally.against + tally.abstain;
  const single = record.votes.reduce((sum, { weight }) => sum + weight, 0n);
  return (
    <>
      <table className="ledger tally">
        <caption className="visually-hidden">{text.sum}</caption>
        <tbody>
          {CHOICES.map((choice) => (
            <tr key={choice} className={`tally-${choice}`} data-tally={choice}>
              <th scope="row">{text.support[choice]}</th>
              <td className="number">
                <Votes value={tally[choice]} />
              </td>
              <td className="number">{all === 0n ? "–" : formatShare(tally[choice], all)}</td>
            </tr>
          ))}
        </tbody>
        <tfoot>
          <tr>
            <th scope="row">{text.sum}</th>
            <td className="number"><Votes value={all} /></td>
            <td className="number">{all === 0n ? "–" : formatShare(all, all)}</td>
          </tr>
        </tfoot>
      </table>
      {quorum === undefined ? <p className="quiet">{`${text.quorum}: ${text.quorumLater}`}</p> : <Quorum tally={tally} quorum={quorum} over={isClosed(status.state)} />}
      {single !== all && <p className="unverified">{text.sumDiffers}</p>}
    </>
  );
}

interface QuorumProps {
  readonly tally: Tally;
  readonly quorum: bigint;
  readonly over: boolean;
}

function Quorum({ tally, quorum, over }: QuorumProps) {
  const text = useGovernanceText();
  const { present, quorumReached, missing } = countTally(tally, quorum);
  const promille = quorum === 0n ? 1000 : Number((1000n * (present > quorum ? quorum : present)) / quorum);
  const rows = [
    { name: text.present, votes: present },
    { name: text.quorum, votes: quorum },
    ...(quorumReached ? [] : [{ name: text.missing, votes: missing }]),
  ];
  return (
    <div className="quorum" data-reached={quorumReached}>
      <table className="ledger tally">
        <caption>{quorumReached ? text.quorumReached : over ? text.quorumMissed : text.quorumMissing}</caption>
        <tbody>
          {rows.map(({ name, votes }) => (
            <tr key={name}>
              <th scope="row">{name}</th>
              <td className="number">
                <Votes value={votes} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      <svg className="quorum-bar" viewBox="0 0 1000 6" preserveAspectRatio="none" aria-hidden="true">
        <rect width="1000" height="6" className="quorum-all" />
        <rect width={promille} height="6" className="quorum-have" />
      </svg>
    </div>
  );
}

/** Exact, its decimals smaller. */
export function Votes({ value }: { readonly value: bigint }) {
  const { whole, fraction } = splitAmount(value);
  return (
    <data className="amount" value={value.toString()}>
      {whole}
      {fraction !== "" && <span className="fraction">.{fraction}</span>}
    </data>
  );
}
