import { useState } from "react";
import { readContract } from "viem/actions";
import { chongwenGovernorAbi } from "../../../../../protocol/abi/index.ts";
import { ballotTypedData, writeBallot } from "../../../../../protocol/governance/ballot.ts";
import type { ProposalRecord } from "../../../../../protocol/governance/proposals.ts";
import type { Support } from "../../../../../protocol/governance/states.ts";
import { VOTES } from "../../../../../protocol/governance/states.ts";
import { useSigner } from "../../../account/use-signer.tsx";
import { useLedger } from "../../../chain/use-ledger.tsx";
import { explainProblem } from "../../../tx/problem.ts";
import { useTransactionText } from "../../../tx/text.ts";
import { wordsFor } from "../../../tx/words.ts";
import { Notice } from "../../../ui/notice.tsx";
import { useGovernanceText } from "../text.ts";
import { Download } from "./download.tsx";

interface SignBallotProps {
  readonly record: ProposalRecord;
  readonly choice: Support | undefined;
  readonly reason: string;
}

/** A vote that costs its voter nothing: signed here, handed in by anybody. */
export function SignBallot({ record, choice, reason }: SignBallotProps) {
  const text = useGovernanceText();
  const transaction = useTransactionText();
  const signer = useSigner();
  const { client, deployment } = useLedger();
  const [busy, setBusy] = useState(false);
  const [ballot, setBallot] = useState<string>();
  const [problem, setProblem] = useState<string>();
  const [copied, setCopied] = useState(false);

  const sign = async (): Promise<void> => {
    if (signer === undefined || choice === undefined) return;
    setBusy(true);
    setProblem(undefined);
    try {
      const place = { chainId: deployment.chainId, governor: deployment.contracts.governor };
      const nonce = await readContract(client, { address: place.governor, abi: chongwenGovernorAbi, functionName: "nonces", args: [signer.address] });
      const unsigned = { proposalId: record.id, support: VOTES[choice], voter: signer.address, nonce, reason };
      const signature = await signer.signTypedData(ballotTypedData(place, unsigned));
      setBallot(writeBallot({ ...place, ...unsigned, signature }));
      setCopied(false);
    } catch (error) {
      setProblem(wordsFor(explainProblem(error), transaction));
    } finally {
      setBusy(false);
    }
  };
  return (
    <details className="by-signature">
      <summary>{text.bySignature}</summary>
      <p className="quiet">{text.bySignatureHelp}</p>
      <button type="button" disabled={choice === undefined || busy || signer?.chainReady !== true} onClick={() => void sign()}>
        {busy ? text.signing : text.sign}
      </button>
      {problem !== undefined && <Notice tone="note">{problem}</Notice>}
      {ballot !== undefined && (
        <div className="signed-ballot">
          <p>{text.signed}</p>
          <textarea readOnly value={ballot} aria-label={text.ballotText} data-ballot />
          <div className="buttons">
            <button type="button" onClick={() => void navigator.clipboard.writeText(ballot).then(() => setCopied(true), () => setCopied(false))}>
              {copied ? text.copied : text.copyBallot}
            </button>
            <Download name={`ballot-${record.number}.json`} type="application/json" content={() => ballot}>
              {text.saveBallot}
            </Download>
          </div>
        </div>
      )}
    </details>
  );
}
