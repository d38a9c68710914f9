/** Proposals, and how they stand as of the newest block. */
import { readContract } from "viem/actions";
import { chongwenGovernorAbi } from "../../../../../protocol/abi/index.ts";
import { decodeAction } from "../../../../../protocol/governance/decode.ts";
import type { ProposalRecord } from "../../../../../protocol/governance/proposals.ts";
import { readProposals } from "../../../../../protocol/governance/proposals.ts";
import { isClosed, PROPOSAL_STATES } from "../../../../../protocol/governance/states.ts";
import type { Ledger } from "../../../chain/ledger.ts";
import { useLedger } from "../../../chain/use-ledger.tsx";
import type { ListedProposal, ProposalStatus } from "./listed.ts";
import { useWithHistory } from "./with-history.ts";

/** What came to an end is not asked again at every block. */
const ended = new Map<string, ProposalStatus>();

async function readStatus({ client, deployment }: Ledger, { id, snapshot }: ProposalRecord, blockNumber: bigint): Promise<ProposalStatus> {
  const key = `${deployment.contracts.governor}/${id}`;
  const known = ended.get(key);
  if (known !== undefined) return known;
  const governor = { address: deployment.contracts.governor, abi: chongwenGovernorAbi, blockNumber } as const;
  const [number, deadline, eta, [against, inFavour, abstain]] = await Promise.all([
    readContract(client, { ...governor, functionName: "state", args: [id] }),
    readContract(client, { ...governor, functionName: "proposalDeadline", args: [id] }),
    readContract(client, { ...governor, functionName: "proposalEta", args: [id] }),
    readContract(client, { ...governor, functionName: "proposalVotes", args: [id] }),
  ]);
  const state = PROPOSAL_STATES[number] ?? "Pending";
  const quorum = state === "Pending" ? undefined : await readContract(client, { ...governor, functionName: "quorum", args: [snapshot] }).catch(() => undefined);
  const status = { state, deadline, eta, tally: { for: inFavour, against, abstain }, quorum };
  if (isClosed(state)) ended.set(key, status);
  return status;
}

/** Every proposal, newest first. */
export function useProposals() {
  const ledger = useLedger();
  return useWithHistory(["proposals"], async ({ events, block }): Promise<readonly ListedProposal[]> => {
    const records = await readProposals(events, ledger.deployment, block);
    const listed = records.map(async (record) => ({
      record,
      actions: record.calls.map((call) => decodeAction(ledger.deployment, call)),
      status: await readStatus(ledger, record, block),
    }));
    return (await Promise.all(listed)).toReversed();
  });
}
