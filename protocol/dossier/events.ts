/** The events that an audit's facts are read from: where they come from, and how a header's bloom shows that its block may hold one. */
import type { Abi, Address, Hex, Log } from "viem";
import { encodeEventTopics, getAddress, hexToBytes } from "viem/utils";
import { pointsVaultAbi } from "../abi/index.ts";
import { contractsOf } from "../ledger/chain.ts";
import type { LedgerFacts } from "../ledger/facts.ts";
import { bloomBits, mayHold, type LinkedHeader } from "../proofs/headers.ts";
import type { ProvenLog } from "../proofs/receipts.ts";

export type About = Pick<LedgerFacts, "deployment" | "federation" | "vault">;

/** An event that matters. @param topics Its own, and the federation's where it names one. */
export interface Watched {
  readonly address: Address;
  readonly name: string;
  readonly topics: readonly Hex[];
  /** In a header's bloom. */
  readonly bits: readonly number[];
}

/** All that tell of this federation alone, and those of the registry that says whose a key is and who is paid. */
export function watchedEvents({ deployment, federation, vault }: About): Watched[] {
  const { contributors, freezes, rounds, seats, settlement } = contractsOf(deployment);
  const of = ({ address, abi }: { readonly address: Address; readonly abi: Abi }, names: readonly string[], args?: Record<string, unknown>): Watched[] =>
    names.map((name) => {
      const topics = encodeEventTopics({ abi, eventName: name, ...(args === undefined ? {} : { args }) }).filter((topic) => typeof topic === "string");
      return { address: getAddress(address), name, topics, bits: bloomBits([address, ...topics]) };
    });
  const own = { federation };
  return [
    ...of(rounds, ["FederationCreated", "FederationReconfigured", "ContributionForced", "RoundSealed", "RoundReported", "RoundFinalised", "FederationFrozen"], own),
    ...of(freezes, ["FreezeDecided"], own),
    ...of(settlement, ["SettlementProposed", "SettlementFinalised"], own),
    ...of(seats, ["SeatGranted"], own),
    ...of(contributors, ["ContributorRegistered", "KeyRotated", "PayeeChanged"]),
    // There is no vault before something is reserved.
    ...(BigInt(vault) === 0n ? [] : of({ address: vault, abi: pointsVaultAbi }, ["Claimed", "PointsPaid"])),
  ];
}

/** Whether a block may hold one of them; when not, it holds none. */
export function mayMatter({ bloom }: Pick<LinkedHeader, "bloom">, watched: readonly Watched[]): boolean {
  const bytes = hexToBytes(bloom);
  return watched.some(({ bits }) => mayHold(bytes, bits));
}

export const isWatched = (log: Pick<ProvenLog, "address" | "topics">, watched: readonly Watched[]): boolean =>
  watched.some(({ address, topics }) => getAddress(log.address) === address && topics.every((topic, i) => log.topics[i] === topic));

/** A log with its block, as viem decodes it. */
export type LoggedEvent = Log<bigint, number, false> & { readonly at: number };

/** The watched ones among a block's proven logs. Without the whole block, where a log stands in it is known up to its own receipt: enough to order them. */
export function eventsOf(logs: readonly ProvenLog[], { hash, number, timestamp }: Pick<LinkedHeader, "hash" | "number" | "timestamp">, isWhole: boolean, watched: readonly Watched[]): LoggedEvent[] {
  return logs.flatMap(({ address, topics, data, transaction, position }, i) =>
    isWatched({ address, topics }, watched)
      ? [{
          address, topics: topics as [Hex, ...Hex[]], data, blockHash: hash, blockNumber: number, removed: false, at: timestamp, transactionIndex: transaction,
          transactionHash: hash, logIndex: isWhole ? i : transaction * 65_536 + position,
        }]
      : [],
  );
}
