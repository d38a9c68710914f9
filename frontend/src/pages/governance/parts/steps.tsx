import { isAddressEqual } from "viem";
import { chongwenGovernorAbi } from "../../../../../protocol/abi/index.ts";
import { callArguments } from "../../../../../protocol/governance/proposals.ts";
import { useSigner } from "../../../account/use-signer.tsx";
import { useLedger } from "../../../chain/use-ledger.tsx";
import { callOf } from "../../../tx/call.ts";
import { TransactionButton } from "../../../tx/transaction-button.tsx";
import { useNow } from "../../../ui/use-now.ts";
import type { ListedProposal } from "../data/listed.ts";
import { useGovernanceText } from "../text.ts";

/** The one step that can be taken now, by whoever may take it. */
export function NextStep({ proposal: { record, status } }: { readonly proposal: ListedProposal }) {
  const text = useGovernanceText();
  const signer = useSigner();
  const now = useNow();
  const { deployment } = useLedger();
  const step = (() => {
    if (status.state === "Succeeded") return "queue" as const;
    if (status.state === "Queued" && BigInt(now) >= status.eta) return "execute" as const;
    if (status.state === "Pending" && signer !== undefined && isAddressEqual(signer.address, record.proposer)) return "cancel" as const;
    return undefined;
  })();
  if (step === undefined) return null;
  const words = {
    queue: { label: text.queue, help: text.queueHelp, done: text.queued },
    execute: { label: text.execute, help: text.executeHelp, done: text.executed },
    cancel: { label: text.cancel, help: text.cancelHelp, done: text.canceled },
  }[step];
  const args = callArguments(record.calls, record.description);
  const call = callOf({ address: deployment.contracts.governor, abi: chongwenGovernorAbi, functionName: step, args });
  return (
    <div className="next-step" data-next={step}>
      <p>{words.help}</p>
      <TransactionButton id={`${step}:${record.id}`} call={call} label={words.label} doneLabel={words.done(String(record.number))} primary={step !== "cancel"} />
    </div>
  );
}
