import { supportOf } from "../../../../../protocol/governance/states.ts";
import { formatAmount } from "../../../format/amount.ts";
import type { ListedProposal } from "../data/listed.ts";
import { useGovernanceText } from "../text.ts";
import { votesCsv } from "../votes-csv.ts";
import { Download } from "./download.tsx";
import { StrangerText } from "./stranger-text.tsx";
import { Who } from "./who.tsx";

/** Every vote, newest first, with its reason. */
export function Votes({ proposal: { record } }: { readonly proposal: ListedProposal }) {
  const text = useGovernanceText();
  if (record.votes.length === 0) return <p className="quiet">{text.noVotes}</p>;
  return (
    <>
      <ul className="votes">
        {record.votes.toReversed().map(({ voter, support, weight, reason, transaction }) => {
          const choice = supportOf(support);
          return (
            <li key={transaction + voter} data-vote={choice}>
              <p>
                <span className={`vote-choice vote-${choice ?? "other"}`}>{choice === undefined ? support : text.support[choice]}</span> <Who address={voter} />{" "}
                <span className="vote-weight">{text.votesUnit(formatAmount(weight))}</span>
              </p>
              {reason !== "" && <StrangerText>{reason}</StrangerText>}
            </li>
          );
        })}
      </ul>
      <p className="quiet votes-note">
        <Download name={`votes-${record.number}.csv`} type="text/csv" content={() => votesCsv(record)}>
          {text.csv}
        </Download>{" "}
        {text.csvNote}
      </p>
    </>
  );
}
