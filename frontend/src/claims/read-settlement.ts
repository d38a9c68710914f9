import { readContract } from "viem/actions";
import { zeroAddress } from "viem";
import type { Address, Hex } from "viem";
import { rewardsVaultAbi, settlementAbi, treasuryAbi } from "../../../protocol/abi/index.ts";
import type { Ledger } from "../chain/ledger.ts";

/** A settlement proposed by the operators and still open to challenge. */
export interface SettlementUnderWay {
  readonly index: number;
  readonly attempt: number;
  readonly deadline: number;
  readonly rewardsRoot: Hex;
}

/** What a federation owes, as of one block. */
export interface RewardsState {
  /** Undefined while governance has reserved nothing for the federation. */
  readonly vault: Address | undefined;
  /** Root that claims are checked against; undefined before the first final settlement. */
  readonly rewardsRoot: Hex | undefined;
  /** Index of the last final settlement, 0 when there is none. */
  readonly finalIndex: number;
  readonly settledThrough: number;
  readonly underWay: SettlementUnderWay | undefined;
}

const ZERO_ROOT = `0x${"0".repeat(64)}`;
const PROPOSED = 1;

export async function readRewards({ client, deployment }: Ledger, federation: number, blockNumber: bigint): Promise<RewardsState> {
  const { settlement, treasury } = deployment.contracts;
  const [account, vault] = await Promise.all([
    readContract(client, { address: settlement, abi: settlementAbi, functionName: "accountOf", args: [federation], blockNumber }),
    readContract(client, { address: treasury, abi: treasuryAbi, functionName: "vaultOf", args: [federation], blockNumber }),
  ]);
  const root = vault === zeroAddress ? ZERO_ROOT : await readContract(client, { address: vault, abi: rewardsVaultAbi, functionName: "rewardsRoot", blockNumber });
  return {
    vault: vault === zeroAddress ? undefined : vault,
    rewardsRoot: root === ZERO_ROOT ? undefined : (root as Hex),
    finalIndex: account.nextIndex - 1,
    settledThrough: account.settledThrough,
    underWay:
      account.state === PROPOSED
        ? { index: account.nextIndex, attempt: account.attempt, deadline: account.deadline, rewardsRoot: account.rewardsRoot }
        : undefined,
  };
}

/** What each of these seats was paid so far. */
export async function readClaimed({ client }: Ledger, vault: Address, seats: readonly number[], blockNumber: bigint): Promise<ReadonlyMap<number, bigint>> {
  const amounts = await Promise.all(
    seats.map((seat) => readContract(client, { address: vault, abi: rewardsVaultAbi, functionName: "claimedOf", args: [seat], blockNumber })),
  );
  return new Map(seats.map((seat, i) => [seat, amounts[i] ?? 0n]));
}
