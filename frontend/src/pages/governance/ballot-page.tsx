import { useState } from "react";
import { isAddressEqual } from "viem";
import { readContract } from "viem/actions";
import { Link } from "wouter";
import { chongwenGovernorAbi } from "../../../../protocol/abi/index.ts";
import type { SignedBallot } from "../../../../protocol/governance/ballot.ts";
import { ballotArguments, readBallot } from "../../../../protocol/governance/ballot.ts";
import { titleOf } from "../../../../protocol/governance/description.ts";
import { supportOf } from "../../../../protocol/governance/states.ts";
import { useAtBlock } from "../../chain/at-block.ts";
import { useLedger } from "../../chain/use-ledger.tsx";
import { useLanguage } from "../../i18n/text.tsx";
import { callOf } from "../../tx/call.ts";
import { TransactionButton } from "../../tx/transaction-button.tsx";
import { Page as Frame } from "../../ui/page.tsx";
import { useProposals } from "./data/proposals.ts";
import { BackLink } from "./proposal-page.tsx";
import { StrangerText } from "./parts/stranger-text.tsx";
import { useGovernanceText } from "./text.ts";

/** Hands in a ballot that somebody else signed. */
export function BallotPage() {
  const text = useGovernanceText();
  const [typed, setTyped] = useState("");
  const ballot = readBallot(typed);
  const invalid = typed.trim() !== "" && ballot === undefined;
  return (
    <Frame title={text.ballotTitle} lead={text.ballotLead}>
      <BackLink />
      <div className="field-row">
        <label htmlFor="ballot-text">{text.ballotText}</label>
        <textarea id="ballot-text" value={typed} rows={8} spellCheck={false} aria-invalid={invalid} aria-describedby="ballot-help" onChange={(event) => setTyped(event.target.value)} />
        <p id="ballot-help" className={invalid ? "unverified" : "quiet"}>
          {invalid ? text.ballotInvalid : text.ballotHelp}
        </p>
      </div>
      {ballot !== undefined && <Ballot key={ballot.signature} ballot={ballot} />}
    </Frame>
  );
}

function Ballot({ ballot }: { readonly ballot: SignedBallot }) {
  const text = useGovernanceText();
  const { language } = useLanguage();
  const { client, deployment } = useLedger();
  const governor = { address: deployment.contracts.governor, abi: chongwenGovernorAbi } as const;
  const proposals = useProposals();
  const here = ballot.chainId === deployment.chainId && isAddressEqual(ballot.governor, governor.address);
  const proposal = proposals.data?.find(({ record }) => record.id === ballot.proposalId);
  const nonce = useAtBlock(["ballot-nonce", ballot.voter], (blockNumber) => readContract(client, { ...governor, functionName: "nonces", args: [ballot.voter], blockNumber }));
  const voted = proposal?.record.votes.some(({ voter }) => isAddressEqual(voter, ballot.voter)) === true;
  const choice = supportOf(ballot.support);

  const obstacle = (() => {
    if (!here) return text.ballotElsewhere;
    if (proposals.data !== undefined && proposal === undefined) return text.ballotUnknown;
    if (voted) return text.ballotVoted;
    if (nonce.data !== undefined && nonce.data !== ballot.nonce) return text.ballotUsed;
    if (proposal !== undefined && proposal.status.state !== "Active") return text.ballotClosed;
    return undefined;
  })();
  return (
    <section className="ballot" data-ballot-obstacle={obstacle !== undefined}>
      {proposal !== undefined && (
        <>
          <p className="ballot-says">{text.ballotSays(ballot.voter, choice === undefined ? String(ballot.support) : text.support[choice], String(proposal.record.number))}</p>
          <p>
            <Link href={`/proposal/${proposal.record.number}`}>{titleOf(proposal.actions, language)}</Link>
          </p>
        </>
      )}
      {ballot.reason !== "" && <blockquote className="why"><StrangerText>{ballot.reason}</StrangerText></blockquote>}
      {obstacle !== undefined && <p className="unverified">{obstacle}</p>}
      {proposal !== undefined && (obstacle === undefined || voted) && (
        <TransactionButton
          id={`ballot:${ballot.signature.slice(0, 42)}`}
          call={obstacle === undefined ? callOf({ ...governor, functionName: "castVoteWithReasonAndParamsBySig", args: ballotArguments(ballot) }) : undefined}
          label={text.handIn}
          doneLabel={text.handedIn}
        />
      )}
    </section>
  );
}
