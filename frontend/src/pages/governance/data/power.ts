/** Voting power, as the sum of its sources and as the chain counts it: shown as checked only when the two are equal. */
import type { Address } from "viem";
import { getBlock, getContractEvents, readContract } from "viem/actions";
import { contributionTokenAbi } from "../../../../../protocol/abi/index.ts";
import type { PowerEvent, PowerSource } from "../../../../../protocol/governance/power.ts";
import { blockAtTime, delegatesOf, holdersAt, sourcesOf, sumOf } from "../../../../../protocol/governance/power.ts";
import { useAtBlock, useFixed } from "../../../chain/at-block.ts";
import type { Ledger } from "../../../chain/ledger.ts";
import { useLedger } from "../../../chain/use-ledger.tsx";

const NOBODY = "0x0000000000000000000000000000000000000000";

async function readPowerEvents({ client, deployment }: Ledger, toBlock: bigint): Promise<readonly PowerEvent[]> {
  const range = { address: deployment.contracts.token, abi: contributionTokenAbi, fromBlock: deployment.fromBlock, toBlock, strict: true } as const;
  const [transfers, delegations] = await Promise.all([
    getContractEvents(client, { ...range, eventName: "Transfer" }),
    getContractEvents(client, { ...range, eventName: "DelegateChanged" }),
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

async function powerAt(ledger: Ledger, account: Address, block: bigint, votes: bigint, timestamp: bigint): Promise<Power> {
  const sources = sourcesOf(holdersAt(await readPowerEvents(ledger, block), block), account);
  return { votes, sources, checked: sumOf(sources) === votes, block, timestamp };
}

export interface Standing extends Power {
  readonly balance: bigint;
  readonly delegate: Address | undefined;
}

/** What an account has now: its SHU, whom it lends them to, and the votes that it could cast in a proposal made now. */
export function useStanding(account: Address | undefined) {
  const ledger = useLedger();
  const read = async (blockNumber: bigint): Promise<Standing> => {
    const token = { address: ledger.deployment.contracts.token, abi: contributionTokenAbi, args: [account ?? NOBODY], blockNumber } as const;
    const [votes, balance, delegate, { timestamp }] = await Promise.all([
      readContract(ledger.client, { ...token, functionName: "getVotes" }),
      readContract(ledger.client, { ...token, functionName: "balanceOf" }),
      readContract(ledger.client, { ...token, functionName: "delegates" }),
      getBlock(ledger.client, { blockNumber }),
    ]);
    return { ...(await powerAt(ledger, account ?? NOBODY, blockNumber, votes, timestamp)), balance, delegate: delegate === NOBODY ? undefined : delegate };
  };
  return useAtBlock(["standing", account], read, account !== undefined);
}

/** The votes that an account has on a proposal: fixed by its snapshot. @param taken Whether the snapshot is over. */
export function useSnapshotPower(account: Address | undefined, snapshot: bigint, taken: boolean) {
  const ledger = useLedger();
  const { client, deployment } = ledger;
  const read = async (): Promise<Power> => {
    const { number: last } = await getBlock(client);
    const timeOf = async (blockNumber: bigint): Promise<bigint> => (await getBlock(client, { blockNumber })).timestamp;
    const block = await blockAtTime(snapshot, { first: deployment.fromBlock, last }, timeOf);
    const token = { address: deployment.contracts.token, abi: contributionTokenAbi } as const;
    const votes = await readContract(client, { ...token, functionName: "getPastVotes", args: [account ?? NOBODY, snapshot] });
    return powerAt(ledger, account ?? NOBODY, block, votes, snapshot);
  };
  return useFixed(["snapshot-power", deployment.contracts.token, account, snapshot], read, account !== undefined && taken);
}

/** Everybody to whom votes were lent, and whom an account lends its own. */
export function useDelegates() {
  const ledger = useLedger();
  return useAtBlock(["delegates"], async (block) => {
    const holders = holdersAt(await readPowerEvents(ledger, block), block);
    return { holders, delegates: delegatesOf(holders) };
  });
}
