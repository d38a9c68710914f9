import { slice, toEventSelector } from "viem";
import type { Address, Hex } from "viem";
import { contractNames } from "../../../protocol/deployment.ts";
import type { Deployment } from "../../../protocol/deployment.ts";

/** One event of the ledger as the chain recorded it. Where it came from must not matter: two sources agree when every field does. */
export interface HistoryEntry {
  readonly blockNumber: bigint;
  readonly blockHash: Hex;
  readonly logIndex: number;
  readonly transactionHash: Hex;
  /** In lower case, like everything else here: equal entries are equal strings. */
  readonly address: Address;
  readonly topics: readonly Hex[];
  readonly data: Hex;
}

/** Blocks from and to, both included. */
export interface BlockSpan {
  readonly from: bigint;
  readonly to: bigint;
}

export function isBefore(a: HistoryEntry, b: HistoryEntry): boolean {
  return a.blockNumber === b.blockNumber ? a.logIndex < b.logIndex : a.blockNumber < b.blockNumber;
}

/** In the chain's order, each log once: some endpoints repeat the newest block's. */
export function inOrder(entries: readonly HistoryEntry[]): HistoryEntry[] {
  const sorted = entries.toSorted((a, b) => (isBefore(a, b) ? -1 : isBefore(b, a) ? 1 : 0));
  return sorted.filter((entry, i) => i === 0 || isBefore(sorted[i - 1] ?? entry, entry));
}

/** Everything about an entry in one string, for comparing. */
export function fingerprint(entry: HistoryEntry): string {
  const { blockNumber, blockHash, logIndex, transactionHash, address, topics, data } = entry;
  return [blockNumber, blockHash, logIndex, transactionHash, address, topics.join(","), data].join("|");
}

/** Position of the first entry at or above a block: entries are in order. */
export function firstFrom(entries: readonly HistoryEntry[], block: bigint): number {
  let [low, high] = [0, entries.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((entries[middle]?.blockNumber ?? block) < block) low = middle + 1;
    else high = middle;
  }
  return low;
}

export function lower<Text extends Hex | Address>(text: Text): Text {
  return text.toLowerCase() as Text;
}

/** Contracts whose events are the ledger's history. Vaults are opened one by one, so they are found in the history itself. */
export interface Emitters {
  readonly fixed: readonly Address[];
  readonly treasury: Address;
}

/** @param libraryCard Its address stands in no file: the register of contributors made it. */
export function emittersOf(deployment: Deployment, libraryCard: Address): Emitters {
  const { contracts } = deployment;
  return { fixed: [...contractNames.map((name) => lower(contracts[name])), lower(libraryCard)], treasury: lower(contracts.treasury) };
}

const VAULT_OPENED = toEventSelector("VaultOpened(uint32,address)");

/** The vault that an entry says was opened, if it is such an entry. */
export function openedVault(entry: HistoryEntry, { treasury }: Emitters): Address | undefined {
  if (entry.address !== treasury || entry.topics[0] !== VAULT_OPENED) return undefined;
  return lower(slice(entry.data, 12, 32));
}

/** All vaults opened in these entries. */
export function vaultsIn(entries: readonly HistoryEntry[], emitters: Emitters): Address[] {
  return entries.flatMap((entry) => openedVault(entry, emitters) ?? []);
}

