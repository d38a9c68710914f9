import { useState } from "react";
import { isAddressEqual } from "viem";
import { chongwenGovernorAbi } from "../../../../../protocol/abi/index.ts";
import { supportOf, VOTES } from "../../../../../protocol/governance/states.ts";
import type { Support } from "../../../../../protocol/governance/states.ts";
import { ConnectButton } from "../../../account/connect-button.tsx";
import { useSigner } from "../../../account/use-signer.tsx";
import { useLedger } from "../../../chain/use-ledger.tsx";
import { formatAmount } from "../../../format/amount.ts";
import { callOf } from "../../../tx/call.ts";
import { useTransactionText } from "../../../tx/text.ts";
import { TransactionButton } from "../../../tx/transaction-button.tsx";
import { Notice } from "../../../ui/notice.tsx";
import { useSnapshotPower } from "../data/power.ts";
import type { ListedProposal } from "../data/listed.ts";
import { useGovernanceText } from "../text.ts";
import { SignBallot } from "./sign-ballot.tsx";
import { PowerSum } from "./power-sum.tsx";

/** The reader's own vote: how much it weighs, what was voted, or how to vote. */
export function VoteBox({ proposal }: { readonly proposal: ListedProposal }) {
  const text = useGovernanceText();
  const transaction = useTransactionText();
  const signer = useSigner();
  const { record, status } = proposal;
  const power = useSnapshotPower(signer?.address, record.snapshot, status.state !== "Pending" && status.state !== "Canceled");
  if (signer === undefined) {
    return (
      <>
        <p>{text.connectToVote}</p>
        <ConnectButton>{transaction.connect}</ConnectButton>
      </>
    );
  }
  const own = record.votes.find(({ voter }) => isAddressEqual(voter, signer.address));
  const choice = own === undefined ? undefined : supportOf(own.support);
  return (
    <>
      {own !== undefined && (
        <Notice tone="good">
          <p data-voted={choice}>{text.voted(choice === undefined ? String(own.support) : text.support[choice], formatAmount(own.weight))}</p>
        </Notice>
      )}
      {power.data !== undefined && (power.data.votes === 0n ? <p>{text.noPower}</p> : <PowerSum power={power.data} fixed />)}
      {status.state === "Active" && own === undefined && (power.data?.votes ?? 0n) > 0n && <VoteForm key={signer.address} proposal={proposal} />}
    </>
  );
}

const CHOICES = ["for", "against", "abstain"] as const;

function VoteForm({ proposal: { record } }: { readonly proposal: ListedProposal }) {
  const text = useGovernanceText();
  const { deployment } = useLedger();
  const [choice, setChoice] = useState<Support>();
  const [reason, setReason] = useState("");
  const number = String(record.number);
  const call =
    choice === undefined
      ? undefined
      : callOf({ address: deployment.contracts.governor, abi: chongwenGovernorAbi, functionName: "castVoteWithReason", args: [record.id, VOTES[choice], reason.trim()] });
  return (
    <form className="vote-form" onSubmit={(event) => event.preventDefault()}>
      <fieldset className="choices">
        <legend>{text.choose}</legend>
        {CHOICES.map((option) => (
          <label key={option} className={`choice choice-${option}`}>
            <input type="radio" name="support" value={option} checked={choice === option} onChange={() => setChoice(option)} />
            {text.support[option]}
          </label>
        ))}
      </fieldset>
      <div className="field-row">
        <label htmlFor="vote-reason">{text.reasonLabel}</label>
        <textarea id="vote-reason" value={reason} maxLength={2000} aria-describedby="vote-reason-help" onChange={(event) => setReason(event.target.value)} />
        <p id="vote-reason-help" className="quiet">
          {text.reasonHelp} {text.final}
        </p>
      </div>
      <TransactionButton id={`vote:${record.id}`} call={call} label={text.vote} doneLabel={choice === undefined ? "" : text.voteDone(text.support[choice], number)} />
      <SignBallot record={record} choice={choice} reason={reason.trim()} />
    </form>
  );
}
