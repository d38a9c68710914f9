/** Voting power, as the sum of its sources and as the chain counts it: shown as checked only when the two are equal. */
import type { Address } from "viem";
import { getBlock, readContract } from "viem/actions";
import { contributionTokenAbi } from "../../../../../protocol/abi/index.ts";
import type { PowerEvent, PowerSource } from "../../../../../protocol/governance/power.ts";
import { blockAtTime, delegatesOf, holdersAt, sourcesOf, sumOf } from "../../../../../protocol/governance/power.ts";
import { useFixed } from "../../../chain/at-block.ts";
import { useHeartbeat } from "../../../chain/heartbeat.ts";
import type { Ledger } from "../../../chain/ledger.ts";
import { useHistory } from "../../../chain/use-history.ts";
import { useLedger } from "../../../chain/use-ledger.tsx";
import type { EventReader, Reading } from "./with-history.ts";
import { eventReader, useWithHistory } from "./with-history.ts";

const NOBODY = "0x0000000000000000000000000000000000000000";

async function readPowerEvents({ deployment }: Ledger, events: EventReader, toBlock: bigint): Promise<readonly PowerEvent[]> {
  const range = { address: deployment.contracts.token, abi: contributionTokenAbi, fromBlock: deployment.fromBlock, toBlock, strict: true } as const;
  const [transfers, delegations] = await Promise.all([
    events.getContractEvents({ ...range, eventName: "Transfer" }),
    events.getContractEvents({ ...range, eventName: "DelegateChanged" }),
  ]);
  return [
    ...transfers.map(({ args, blockNumber, logIndex }) => ({ kind: "transfer" as const, from: args.from, to: args.to, amount: args.value, block: blockNumber, logIndex })),
    ...delegations.map(({ args, blockNumber, logIndex }) => ({ kind: "delegate" as const, delegator: args.delegator, to: args.toDelegate, block: blockNumber, logIndex })),
  ];
}

/** @param checked The sum of the sources equals what the chain counts. @param block Last block that the number includes. */
export interface Power {
  readonly votes: bigint;
  readonly sources: readonly PowerSource[];
  readonly checked: boolean;
  readonly block: bigint;
  readonly timestamp: bigint;
}

async function powerAt(ledger: Ledger, { events, block }: Reading, account: Address, votes: bigint, timestamp: bigint): Promise<Power> {
  const sources = sourcesOf(holdersAt(await readPowerEvents(ledger, events, block), block), account);
  return { votes, sources, checked: sumOf(sources) === votes, block, timestamp };
}

export interface Standing extends Power {
  readonly balance: bigint;
  readonly delegate: Address | undefined;
}

/** What an account has now: its SHU, whom it lends them to, and the votes that it could cast in a proposal made now. */
export function useStanding(account: Address | undefined) {
  const ledger = useLedger();
  const read = async (reading: Reading): Promise<Standing> => {
    const blockNumber = reading.block;
    const token = { address: ledger.deployment.contracts.token, abi: contributionTokenAbi, args: [account ?? NOBODY], blockNumber } as const;
    const [votes, balance, delegate, { timestamp }] = await Promise.all([
      readContract(ledger.client, { ...token, functionName: "getVotes" }),
      readContract(ledger.client, { ...token, functionName: "balanceOf" }),
      readContract(ledger.client, { ...token, functionName: "delegates" }),
      getBlock(ledger.client, { blockNumber }),
    ]);
    return { ...(await powerAt(ledger, reading, account ?? NOBODY, votes, timestamp)), balance, delegate: delegate === NOBODY ? undefined : delegate };
  };
  return useWithHistory(["standing", account], read, account !== undefined);
}

/** The votes that an account has on a proposal: fixed by its snapshot. @param taken Whether the snapshot is over. */
export function useSnapshotPower(account: Address | undefined, snapshot: bigint, taken: boolean) {
  const ledger = useLedger();
  const { client, deployment } = ledger;
  const history = useHistory().data;
  const { blockNumber } = useHeartbeat();
  const complete = history !== undefined && blockNumber !== undefined && history.through >= blockNumber;
  const read = async (): Promise<Power> => {
    const { number: last } = await getBlock(client);
    const timeOf = async (blockNumber: bigint): Promise<bigint> => (await getBlock(client, { blockNumber })).timestamp;
    const block = await blockAtTime(snapshot, { first: deployment.fromBlock, last }, timeOf);
    const token = { address: deployment.contracts.token, abi: contributionTokenAbi } as const;
    const votes = await readContract(client, { ...token, functionName: "getPastVotes", args: [account ?? NOBODY, snapshot] });
    return powerAt(ledger, { events: eventReader(history?.entries ?? []), block }, account ?? NOBODY, votes, snapshot);
  };
  return useFixed(["snapshot-power", deployment.contracts.token, account, snapshot], read, account !== undefined && taken && complete);
}

/** Everybody to whom votes were lent, and whom an account lends its own. */
export function useDelegates() {
  const ledger = useLedger();
  return useWithHistory(["delegates"], async ({ events, block }) => {
    const holders = holdersAt(await readPowerEvents(ledger, events, block), block);
    return { holders, delegates: delegatesOf(holders) };
  });
}
